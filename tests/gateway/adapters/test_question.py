"""Questions by GET: the bytes are those of aiohttp's session, and a connection is kept where its answer was read."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from gateway.adapters.question import Asker, target_of
from gateway.adapters.session import make_session
from gateway.core.settings import UpstreamSettings
from tests.support.odd_server import OddServer, http, odd_server, saying
from tests.support.rest_adapter import ASK, JSON, reply_to


@asynccontextmanager
async def asking(server: OddServer) -> AsyncIterator[tuple[aiohttp.ClientSession, Asker]]:
    async with make_session(UpstreamSettings(url=server.url, allow_private=True)) as session:
        yield session, Asker(session, URL(server.url))


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ({"Accept": "application/json"}, {}),
        ({"Accept": "*/*", "Authorization": "Bearer a.b-c"}, {"msdn": "0300588569-001", "ten": "Đỗ & Co/+ %"}),
        ({"Accept": "*/*", "X-Đ": "Đúng"}, {"empty": "", "a b": "?#"}),
        ({"Accept": "*/*", "X-Request-Timeout": "3"}, {"msdn": "0300588569-001", "a.b~c_": "D"}),
    ],
    ids=["bare", "query", "not ASCII", "plain"],
)
async def test_bytes_are_those_of_the_session(headers: dict[str, str], query: dict[str, str]) -> None:
    """A source can't tell a question from one that aiohttp's own request sends."""
    async with odd_server(saying(http(b"{}", JSON))) as server, asking(server) as (session, asker):
        async with session.get(f"{server.url}/a/b", params=query, headers=headers) as answer:
            await answer.read()
        async with asker.ask(URL(f"{server.url}/a/b").extend_query(query), headers) as head:
            await head.content.read()
        async with asker.ask(URL(f"{server.url}/a/b"), headers, query) as head:
            await head.content.read()

    assert server.heard[0] == server.heard[1] == server.heard[2]


@pytest.mark.parametrize("address", ["http://a", "http://a/", "http://a/b?key=1", "http://a/b?", "http://a/b?key=1&"])
@given(st.dictionaries(st.text(), st.text() | st.from_regex(r"[\w.~-]*", fullmatch=True)))
def test_query_is_added_as_yarl_adds_it(address: str, query: dict[str, str]) -> None:
    """Whatever its names and values are, and whatever query the address has already."""
    url = URL(address)

    assert target_of(url, query) == url.extend_query(query).raw_path_qs


@pytest.mark.parametrize("value", ["a\r\nX-Other: 1", "a\nb", "a\x00", "\x7f"], ids=["line", "feed", "null", "delete"])
async def test_header_that_would_end_its_line_is_not_sent(value: str) -> None:
    """A token with a line end is refused before a byte is sent: it would be another header."""
    async with odd_server(saying(http(b"{}", JSON))) as server, asking(server) as (_, asker):
        with pytest.raises(ValueError, match="header"):
            asker.ask(URL(server.url), {"Authorization": value})

    assert server.heard == []


async def test_connection_is_used_again_only_after_a_whole_answer() -> None:
    """What is left of an answer is never taken for the next one: its connection is closed."""
    connections = []

    async def answer_each(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(writer)
        try:
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    async with await asyncio.start_server(answer_each, "127.0.0.1", 0) as server:
        odd = OddServer(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
        async with asking(odd) as (_, asker):
            used = []
            for whole in (True, False, True):
                async with asker.ask(URL(odd.url), {}) as head:
                    assert not whole or len(await head.content.read()) == 1_000_000
                used.append(len(connections))

    assert used == [1, 1, 2]


async def test_interim_answers_are_passed_over() -> None:
    """Early hints are not the answer."""
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    reply = await reply_to(saying(hints + http(b'{"a": 1}', JSON)), ASK)

    assert (reply.status, reply.body) == (200, {"a": 1})
