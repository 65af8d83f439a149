"""The HTTP client of one upstream: one session and one pool of connections, whatever the protocol on top of it."""

from __future__ import annotations

import asyncio
import ipaddress
import math
import socket
import ssl
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from io import BytesIO
from typing import Final, NamedTuple, TypeVar

import aiohttp
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.http_exceptions import HttpProcessingError
from yarl import URL

from gateway.adapters.connection import GuardedConnection
from gateway.adapters.encoding import ACCEPT_ENCODING
from gateway.adapters.errors import our_error
from gateway.adapters.gated_body import GatedBody
from gateway.adapters.in_flight import LARGE_BYTES, InFlight, Lease
from gateway.adapters.limits import BodyReader
from gateway.adapters.question import LONGEST_FIELD, AnswerHead, Asker
from gateway.adapters.unread_file import UnreadFile, encoding_of
from gateway.core.message import Gate
from gateway.core.problems import GatewayError, Refused, Withheld
from gateway.core.settings import AnswerLimits, UpstreamSettings

T = TypeVar("T")

_NOT_PUBLIC: Final = tuple(
    ipaddress.ip_network(network)
    for network in (
        "::/96",  # IPv4-compatible
        "64:ff9b::/96",  # NAT64, and that of one network's own: both lead to an IPv4 address of whatever range
        "64:ff9b:1::/48",
        "::ffff:0:0:0/96",  # IPv4-translated (RFC 2765)
        "2002::/16",  # 6to4, as well
        "192.88.99.0/24",
        "fec0::/10",  # site-local
        "3fff::/20",  # documentation and segment identifiers, which older interpreters do not know
        "5f00::/16",
    )
)
"""Networks that :mod:`ipaddress` takes for global, although they lead into or through private ones."""
_CHUNK: Final = 64 * 1024
_AT_ONE_GO: Final = 1024 * 1024


class GuardedResolver(AbstractResolver):
    """Resolves names to public addresses only: an answer in a private range is refused when connecting."""

    def __init__(self) -> None:
        self._inner = aiohttp.ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = await self._inner.resolve(host, port, family)
        allowed = [entry for entry in found if is_public(entry["host"])]
        if not allowed:
            raise OSError("resolves to private addresses only")
        return allowed

    async def close(self) -> None:
        await self._inner.close()


def is_public(address: str) -> bool:
    """Whether *address* may be connected to without ``allow_private``."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        parsed = parsed.ipv4_mapped or parsed
    return parsed.is_global and not parsed.is_multicast and not any(parsed in network for network in _NOT_PUBLIC)


def make_session(
    settings: UpstreamSettings, *, connections: int = 64, certificate: Callable[[float], None] = lambda _: None
) -> aiohttp.ClientSession:
    """A session for one upstream: no redirects, no cookies, no proxy from the environment, bounded connections.

    *certificate* is told when the certificate that the upstream showed ends. Must be called on a running event loop.
    """
    connector = aiohttp.TCPConnector(
        limit=connections,
        ssl=trust_of(settings),
        resolver=None if settings.allow_private else GuardedResolver(),
        keepalive_timeout=30,
    )
    # The one way to bring a connection class of one's own.
    own = partial(GuardedConnection, loop=asyncio.get_running_loop(), certificate=certificate)
    connector._factory = own  # type: ignore[assignment]  # noqa: SLF001  # declared as the class itself
    session = aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=None),
        headers={"Accept-Encoding": ACCEPT_ENCODING, "User-Agent": "lgsp-gateway"},
        max_field_size=LONGEST_FIELD,
    )
    # aiohttp repeats a GET by itself when a kept connection turns out closed: the retry step alone may ask twice.
    session._retry_connection = False  # noqa: SLF001  # it has no public switch; aiohttp's own test client does this
    return session


def trust_of(settings: UpstreamSettings) -> ssl.SSLContext | bool:
    """The authorities that are trusted, and how certificates are held to RFC 5280; True for the defaults of both."""
    if settings.ca_file is None and settings.tls.strict is None:
        return True
    context = ssl.create_default_context(cafile=settings.ca_file)
    if settings.tls.strict is True:
        context.verify_flags |= ssl.VERIFY_X509_STRICT
    elif settings.tls.strict is False:
        context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    return context


class RawReply(NamedTuple):
    """An answer whose body was read within the limits, and not looked at; *headers* have lower-case names.

    *defect* is the error of a body that did not come whole under a status that speaks for itself.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    defect: GatewayError | None = None


