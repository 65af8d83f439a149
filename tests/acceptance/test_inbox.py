"""What national systems push reaches the province once: kept before it is answered, listed, acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any, Final

import pytest
from psycopg import AsyncConnection

from gateway.settings import ConfigurationError
from tests.support import postgres
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.portal import KEY as LAPTOP_KEY
from tests.support.pusher import (
    CODE,
    DOSSIER,
    KEY,
    MINISTRIES_KEY,
    PDF,
    PNG,
    SUPPLEMENT,
    TAX_NOTICE,
    encoded,
    new_dossier,
    province,
    supplement,
    tax_notice,
)
from tests.support.receiver import SECRET, receiving

MANY: Final = 20_000_000
CONSTRUCTION: Final = {"ministry_portals": {"upstreams": {"construction": {}}}}


async def test_a_new_dossier_is_listed_and_acknowledged(database: str) -> None:
    """The province's system reads what the portal filed, in the words of the API, gets its file, and takes it off the
    list with its own code, by which it is found again.
    """
    async with province(database) as found:
        pushed = await found.pusher.push(new_dossier(GhiChuRieng="giữ nguyên"))
        [listed] = await found.inbox()
        file = await found.portal.ask("GET", listed["files"][0]["path"], purpose=False)
        ours = "000.00.04.H58-261127-0007"
        acknowledged = await found.portal.ask(
            "POST", f"/v1/inbox/{listed['id']}/ack", body={"dossier_code": ours}, purpose=False
        )
        again = await found.portal.ask("POST", f"/v1/inbox/{listed['id']}/ack", purpose=False)
        left, by_ours = await found.inbox(), await found.inbox(f"?state=all&code={ours}")
        by_theirs = await found.inbox(f"?state=all&code={CODE}")

    assert (pushed.status, pushed.json["error_code"], pushed.json["MaHoSo"]) == (200, "00", CODE)
    assert (listed["system"], listed["kind"], listed["national_code"]) == ("public_service_portal", "dossier", CODE)
    assert listed["data"]["submitted_at"] == "2026-11-27T01:15:00Z"
    assert listed["data"]["subject"]["name"] == "Nguyễn Thị Bưởi"
    assert listed["data"]["other_fields"] == {"GhiChuRieng": "giữ nguyên"}
    assert (file.status, file.body, file.media_type) == (200, PDF, "application/pdf")
    assert (acknowledged.status, acknowledged.json["data"]["dossier_code"]) == (200, ours)
    assert again.json["data"] == acknowledged.json["data"]
    assert left == []
    assert [entry["id"] for entry in by_ours] == [entry["id"] for entry in by_theirs] == [listed["id"]]


async def test_supplement_and_tax_notice(database: str) -> None:
    """The other two kinds: a supplement in its wrapper and a notice, under the national code; pages go on by after."""
    async with province(database) as found:
        await found.pusher.push(supplement(), SUPPLEMENT)
        await found.pusher.push(tax_notice(), TAX_NOTICE)
        [first] = await found.inbox("?limit=1")
        [second] = await found.inbox(f"?after={first['id']}")

    assert (first["kind"], first["data"]["corrected"]) == ("supplement", {"SoDienThoai": "0900000002"})
    assert first["data"]["updating"] is True
    assert (second["kind"], second["data"]["amount"], second["data"]["due_on"]) == ("tax_notice", 1_500_000, None)


async def test_the_first_answer_is_given_again(database: str) -> None:
    """An equal message, whatever the sequence of its members, is the same one: also at another gateway and after a
    restart. One with another content is another message of the same dossier.
    """
    shuffled = json.dumps(dict(reversed(new_dossier().items())), indent=2)
    async with province(database) as found:
        first = await found.pusher.push(new_dossier())
        again = await found.pusher.push(shuffled)
        async with province(database) as other:
            elsewhere = await other.pusher.push(new_dossier())
    async with province(database) as later:
        after = await later.pusher.push(new_dossier())
        changed = await later.pusher.push(new_dossier(SoVanBan="13/VB"))
        listed = await later.inbox()

    assert {answer.status for answer in (first, again, elsewhere, after)} == {200}
    assert {answer.body for answer in (first, again, elsewhere, after)} == {first.body}
    assert changed.json["MaTiepNhan"] != first.json["MaTiepNhan"]
    assert [(entry["revision"], entry["data"]["document_number"]) for entry in listed] == [(1, "12/VB"), (2, "13/VB")]


async def test_pushed_at_once_to_two_gateways(database: str) -> None:
    """Twenty equal messages at once to two gateways are one dossier with one answer; beside them others go through."""
    async with province(database) as one, province(database) as two:
        answers = await asyncio.gather(*(at.pusher.push(new_dossier()) for _ in range(10) for at in (one, two)))
        others = await asyncio.gather(*(two.pusher.push(new_dossier(f"K-{n}")) for n in range(10)))
        listed = await one.inbox()

    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert {answer.status for answer in others} == {200}
    assert sorted(entry["national_code"] for entry in listed) == sorted([CODE, *(f"K-{n}" for n in range(10))])


BAD: Final[dict[str, tuple[Any, int, str]]] = {
    "not JSON": ("<html>", 400, "04"),
    "half a body": (json.dumps(new_dossier())[:-40], 400, "04"),
    "a list": ([new_dossier()], 400, "04"),
    "NaN": ('{"MaHoSo": NaN}', 400, "04"),
    "infinite": ('{"MaHoSo": "K", "MaTTHC": "1", "x": 1e999}', 400, "04"),
    "a name twice": ('{"MaHoSo": "K", "MaHoSo": "L", "MaTTHC": "1"}', 400, "04"),
    "deep": ('{"x":' + "[" * 200 + "]" * 200 + "}", 400, "04"),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(new_dossier()).encode(), 400, "04"),
    "not UTF-8": (json.dumps(new_dossier(), ensure_ascii=False).encode("utf-16"), 400, "04"),
    "half a surrogate": ('{"MaHoSo": "K", "MaTTHC": "\\ud800"}', 400, "05"),
    "a control character": ('{"MaHoSo": "K", "MaTTHC": "1\\u0000"}', 400, "05"),
    "no code": ({"MaTTHC": "1"}, 400, "05"),
    "a code with blanks": (new_dossier("K 1"), 400, "05"),
    "no procedure": ({"MaHoSo": "K"}, 400, "05"),
    "an instant that is not one": (new_dossier(NgayNopHoSo="20261350250000"), 400, "05"),
    "files that are not a list": (new_dossier(TaiLieuNop="x"), 400, "05"),
    "not Base64": (new_dossier(TaiLieuNop=[{"TenTepDinhKem": "a.pdf", "Base64": "%%%"}]), 400, "05"),
    "too much text": (new_dossier(x="a" * 2_000_000), 400, "05"),
    "too large": (b"x" * MANY, 413, "03"),
    "empty": (b"", 400, "04"),
}


@pytest.mark.parametrize("bad", BAD)
async def test_a_message_that_is_refused_is_told_why(database: str, bad: str) -> None:
    """Whatever comes: a status and an error_code by cause, nothing kept, and the next message goes through."""
    body, status, code = BAD[bad]
    async with province(database) as found:
        answer = await found.pusher.push(body)
        after = await found.pusher.push(new_dossier())
        listed = await found.inbox()

    assert (answer.status, answer.json["error_code"]) == (status, code), answer.body
    assert after.status == 200
    assert len(listed) == 1


async def test_keys_networks_and_systems(database: str) -> None:
    """Without a key, with a wrong one or the public port's: 401; from another network, or as another system: 403; and a
    ministry that nobody configured has no address.
    """
    callers = {
        "far": {"key_sha256": "0" * 63 + "1", "networks": ["10.0.0.0/8"]},
        "portal": {"networks": ["127.0.0.0/8", "::1/128"]},
    }
    async with province(database, inbound={"callers": callers}) as found:
        answers = [
            await found.pusher.push(new_dossier(), key=None),
            await found.pusher.push(new_dossier(), key="wrong"),
            await found.pusher.push(new_dossier(), key=LAPTOP_KEY),
            await found.pusher.push(new_dossier(), headers={"Authorization": f"Basic {KEY}"}, key=None),
            await found.pusher.push(new_dossier(), "/inbound/ministry-portals/moon/dossier", key=MINISTRIES_KEY),
            await found.pusher.push(new_dossier(), "/inbound/nowhere"),
            await found.pusher.push(None, DOSSIER, method="GET"),
            await found.pusher.push(new_dossier()),
        ]
    elsewhere = {"callers": {"portal": {"networks": ["192.0.2.0/24"]}}}
    async with province(database, inbound=elsewhere) as found:
        answers.append(await found.pusher.push(new_dossier("OTHER")))

    assert [(answer.status, answer.json["error_code"]) for answer in answers] == [
        *[(401, "01")] * 4,
        (404, "06"),
        (404, "06"),
        (405, "06"),
        (200, "00"),
        (403, "02"),
    ]


async def test_files_are_held_against_their_content(database: str) -> None:
    """A file of another type than its name says, an empty one or one of no known type is not handed on, the portal is
    told which, and the dossier is not held up.
    """
    files = [
        {"TenTepDinhKem": "a.pdf", "Base64": encoded(PNG)},
        {"TenTepDinhKem": "b.exe", "Base64": encoded(b"MZ\x90\x00")},
        {"TenTepDinhKem": "c.PNG", "Base64": "data:image/png;base64," + encoded(PNG)},
        {"TenTepDinhKem": "d.pdf", "Base64": None},
        {"TenTepDinhKem": "e.xml", "Base64": encoded("<?xml version='1.0'?><a>ổn</a>".encode())},
    ]
    async with province(database) as found:
        answer = await found.pusher.push(new_dossier(TaiLieuNop=files))
        [listed] = await found.inbox()
        refused = await found.portal.ask("GET", f"/v1/inbox/{listed['id']}/files/1", purpose=False)

    assert answer.status == 200
    assert answer.json["TepLoi"] == [
        {"SoThuTu": 1, "LyDo": "type_differs"},
        {"SoThuTu": 2, "LyDo": "type_not_allowed"},
        {"SoThuTu": 4, "LyDo": "not_sent"},
    ]
    assert [(one["state"], one["media_type"]) for one in listed["files"]] == [
        ("refused", "image/png"),
        ("refused", None),
        ("kept", "image/png"),
        ("missing", None),
        ("kept", "application/xml"),
    ]
    assert refused.verdict == (404, "not-found")


async def test_the_province_is_told_by_a_webhook(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each message is told of once, by its number and its code, and nothing personal leaves."""
    monkeypatch.setenv("HOOK", SECRET)
    async with receiving() as receiver:
        hook = {"province": {"url": receiver.url, "secret": "env:HOOK", "events": ["inbox.*"], "allow_private": True}}
        async with province(database, webhooks=hook) as found:
            for body in (new_dossier(), new_dossier(), new_dossier("K-2")):
                await found.pusher.push(body)
            await receiver.has_taken(2)
            listed = await found.inbox()

    assert receiver.wrong == []
    assert {message["type"] for message in receiver.taken} == {"inbox.received"}
    told = {(message["data"]["key"], message["data"]["detail"]) for message in receiver.taken}
    assert told == {(entry["national_code"], str(entry["id"])) for entry in listed}
    assert all("Bưởi" not in raw.decode() for _, raw in receiver.raw)


