"""What the client makes of answers: typed, tolerant of what a newer gateway adds, page by page, chunk by chunk."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest
import respx
from lgsp_client.content import filename_of
from lgsp_client.models.criminal_records import Applicant, Coded
from lgsp_client.models.shared import PartialDate
from pydantic import ValidationError

from lgsp_client import AsyncClient, Client, TransportError
from tests.support.portal_client import ENTERPRISE, KEY, META, STYLES, SUMMARY, URL, Style, envelope, told

FILE: Final = {
    "Content-Type": "application/pdf",
    "Content-Disposition": "attachment; filename*=UTF-8''Lu%E1%BA%ADt%2068.pdf",
    "X-Request-Id": "01FILE",
}


def answering(*answers: httpx.Response) -> respx.Router:
    """A gateway that gives *answers* in turn."""
    router = respx.Router()
    router.route().mock(side_effect=answers)
    return router


# ---- one record


@pytest.mark.parametrize("style", STYLES)
async def test_answer_is_typed(style: Style) -> None:
    """Dates, amounts and places are values; meta says where it comes from."""
    data = {
        **ENTERPRISE,
        "founded_on": "2006-12-31",
        "capital": "1500000000.50",
        "head_office": {"province": {"code": "79", "name": "TP. Hồ Chí Minh"}},
        "members": [{"name": "A", "ratio_percent": "49.5"}],
    }
    found = await told(
        style, answering(envelope(data, incomplete=["/capital"])), lambda c: c.business_registry.enterprise("1")
    )

    assert found.data.founded_on == date(2006, 12, 31)
    assert found.data.capital == Decimal("1500000000.50")
    assert found.data.head_office.province.name == "TP. Hồ Chí Minh"
    assert found.data.members[0].ratio_percent == Decimal("49.5")
    assert found.meta.fetched_at == datetime(2026, 11, 24, 3, 4, 5, tzinfo=UTC)
    assert (found.meta.freshness, found.meta.age_seconds, found.meta.request_id) == ("live", 0, "01TEST")
    assert (found.meta.incomplete, found.meta.withheld, found.meta.rows_left_out) == (("/capital",), (), 0)


@pytest.mark.parametrize("style", STYLES)
async def test_what_a_newer_gateway_adds_breaks_nothing(style: Style) -> None:
    """Fields at any depth are passed over, and a word that is new is given as it is."""
    data = {
        **ENTERPRISE,
        "status": "hibernating",
        "carbon": {"tons": 1},
        "head_office": {"planet": "Earth"},
        "representatives": [{"full_name": "A", "orcid": "x"}],
    }
    found = await told(
        style,
        answering(envelope(data, freshness="predicted", colour="red")),
        lambda client: client.business_registry.enterprise("1"),
    )

    assert (found.data.status, found.meta.freshness) == ("hibernating", "predicted")
    assert found.data.representatives[0].full_name == "A"


@pytest.mark.parametrize("style", STYLES)
async def test_accepted_order_says_where_its_state_is(style: Style) -> None:
    """202, with the path of the state, and headers for whoever wants more."""
    accepted = httpx.Response(
        202,
        json={"data": {"application_id": "D-1", "state": "registered"}, "meta": META},
        headers={"Location": "/v1/criminal-records/applications/D-1", "ETag": 'W/"1"'},
    )
    from tests.lgsp_client.test_errors import apply

    found = await told(style, answering(accepted), apply)

    assert (found.status, found.location, found.headers["etag"]) == (
        202, "/v1/criminal-records/applications/D-1", 'W/"1"',
    )  # fmt: skip


def test_mistyped_field_of_a_question_is_refused() -> None:
    """What the gateway would not know is a mistake of the caller's, and found before it is sent."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        Coded(code="VN", name="Việt Nam", called="x")  # type: ignore[call-arg]  # the mistake itself
    with pytest.raises(ValidationError, match="Input should be 'male' or 'female'"):
        Applicant.model_validate({"sex": "other"})


def test_date_is_as_precise_as_it_is_known() -> None:
    """A year, a month or a day, as the API writes them."""
    assert PartialDate.of(987) == PartialDate(value="0987", precision="year")
    assert PartialDate.of(1987, 2).value == "1987-02"
    assert PartialDate.of_date(date(1987, 2, 8)) == PartialDate(value="1987-02-08", precision="day")


# ---- lists


PAGES: Final = (
    envelope([{**SUMMARY, "document_id": "1"}, {**SUMMARY, "document_id": "2"}], next_page_token="b", total=3),
    envelope([{**SUMMARY, "document_id": "3"}], next_page_token=None, total=3),
)


async def test_iterating_goes_on_to_the_last_page() -> None:
    """Each page is asked for when it is needed, and not before."""
    router = answering(*PAGES)
    with Client(URL, KEY, transport=httpx.MockTransport(router.handler)) as client:
        page = client.legal_documents.search()
        records = iter(page)
        first = [next(records).document_id, next(records).document_id]

        assert router.calls.call_count == 1
        assert (page.meta.total, len(page.data)) == (3, 2)
        assert [*first, *(record.document_id for record in records)] == ["1", "2", "3"]
        assert router.calls.call_count == 2


