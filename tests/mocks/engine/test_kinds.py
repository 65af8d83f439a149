"""Every kind of fault, as it arrives over a real socket."""

from __future__ import annotations

import asyncio
import gzip
import socket

import aiohttp
import orjson
import pytest
from lxml import etree

from tests.mocks.engine.toy import FACT, Toy

WHOLE = orjson.dumps(FACT)


async def raw(toy: Toy, path: str) -> tuple[bytes, str]:
    """All bytes of an answer until the connection ends, and how it ended."""
    host, port = toy.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    request = f"GET {path} HTTP/1.1\r\nHost: toy\r\nAuthorization: Bearer {toy.token}\r\n\r\n"
    writer.write(request.encode())
    got = b""
    ended = "closed"
    try:
        while chunk := await reader.read(65_536):
            got += chunk
    except ConnectionResetError:
        ended = "reset"
    writer.close()
    return got, ended


async def test_status_stands_in_place_of_the_answer(toy: Toy) -> None:
    """A status without a body answers its phrase, and nothing that looks like a page."""
    await toy.fault("status", status=503)

    status, body, headers = await toy.get("/toy/fact")

    assert (status, body) == (503, b"Service Unavailable")
    assert headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("body", "sent", "content_type"),
    [
        ({"loi": 1}, b'{"loi":1}', "application/json"),
        ("<h1>Loi</h1>", b"<h1>Loi</h1>", "text/html"),
        ('{"loi": 1}', b'{"loi": 1}', "application/json"),
    ],
)
async def test_status_sends_the_given_body_and_headers(toy: Toy, body: object, sent: bytes, content_type: str) -> None:
    """A given body goes out as it is, under a content type that fits it, with the given headers."""
    await toy.fault("status", status=429, body=body, headers={"Retry-After": "7"})

    status, got, headers = await toy.get("/toy/fact")

    assert (status, got, headers["Retry-After"]) == (429, sent, "7")
    assert headers["Content-Type"].startswith(content_type)


@pytest.mark.parametrize(
    "release", [("DELETE", "faults", None), ("POST", "reset", None), ("PUT", "faults", {"faults": []})]
)
async def test_hang_ends_only_when_it_is_let_go(toy: Toy, release: tuple[str, str, object]) -> None:
    """A hanging request stays open until faults are cleared, replaced or reset, then its connection closes."""
    await toy.fault("hang")
    waiting = asyncio.ensure_future(raw(toy, "/toy/fact"))
    await toy.arrived()
    assert not waiting.done()

    await toy.admin(*release)

    assert await waiting == (b"", "closed")


async def test_hang_is_journalled_without_a_status(toy: Toy) -> None:
    """Who waits has got no status, and the journal says so."""
    await toy.fault("hang")
    waiting = asyncio.ensure_future(raw(toy, "/toy/fact"))

    entry = await toy.arrived()

    assert (entry["status"], entry["fault"]) == (None, "hang")
    await toy.admin("DELETE", "faults")
    await waiting


async def test_reset_before_sends_nothing_but_rst(toy: Toy) -> None:
    """The peer sees a reset, not an orderly end, and no byte."""
    await toy.fault("reset_before")

    assert await raw(toy, "/toy/fact") == (b"", "reset")
    assert (await toy.entries())[0]["status"] is None


