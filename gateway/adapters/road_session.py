"""The client of an upstream behind a security server: the session of :mod:`session`, and what the road adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeVar
from urllib.parse import urlencode

from yarl import URL

from gateway.adapters import xroad
from gateway.adapters.in_flight import InFlight
from gateway.adapters.session import RawFile, RawReply, UpstreamSession
from gateway.core.message import Gate
from gateway.core.settings import UpstreamSettings, XrdAdapterSettings, XRoadSettings

T = TypeVar("T")

_FORM: Final = "application/x-www-form-urlencoded"


def road_session(
    settings: UpstreamSettings, room: InFlight | None = None, on_drift: Callable[[], None] = lambda: None
) -> UpstreamSession:
    """The client of one upstream, by its road. *on_drift* is told of a difference that is not refused."""
    if settings.road == "xroad" and settings.xroad is not None:
        return XRoadSession(settings, settings.xroad, room, on_drift)
    if settings.road == "xrdadapter" and settings.xrdadapter is not None:
        return XrdAdapterSession(settings, settings.xrdadapter, room)
    return UpstreamSession(settings, room)


class _Letter(NamedTuple):
    """A message as it leaves: all of it is known, so that its hash can be compared."""

    method: str
    url: URL
    headers: dict[str, str]
    body: bytes | None

    def is_answered_by(self, common: Mapping[str, str], headers: Mapping[str, str]) -> bool:
        """Whether *headers* belong to an answer to this letter; *common* are the headers that the session adds."""
        sent = {**common, **self.headers}
        return xroad.is_answer_to(self.method, self.url.raw_path_qs, sent.items(), self.body or b"", headers)


class XRoadSession(UpstreamSession):
    """Carries bytes over X-Road (message protocol for REST), whatever the protocol on top of it.

    A message to an address that is not the security server's goes without the road. An ``X-Road-Id`` in the headers
    is kept; without one, each message gets one of its own.

    Raises, beside the errors of every session:
        Refused: ``road_refused``: the road does not know this gateway or the source, or permits nothing.
        Failing: ``road_failed`` or ``provider_failed``, by who failed.
        Internal: ``road_request``: the security server cannot read our message.
        OffContract: ``request_hash``, where ``verify_hash`` is on.
    """

    def __init__(
        self, settings: UpstreamSettings, road: XRoadSettings, room: InFlight | None, on_drift: Callable[[], None]
    ) -> None:
        super().__init__(settings, room)
        self._road = road
        self._own = xroad.road_headers(road)
        self._prefix = f"{settings.url}/r1/"
        self._on_drift = on_drift

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
        if elsewhere and not str(url).startswith(self._prefix):
            return await super().carry(
                method, url, headers, body, read=read, query=query, elsewhere=elsewhere, gate=gate
            )
        letter = self._letter(method, url, headers, body, query)
        differences: list[bool] = []  # read() may run in a thread

        def checked(found: RawReply) -> T:
            differences.append(self._differs(letter, found))
            return read(found)

        try:
            return await super().carry(
                method, letter.url, letter.headers, letter.body, read=checked, elsewhere=elsewhere, gate=gate
            )
        finally:
            if any(differences):
                self._on_drift()

    async def fetch(
        self,
        method: str,
        url: str | URL,
        headers: Mapping[str, str],
        *,
        query: Mapping[str, str] | None = None,
        elsewhere: bool = False,
    ) -> RawReply | RawFile:
        if elsewhere and not str(url).startswith(self._prefix):
            return await super().fetch(method, url, headers, query=query, elsewhere=elsewhere)
        letter = self._letter(method, url, headers, None, query)
        found = await super().fetch(method, letter.url, letter.headers, elsewhere=elsewhere)
        try:
            differs = self._differs(letter, found)
        except BaseException:
            if isinstance(found, RawFile) and found.rest is not None:
                await found.rest.close()
            raise
        if differs:
            self._on_drift()
        return found

    def _letter(
        self,
        method: str,
        url: str | URL,
        headers: Mapping[str, str],
        body: bytes | Mapping[str, str] | None,
        query: Mapping[str, str] | None,
    ) -> _Letter:
        # Accept and Content-Type are always said: what aiohttp would add is a part of the hash.
        own = {"Accept": "*/*", **headers, **self._own}
        own.setdefault(xroad.ID, xroad.new_id())
        if body is not None and not isinstance(body, bytes):
            body = urlencode(body).encode()
            own["Content-Type"] = _FORM
        return _Letter(method, URL(url).extend_query(query or {}), own, body)

    def _differs(self, letter: _Letter, found: RawReply | RawFile) -> bool:
        """Whether the road carried another message; raises the error of the road, and of a difference to refuse."""
        status = found.status if isinstance(found, RawReply) else 200
        if (error := xroad.road_error(status, found.headers)) is not None:
            raise error
        if letter.is_answered_by(self.common_headers, found.headers):
            return False
        if self._road.verify_hash:
            raise xroad.other_message()
        return True


class XrdAdapterSession(UpstreamSession):
    """Carries bytes over the adapter of a security server: ``dstcode`` and ``providerurl`` go in each query [C]."""

    def __init__(self, settings: UpstreamSettings, road: XrdAdapterSettings, room: InFlight | None) -> None:
        super().__init__(settings, room)
        self._own = {"dstcode": road.dstcode}
        if road.provider_url is not None:
            self._own["providerurl"] = road.provider_url
        self._prefix = f"{settings.url}/{road.name}/"

    def query_on_road(
        self, url: str | URL, query: Mapping[str, str] | None, *, elsewhere: bool
    ) -> Mapping[str, str] | None:
        if elsewhere and not str(url).startswith(self._prefix):
            return query
        return {**self._own, **(query or {})}
