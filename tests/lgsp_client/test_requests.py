"""What the client sends, byte for byte, whichever of the two it is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final

import httpx
import pytest
import respx
from lgsp_client.models.criminal_records import (
    Applicant,
    ApplicationPurpose,
    BirthPlace,
    Coded,
    Country,
    IdentityDocument,
    Place,
    Residence,
)
from lgsp_client.models.shared import PartialDate
from lgsp_client.questions import business_registry, social_insurance
from lgsp_client.values import as_json, as_text

from lgsp_client import AsyncClient, CacheWish, Client
from tests.support.portal_client import (
    ENTERPRISE,
    KEY,
    META,
    STYLES,
    SUMMARY,
    URL,
    Style,
    envelope,
    headers,
    line,
    sent,
    told,
)

pytestmark = pytest.mark.parametrize("style", STYLES)
PARTICIPANT: Final = {"insurance_number": "7900000001", "full_name": "A", "sex": "male", "status": "participating"}
APPLICATION: Final = {"application_id": "D-1", "state": "registered"}
APPLICANT: Final = Applicant(
    full_name="Nguyễn Văn A",
    sex="male",
    birth_date=PartialDate.of(1987, 2, 28),
    birth_place=BirthPlace(province=Coded(code="01", name="Hà Nội")),
    nationality=Country(code="VN", name="Việt Nam"),
    permanent_residence=Place(street="1 Tràng Tiền"),
    identity_document=IdentityDocument(kind="citizen_card", number="001087000001", issued_on=date(2021, 5, 4)),
    phone="0912345678",
)


# ---- where it goes


@pytest.mark.parametrize(
    ("code", "target"),
    [
        ("0300588569", "0300588569"),
        ("a/b?c#d", "a%2Fb%3Fc%23d"),
        ("số 1%", "s%E1%BB%91%201%25"),
        ("..", "%2E%2E"),
        (".", "%2E"),
        ("a.b", "a.b"),
    ],
)
async def test_path_values_stay_one_segment(style: Style, code: str, target: str) -> None:
    """Whatever a path value holds, it is percent-encoded and reaches no other route."""
    request = await sent(style, lambda client: client.business_registry.enterprise(code), envelope(ENTERPRISE))

    assert line(request) == f"GET /v1/business-registry/enterprises/{target}"
    assert request.content == b""


async def test_empty_path_value_is_refused_before_anything_is_sent(style: Style) -> None:
    """The route would be another operation's."""
    with pytest.raises(ValueError, match="enterprise_code is empty"):
        await told(style, respx.Router(), lambda client: client.business_registry.enterprise(""))


async def test_query_string_has_the_wire_names_and_only_what_was_said(style: Style) -> None:
    """``from`` and ``to`` are no Python names; what is None is not sent."""
    request = await sent(
        style,
        lambda client: client.business_registry.registrations(
            first_day=date(2026, 11, 20), last_day=date(2026, 11, 24)
        ),
        envelope([]),
    )

    assert line(request) == "GET /v1/business-registry/registrations?from=2026-11-20&to=2026-11-24"


async def test_query_string_is_percent_encoded(style: Style) -> None:
    """Diacritics, blanks, slashes and ampersands arrive as they were written."""
    request = await sent(
        style,
        lambda client: client.legal_documents.search(number="61/2018/NĐ-CP", q="a b&c=d+e", type="decree"),
        envelope([]),
    )

    assert line(request) == (
        "GET /v1/legal-documents/documents?number=61%2F2018%2FN%C4%90-CP&type=decree&q=a%20b%26c%3Dd%2Be"
    )


@pytest.mark.parametrize("url", ["http://gateway.test/lgsp", "http://gateway.test/lgsp/"])
async def test_a_path_before_the_api_is_kept(style: Style, url: str) -> None:
    """A gateway behind a portal's own proxy is found where the proxy has it."""
    request = await sent(style, lambda client: client.business_registry.enterprise("1"), envelope(ENTERPRISE), url=url)

    assert str(request.url) == "http://gateway.test/lgsp/v1/business-registry/enterprises/1"


# ---- what is said


async def test_body_is_compact_json_of_what_was_said(style: Style) -> None:
    """UTF-8 without escapes; dates with their precision, and nothing that was not given."""
    request = await sent(
        style,
        lambda client: client.social_insurance.participant(
            full_name="Nguyễn Thị Ánh", birth_date=PartialDate.of(1987), sex="female", province_code="87"
        ),
        envelope(PARTICIPANT),
    )

    assert line(request) == "POST /v1/social-insurance/participants/lookup"
    assert request.headers["Content-Type"] == "application/json"
    assert request.content.decode() == (
        '{"full_name":"Nguyễn Thị Ánh","birth_date":{"value":"1987","precision":"year"},'
        '"sex":"female","province_code":"87"}'
    )


