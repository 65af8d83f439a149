"""Questions by GET, on the connections of aiohttp's pool.

Pool, TLS, parser and the limits of a head are aiohttp's. Left out are the request and response objects of its session:
they can redirect, log in, keep cookies, repeat and trace, none of which a question needs, and are most of its time.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from types import TracebackType
from typing import Final, NamedTuple

import aiohttp
from multidict import CIMultiDictProxy
from yarl import URL

LONGEST_FIELD: Final = 16 * 1024
"""Bytes of one header; firewalls write policies of more than the 8,190 that aiohttp takes by itself."""
_BUFFER: Final = 64 * 1024
_NO_LIMIT: Final = aiohttp.ClientTimeout(total=None, connect=None)
"""The caller bounds the time."""
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""Characters that no header may have (RFC 9110 section 5.5): they would end it."""
_PLAIN: Final = re.compile(r"[A-Za-z0-9._~-]+")
"""Texts that a query has as they are (RFC 3986 section 2.3)."""


class AnswerHead(NamedTuple):
    """The head of an answer, and the stream of its body."""

    status: int
    headers: CIMultiDictProxy[str]
    content: aiohttp.StreamReader


class Asker:
    """Asks one upstream by GET.

    Args:
        session: Its connections are used, and its headers sent.
        url: The upstream's address.
    """

    def __init__(self, session: aiohttp.ClientSession, url: URL) -> None:
        assert session.connector is not None, "it is open"
        self._connector = session.connector
        # The pool is asked by a request: this one says the address, and is never sent.
        self._address = aiohttp.ClientRequest("GET", url, loop=asyncio.get_running_loop(), session=session)
        self._common = {"Host": self._address.headers["Host"], **session.headers}
        self._lines = _lines(self._common)
        self._known = frozenset(name.lower() for name in self._common)

    def ask(self, url: URL, headers: Mapping[str, str], query: Mapping[str, str] | None = None) -> Question:
        """The question for *url*, an address of the upstream, with *query* added to it; enter it to send it."""
        if self._known.isdisjoint([name.lower() for name in headers]):
            lines = self._lines + _lines(headers)
        else:
            lines = _lines({**self._common, **headers})
        return Question(self._connector, self._address, f"GET {target_of(url, query)} HTTP/1.1\r\n{lines}\r\n".encode())


def _lines(fields: Mapping[str, str]) -> str:
    if _FORBIDDEN.search("".join([*fields, *fields.values()])):
        raise ValueError("a header has a character that would end it")
    return "".join([f"{name}: {value}\r\n" for name, value in fields.items()])


def target_of(url: URL, query: Mapping[str, str] | None) -> str:
    """Path and query as they are sent."""
    if not query:
        return url.raw_path_qs
    if url.raw_query_string or not all(map(_PLAIN.fullmatch, [*query, *query.values()])):
        return url.extend_query(query).raw_path_qs
    return f"{url.raw_path_qs}?{'&'.join([f'{name}={value}' for name, value in query.items()])}"


class Question:
    """One question; leaving it gives the connection back, or closes it where the answer was not read to its end."""

    __slots__ = ("_address", "_connection", "_connector", "_message")

    def __init__(self, connector: aiohttp.BaseConnector, address: aiohttp.ClientRequest, message: bytes) -> None:
        self._connector = connector
        self._address = address
        self._message = message

    async def __aenter__(self) -> AnswerHead:
        self._connection = await self._connector.connect(self._address, [], _NO_LIMIT)
        try:
            return await self._answer()
        except BaseException:
            self._connection.close()
            raise

    async def _answer(self) -> AnswerHead:
        protocol = self._connection.protocol
        assert protocol is not None, "it was just given"
        protocol.set_response_params(
            read_until_eof=True, auto_decompress=False, read_bufsize=_BUFFER, max_field_size=LONGEST_FIELD
        )
        transport = protocol.transport
        if transport is None or transport.is_closing():
            raise aiohttp.ClientConnectionResetError("the connection was closed meanwhile")
        transport.write(self._message)
        while True:
            message, content = await protocol.read()
            if not 100 <= message.code < 200 or message.code == 101:
                return AnswerHead(message.code, message.headers, content)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._connection.release()
        else:
            self._connection.close()
