"""The REST adapter against servers that answer with odd bytes, or not at all."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket
import zlib
from decimal import Decimal
from typing import Any, Final

import aiohttp
import pytest

from gateway.adapters.rest import GuardedResolver, RestAdapter, is_public, make_session, parse_json
from gateway.core.problems import Failing, GatewayError, OffContract, Refused
from gateway.core.upstream import Reply, Rest, UpstreamSettings
from tests.support.odd_server import Script, http, odd_server, saying, silence

JSON: Final = "Content-Type: application/json"
ASK: Final = Rest(name="ask", path="ask", method="GET")


async def reply_to(script: Script, exchange: Rest = ASK, **settings: Any) -> Reply:
    """What the adapter makes of *script*."""
    async with odd_server(script) as server, asyncio.timeout(5):
        adapter = RestAdapter(UpstreamSettings.model_validate({"url": server.url, "allow_private": True, **settings}))
        await adapter.open()
        try:
            return await adapter.send(exchange)
        finally:
            await adapter.close()


async def error_of(script: Script, exchange: Rest = ASK, **settings: Any) -> GatewayError:
    """The error that the adapter makes of *script*."""
    with pytest.raises(GatewayError) as met:
        await reply_to(script, exchange, **settings)
    return met.value


async def defect_of(script: Script) -> GatewayError | None:
    """What the adapter finds wrong with the body, and leaves to the status to outweigh."""
    return (await reply_to(script)).defect


# ---- what is sent


async def heard(exchange: Rest, **settings: Any) -> tuple[str, dict[str, str], bytes]:
    """Request line, headers and body of *exchange* on the wire."""
    async with odd_server(saying(http(b"{}", JSON))) as server:
        adapter = RestAdapter(UpstreamSettings.model_validate({"url": server.url, "allow_private": True, **settings}))
        await adapter.open()
        await adapter.send(exchange)
        await adapter.close()
    head, _, body = server.heard[0].partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    return line, {name.lower(): value.strip() for name, _, value in (item.partition(":") for item in rest)}, body


async def test_question_is_in_the_query_string() -> None:
    """A GET carries its fields encoded, asks for JSON, and says who asks."""
    exchange = Rest(name="ask", path="a/ask", method="GET", query={"msdn": "0300588569", "ten": "Nguyễn & Co"})
    line, headers, body = await heard(exchange)

    assert line == "GET /a/ask?msdn=0300588569&ten=Nguy%E1%BB%85n+%26+Co HTTP/1.1"
    assert (headers["accept"], headers["accept-encoding"]) == ("application/json", "gzip, deflate")
    assert (headers["user-agent"], body) == ("lgsp-gateway", b"")


async def test_body_is_json_in_utf8() -> None:
    """A POST carries JSON, its own headers, and the upstream's key."""
    exchange = Rest(name="ask", path="ask", json={"hoTen": "Nguyễn Văn A"}, headers={"X-Own": "1"})
    _, headers, body = await heard(exchange, api_key="s3cret")

    assert json.loads(body) == {"hoTen": "Nguyễn Văn A"}
    assert headers["content-type"] == "application/json"
    assert (headers["x-own"], headers["x-api-key"]) == ("1", "s3cret")


async def test_form_is_a_form() -> None:
    """A token request is a form, at an address of its own."""
    async with odd_server(saying(http(b"{}", JSON))) as server:
        adapter = RestAdapter(UpstreamSettings(url="http://127.0.0.1:1", allow_private=True))
        await adapter.open()
        exchange = Rest(name="token", path=f"{server.url}/token", absolute=True, form={"grant_type": "x"})
        await adapter.send(exchange)
        await adapter.close()

    assert server.heard[0].startswith(b"POST /token HTTP/1.1")
    assert server.heard[0].endswith(b"\r\n\r\ngrant_type=x")


async def test_large_body_is_sent_whole() -> None:
    """A body with scans arrives as it was, and nothing warns of its size."""
    exchange = Rest(name="ask", path="ask", json={"file": "a" * 3_000_000})
    _, _, body = await heard(exchange)

    assert json.loads(body) == {"file": "a" * 3_000_000}


# ---- what is read in spite of its looks