async def test_an_order_has_its_key_and_all_of_its_parts(style: Style) -> None:
    """Nested values are written out without what was not said; the key goes into its header."""
    accepted = httpx.Response(
        202,
        json={"data": APPLICATION, "meta": {**META, "system": "criminal_records", "operation": "apply"}},
        headers={"Location": "/v1/criminal-records/applications/D-1"},
    )
    month = PartialDate.of(2020, 1)
    request = await sent(
        style,
        lambda client: client.criminal_records.apply(
            dossier_code="D-1",
            received_on=date(2026, 11, 24),
            certificate_form=1,
            purpose=ApplicationPurpose(name="Xin việc"),
            applicant=APPLICANT,
            residences=[Residence(start=month, end=month, place="Hà Nội")],
            copies=2,
            idempotency_key="order-1",
        ),
        accepted,
    )

    assert line(request) == "POST /v1/criminal-records/applications"
    assert request.headers["Idempotency-Key"] == "order-1"
    assert request.content.decode() == (
        '{"dossier_code":"D-1","received_on":"2026-11-24","certificate_form":1,"purpose":{"name":"Xin việc"},'
        '"applicant":{"full_name":"Nguyễn Văn A","sex":"male","birth_date":{"value":"1987-02-28","precision":"day"},'
        '"birth_place":{"province":{"code":"01","name":"Hà Nội"}},"nationality":{"code":"VN","name":"Việt Nam"},'
        '"permanent_residence":{"street":"1 Tràng Tiền"},"identity_document":{"kind":"citizen_card",'
        '"number":"001087000001","issued_on":"2021-05-04"},"phone":"0912345678"},"copies":2,'
        '"residences":[{"start":{"value":"2020-01","precision":"month"},"end":{"value":"2020-01",'
        '"precision":"month"},"place":"Hà Nội"}]}'
    )


SAID: Final = {
    "Authorization": f"Bearer {KEY}",
    "X-Dossier-Id": "H58-1",
    "X-User-Id": "canbo.a",
    "Accept-Language": "vi",
    "X-Request-Timeout": "2.5",
    "Cache-Control": None,
    "Idempotency-Key": None,
    "X-Request-Id": None,
    "Content-Type": None,
}


async def test_what_the_client_was_made_with_is_said_with_every_call(style: Style) -> None:
    """Key, purpose, language and deadline; nothing that nobody asked for."""
    request = await sent(
        style,
        lambda client: client.business_registry.enterprise("1"),
        envelope(ENTERPRISE),
        dossier="H58-1",
        user="canbo.a",
        language="vi",
        timeout=2.5,
    )

    assert headers(request, SAID) == SAID


async def test_a_call_says_otherwise(style: Style) -> None:
    """Its options stand before the client's; None takes one away."""
    request = await sent(
        style,
        lambda client: client.business_registry.enterprise(
            "1",
            dossier="H58-2",
            user=None,
            timeout=30,
            language="en",
            request_id="mine-1",
            cache=CacheWish(no_cache=True, max_stale=60),
        ),
        envelope(ENTERPRISE),
        dossier="H58-1",
        user="canbo.a",
        timeout=2.5,
    )

    wanted = {
        **SAID,
        "X-Dossier-Id": "H58-2",
        "X-User-Id": None,
        "X-Request-Timeout": "30",
        "Accept-Language": "en",
        "X-Request-Id": "mine-1",
        "Cache-Control": "no-cache, max-stale=60",
    }
    assert headers(request, SAID) == wanted


async def test_bare_client_says_its_key_and_nothing_else(style: Style) -> None:
    """Without purpose no header of it is sent, for an empty one is another thing."""
    request = await sent(style, lambda client: client.business_registry.enterprise("1"), envelope(ENTERPRISE))

    assert headers(request, SAID) == {**dict.fromkeys(SAID), "Authorization": f"Bearer {KEY}"}


@pytest.mark.parametrize("value", ["a\r\nX-Evil: 1", "số-1", "\x00"])
async def test_header_that_is_not_plain_is_refused_before_anything_is_sent(style: Style, value: str) -> None:
    """A value from a form can add no header of its own."""
    with pytest.raises(ValueError, match="X-Dossier-Id must be printable ASCII"):
        await told(style, respx.Router(), lambda client: client.business_registry.enterprise("1", dossier=value))


@pytest.mark.parametrize(
    ("wish", "header"),
    [
        (CacheWish(no_cache=True), "no-cache"),
        (CacheWish(only_if_cached=True, max_age=0), "only-if-cached, max-age=0"),
        (CacheWish(max_stale=60), "max-stale=60"),
        (CacheWish(), None),
    ],
)
async def test_cache_wish_is_said_as_rfc_9111_says_it(style: Style, wish: CacheWish, header: str | None) -> None:
    """Directives of a request, separated by commas."""
    request = await sent(
        style, lambda client: client.business_registry.enterprise("1", cache=wish), envelope(ENTERPRISE)
    )

    assert request.headers.get("Cache-Control") == header


