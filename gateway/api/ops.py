"""The operator's port: liveness, readiness, metrics, connectors. None of these routes is on the public port."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import orjson
from aiohttp import hdrs, web

from gateway.api.auth import bearer_digest
from gateway.api.routes import Request, Routes
from gateway.core.problems import Forbidden, Misdirected, Unauthenticated

OpsScope = Literal["read", "act"]
Ping = Callable[[], str | None]
"""None when well, else why not."""
OPEN: Final = frozenset({"/livez", "/readyz"})
"""Routes that ask neither host nor key."""
_READS: Final = frozenset({hdrs.METH_GET, hdrs.METH_HEAD})
_LOOPBACK_NAMES: Final = ("localhost", "ip6-localhost", "ip6-loopback")


@dataclass(frozen=True, slots=True)
class OperatorAccess:
    """The rights on the operator's port: *operators* by the SHA-256 of their key, with their scopes.

    Without *keys_asked* (on loopback) everybody may read. *hosts* are names that a request may be sent to besides
    addresses and loopback names: a page whose name leads to this machine must not read it by the visitor's browser.
    """

    operators: Mapping[bytes, frozenset[OpsScope]]
    hosts: frozenset[str] = frozenset()
    keys_asked: bool = True

    def check(self, http: web.BaseRequest) -> None:
        """Lets a request pass: probes without more, GET with the scope ``read``, others with ``act``.

        Raises:
            Misdirected: It is for another host.
            Unauthenticated: It needs a key and has none that is accepted.
            Forbidden: Its key has another scope.
        """
        if http.path in OPEN:
            return
        scope: OpsScope = "read" if http.method in _READS else "act"
        if not self.is_for_us(http.headers.getall(hdrs.HOST, ())):
            raise Misdirected
        if scope == "read" and not self.keys_asked:
            return
        digest = bearer_digest(http.headers.get(hdrs.AUTHORIZATION))
        scopes = self.operators.get(digest) if digest is not None else None
        if scopes is None:
            raise Unauthenticated(reason="" if digest is None else "unknown_key")
        if scope not in scopes:
            raise Forbidden

    def is_for_us(self, hosts: Sequence[str]) -> bool:
        """Whether the one ``Host`` is an address, a loopback name or one of *hosts*, whatever the port."""
        if len(hosts) != 1:
            return False
        name = host_name(hosts[0])
        return name in self.hosts or is_address(name) or name in _LOOPBACK_NAMES or name.endswith(".localhost")


def host_name(host: str) -> str:
    """The name in a ``Host`` header without port, brackets and final dot, in small letters."""
    name = host.strip().lower()
    if name.startswith("["):
        address, closed, _ = name[1:].partition("]")
        return address if closed else ""
    return name.partition(":")[0].removesuffix(".")


def is_address(name: str) -> bool:
    """Whether *name* is an IP address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def ops_routes(
    pings: Mapping[str, Ping],
    exposition: Callable[[str], tuple[bytes, str]],
    connectors: Callable[[], Sequence[object]],
) -> Routes:
    """The routes of the operator's port.

    Args:
        pings: The checks that ``/readyz`` runs, by name.
        exposition: Metrics for an ``Accept`` header: body and content type.
        connectors: The catalogue's entries.
    """

    async def livez(_: Request) -> web.Response:
        return web.Response(text="ok\n")

    async def readyz(_: Request) -> web.Response:
        wrong = {name: why for name, ping in pings.items() if (why := ping()) is not None}
        status = 503 if wrong else 200
        body = orjson.dumps({"ready": not wrong, "checks": {name: wrong.get(name, "ok") for name in pings}})
        return web.Response(status=status, body=body, content_type="application/json")

    async def metrics(request: Request) -> web.Response:
        body, kind = exposition(request.http.headers.get("Accept", ""))
        return web.Response(body=body, headers={"Content-Type": kind})

    async def listing(_: Request) -> web.Response:
        return web.Response(body=orjson.dumps({"data": connectors()}), content_type="application/json")

    routes = Routes()
    routes.add("GET", "/livez", livez)
    routes.add("GET", "/readyz", readyz)
    routes.add("GET", "/metrics", metrics)
    routes.add("GET", "/connectors", listing)
    return routes