async def test_rights_on_the_inbox(database: str) -> None:
    """The scope inbox is needed, and is enough; a key with all that is not personal has no part in it."""

    def caller(key: str, *scopes: str) -> dict[str, object]:
        return {"key_sha256": hashlib.sha256(key.encode()).hexdigest(), "scopes": list(scopes)}

    callers = {"province": caller("a", "inbox"), "all": caller("b", "*"), "people": caller("c", "*", "*:personal")}
    async with province(database, callers=callers) as found:
        statuses = [(await found.portal.ask("GET", "/v1/inbox", key=key, purpose=False)).status for key in "abcd"]
        wrong = await found.portal.ask("GET", "/v1/inbox?after=x", purpose=False)
        far = await found.portal.ask("GET", "/v1/inbox/99", purpose=False)
        told = await found.portal.ask("GET", "/openapi.json")

    assert statuses == [200, 403, 200, 401]
    assert wrong.verdict == (400, "invalid-request")
    assert far.verdict == (404, "not-found")
    assert "/v1/inbox" in told.json["paths"]


async def test_a_code_is_linked_once(database: str) -> None:
    """A second code of the province for the same dossier is a conflict that changes nothing; a later message of the
    dossier has the first one at once.
    """
    async with province(database) as found:
        await found.pusher.push(new_dossier())
        await found.pusher.push(supplement(), SUPPLEMENT)
        first, second = await found.inbox()
        ack = f"/v1/inbox/{first['id']}/ack"
        await found.portal.ask("POST", ack, body={"dossier_code": "A-1"}, purpose=False)
        other = await found.portal.ask("POST", ack, body={"dossier_code": "A-2"}, purpose=False)
        [waiting] = await found.inbox()

    assert other.verdict == (409, "conflict")
    assert other.json["reason"] == "linked_otherwise"
    assert (waiting["id"], waiting["dossier_code"]) == (second["id"], "A-1")


