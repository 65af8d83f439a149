"""The way to a system, step by step: its name, a connection, its certificate."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from dataclasses import dataclass
from typing import Final

from yarl import URL

from gateway.adapters.errors import own_trouble, tls_refused
from gateway.adapters.session import is_public, trust_of
from gateway.core.clock import Clock
from gateway.core.settings import UpstreamSettings
from gateway.doctor.findings import Complaint, Fact

NAME_S: Final = 5.0
CONNECT_S: Final = 5.0
"""Seconds for a connection, and as many for the handshake of TLS."""
ENDS_SOON_DAYS: Final = 30
_DAY_S: Final = 86_400


class Blocked(Exception):
    """The way ends here; nothing behind it can be tried."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.reason)
        self.complaint = complaint


@dataclass(frozen=True, slots=True)
class Place:
    """Where a system is reached."""

    host: str
    port: int
    tls: bool

    @classmethod
    def of(cls, url: str) -> Place:
        """The place that *url* names."""
        parsed = URL(url)
        return cls(parsed.host or "", parsed.port or 80, parsed.scheme == "https")


async def way_to(settings: UpstreamSettings, clock: Clock, facts: dict[str, Fact]) -> list[Complaint]:
    """Goes the way to the system and writes into *facts* what it finds; gives what is not well but no hindrance.

    Raises:
        Blocked: It can't be reached.
    """
    place = Place.of(settings.url)
    address = await _resolve(place, clock, facts)
    if not settings.allow_private and not is_public(address):
        raise Blocked(Complaint("private_address", facts={"host": place.host}))
    began = clock.monotonic()
    await _connect(address, place, clock)
    facts["connect_ms"] = round((clock.monotonic() - began) * 1000, 1)
    return await _certificate(address, place, settings, clock, facts) if place.tls else []


async def _resolve(place: Place, clock: Clock, facts: dict[str, Fact]) -> str:
    named = {"host": place.host}
    try:
        async with clock.timeout_at(clock.monotonic() + NAME_S):
            found = await asyncio.get_running_loop().getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)
    except TimeoutError:
        raise Blocked(Complaint("resolver", facts=named)) from None
    except (socket.gaierror, UnicodeError) as error:
        mute = isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN
        raise Blocked(Complaint("resolver" if mute else "name_unknown", facts=named, cause=str(error))) from None
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    facts["addresses"] = addresses
    return addresses[0]


async def _connect(address: str, place: Place, clock: Clock) -> None:
    named = {"host": place.host, "port": place.port, "seconds": CONNECT_S}
    try:
        async with clock.timeout_at(clock.monotonic() + CONNECT_S):
            _, writer = await asyncio.open_connection(address, place.port)
    except TimeoutError:
        raise Blocked(Complaint("no_connection", facts=named)) from None
    except OSError as error:
        ours = own_trouble(error)
        refused = "refused" if error.errno == errno.ECONNREFUSED else "no_connection"
        raise Blocked(Complaint(ours.reason if ours else refused, facts=named, cause=str(error))) from None
    writer.transport.abort()


async def _certificate(
    address: str, place: Place, settings: UpstreamSettings, clock: Clock, facts: dict[str, Fact]
) -> list[Complaint]:
    named = {"host": place.host, "port": place.port, "seconds": CONNECT_S}
    trusted = await asyncio.to_thread(trust_of, settings)
    try:
        async with clock.timeout_at(clock.monotonic() + CONNECT_S):
            _, writer = await asyncio.open_connection(
                address, place.port, ssl=trusted, server_hostname=place.host, ssl_handshake_timeout=CONNECT_S
            )
    except ssl.SSLError as error:
        raise Blocked(Complaint(tls_refused(error).reason, facts=named, cause=_of_tls(error))) from None
    except (TimeoutError, OSError) as error:
        raise Blocked(Complaint("tls_untrusted", facts=named, cause=str(error) or "no handshake")) from None
    shown = writer.get_extra_info("peercert")
    version = writer.get_extra_info("ssl_object").version()
    writer.transport.abort()
    days = int((ssl.cert_time_to_seconds(shown["notAfter"]) - clock.now().timestamp()) // _DAY_S)
    facts["tls"] = str(version)
    facts["certificate_days"] = days
    if days >= ENDS_SOON_DAYS:
        return []
    return [Complaint("certificate_ends", "warning", facts={**named, "days": days})]


def _of_tls(error: ssl.SSLError) -> str:
    """OpenSSL's own words: about a certificate, if they are, and without the place in its source."""
    return getattr(error, "verify_message", "") or error.reason or ""
