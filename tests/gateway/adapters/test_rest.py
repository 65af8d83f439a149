"""The REST adapter: what it sends, and what it reads, from servers that answer with odd bytes."""

from __future__ import annotations

import asyncio
import gzip
import json
import zlib
from decimal import Decimal
from typing import Any, Final

import pytest

from gateway.adapters.rest import RestAdapter, parse_json
from gateway.core.message import Rest
from gateway.core.problems import Failing, GatewayError, OffContract
from gateway.core.settings import UpstreamSettings
from tests.support.odd_server import Script, http, odd_server, saying
from tests.support.rest_adapter import ASK, JSON, error_of, reply_to


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


# ---- pages and limits


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
async def test_page_for_people_is_a_defect(page: str, status: str) -> None:
    """An HTML page in place of an answer: maintenance, unless its status says more."""
    reply = await reply_to(saying(http(page.encode(), "Content-Type: text/html", status=status)))

    assert (reply.status, reply.body, reply.empty) == (int(status[:3]), None, False)
    assert isinstance(reply.defect, Failing)
    assert reply.defect.reason == "maintenance"


@pytest.mark.parametrize(
    "answer",
    [
        http(b"", JSON, status="401 Unauthorized", length=10**12),
        http(b'{"a":', JSON, status="401 Unauthorized", length=100),
        http(b"not gzip", JSON, "Content-Encoding: gzip", status="401 Unauthorized"),
        http(b"{}", JSON, "Content-Encoding: br", status="401 Unauthorized"),
        http(b"[" * 100 + b"]" * 100, JSON, status="401 Unauthorized"),
        http(b"", "Content-Type: text/html", "Transfer-Encoding: chunked", status="401 Unauthorized", length=None),
    ],
    ids=["announced too long", "cut off", "not gzip", "brotli", "deep", "cut before its first chunk"],
)
async def test_what_is_wrong_with_a_body_hides_no_status(answer: bytes) -> None:
    """A refusal is one, though nothing of its body can be read."""
    reply = await reply_to(saying(answer))

    assert (reply.status, reply.body, reply.empty) == (401, None, False)
    assert reply.defect is not None


@pytest.mark.parametrize("body", [b"", b" \r\n\t"])
@pytest.mark.parametrize(("status", "bare"), [("404 Not Found", True), ("410 Gone", True), ("400 Bad Request", False)])
async def test_an_empty_404_is_known_as_one(body: bytes, status: str, bare: bool) -> None:
    """The dialect's table says by its contract what it means; of other statuses it does not."""
    reply = await reply_to(saying(http(body, JSON, status=status)))

    assert (reply.empty, reply.bare_404) == (True, bare)


async def test_a_long_header_is_no_reason_to_refuse_an_answer() -> None:
    """Firewalls write policies of nine thousand bytes."""
    reply = await reply_to(saying(http(b"{}", JSON, "Content-Security-Policy: " + "h.example " * 900)))

    assert reply.body == {}


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


@pytest.mark.parametrize("body", [b'{"a": 1}', b"\xef\xbb\xbf[]"])
def test_parser_takes_json(body: bytes) -> None:
    """JSON, with or without a byte order mark."""
    assert parse_json(body) is not None
