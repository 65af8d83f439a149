"""How many files and connections a deployment may have open, and how the limit of the process is shared out."""

from __future__ import annotations

import resource
from typing import Final

from gateway.registry import Plan
from gateway.settings import Settings

AT_REST: Final = 96
"""Files of the process itself: libraries, the loop, the log, threads that resolve names, the process for papers."""
REFUSED: Final = 64
"""Refused connections of one port that are kept open until their refusal is read."""
OF_AN_UPSTREAM: Final = 8
"""Connections of an upstream beside those that its bulkhead lets out: tokens, probes, those that are being closed."""
OF_REDIS: Final = 32
OF_THE_STORE: Final = 4
"""Connections beside the pool: listening, commands, the workers' own."""
LEAST_PUBLIC: Final = 16
"""Connections of the public port however few descriptors there are."""


def most_descriptors(settings: Settings, planned: Plan) -> int:
    """Files and connections that the gateway may come to hold at once."""
    return settings.listen.connections + REFUSED + beside_the_public_port(settings, planned)


def beside_the_public_port(settings: Settings, planned: Plan) -> int:
    """Those of the operator's port, of systems, of Redis and of the store, which the portals' port leaves free."""
    ports = [settings.ops, *([settings.inbound.listen] if settings.inbound.listen is not None else [])]
    return (
        AT_REST
        + sum(port.connections + REFUSED for port in ports)
        + sum(up.policies.bulkhead.limit + OF_AN_UPSTREAM for up in planned.upstreams)
        + (OF_REDIS if settings.cache.redis is not None else 0)
        + (settings.store.connections + OF_THE_STORE if settings.store is not None else 0)
    )


def open_limit() -> int:
    """How many files this process may have open now."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]


def raise_limit() -> int:
    """Raises the soft limit of open files to the hard one, and gives it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def public_connections(wanted: int, beside: int, limit: int) -> int:
    """How many connections the public port may take under *limit*, so that *beside* others are left free."""
    if limit == resource.RLIM_INFINITY:
        return wanted
    return max(LEAST_PUBLIC, min(wanted, limit - beside - REFUSED))