@pytest.mark.parametrize(
    "answer",
    [
        http(b'{"a": 1}', JSON),
        http(b'\xef\xbb\xbf{"a": 1}', JSON),
        http(b'{"a": 1}', "Content-Type: text/html; charset=utf-8"),
        http(b'{"a": 1}', "Content-Type: text/plain"),
        http(b'{"a": 1}'),
        http(b' \r\n{"a": 1}\r\n ', JSON),
        http(b'{"a": 1}', JSON, length=None),
        http(gzip.compress(b'{"a": 1}'), JSON, "Content-Encoding: gzip"),
        http(zlib.compress(b'{"a": 1}'), JSON, "Content-Encoding: deflate"),
        http(b'8\r\n{"a": 1}\r\n0\r\n\r\n', JSON, "Transfer-Encoding: chunked", length=None),
    ],
    ids=["plain", "BOM", "as HTML", "as text", "no type", "blanks", "no length", "gzip", "deflate", "chunked"],
)
async def test_json_is_read_however_it_comes(answer: bytes) -> None:
    """A byte order mark, a wrong content type, blanks around, compression: the facts are the same."""
    reply = await reply_to(saying(answer))

    assert (reply.status, reply.body, reply.defect) == (200, {"a": 1}, None)


async def test_numbers_are_exact() -> None:
    """An amount keeps every digit; it never passes through a float."""
    reply = await reply_to(saying(http(b'{"a": 1234567890123456.789, "b": 12345678901234567890}', JSON)))

    assert reply.body == {"a": Decimal("1234567890123456.789"), "b": 12_345_678_901_234_567_890}


async def test_header_names_are_lower_case() -> None:
    """A table finds a header however it was spelt."""
    reply = await reply_to(saying(http(b"{}", JSON, "RETRY-AFTER: 5")))

    assert reply.headers["retry-after"] == "5"


@pytest.mark.parametrize("status", ["202 Accepted", "204 No Content"])
async def test_nothing_is_an_answer_where_http_says_so(status: str) -> None:
    """An empty body is no defect of an answer that needs none."""
    reply = await reply_to(saying(http(b"", status=status)))

    assert (reply.body, reply.defect) == (None, None)


# ---- what is wrong with a body, and left to the status to outweigh


@pytest.mark.parametrize(
    "body",
    [b"", b"  \r\n", b"{", b'{"a": 1', b'{"a": 1}x', b'{"a": NaN}', b'{"a": Infinity}', b'{"a": 1, "a": 2}',
     b'{"a": {"b": 1, "b": 2}}', b'{"a": "\xff"}', '{"a": 1}'.encode("utf-16"), b"[1,]", b"'a'", b"\x00", b"<a/>"],
)  # fmt: skip
async def test_what_is_no_json_is_a_defect(body: bytes) -> None:
    """Broken, ambiguous or wrongly encoded JSON is never read as something."""
    defect = await defect_of(saying(http(body, JSON)))

    assert isinstance(defect, OffContract)
    assert defect.reason == "malformed"


async def test_bare_sentence_is_kept_for_the_table() -> None:
    """Where a system says its success in a sentence, its connector's table gets to read it."""
    reply = await reply_to(saying(http("gửi thông tin thành công".encode(), "Content-Type: text/plain")))

    assert reply.body == "gửi thông tin thành công"
    assert reply.defect is not None


# ---- what no status can outweigh


@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "503 Service Unavailable"])
@pytest.mark.parametrize(
    "page",
    [
        "<!DOCTYPE html><html>",
        "<html><head>",
        "\ufeff \n<HTML>",
        "<h1>Bảo trì</h1>",
        "<center>",
        '<?xml version="1.0"?><html>',
    ],
)
async def test_page_for_people_is_maintenance(page: str, status: str) -> None:
    """An HTML page in place of an answer means that the system is closed, whatever its status."""
    error = await error_of(saying(http(page.encode(), "Content-Type: text/html", status=status)))

    assert isinstance(error, Failing)
    assert error.reason == "maintenance"


LIMITS: Final = {"body_bytes": 10_000, "decoded_bytes": 20_000, "ratio": 10, "depth": 5, "elements": 50}


@pytest.mark.parametrize(
    "answer",
    [
        http(b'{"a": "' + b"a" * 20_000 + b'"}', JSON),
        http(b'{"a": "' + b"a" * 20_000 + b'"}', JSON, length=None),
        http(b"", JSON, length=10**12),
        http(gzip.compress(b'{"a": "' + b"a" * 50_000 + b'"}'), JSON, "Content-Encoding: gzip"),
        http(b"[" * 6 + b"]" * 6, JSON),
        http(b'{"a":' * 6 + b"1" + b"}" * 6, JSON),
        http(b"[" + b"1," * 60 + b"1]", JSON),
        http(b"[" + b"{}," * 60 + b"1]", JSON),
    ],
    ids=[
        "long",
        "long without length",
        "announced",
        "bomb",
        "deep lists",
        "deep objects",
        "many values",
        "many objects",
    ],
)
async def test_too_large_an_answer_is_cut(answer: bytes) -> None:
    """Bytes, unpacked bytes, nesting and number of values each have a limit, and a breach of one is theirs."""
    error = await error_of(saying(answer), limits=LIMITS)

    assert isinstance(error, OffContract)
    assert error.reason == "response_too_large"