async def test_async_iterating_goes_on_to_the_last_page() -> None:
    """As the other client's."""
    router = answering(*PAGES)
    async with AsyncClient(URL, KEY, transport=httpx.MockTransport(router.async_handler)) as client:
        page = await client.legal_documents.search()

        assert [record.document_id async for record in page] == ["1", "2", "3"]
        assert router.calls.call_count == 2


@pytest.mark.parametrize("style", STYLES)
async def test_last_page_has_none_after_it(style: Style) -> None:
    """Nothing is asked for."""
    router = answering(PAGES[1])
    page = await told(style, router, lambda client: client.legal_documents.search())
    following = page.next_page()

    assert (following if style == "sync" else await following) is None


# ---- files


class Broken(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A file that breaks off."""

    def __iter__(self) -> Iterator[bytes]:
        yield b"%PDF"
        raise httpx.RemoteProtocolError("peer closed connection")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield b"%PDF"
        raise httpx.RemoteProtocolError("peer closed connection")


def read(client: Client) -> tuple[Any, bytes]:
    """A file and its bytes."""
    with client.criminal_records.certificate("D-1", dossier="D-1", user="a") as content:
        return content, content.read()


async def aread(client: AsyncClient) -> tuple[Any, bytes]:
    """As :func:`read`."""
    async with client.criminal_records.certificate("D-1", dossier="D-1", user="a") as content:
        return content, await content.aread()


@pytest.mark.parametrize("style", STYLES)
async def test_file_has_its_type_its_name_and_its_bytes(style: Style) -> None:
    """And is closed when the block ends."""
    router = answering(httpx.Response(200, content=b"%PDF-1.7", headers=FILE))
    content, body = await told(style, router, read if style == "sync" else aread)

    assert (content.media_type, content.filename, content.request_id) == ("application/pdf", "Luật 68.pdf", "01FILE")
    assert body == b"%PDF-1.7"
    assert content.response.is_closed


@pytest.mark.parametrize("style", STYLES)
async def test_file_that_breaks_off_is_not_taken_for_a_whole_one(style: Style) -> None:
    """The error of the network is told as the client's own, and it may be asked for again."""
    router = answering(httpx.Response(200, stream=Broken(), headers=FILE))
    with pytest.raises(TransportError) as caught:
        await told(style, router, read if style == "sync" else aread)

    assert (caught.value.retryable, caught.value.outcome) == (True, "not_done")


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("", None),
        ("attachment", None),
        ('attachment; filename="a b.pdf"', "a b.pdf"),
        ("attachment; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd", "passwd"),
        ('attachment; filename="C:\\\\x\\\\y.pdf"', "y.pdf"),
    ],
)
def test_file_name_leads_to_no_other_folder(disposition: str, name: str | None) -> None:
    """What a server names is a name, wherever a caller may write it."""
    assert filename_of(disposition) == name


# ---- clients


def test_environment_says_whom_to_ask(monkeypatch: pytest.MonkeyPatch) -> None:
    """``LGSP_URL`` and ``LGSP_KEY``, and the purpose where that is given; what the code says stands before it."""
    for name, value in (("URL", URL), ("KEY", KEY), ("DOSSIER", "H58-1"), ("USER", "canbo.a")):
        monkeypatch.setenv(f"LGSP_{name}", value)
    router = respx.Router()
    route = router.route().mock(return_value=envelope(ENTERPRISE))
    with Client.from_env(user="canbo.b", transport=httpx.MockTransport(router.handler)) as client:
        client.business_registry.enterprise("1")

    request = route.calls.last.request
    assert (request.url.host, request.headers["Authorization"]) == ("gateway.test", f"Bearer {KEY}")
    assert (request.headers["X-Dossier-Id"], request.headers["X-User-Id"]) == ("H58-1", "canbo.b")


@pytest.mark.parametrize(("given", "missing"), [({}, "LGSP_URL"), ({"LGSP_URL": URL}, "LGSP_KEY")])
async def test_environment_without_gateway_is_refused(
    monkeypatch: pytest.MonkeyPatch, given: dict[str, str], missing: str
) -> None:
    """With the name of the variable that is missing."""
    for name, value in given.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(ValueError, match=f"set {missing}"):
        Client.from_env()
    with pytest.raises(ValueError, match=f"set {missing}"):
        AsyncClient.from_env()


@pytest.mark.parametrize(("url", "key"), [("gateway.test", KEY), ("", KEY), (URL, "")])
def test_client_without_address_or_key_is_refused(url: str, key: str) -> None:
    """At once, and not with the first call."""
    with pytest.raises(ValueError, match=r"URL begins with|key is empty"):
        Client(url, key)


def test_client_does_not_show_its_key() -> None:
    """A log of it gives no right away."""
    with Client(URL, KEY) as client:
        assert repr(client) == f"Client('{URL}')"
        assert KEY not in repr(client._caller)
