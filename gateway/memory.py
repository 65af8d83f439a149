"""How much memory a deployment can need, from its configuration: the limit of its container is at least that."""

from __future__ import annotations

from typing import Final

from gateway.core.settings import MIB
from gateway.registry import Plan
from gateway.settings import Settings

AT_REST_BYTES: Final = 112 * MIB
"""The process with all four connectors and a day of metrics; measured: 73 to 90 MiB."""
CONNECTION_BYTES: Final = 32 * 1024
"""A connection with its head and buffers."""
PARSED: Final = 10
"""Bytes of Python objects for each byte of a large answer; one is parsed at a time."""
PUSHED: Final = 5
"""Bytes for each byte of a pushed message: the body, its text, its files, and both encrypted, while they are kept."""
JOINED: Final = 2
"""A body exists twice while its parts are joined."""


def most_bytes(settings: Settings, planned: Plan) -> int:
    """Bytes that the gateway may come to hold: at rest, cache, answers in flight, one large parse, connections."""
    largest = max((up.settings.limits.decoded_bytes for up in planned.upstreams), default=0)
    pushed = settings.inbound
    return (
        AT_REST_BYTES
        + (PUSHED * pushed.in_work_bytes + CONNECTION_BYTES * pushed.listen.connections if pushed.listen else 0)
        + settings.cache.data_bytes
        + JOINED * settings.answers.in_flight_bytes
        + PARSED * largest
        + CONNECTION_BYTES * settings.listen.connections
    )
