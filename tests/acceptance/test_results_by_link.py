"""Results that the province gives to the portal by a link of the gateway."""

from __future__ import annotations

import pytest

from gateway.durable.result_files import ResultFiles
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.pusher import PDF, PNG, encoded, province

RESULT = {"dossier_code": "A-1", "file_name": "kết quả.pdf", "content": encoded(PDF)}


async def test_a_result_is_fetched_by_its_link_alone(database: str) -> None:
    """It needs no key and has nothing personal; the same result has the same link; a changed one gives nothing."""
    async with province(database) as found:
        put = await found.portal.ask("POST", "/v1/result-files", body=RESULT, purpose=False)
        again = await found.portal.ask("POST", "/v1/result-files", body=RESULT, purpose=False)
        path = put.json["data"]["path"]
        given = await found.pusher.push(None, path, key=None, method="GET")
        changed = await found.pusher.push(None, path[:-1] + ("a" if path[-1] != "a" else "b"), key=None, method="GET")
        without = await found.pusher.push(None, path.partition("?")[0], key=None, method="GET")
        unknown = await found.pusher.push(None, "/inbound/files/00000000-0000-0000-0000-000000000000", method="GET")
        wrong = await found.pusher.push(None, "/inbound/files/1", method="GET")

    assert put.status == 201
    assert put.json["data"]["url"] == f"{found.portal.gateway.inbound_url}{path}"
    assert again.json["data"]["path"] == path
    assert (given.status, given.body, given.media_type) == (200, PDF, "application/pdf")
    assert given.headers["Content-Disposition"].endswith("k%E1%BA%BFt%20qu%E1%BA%A3.pdf")
    assert [(one.status, one.json["error_code"]) for one in (changed, without, unknown, wrong)] == [
        (403, "02"),
        (403, "02"),
        (404, "06"),
        (404, "06"),
    ]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"content": "%%"}, "/content"),
        ({"content": encoded(PNG)}, "/content"),
        ({"content": encoded(b"MZ")}, "/content"),
        ({"dossier_code": "a b"}, "/dossier_code"),
        ({"file_name": ""}, "/file_name"),
        ({"file_name": "a\r\nb.pdf"}, "/file_name"),
        ({"file_name": "a\x9bb.pdf"}, "/file_name"),
        ({"more": 1}, "/more"),
    ],
)
async def test_a_result_that_is_not_right_is_refused(database: str, change: dict[str, object], pointer: str) -> None:
    """With a pointer to the field."""
    async with province(database) as found:
        answer = await found.portal.ask("POST", "/v1/result-files", body={**RESULT, **change}, purpose=False)

    assert answer.verdict == (400, "invalid-request")
    assert answer.pointers == [pointer]


async def test_a_result_larger_than_a_file_may_be(database: str) -> None:
    """413, before it is read."""
    async with province(database, inbound={"file_bytes": 10_000}) as found:
        body = {**RESULT, "content": encoded(PDF + b" " * 40_000)}
        answer = await found.portal.ask("POST", "/v1/result-files", body=body, purpose=False)

    assert answer.verdict == (413, "payload-too-large")


async def test_a_link_is_valid_as_long_as_retention_says(database: str, clock: FakeClock) -> None:
    """180 days, and not a day longer; giving the result again begins them anew."""
    async with postgres.store(database) as store:
        results = ResultFiles(store, clock, 180)
        link = await results.keep("province", "A-1", "a.pdf", "application/pdf", PDF)
        await clock.advance(179 * 86_400)
        assert (await results.read(link.id, link.signature)).content == PDF
        later = await results.keep("province", "A-1", "a.pdf", "application/pdf", PDF)
        await clock.advance(2 * 86_400)
        assert (await results.read(link.id, later.signature)).content == PDF
        await clock.advance(180 * 86_400)
        with pytest.raises(Exception, match="no such record") as refused:
            await results.read(link.id, link.signature)

    assert link.signature == later.signature
    assert refused.value.reason == "no_result_file"  # type: ignore[attr-defined]  # of our errors
