"""JSON over HTTP: an exchange becomes bytes, bytes become a reply, within the limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import orjson

from gateway.adapters.errors import page_for_people
from gateway.adapters.exact_json import parse_json
from gateway.adapters.in_flight import LARGE_BYTES, InFlight
from gateway.adapters.limits import check_json, looks_like_html
from gateway.adapters.road_session import road_session
from gateway.adapters.session import RawFile, RawReply, UpstreamSession
from gateway.core.message import Exchange, Reply, Rest
from gateway.core.problems import OffContract
from gateway.core.settings import AnswerLimits, UpstreamSettings

_LONGEST_SENTENCE: Final = 4096
_ACCEPT: Final = "application/json"


class RestAdapter:
    """One upstream's REST client.

    Args:
        settings: The upstream's.
        session: The upstream's, where another adapter shares it; that adapter opens and closes it.
        room: Bounds the bytes of answers over all upstreams.
        on_drift: Told of what the road changed in a message.
    """

    def __init__(
        self,
        settings: UpstreamSettings,
        session: UpstreamSession | None = None,
        *,
        room: InFlight | None = None,
        on_drift: Callable[[], None] = lambda: None,
    ) -> None:
        self._settings = settings
        self._base = settings.base
        self._headers = {"Accept": _ACCEPT}
        if settings.api_key is not None:
            self._headers["X-API-KEY"] = settings.api_key.get_secret_value()
        self._session = session or road_session(settings, room, on_drift)

    @property
    def certificate_ends_at(self) -> float:
        """When the certificate that the upstream showed last ends, in seconds since 1970; NaN before the first."""
        return self._session.certificate_ends_at

    async def open(self) -> None:
        """Makes the client; no connection is opened yet."""
        await self._session.open()

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def send(self, exchange: Exchange) -> Reply:
        """Sends a :class:`Rest` exchange and reads its answer whole; of a large file (``raw``) only the first bytes.

        Raises:
            GatewayError: As the error table says; ``may_have_arrived`` is False where no byte of the message left.
        """
        assert isinstance(exchange, Rest)
        url = exchange.path if exchange.absolute else f"{self._base}/{exchange.path}"
        headers = self._headers if not exchange.headers else {**self._headers, **exchange.headers}
        if exchange.raw:
            found = await self._session.fetch(
                exchange.method, url, headers, query=exchange.query, elsewhere=exchange.absolute
            )
            return await self._read_file(found)
        body: bytes | Mapping[str, str] | None = exchange.form
        if exchange.json is not None:
            body = orjson.dumps(exchange.json)
            headers = {**headers, "Content-Type": "application/json"}
        return await self._session.carry(
            exchange.method,
            url,
            headers,
            body,
            read=self._read,
            query=exchange.query,
            elsewhere=exchange.absolute,
            gate=exchange.gate,
        )

    def _read(self, found: RawReply) -> Reply:
        return to_reply(found, self._settings.limits)

    async def _read_file(self, found: RawReply | RawFile) -> Reply:
        if isinstance(found, RawReply):
            return self._read(found)
        if looks_like_html(found.start):
            if found.rest is not None:
                await found.rest.close()
            return Reply(200, found.headers, None, page_for_people())
        media_type = found.headers.get("content-type", "")
        start = {"content": found.start, "media_type": media_type, "length": found.length}
        return Reply(200, found.headers, start, rest=found.rest)


def to_reply(found: RawReply, limits: AnswerLimits) -> Reply:
    """Parses the body of *found*; what can't be read (a page for people, too) is a defect, for the status may say more.

    JSON sent as ``text/html`` or with a byte order mark is read all the same: some of them do.
    """
    status, headers, body, defect = found.status, found.headers, found.body, found.defect
    if defect is not None:
        return Reply(status, headers, None, defect)
    if not body or body.isspace():
        defect = OffContract("The upstream's answer is empty.", reason="malformed")
        return Reply(status, headers, None, None if status in {202, 204} else defect, empty=True)
    if looks_like_html(body):
        return Reply(status, headers, None, page_for_people())
    try:
        check_json(body, limits)
        return Reply(status, headers, parse_json(body), large=len(body) > LARGE_BYTES)
    except OffContract as error:
        return Reply(status, headers, None, error.with_traceback(None))
    except ValueError:
        defect = OffContract("The upstream's answer is not JSON.", reason="malformed")
        return Reply(status, headers, _sentence(body), defect)


def _sentence(body: bytes) -> str | None:
    """A body that is a bare sentence: some systems say their success so, and only their table can tell."""
    if len(body) > _LONGEST_SENTENCE or body.lstrip()[:1] in {b"{", b"[", b'"', b"<"}:
        return None
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        return None