class RawFile(NamedTuple):
    """An answer with status 200 that is a file; *headers* have lower-case names, *length* is that of the whole."""

    headers: Mapping[str, str]
    start: bytes
    length: int | None
    rest: UnreadFile | None


class UpstreamSession:
    """Carries bytes to one upstream and back.

    The caller bounds the time; cancellation closes the connection. Addresses may carry credentials
    (the insurance gateway's do), so no address is ever put into an error or a log.
    """

    def __init__(self, settings: UpstreamSettings, room: InFlight | None = None) -> None:
        self._settings = settings
        self._room = room or InFlight()
        self._session: aiohttp.ClientSession | None = None
        self._asker: Asker | None = None
        self._forbidden = is_forbidden(settings)
        self.certificate_ends_at = math.nan
        """When the certificate that the upstream showed last ends, in seconds since 1970; NaN before the first."""

    @property
    def common_headers(self) -> Mapping[str, str]:
        """The headers that each message has beside its own."""
        assert self._session is not None, "open() first"
        return self._session.headers

    def query_on_road(
        self,
        url: str | URL,  # noqa: ARG002  # a road may look at it
        query: Mapping[str, str] | None,
        *,
        elsewhere: bool,  # noqa: ARG002  # as above
    ) -> Mapping[str, str] | None:
        """*query* as it goes to *url*; a road may add to it."""
        return query

    async def open(self) -> None:
        """Makes the client; no connection is opened yet."""
        self._session = make_session(self._settings, certificate=self._saw_certificate)
        url = URL(self._settings.url)
        # Credentials in an address are for the session, which makes a header of them.
        self._asker = Asker(self._session, url) if url.host and url.user is None and url.password is None else None

    async def close(self) -> None:
        """Closes the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def carry(
        self,
        method: str,
        url: str | URL,
        headers: Mapping[str, str],
        body: bytes | Mapping[str, str] | None = None,
        *,
        read: Callable[[RawReply], T],
        query: Mapping[str, str] | None = None,
        elsewhere: bool = False,
        gate: Gate | None = None,
    ) -> T:
        """The value that *read* makes of the answer, which is read whole (one without success may lack its body).

        Args:
            method: GET, POST or PUT.
            url: Where to.
            headers: Beside those of the session.
            body: Bytes, or the fields of a form.
            read: Parses the answer; called in a thread for a large one.
            query: What is added to *url*.
            elsewhere: *url* is another host than the upstream's, so its address is checked as well.
            gate: Holds back the last bytes of *body*.

        Raises:
            GatewayError: ``may_have_arrived`` is False where no byte of the message left.
        """
        session = self._checked(url, elsewhere=elsewhere)
        query = self.query_on_road(url, query, elsewhere=elsewhere)
        data = _data(body, gate)
        with self._room.lease() as lease:
            answering = False
            try:
                async with self._sending(
                    session, method, URL(url), headers, data, query, elsewhere=elsewhere
                ) as response:
                    answering = True
                    found: RawReply | GatewayError = await _read(response, self._settings.limits, lease)
            except (GatewayError, aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
                found = _held_back(gate) or our_error(error, answering=answering)
            if isinstance(found, GatewayError):
                # Raised out here, the error holds no frame that holds what was read so far.
                raise found
            if len(found.body) <= LARGE_BYTES:
                return read(found)
            return await self._room.parse(len(found.body), read, found)

    def _sending(
        self,
        session: aiohttp.ClientSession,
        method: str,
        url: URL,
        headers: Mapping[str, str],
        data: object,
        query: Mapping[str, str] | None,
        *,
        elsewhere: bool,
    ) -> AbstractAsyncContextManager[AnswerHead | aiohttp.ClientResponse]:
        """One message; enter it to send it."""
        if method == "GET" and data is None and self._asker is not None and not elsewhere:
            return self._asker.ask(url, headers, query)
        return session.request(method, url, params=query or None, data=data, headers=headers, allow_redirects=False)

    async def fetch(
        self,
        method: str,
        url: str | URL,
        headers: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        elsewhere: bool = False,
    ) -> RawReply | RawFile:
        """The answer, which is a file: with status 200 its first bytes, which may be all.

        Arguments and errors are those of :meth:`carry`; another status than 200 is read as :meth:`carry` reads it.
        """
        session = self._checked(url, elsewhere=elsewhere)
        query = self.query_on_road(url, query, elsewhere=elsewhere)
        async with AsyncExitStack() as stack:
            lease = stack.enter_context(self._room.lease())
            answering = False
            try:
                response = await stack.enter_async_context(
                    session.request(method, URL(url), params=query or None, headers=headers, allow_redirects=False)
                )
                answering = True
                found: RawReply | RawFile | GatewayError = await self._first(response, lease, stack)
            except (GatewayError, aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
                found = our_error(error, answering=answering)
            if isinstance(found, GatewayError):
                raise found  # out here, as in carry()
            return found
        raise AssertionError("the stack swallows no error")

    async def _first(self, response: aiohttp.ClientResponse, lease: Lease, stack: AsyncExitStack) -> RawReply | RawFile:
        """Reads the beginning of *response*; where more follows, the file takes over *stack*."""
        limits = self._settings.limits
        if response.status != 200:
            return await _read(response, limits, lease)
        rest = UnreadFile(response, limits.of_file(), lease)
        start = await rest.first()
        if rest.at_end:
            return RawFile(_names(response), start, len(start), None)
        rest.keep_open(stack.pop_all())
        return RawFile(_names(response), start, rest.length, rest)

    def _saw_certificate(self, ends_at: float) -> None:
        self.certificate_ends_at = ends_at

    def _checked(self, url: str | URL, *, elsewhere: bool) -> aiohttp.ClientSession:
        if self._forbidden or (elsewhere and is_forbidden(self._settings, str(url))):
            raise private_address()
        assert self._session is not None, "open() first"
        return self._session


def _names(response: AnswerHead | aiohttp.ClientResponse) -> dict[str, str]:
    return {name.lower(): value for name, value in response.headers.items()}


async def _read(response: AnswerHead | aiohttp.ClientResponse, limits: AnswerLimits, lease: Lease) -> RawReply:
    headers = _names(response)
    try:
        return RawReply(response.status, headers, await read_body(response, limits, lease))
    except (GatewayError, aiohttp.ClientError, HttpProcessingError, OSError, ValueError) as error:
        if response.status < 300:
            raise
        return RawReply(response.status, headers, b"", our_error(error, answering=True))


def _held_back(gate: Gate | None) -> GatewayError | None:
    """The error of a message whose last bytes did not leave: the upstream has no part in it."""
    if gate is None or gate.refused is None:
        return None
    return Withheld("The message was held back.", reason=gate.refused, retry_after=None)


def _data(body: bytes | Mapping[str, str] | None, gate: Gate | None) -> object:
    if isinstance(body, bytes):
        return in_parts(body) if gate is None else GatedBody(body, gate)
    return None if body is None else dict(body)


def in_parts(written: bytes) -> bytes | BytesIO:
    """*written* for aiohttp's client, which sends large bytes at one go, and warns of it, but a file in parts."""
    return BytesIO(written) if len(written) > _AT_ONE_GO else written