async def test_nothing_personal_is_in_clear(database: str, capfd: pytest.CaptureFixture[str]) -> None:
    """Neither in the database nor in the log nor in the metrics."""
    async with province(database) as found:
        await found.pusher.push(new_dossier())
        await found.pusher.push(new_dossier(ChuHoSo=["Bưởi"]))
        metrics = await found.ops("/metrics")
        async with await AsyncConnection.connect(database) as connection:
            cursor = await connection.execute(
                "select i::text from inbox i union all select f::text from inbox_files f"
                " union all select e::text from events e"
            )
            rows = await cursor.fetchall()

    text = json.dumps(rows, ensure_ascii=False, default=str) + "".join(capfd.readouterr()) + metrics
    assert all(canary not in text for canary in ("Bưởi", "099085000001", "0900000001", "to-khai"))
    assert 'lgsp_inbound_messages_total{kind="dossier",result="received",system="public_service_portal"} 1.0' in metrics


def test_a_port_needs_a_store() -> None:
    """Without a store there is no inbound port: what is pushed could not be kept."""
    with pytest.raises(ConfigurationError, match=r"inbound\.listen needs a store"):
        laptop_settings("http://127.0.0.1:9", inbound={"listen": {"port": 0}})


async def test_the_published_key_is_for_loopback(database: str) -> None:
    """A gateway whose inbound port other machines reach refuses to start with the key of the mocks."""
    settings = laptop_settings(
        "http://127.0.0.1:9",
        store={"url": postgres.address(database)},
        inbound={"listen": {"port": 0, "host": "0.0.0.0"}},
    )
    with pytest.raises(ConfigurationError, match="published key"):
        async with serving_portal(settings):
            pytest.fail("it started")