async def test_network_is_waited_for_longer_than_the_gateway(style: Style) -> None:
    """The gateway's own problem arrives before the client gives up."""
    call: Callable[[Any], Any] = lambda client: client.business_registry.enterprise("1", timeout=7)  # noqa: E731  # shown twice
    request = await sent(style, call, envelope(ENTERPRISE))

    assert request.extensions["timeout"]["read"] == 12
    assert request.extensions["timeout"]["connect"] == 5


async def test_given_http_client_keeps_its_settings_and_stays_open(style: Style) -> None:
    """Certificates, proxies and patience are its own; who made it closes it."""
    router = respx.Router()
    route = router.route().mock(return_value=envelope(ENTERPRISE))
    if style == "sync":
        with httpx.Client(transport=httpx.MockTransport(router.handler), timeout=3, headers={"X-Own": "1"}) as http:
            with Client(URL, KEY, http=http) as client:
                client.business_registry.enterprise("1")
            assert not http.is_closed
    else:
        transport = httpx.MockTransport(router.async_handler)
        async with httpx.AsyncClient(transport=transport, timeout=3, headers={"X-Own": "1"}) as http:
            async with AsyncClient(URL, KEY, http=http) as client:
                await client.business_registry.enterprise("1")
            assert not http.is_closed

    request = route.calls.last.request
    assert request.headers["X-Own"] == "1"
    assert request.extensions["timeout"]["read"] == 3


async def test_batch_has_all_fields_of_each_question(style: Style) -> None:
    """Those of the path too, by operation, in the order asked."""
    questions = [
        business_registry.enterprise("0300588569"),
        business_registry.registrations(first_day=date(2026, 11, 20), last_day=date(2026, 11, 24)),
        social_insurance.health_card(card_number="1", full_name="Ánh", birth_date=PartialDate.of(1987)),
    ]
    parts = [{"status": 200, "data": [], "meta": META}] * 3
    request = await sent(
        style,
        lambda client: client.batch(questions, dossier="H58-1", user="a"),
        httpx.Response(200, json={"data": parts, "meta": {"request_id": "1"}}),
    )

    assert line(request) == "POST /v1/batch"
    assert request.headers["X-Dossier-Id"] == "H58-1"
    assert request.content.decode() == (
        '{"requests":[{"operation":"business_registry.enterprise","query":{"enterprise_code":"0300588569"}},'
        '{"operation":"business_registry.registrations","query":{"from":"2026-11-20","to":"2026-11-24"}},'
        '{"operation":"social_insurance.health_card","query":{"card_number":"1","full_name":"Ánh",'
        '"birth_date":{"value":"1987","precision":"year"}}}]}'
    )


async def test_catalogue_is_asked_for_by_its_routes(style: Style) -> None:
    """All connectors, or one by its name."""
    connector = {"name": "business_registry", "title": "CSDLQG", "state": "up"}
    all_of_them = await sent(style, lambda client: client.connectors(), httpx.Response(200, json={"data": [connector]}))
    one = await sent(
        style, lambda client: client.connector("business_registry"), httpx.Response(200, json={"data": connector})
    )

    assert (line(all_of_them), line(one)) == ("GET /v1/connectors", "GET /v1/connectors/business_registry")


async def test_next_page_asks_the_same_with_its_token(style: Style) -> None:
    """Fields and options stay; the token of the page before is added."""
    router = respx.Router()
    pages = [envelope([SUMMARY], next_page_token="t/2"), envelope([SUMMARY])]
    route = router.route().mock(side_effect=pages)

    if style == "sync":
        await told(style, router, lambda client: list(client.legal_documents.search(q="luật", dossier="H58-1")))
    else:

        async def every(client: AsyncClient) -> list[object]:
            return [record async for record in await client.legal_documents.search(q="luật", dossier="H58-1")]

        await told(style, router, every)

    asked = [call.request for call in route.calls]
    assert [line(request) for request in asked] == [
        "GET /v1/legal-documents/documents?q=lu%E1%BA%ADt",
        "GET /v1/legal-documents/documents?q=lu%E1%BA%ADt&page_token=t%2F2",
    ]
    assert [request.headers["X-Dossier-Id"] for request in asked] == ["H58-1", "H58-1"]


async def test_values_are_written_as_the_api_reads_them(style: Style) -> None:
    """Days, numbers and truth values; an instant has its zone."""
    assert (as_text(date(2026, 1, 2)), as_text(Decimal("1.50")), as_text(True), as_text(7)) == (
        "2026-01-02", "1.50", "true", "7",
    )  # fmt: skip
    assert as_text(datetime(2026, 1, 2, 3, 4, tzinfo=UTC)) == "2026-01-02T03:04:00+00:00"
    with pytest.raises(TypeError, match="give a date"):
        as_json(datetime(2026, 1, 2, 3, 4))  # noqa: DTZ001  # the mistake itself