def is_forbidden(settings: UpstreamSettings, url: str | None = None) -> bool:
    """Whether *url* (the upstream's own, unless said) names a private address without ``allow_private``.

    Names are checked when they are resolved.
    """
    host = URL(url or settings.url).host or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return not settings.allow_private and not is_public(host)


def private_address() -> Refused:
    """The error of such an upstream."""
    return Refused(
        "The upstream's address is private; set allow_private to permit it.",
        reason="private_address",
        may_have_arrived=False,
    )


async def read_body(response: AnswerHead | aiohttp.ClientResponse, limits: AnswerLimits, lease: Lease) -> bytes:
    """The body within *limits* and the room of *lease*, decompressed; the same ``Content-Encoding`` twice is one."""
    encoding = encoding_of(response)
    announced = response.headers.get(hdrs.CONTENT_LENGTH)
    length = None if announced is None else int(announced)
    if not encoding and length is not None and length <= min(limits.body_bytes, limits.decoded_bytes):
        lease.grow_to(length)
        # aiohttp reads as many bytes as are announced, no more, and takes fewer for an answer that was cut off. A small
        # answer mostly came with its head.
        return response.content.read_nowait() if response.content.is_eof() else await response.content.read()
    reader = BodyReader(limits, encoding, length)
    async for chunk in response.content.iter_chunked(_CHUNK):
        reader.feed(chunk)
        lease.grow_to(reader.size)
    return reader.whole()
