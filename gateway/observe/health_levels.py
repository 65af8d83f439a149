"""How each upstream is, as gauges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final

from gateway.core.health import STATES, Health
from gateway.observe.collectors import ReadGroup

UPSTREAM: Final = ("connector", "upstream")


def health_levels(health: Callable[[], Iterable[tuple[tuple[str, str], Health]]]) -> Iterator[ReadGroup]:
    """The gauges that *health* is read for."""

    def up() -> dict[tuple[str, ...], float]:
        return {names: float(held.state in {"up", "unknown"}) for names, held in health()}

    def states() -> dict[tuple[str, ...], float]:
        return {(*names, state): float(held.state == state) for names, held in health() for state in STATES}

    def since() -> dict[tuple[str, ...], float]:
        return {names: held.since.timestamp() for names, held in health()}

    for name, text, labels, read in (
        ("lgsp_upstream_up", "0 while the upstream fails or is isolated, else 1.", UPSTREAM, up),
        ("lgsp_upstream_state", "1 for the present state of the upstream.", (*UPSTREAM, "state"), states),
        (
            "lgsp_upstream_state_since_seconds",
            "When the present state of the upstream began (seconds since 1970).",
            UPSTREAM,
            since,
        ),
    ):
        yield ReadGroup(name, text, labels, read)
