"""Makes one of what several workers say: one exposition of metrics, one listing of systems.

Counters and histograms are summed, with those of workers that have ended, so that none goes back when one is replaced.
Gauges of states are not: a system is up where all workers find it up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, TypeAlias

Values: TypeAlias = dict[str, float]
"""By name and labels, as they are written."""
Rule: TypeAlias = Callable[[Sequence[float]], float]

_LARGEST: Final = (
    "lgsp_breaker_state",
    "lgsp_upstream_state",
    "lgsp_upstream_state_since_seconds",
    "lgsp_quota_limit",
    "lgsp_token_age_seconds",
    "lgsp_lanes",
    "lgsp_lane_oldest_seconds",
    "lgsp_overdue_applications",
    "lgsp_paused",
    "lgsp_inbox_waiting",
    "lgsp_inbox_oldest_seconds",
    "lgsp_inbox_files",
    "lgsp_store_oldest_transaction_seconds",
    "lgsp_store_size_bytes",
    "lgsp_build_info",
    "lgsp_config_info",
    "lgsp_config_refused",
)
"""Gauges that each worker knows for all, or that say the worst when they are large."""
_SMALLEST: Final = (
    "lgsp_upstream_up",
    "lgsp_quota_remaining",
    "lgsp_certificate_expiry_seconds",
    "lgsp_store_up",
    "lgsp_disk_free_bytes",
    "lgsp_disk_size_bytes",
    "lgsp_shared_cache_up",
    "lgsp_shared_link_up",
    "process_start_time_seconds",
    "process_max_fds",
)
"""Gauges that say the worst when they are small."""
_SHOWN: Final = ("state", "since", "why")
_BREAKERS: Final = ("isolated", "open", "half_open", "closed")
"""From the least well to the well."""
_CREATED: Final = "_created"


def _worst(pick: Callable[[Iterable[float]], float]) -> Rule:
    def rule(values: Sequence[float]) -> float:
        return pick([value for value in values if not math.isnan(value)] or values)

    return rule


RULES: Final[Mapping[str, Rule]] = {
    **dict.fromkeys(_LARGEST, _worst(max)),
    **dict.fromkeys(_SMALLEST, _worst(min)),
}
"""The rule of each gauge that is not summed."""


class Exposition:
    """The text of one worker, read: kind, help and values of each metric, in the order in which they came."""

    def __init__(self, text: str) -> None:
        self.heads: dict[str, list[str]] = {}
        self.kinds: dict[str, str] = {}
        self.values: dict[str, Values] = {}
        values: Values = {}
        for line in text.splitlines():
            if line.startswith("# "):
                parts = line.split(" ", 3)
                if len(parts) < 3 or parts[1] not in {"HELP", "TYPE", "UNIT"}:
                    continue
                family = parts[2]
                self.heads.setdefault(family, []).append(line)
                values = self.values.setdefault(family, {})
                if parts[1] == "TYPE":
                    self.kinds[family] = parts[3]
            elif line:
                series, _, number = (line.partition(" # ")[0] if " # " in line else line).rpartition(" ")
                values[series] = float(number)

    def sums(self) -> dict[str, Values]:
        """The values of the families that only rise."""
        return {name: values for name, values in self.values.items() if self.kinds.get(name) in _RISING}


_RISING: Final = frozenset({"counter", "histogram", "summary"})


def add(total: dict[str, Values], ended: Exposition) -> None:
    """Adds what a worker that has *ended* had counted."""
    for family, values in ended.sums().items():
        held = total.setdefault(family, {})
        for series, value in values.items():
            if not _is_created(series):
                held[series] = held.get(series, 0.0) + value


def merged(expositions: Sequence[Exposition], ended: Mapping[str, Values]) -> str:
    """One text of all *expositions*, and of what workers before them had counted, without a mark of its end."""
    lines: list[str] = []
    families: dict[str, Exposition] = {}
    for one in expositions:
        for family in one.heads:
            families.setdefault(family, one)
    for family, first in families.items():
        lines += first.heads[family]
        rule = RULES.get(family) or RULES.get(f"{family}_info", math.fsum)
        found: dict[str, list[float]] = {series: [value] for series, value in ended.get(family, {}).items()}
        for one in expositions:
            for series, value in one.values.get(family, {}).items():
                found.setdefault(series, []).append(value)
        for series, values in found.items():
            lines.append(f"{series} {_number((min if _is_created(series) else rule)(values))}")
    return "\n".join(lines) + ("\n" if lines else "")


def _is_created(series: str) -> bool:
    return _CREATED in series and series.partition("{")[0].endswith(_CREATED)


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"


def merged_listing(listings: Sequence[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """One list of systems of what workers say of them: the newest change of an upstream holds, and an operator's
    isolation before all. Where workers differ, each one's view stands beside it.
    """
    found: list[dict[str, Any]] = []
    for views in zip(*listings, strict=False):
        ups = [_merged_upstream(one) for one in zip(*(view.get("upstreams", ()) for view in views), strict=False)]
        states = [up["state"] for up in ups]
        worst = next((state for state in ("failing", "isolated", "up", "unknown") if state in states), "unknown")
        found.append({**views[0], "state": worst, "upstreams": ups})
    return found


def _merged_upstream(views: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    known = [view for view in views if view["state"] != "unknown"] or list(views)
    isolated = [view for view in known if view["state"] == "isolated"]
    newest = {**max(isolated or known, key=lambda view: str(view["since"]))}
    newest["ours"] = next((view["ours"] for view in views if view.get("ours") is not None), None)
    if any("elsewhere" in view for view in views):
        newest = {**newest, **_merged_breakers(views)}
    if len({(view["state"], view["why"]) for view in views}) == 1:
        return newest
    shown = [{"worker": slot, **{key: view[key] for key in _SHOWN}} for slot, view in enumerate(views)]
    return {**newest, "workers": shown}


def _merged_breakers(views: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The breaker that is least well here, and those that any worker heard of, each once: the workers' own too, where
    there are several.
    """
    seen = {(one["instance"], one["worker"]): one for view in views for one in view.get("elsewhere", ())}
    rank = {state: place for place, state in enumerate(_BREAKERS)}
    worst = min(views, key=lambda view: rank.get(str(view.get("breaker")), len(rank)))
    return {**{key: worst.get(key) for key in ("breaker", "breaker_since")}, "elsewhere": list(seen.values())}