async def test_endless_answer_is_left_at_the_limit() -> None:
    """An answer without an end is read to the limit, and then its connection is closed."""
    left = asyncio.Event()

    async def flood(writer: asyncio.StreamWriter) -> None:
        writer.write(http(b'{"a": "', JSON, length=None))
        try:
            while True:
                writer.write(b"a" * 65_536)
                await writer.drain()
        except ConnectionError:
            left.set()

    async with odd_server(flood) as server, asyncio.timeout(5):
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True))
        await adapter.open()
        with pytest.raises(OffContract) as met:
            await adapter.send(ASK)
        await left.wait()
        await adapter.close()

    assert met.value.reason == "response_too_large"


@pytest.mark.parametrize("text", ["[[[[[[", '"[[[[[[\\"[[[['])
async def test_brackets_within_text_are_text(text: str) -> None:
    """Only real nesting counts."""
    reply = await reply_to(saying(http(json.dumps({"a": text}).encode(), JSON)), limits=LIMITS)

    assert reply.body == {"a": text}


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (http(b"not gzip", JSON, "Content-Encoding: gzip"), "malformed"),
        (http(gzip.compress(b'{"a": 1}')[:-6], JSON, "Content-Encoding: gzip"), "malformed"),
        (http(gzip.compress(b'{"a": 1}') + b"more", JSON, "Content-Encoding: gzip"), "malformed"),
        (http(b"{}", JSON, "Content-Encoding: br"), "malformed"),
        (http(b"{}", JSON, "Content-Encoding: gzip, gzip"), "malformed"),
        (b"HTTP/1.1 banana\r\n\r\n", "malformed"),
        (b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "malformed"),
        (http(b"{}", "Content-Length: 2", "Content-Length: 3", length=None), "malformed"),
        (http(b"{}", "X-A: " + "a" * 20_000), "malformed"),
    ],
)
async def test_what_is_no_http_is_a_breach(answer: bytes, reason: str) -> None:
    """Broken compression or HTTP is theirs, and nothing of it is read."""
    error = await error_of(saying(answer))

    assert isinstance(error, OffContract)
    assert error.reason == reason


# ---- connections


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (saying(), "unreachable"),
        (saying(reset=True), "unreachable"),
        (saying(b"HTTP/1.1 200"), "unreachable"),
        (saying(http(b'{"a": ', JSON, length=100)), "cut_off"),
        (saying(http(b'{"a": ', JSON, length=100), reset=True), "cut_off"),
        (saying(http(b'8\r\n{"a":', JSON, "Transfer-Encoding: chunked", length=None)), "cut_off"),
    ],
    ids=["closed", "reset", "head cut", "body cut", "body reset", "chunk cut"],
)
async def test_broken_connection_is_told_by_where_it_broke(script: Script, reason: str) -> None:
    """Before the answer it could not be reached, within it it was cut off; either way bytes had left."""
    error = await error_of(script)

    assert isinstance(error, Failing)
    assert (error.reason, error.sent) == (reason, True)


async def test_refused_connection_sent_nothing() -> None:
    """Where nobody listens no byte left, so even an order may be sent again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    adapter = RestAdapter(UpstreamSettings(url=f"http://127.0.0.1:{port}", allow_private=True))
    await adapter.open()
    with pytest.raises(Failing) as met:
        await adapter.send(ASK)
    await adapter.close()

    assert (met.value.reason, met.value.sent) == ("unreachable", False)


async def test_unknown_name_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the name has no address no byte left."""

    async def nowhere(*_: object, **__: object) -> list[object]:
        raise OSError(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", nowhere)
    adapter = RestAdapter(UpstreamSettings(url="http://ministry.invalid"))
    await adapter.open()
    with pytest.raises(Failing) as met:
        await adapter.send(ASK)
    await adapter.close()

    assert (met.value.reason, met.value.sent) == ("unreachable", False)
    assert "ministry" not in str(met.value)


async def test_silent_server_is_left_when_the_caller_leaves() -> None:
    """The adapter has no patience of its own; who cancels it closes the connection."""
    async with odd_server(silence) as server:
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True))
        await adapter.open()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await adapter.send(ASK)
        await adapter.close()

    assert len(server.heard) == 1


async def test_dribbling_server_is_left_as_well() -> None:
    """One byte now and then does not buy time: the limit is on the whole."""

    async def dribble(writer: asyncio.StreamWriter) -> None:
        writer.write(http(b"", JSON, length=100))
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.005)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await reply_to(dribble)