async def test_the_operator_sees_what_waits_and_what_did_not_come(database: str) -> None:
    """Counts and ages as metrics, and the list without anything personal; a deed needs a reason and is recorded."""
    files = [{"TenTepDinhKem": "Bưởi.pdf", "Base64": encoded(PNG)}, {"TenTepDinhKem": "b.pdf", "DuongDan": "/b"}]
    async with province(database) as found:
        await found.pusher.push(new_dossier(TaiLieuNop=files))
        listed = json.loads(await found.ops("/api/inbox?state=files"))["data"]
        url = f"{found.portal.gateway.ops_url}/api/inbox/1/retry-files"
        headers = {"Authorization": f"Bearer {LAPTOP_KEY}"}
        async with found.portal.session.post(url, json={}, headers=headers) as answer:
            without = answer.status
        async with found.portal.session.post(url, json={"reason": "the portal mended it"}, headers=headers) as answer:
            done = await answer.json()
        recorded = json.loads(await found.ops("/api/actions"))["data"]
        metrics = await found.ops("/metrics")
        empty = json.loads(await found.ops("/api/inbox?state=files&code=H99-none&system=public_service_portal"))
        misspelt = json.loads(await found.ops("/api/inbox?system=public_service_portl"))

    assert empty["data"] == []
    assert (misspelt["status"], misspelt["errors"][0]["pointer"]) == (400, "/system")
    assert "public_service_portal" in misspelt["errors"][0]["message"]
    [entry] = listed
    assert (entry["code"], entry["acknowledged_at"]) == (CODE, None)
    assert [(one["state"], one["reason"]) for one in entry["files_not_here"]] == [
        ("refused", "type_differs"),
        ("waiting", None),
    ]
    assert "Bưởi" not in json.dumps(listed, ensure_ascii=False)
    assert without == 400
    assert done["data"]["files"] == [2]
    assert [(one["what"], one["why"]) for one in recorded] == [("retry_files", "the portal mended it")]
    assert 'lgsp_inbox_waiting{system="public_service_portal"}' in metrics
    assert 'lgsp_inbox_files{state="missing",system="public_service_portal"} 0.0' in metrics


async def test_an_equal_message_in_work_is_told_to_wait(database: str) -> None:
    """While the first one's commit takes long, its twin gets 409 with Retry-After, and later the first answer."""
    async with province(database) as found, await AsyncConnection.connect(database) as holding:
        await holding.execute("lock table inbox in access exclusive mode")
        first = asyncio.create_task(found.pusher.push(new_dossier()))
        await asyncio.sleep(0.1)
        twin = await found.pusher.push(new_dossier())
        await holding.rollback()
        answer = await first
        after = await found.pusher.push(new_dossier())

    assert (twin.status, twin.json["error_code"], twin.headers["Retry-After"]) == (409, "07", "2")
    assert (answer.status, answer.json["error_code"]) == (200, "00")
    assert after.body == answer.body


async def test_a_store_that_is_gone_is_told_as_busy(database: str) -> None:
    """503 with Retry-After while PostgreSQL lets nobody in; afterwards the message goes through."""
    name = postgres.name_of(database)
    async with province(database) as found:
        async with await AsyncConnection.connect("postgresql://127.0.0.1:5432/postgres", autocommit=True) as server:
            await server.execute(f'alter database "{name}" with allow_connections false')  # type: ignore[call-overload]
            await server.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = %s", [name])
            answer = await found.pusher.push(new_dossier())
            await server.execute(f'alter database "{name}" with allow_connections true')  # type: ignore[call-overload]
        for _ in range(100):
            after = await found.pusher.push(new_dossier())
            if after.status != 503:
                break
            await asyncio.sleep(0.1)

    assert (answer.status, answer.json["error_code"]) == (503, "08")
    assert "Retry-After" in answer.headers
    assert after.status == 200
