"""The parts of the console as JSON: the gateway, and each system with its upstreams."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.api.ops_systems import shown
from gateway.api.response import instant
from gateway.core.connector import Connector
from gateway.core.interventions import Isolation
from gateway.observe.health import Board
from gateway.operating import SystemsDesk
from gateway.parts import KeptOrders
from gateway.peers.breaker_views import BreakerViews
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.upstream.breaker import name_of
from gateway.registry import Plan

LANE_STATES: Final = ("waiting", "held", "sending", "unknown", "parked")


@dataclass(frozen=True, slots=True)
class ConsoleView:
    """Reads the parts of one process; nothing in them is personal. *orders* is None where there is no store,
    *others* where there are no other gateways to hear of.
    """

    plan: Plan
    rings: Mapping[tuple[str, str], UpstreamRing]
    board: Board
    desk: SystemsDesk
    cache: AnswerCache
    orders: KeptOrders | None
    others: BreakerViews | None = None

    def __call__(self) -> dict[str, object]:
        """All parts, by name."""
        isolations = self.desk.isolations
        systems = {f"system.{one.name}": self._system(one, isolations) for one in self.plan.connectors}
        return {"gateway": self._gateway(), **systems}

    def _gateway(self) -> dict[str, object]:
        orders = self.orders
        return {
            "machine": self.board.trouble(),
            "store": None if orders is None else (orders.ping() or "ok"),
            "targets": [] if orders is None else sorted(orders.targets),
            "cache": {"entries": len(self.cache.memory), "bytes": self.cache.memory.size},
            "others": self._others(),
        }

    def _others(self) -> dict[str, object] | None:
        if self.others is None:
            return None
        away = self.others.away_since
        return {"heard": self.others.others(), "away_since": None if away is None else instant(away)}

    def board_entry(self, described: Mapping[str, Any]) -> dict[str, object]:
        """A connector as the catalogue *described* it, with the breakers of its upstreams, here and elsewhere."""
        ups = [{**one, **self._breakers((described["name"], one["upstream"]))} for one in described["upstreams"]]
        return {**described, "upstreams": ups}

    def _breakers(self, names: tuple[str, str]) -> dict[str, object]:
        """None here where a configuration that is gone had the upstream."""
        ring = self.rings.get(names)
        seen = () if self.others is None else self.others.of(names)
        return {
            "ours": self.board.ours(*names),
            "breaker": None if ring is None else name_of(ring.breaker.state),
            "breaker_since": None if ring is None else instant(ring.breaker.since),
            "elsewhere": [
                {
                    "instance": one.instance,
                    "worker": one.worker,
                    "state": one.state,
                    "since": instant(one.since),
                    "why": one.why,
                }
                for one in seen
            ],
        }

    def _system(self, connector: Connector, isolations: Iterable[Isolation]) -> dict[str, object]:
        names = [pair for pair in self.rings if pair[0] == connector.name]
        return {
            "name": connector.name,
            "title": connector.title,
            "operations": sorted(
                {one.operation.name for one in self.plan.operations if one.connector.name == connector.name}
            ),
            "upstreams": [self._upstream(pair, [one for one in isolations if one.names == pair]) for pair in names],
            "orders": self._orders(connector.name),
        }

    def _upstream(self, names: tuple[str, str], isolations: Sequence[Isolation]) -> dict[str, object]:
        ring, health = self.rings[names], self.board.of(*names)
        quota = ring.quota
        return {
            "upstream": names[1],
            "state": health.state,
            "since": instant(health.since),
            "why": health.why,
            "until": None if health.until is None else instant(health.until),
            **self._breakers(names),
            "in_flight": ring.bulkhead.in_use(),
            "waiting": ring.bulkhead.waiting(),
            "limit": ring.bulkhead.room.limit,
            "quota": None if quota is None else {"left": quota.remaining, "per_day": self._per_day(names)},
            "failures": [
                {"at": instant(one.at), "operation": one.operation, "reason": one.reason}
                for one in self.board.failures(*names)
            ],
            "isolations": [shown(one) for one in isolations],
        }

    def _per_day(self, names: tuple[str, str]) -> int | None:
        return next(up.policies.quota_per_day for up in self.plan.upstreams if (up.connector, up.name) == names)

    def _orders(self, system: str) -> dict[str, Any] | None:
        if self.orders is None:
            return None
        levels = self.orders.levels
        if (system,) not in levels.oldest_s:
            return None
        return {
            **{state: round(levels.lanes.get((system, state), 0)) for state in LANE_STATES},
            "oldest_s": math.floor(levels.oldest_s[system,]),
            "overdue": round(levels.overdue.get((system,), 0)),
        }
