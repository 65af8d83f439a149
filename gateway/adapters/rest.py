"""JSON over HTTP: an exchange becomes bytes, bytes become a reply, within the limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import orjson

from gateway.adapters.exact_json import parse_json
from gateway.adapters.limits import check_json, looks_like_html
from gateway.adapters.session import UpstreamSession
from gateway.core.message import Exchange, Reply, Rest
from gateway.core.problems import Failing, OffContract
from gateway.core.settings import UpstreamSettings

_LONGEST_SENTENCE: Final = 4096
_ACCEPT: Final = "application/json"


class RestAdapter:
    """One upstream's REST client.

    Args:
        settings: The upstream's.
        session: The upstream's, where another adapter shares it; that adapter opens and closes it.
    """

    def __init__(self, settings: UpstreamSettings, session: UpstreamSession | None = None) -> None:
        self._settings = settings
        self._headers = {"Accept": _ACCEPT}
        if settings.api_key is not None:
            self._headers["X-API-KEY"] = settings.api_key.get_secret_value()
        self._session = session or UpstreamSession(settings)

    async def open(self) -> None:
        """Makes the client; no connection is opened yet."""
        await self._session.open()

    async def close(self) -> None:
        """Closes the connections."""
        await self._session.close()

    async def send(self, exchange: Exchange) -> Reply:
        """Sends a :class:`Rest` exchange and reads its answer whole.

        Raises:
            GatewayError: As the error table says; ``may_have_arrived`` is False where no byte of the message left.
        """
        assert isinstance(exchange, Rest)
        url = exchange.path if exchange.absolute else f"{self._settings.url}/{exchange.path}"
        headers = self._headers if not exchange.headers else {**self._headers, **exchange.headers}
        body: bytes | Mapping[str, str] | None = exchange.form
        if exchange.json is not None:
            body = orjson.dumps(exchange.json)
            headers = {**headers, "Content-Type": "application/json"}
        found = await self._session.carry(
            exchange.method, url, headers, body, query=exchange.query, elsewhere=exchange.absolute
        )
        if exchange.raw and found.status == 200 and not looks_like_html(found.body):
            return to_file(found.headers, found.body)
        return to_reply(found.status, found.headers, found.body, self._settings)


def to_file(headers: Mapping[str, str], body: bytes) -> Reply:
    """The reply that carries *body* as it is; *headers* have lower-case names."""
    return Reply(200, headers, {"content": body, "media_type": headers.get("content-type", "")})


def to_reply(status: int, headers: Mapping[str, str], body: bytes, settings: UpstreamSettings) -> Reply:
    """Parses *body*; an HTML page is a maintenance notice, whatever its status.

    JSON sent as ``text/html`` or with a byte order mark is read all the same: some of them do.
    """
    if looks_like_html(body):
        raise Failing("The upstream answered with an HTML page instead of data.", reason="maintenance")
    if not body.strip():
        defect = OffContract("The upstream's answer is empty.", reason="malformed")
        return Reply(status, headers, None, None if status in {202, 204} else defect)
    check_json(body, settings.limits)
    try:
        return Reply(status, headers, parse_json(body))
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
