"""Every kind of fault that spoils how an answer comes, over a real socket; and when faults act at all."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import orjson
import pytest

from tests.mocks.engine.toy import WHOLE, Toy


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