async def test_reset_mid_body_breaks_in_the_middle(toy: Toy) -> None:
    """The whole length is promised, half of it arrives, then a reset."""
    await toy.fault("reset_mid_body")

    got, ended = await raw(toy, "/toy/fact")
    head, _, body = got.partition(b"\r\n\r\n")

    assert ended == "reset"
    assert f"Content-Length: {len(WHOLE)}".encode() in head
    assert body == WHOLE[: len(WHOLE) // 2]


async def test_truncate_ends_in_the_middle(toy: Toy) -> None:
    """The whole length is promised, half of it arrives, then an orderly end."""
    await toy.fault("truncate")

    got, ended = await raw(toy, "/toy/fact")
    head, _, body = got.partition(b"\r\n\r\n")

    assert ended == "closed"
    assert f"Content-Length: {len(WHOLE)}".encode() in head
    assert body == WHOLE[: len(WHOLE) // 2]


async def test_dribble_takes_its_time_for_the_whole_body(toy: Toy) -> None:
    """The body comes whole, in chunks, with waits that add up to its length over the pace."""
    await toy.fault("dribble", bytes_per_second=100)

    status, body, headers = await toy.get("/toy/fact")

    assert (status, body) == (200, WHOLE)
    assert headers["Transfer-Encoding"] == "chunked"
    assert sum(toy.slept) == pytest.approx(len(WHOLE) / 100, abs=0.1)


async def test_fixed_latency_waits_and_answers(toy: Toy) -> None:
    """The answer is the same, later."""
    await toy.fault("latency", seconds=1.5)

    status, body, _ = await toy.get("/toy/fact")

    assert (status, body, toy.slept) == (200, WHOLE, [1.5])


@pytest.mark.parametrize(
    "drawn",
    [{"distribution": "lognormal", "median": 2.0, "sigma": 0.8}, {"distribution": "uniform", "low": 1, "high": 9}],
)
async def test_drawn_latency_is_the_same_for_the_same_seed(toy: Toy, drawn: dict[str, object]) -> None:
    """Two plans with one seed wait alike, another seed differs, and the waits vary."""
    waits = []
    for seed in (7, 7, 8):
        toy.slept.clear()
        await toy.fault("latency", plan={"seed": seed}, **drawn)
        for _ in range(4):
            await toy.get("/toy/fact")
        waits.append(list(toy.slept))

    assert waits[0] == waits[1] != waits[2]
    assert len(set(waits[0])) == 4


async def test_html_page_is_a_page_with_200(toy: Toy) -> None:
    """A maintenance page comes with HTTP 200 and as HTML."""
    await toy.fault("html_page")

    status, body, headers = await toy.get("/toy/fact")

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert "bảo trì" in body.decode()


async def test_soap_fault_carries_its_code(toy: Toy) -> None:
    """The Fault of the envelope's version has the code asked for, with HTTP 500."""
    await toy.fault("soap_fault", code="KHONG_TIM_THAY")

    status, body, _ = await toy.ask()

    assert status == 500
    assert etree.fromstring(body).findtext("{*}Body/{*}Fault/faultcode") == "KHONG_TIM_THAY"


async def test_soap_fault_with_a_standard_code_is_qualified(toy: Toy) -> None:
    """`Server` is a name of the envelope's namespace."""
    await toy.fault("soap_fault")

    _, body, _ = await toy.ask()

    assert etree.fromstring(body).findtext("{*}Body/{*}Fault/faultcode") == "soap:Server"


async def test_wrong_record_is_well_formed_and_anothers(toy: Toy) -> None:
    """The answer is about another record than asked."""
    await toy.fault("wrong_record", operation="fact")

    status, body, _ = await toy.get("/toy/fact")

    assert (status, orjson.loads(body)["ma"]) == (200, "2")


async def test_wrong_content_type_leaves_the_bytes_alone(toy: Toy) -> None:
    """Only the name of the format is wrong."""
    await toy.fault("wrong_content_type", content_type="application/octet-stream")

    status, body, headers = await toy.get("/toy/fact")

    assert (status, body, headers["Content-Type"]) == (200, WHOLE, "application/octet-stream")


async def test_bom_stands_before_the_answer(toy: Toy) -> None:
    """Three bytes and then what always comes."""
    await toy.fault("bom")

    _, body, _ = await toy.get("/toy/fact")

    assert body == b"\xef\xbb\xbf" + WHOLE


async def test_malformed_json_does_not_parse(toy: Toy) -> None:
    """The length is right and the end is wrong."""
    await toy.fault("malformed")

    status, body, headers = await toy.get("/toy/fact")

    assert (status, headers["Content-Length"]) == (200, str(len(body)))
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(body)


async def test_malformed_xml_does_not_parse(toy: Toy) -> None:
    """XML is spoilt as XML."""
    await toy.fault("malformed")

    _, body, _ = await toy.ask()

    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(body)


async def test_gzip_bomb_unpacks_to_what_it_says(toy: Toy) -> None:
    """A few kilobytes unpack to the megabytes asked for, valid to the checksum, and JSON."""
    await toy.fault("gzip_bomb", megabytes=3)

    _, body, headers = await toy.get("/toy/fact")
    unpacked = gzip.decompress(body)

    assert headers["Content-Encoding"] == "gzip"
    assert len(body) < 20_000
    assert len(unpacked) == 3 * 1_048_576 + len('{"data":""}')
    assert set(orjson.loads(unpacked)) == {"data"}


async def test_huge_body_streams_so_many_megabytes(toy: Toy) -> None:
    """The body has no length in advance and is as long as asked for."""
    await toy.fault("huge_body", megabytes=2)

    _, body, headers = await toy.get("/toy/fact")

    assert "Content-Length" not in headers
    assert len(body) == 2 * 1_048_576 + len('{"data":""}')


async def test_deep_json_is_so_deep(toy: Toy) -> None:
    """Lists within lists, as many as asked for."""
    await toy.fault("deep_json", depth=5_000)

    _, body, _ = await toy.get("/toy/fact")

    assert body == b'{"data":' + b"[" * 5_000 + b"]" * 5_000 + b"}"


async def test_deep_json_nests_elements_where_the_call_speaks_xml(toy: Toy) -> None:
    """A SOAP call answers elements within elements."""
    await toy.fault("deep_json", depth=300, operation="Hoi")

    _, body, _ = await toy.ask()

    assert (body.count(b"<a>"), body.count(b"</a>")) == (300, 300)


async def test_many_elements_crowd_the_json_answer(toy: Toy) -> None:
    """The answer stays JSON and has so many siblings more."""
    await toy.fault("many_elements", count=1_234)

    _, body, _ = await toy.get("/toy/fact")
    answer = orjson.loads(body)

    assert answer["ma"] == "1"
    assert len(answer["DANH_SACH"]) == 1_234


async def test_many_elements_crowd_the_xml_answer_within_the_body(toy: Toy) -> None:
    """The answer stays XML, and the siblings stand within the payload."""
    await toy.fault("many_elements", count=1_234)

    _, body, _ = await toy.ask()

    assert len(etree.fromstring(body).findall("{*}Body/{*}Tra/{*}x")) == 1_234


async def test_doctype_declares_entities(toy: Toy) -> None:
    """The XML has a DOCTYPE of its own root, and parses where that is allowed."""
    await toy.fault("doctype")

    _, body, _ = await toy.ask()
    root = etree.fromstring(body, etree.XMLParser(load_dtd=False, resolve_entities=False))

    assert b"<!ENTITY" in body
    assert root.getroottree().docinfo.internalDTD is not None


async def test_token_expired_says_what_the_system_says(toy: Toy) -> None:
    """A live token is answered like a spent one."""
    await toy.fault("token_expired", plan={"requests": "1"})

    first, second = await toy.get("/toy/fact"), await toy.get("/toy/fact")

    assert (first[0], orjson.loads(first[1])["fault"]["code"]) == (401, 900901)
    assert second[0] == 200


async def test_quota_spent_says_when_to_come_again(toy: Toy) -> None:
    """429 with Retry-After, unless the system has its own way."""
    await toy.fault("quota_spent")

    status, _, headers = await toy.get("/toy/fact")

    assert (status, headers["Retry-After"]) == (429, "3600")


@pytest.mark.parametrize(("how", "first", "names"), [("rename", "ten_v2", {"ten_v2"}), ("remove", None, set())])
async def test_drift_changes_a_json_field_at_every_depth(
    toy: Toy, how: str, first: str | None, names: set[str]
) -> None:
    """The field is renamed or gone, in inner objects too."""
    await toy.fault("drift", field="ten", how=how, operation="fact")

    _, body, _ = await toy.get("/toy/fact")
    answer = orjson.loads(body)

    assert "ten" not in answer
    assert first is None or first in answer
    assert [set(child) for child in answer["con"]] == [names, names]


@pytest.mark.parametrize(("how", "renamed"), [("rename", "Nguyễn Thị Ánh"), ("remove", None)])
async def test_drift_changes_an_xml_element(toy: Toy, how: str, renamed: str | None) -> None:
    """The element is renamed within its namespace, or gone."""
    await toy.fault("drift", field="Ten", how=how, operation="Hoi")

    _, body, _ = await toy.ask()
    answer = etree.fromstring(body)

    assert answer.findtext(".//{urn:toy}Ten") is None
    assert answer.findtext(".//{urn:toy}Ten_v2") == renamed


@pytest.mark.parametrize(
    ("kind", "more", "done"),
    [
        ("latency", {"seconds": 1}, 1),
        ("reset_mid_body", {}, 1),
        ("truncate", {}, 1),
        ("malformed", {}, 1),
        ("status", {"status": 500}, 0),
        ("reset_before", {}, 0),
        ("html_page", {}, 0),
        ("quota_spent", {}, 0),
    ],
)
async def test_what_spoils_an_answer_lets_the_work_be_done_and_what_replaces_it_does_not(
    toy: Toy, kind: str, more: dict[str, object], done: int
) -> None:
    """A write whose answer is late or cut has happened; one that was answered by a fault has not."""
    await toy.fault(kind, operation="order", **more)
    try:
        async with toy.session.post(f"{toy.url}/toy/orders", json={"ma": "1"}) as answer:
            await answer.read()
    except aiohttp.ClientError:
        pass

    _, body, _ = await toy.get("/toy/orders")

    assert orjson.loads(body) == {"nhan": done}


async def test_faults_act_before_authentication(toy: Toy) -> None:
    """A caller without a token meets the fault, not the 401."""
    await toy.fault("status", status=500)

    status, _, _ = await toy.get("/toy/fact", Authorization="")

    assert status == 500


async def test_a_reset_is_a_real_rst_on_the_wire(toy: Toy) -> None:
    """The kernel's own error says so, on a plain blocking socket."""
    await toy.fault("reset_before")
    host, port = toy.url.removeprefix("http://").split(":")

    def ask() -> bytes:
        with socket.create_connection((host, int(port)), timeout=5) as peer:
            peer.sendall(b"GET /toy/fact HTTP/1.1\r\nHost: toy\r\n\r\n")
            return peer.recv(1)

    with pytest.raises(ConnectionResetError):
        await asyncio.to_thread(ask)
