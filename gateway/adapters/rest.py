"""JSON over HTTP by aiohttp's client: an exchange becomes bytes, bytes become a reply, within the limits."""

from __future__ import annotations

import ipaddress
import socket
import ssl
from collections.abc import Mapping
from io import BytesIO
from typing import Final

import aiohttp
import orjson
from aiohttp import hdrs
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from gateway.adapters.errors import of_client_error
from gateway.adapters.exact_json import parse_json
from gateway.adapters.limits import ACCEPT_ENCODING, BodyReader, check_json, looks_like_html
from gateway.core.message import Exchange, Reply, Rest
from gateway.core.problems import Failing, GatewayError, OffContract, Refused
from gateway.core.settings import UpstreamSettings

_LONGEST_SENTENCE: Final = 4096
_CHUNK: Final = 64 * 1024
_AT_ONE_GO: Final = 1024 * 1024
_ACCEPT: Final = "application/json"


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
    return parsed.is_global and not parsed.is_multicast


def make_session(settings: UpstreamSettings, *, connections: int = 64) -> aiohttp.ClientSession:
    """A session for one upstream: no redirects, no cookies, no proxy from the environment, bounded connections.

    Must be called on a running event loop.
    """
    trust: ssl.SSLContext | bool = ssl.create_default_context(cafile=settings.ca_file) if settings.ca_file else True
    connector = aiohttp.TCPConnector(
        limit=connections,
        ssl=trust,
        resolver=None if settings.allow_private else GuardedResolver(),
        keepalive_timeout=30,
    )
    session = aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, connect=None),
        headers={"Accept-Encoding": ACCEPT_ENCODING, "User-Agent": "lgsp-gateway"},
    )
    # aiohttp repeats a GET by itself when a kept connection turns out closed: the retry step alone may ask twice.
    session._retry_connection = False  # noqa: SLF001  # it has no public switch; aiohttp's own test client does this
    return session


class RestAdapter:
    """One upstream's REST client.

    The caller bounds the time; cancellation closes the connection. Addresses may carry credentials
    (the insurance gateway's do), so none is ever put into an error or a log.
    """

    def __init__(self, settings: UpstreamSettings) -> None:
        self._settings = settings
        self._headers = {"Accept": _ACCEPT}
        if settings.api_key is not None:
            self._headers["X-API-KEY"] = settings.api_key.get_secret_value()
        self._session: aiohttp.ClientSession | None = None
        self._forbidden = is_forbidden(settings)

    async def open(self) -> None:
        """Makes the client; nothing is asked."""
        self._session = make_session(self._settings)

    async def close(self) -> None:
        """Closes its connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def send(self, exchange: Exchange) -> Reply:
        """Sends a :class:`Rest` exchange and reads its answer whole.

        Raises:
            GatewayError: As the error table says; ``sent`` is False where no byte of the message left.
        """
        assert isinstance(exchange, Rest)
        if self._forbidden or (exchange.absolute and is_forbidden(self._settings, exchange.path)):
            raise private_address()
        assert self._session is not None, "open() first"
        url = exchange.path if exchange.absolute else f"{self._settings.url}/{exchange.path}"
        headers = self._headers if not exchange.headers else {**self._headers, **exchange.headers}
        data: bytes | BytesIO | dict[str, str] | None = None
        if exchange.json is not None:
            data = in_parts(orjson.dumps(exchange.json))
            headers = {**headers, "Content-Type": "application/json"}
        elif exchange.form is not None:
            data = dict(exchange.form)
        answering = False
        try:
            async with self._session.request(
                exchange.method,
                URL(url, encoded=False),
                params=exchange.query or None,
                data=data,
                headers=headers,
                allow_redirects=False,
            ) as response:
                answering = True
                body = await read_body(response, self._settings)
                if exchange.raw and response.status == 200 and not looks_like_html(body):
                    return to_file(response.headers, body)
                return to_reply(response.status, response.headers, body, self._settings)
        except GatewayError:
            raise
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise of_client_error(error, answering=answering) from None


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


async def read_body(response: aiohttp.ClientResponse, settings: UpstreamSettings) -> bytes:
    """The body within the limits, decompressed."""
    encoding, length = response.headers.get(hdrs.CONTENT_ENCODING, ""), response.content_length
    if not encoding and length is not None and length <= min(settings.limits.body_bytes, settings.limits.decoded_bytes):
        # aiohttp reads as many bytes as are announced, no more, and takes fewer for an answer that was cut off.
        return await response.read()
    reader = BodyReader(settings.limits, encoding, length)
    async for chunk in response.content.iter_chunked(_CHUNK):
        reader.feed(chunk)
    return reader.whole()


def to_file(headers: Mapping[str, str], body: bytes) -> Reply:
    """The reply that carries *body* as it is."""
    lowered = {name.lower(): value for name, value in headers.items()}
    return Reply(200, lowered, {"content": body, "media_type": lowered.get("content-type", "")})


def to_reply(status: int, headers: Mapping[str, str], body: bytes, settings: UpstreamSettings) -> Reply:
    """Parses *body*; a page for people is a maintenance notice, whatever its status.

    JSON sent as ``text/html`` or with a byte order mark is read all the same: some of them do.
    """
    lowered = {name.lower(): value for name, value in headers.items()}
    if looks_like_html(body):
        raise Failing("The upstream answered with a page for people.", reason="maintenance")
    if not body.strip():
        defect = OffContract("The upstream's answer is empty.", reason="malformed")
        return Reply(status, lowered, None, None if status in {202, 204} else defect)
    check_json(body, settings.limits)
    try:
        return Reply(status, lowered, parse_json(body))
    except ValueError:
        defect = OffContract("The upstream's answer is not JSON.", reason="malformed")
        return Reply(status, lowered, _sentence(body), defect)


def _sentence(body: bytes) -> str | None:
    """A body that is a bare sentence: some systems say their success so, and only their table can tell."""
    if len(body) > _LONGEST_SENTENCE or body.lstrip()[:1] in {b"{", b"[", b'"', b"<"}:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