async def test_redirect_is_not_followed() -> None:
    """An answer that points elsewhere is an answer; nobody goes there."""
    async with odd_server(saying(http(b"{}", JSON))) as elsewhere:
        reply = await reply_to(saying(http(b"{}", JSON, f"Location: {elsewhere.url}/x", status="302 Found")))

    assert reply.status == 302
    assert elsewhere.heard == []


async def test_cookies_are_not_kept() -> None:
    """What a source wants remembered is not sent back to it."""
    async with odd_server(saying(http(b"{}", JSON, "Set-Cookie: session=1; Path=/"))) as server:
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True))
        await adapter.open()
        await adapter.send(ASK)
        await adapter.send(ASK)
        await adapter.close()

    assert len(server.heard) == 2
    assert all(b"cookie" not in request.lower() for request in server.heard)


async def test_question_is_never_repeated_unasked() -> None:
    """A kept connection that turns out closed is an error like any other: the retry step alone asks twice."""
    kept = http(b"{}", JSON).replace(b"Connection: close\r\n", b"")

    async def once(writer: asyncio.StreamWriter) -> None:
        writer.write(kept)
        await asyncio.sleep(0.02)  # so that the next question is sent on a connection that ends under it
        writer.transport.abort()

    async with odd_server(once) as server:
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True))
        await adapter.open()
        await adapter.send(ASK)
        with pytest.raises(Failing) as met:
            await adapter.send(ASK)
        await adapter.close()

    assert met.value.reason == "unreachable"
    assert len(server.heard) == 1


# ---- addresses


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0"]
)
async def test_private_address_is_refused_unless_permitted(host: str) -> None:
    """An upstream on a private range is refused before a connection, where configuration does not permit it."""
    adapter = RestAdapter(UpstreamSettings(url=f"http://{host}:1"))
    await adapter.open()
    with pytest.raises(Refused) as met:
        await adapter.send(ASK)
    await adapter.close()

    assert (met.value.reason, met.value.sent) == ("private_address", False)


async def test_private_token_address_is_refused_as_well() -> None:
    """A token endpoint of a public upstream is no way around the rule."""
    adapter = RestAdapter(UpstreamSettings(url="http://ministry.example"))
    await adapter.open()
    with pytest.raises(Refused, match="private"):
        await adapter.send(Rest(name="token", path="http://169.254.169.254/token", absolute=True, form={}))
    await adapter.close()


async def test_name_with_a_private_address_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to a private range is refused when connecting, whatever it led to before."""
    async with odd_server(saying(http(b"{}", JSON))) as server:
        port = int(server.url.rpartition(":")[2])

        async def rebound(*_: object, **__: object) -> list[dict[str, object]]:
            return [{"hostname": "x", "host": "127.0.0.1", "port": port, "family": 2, "proto": 6, "flags": 0}]

        monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", rebound)
        adapter = RestAdapter(UpstreamSettings(url=f"http://ministry.example:{port}"))
        await adapter.open()
        with pytest.raises(GatewayError) as met:
            await adapter.send(ASK)
        await adapter.close()

    assert met.value.sent is False
    assert server.heard == []


async def test_resolver_keeps_public_addresses_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several addresses the private ones are left out."""

    async def both(*_: object, **__: object) -> list[dict[str, object]]:
        return [{"host": "10.0.0.1"}, {"host": "8.8.8.8"}]

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", both)
    resolver = GuardedResolver()

    assert await resolver.resolve("ministry.example", 80) == [{"host": "8.8.8.8"}]
    await resolver.close()


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2001:4860:4860::8888", True), ("127.0.0.1", False), ("fe80::1%eth0", False),
     ("100.64.0.1", False), ("::ffff:127.0.0.1", False), ("224.0.0.1", False), ("nonsense", False), ("", False)],
)  # fmt: skip
def test_public_addresses_are_told_from_others(address: str, public: bool) -> None:
    """Loopback, private, link-local, shared and multicast ranges are not public."""
    assert is_public(address) is public


async def test_session_takes_nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment does not get to see the questions."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    reply = await reply_to(saying(http(b"{}", JSON)))

    assert reply.status == 200


async def test_session_keeps_few_connections() -> None:
    """One upstream can't take all sockets of the process."""
    session = make_session(UpstreamSettings(url="http://x.example", allow_private=True), connections=3)

    assert session.connector is not None
    assert session.connector.limit == 3
    await session.close()


@pytest.mark.parametrize("body", [b'{"a": 1}', b"\xef\xbb\xbf[]"])
def test_parser_takes_json(body: bytes) -> None:
    """JSON, with or without a byte order mark."""
    assert parse_json(body) is not None
