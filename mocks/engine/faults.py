"""Faults by plan: which requests are struck, counted from the moment the plan was put."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from mocks.engine.kinds import AnyKind, Latency, OneKind, misfit
from mocks.engine.service import Request, Service

_ORDINALS: Final = re.compile(r"^\d+(-\d+)?(,\d+(-\d+)?)*$")


def _well_formed(text: str) -> str:
    squeezed = text.replace(" ", "")
    if squeezed != "all":
        if not _ORDINALS.match(squeezed):
            raise ValueError('"all", or ordinals such as "1-2,5"')
        for low, high in _ranges(squeezed):
            if not 1 <= low <= high:
                raise ValueError("ordinals count from 1, and a range goes upwards")
    return squeezed


def _ranges(text: str) -> Iterable[tuple[int, int]]:
    for part in text.split(","):
        low, _, high = part.partition("-")
        yield int(low), int(high or low)


class PlannedFault(BaseModel):
    """One fault as a tester puts it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    system: str
    """The connector's name."""
    operation: str = "*"
    """The national call's name, or `*`: every call that the kind fits."""
    requests: Annotated[str, AfterValidator(_well_formed)] = "all"
    """Ordinals of matching requests since the fault was put: `all`, `1-2,5`."""
    probability: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0
    """Of the probability and of drawn latencies."""
    key: str | None = Field(default=None, min_length=1)
    """Only requests that ask with this value in any field."""
    fault: OneKind


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    faults: tuple[PlannedFault, ...] = Field(strict=False)


class UnfitPlan(Exception):
    """The plan names what does not exist, or a call that its kind can't strike."""

    def __init__(self, message: str, **exists: object) -> None:
        super().__init__(message)
        self.exists = exists


@dataclass(slots=True)
class Active:
    """A planned fault at work."""

    planned: PlannedFault
    dice: random.Random
    ranges: tuple[tuple[int, int], ...]
    matched: int = 0
    struck: int = 0

    def hits(self, request: Request) -> bool:
        """Counts the request if it matches, and says whether it is one that the fault is meant for."""
        planned = self.planned
        if planned.key is not None and not asks_for(request, planned.key):
            return False
        self.matched += 1
        # Drawn for each matching request, so that ordinals do not shift the sequence of a seed.
        lucky = planned.probability >= 1.0 or self.dice.random() < planned.probability
        ordinal = not self.ranges or any(low <= self.matched <= high for low, high in self.ranges)
        return lucky and ordinal


def asks_for(request: Request, key: str) -> bool:
    """Whether any field of the question holds exactly *key*."""
    if key in request.params.values() or key in request.query.values():
        return True
    if request.body.lstrip()[:1] == b"<":
        element = request.soap
        return element is not None and any((leaf.text or "").strip() == key for leaf in element.iter("*"))
    return any(leaf == key for leaf in _values(request.fields))


def _values(value: object) -> Iterable[object]:
    waiting = [value]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, dict):
            waiting.extend(inner.values())
        elif isinstance(inner, list):
            waiting.extend(inner)
        else:
            yield inner


@dataclass(frozen=True, slots=True)
class Strike:
    """What the plan does to one request: seconds to wait, and the fault that acts, if any."""

    delay_s: float
    kind: AnyKind | None
    label: str


@dataclass(slots=True)
class Faults:
    """The plan at work, laid out by call, so that a calm call costs one look into an empty mapping."""

    _all: tuple[Active, ...] = ()
    by_call: Mapping[tuple[str, str], tuple[Active, ...]] = field(default_factory=dict)

    def put(self, plan: Sequence[PlannedFault], services: Mapping[str, Service]) -> None:
        """Replaces the plan and counts anew.

        Raises:
            UnfitPlan: unknown system or operation, or a named call that the kind can't strike; nothing changes then.
        """
        by_call: dict[tuple[str, str], tuple[Active, ...]] = {}
        all_active = []
        for planned in plan:
            ranges = () if planned.requests == "all" else tuple(_ranges(planned.requests))
            active = Active(planned, random.Random(planned.seed), ranges)
            all_active.append(active)
            for name in _struck_calls(planned, services):
                place = planned.system, name
                by_call[place] = (*by_call.get(place, ()), active)
        self._all, self.by_call = tuple(all_active), by_call

    def clear(self) -> None:
        self._all, self.by_call = (), {}

    def as_json(self) -> dict[str, object]:
        """The plan, fit to be put again, and beside it how often each fault matched and struck."""
        return {
            "faults": [active.planned.model_dump(exclude_none=True) for active in self._all],
            "counts": [{"matched": active.matched, "struck": active.struck} for active in self._all],
        }

    def strike(self, place: tuple[str, str], request: Request) -> Strike | None:
        """What happens to *request*: latencies add up, and the first other fault that strikes acts."""
        delay_s = 0.0
        acting: AnyKind | None = None
        labels: list[str] = []
        for active in self.by_call.get(place, ()):
            if not active.hits(request):
                continue
            kind = active.planned.fault
            if isinstance(kind, Latency):
                delay_s += kind.draw(active.dice)
            elif acting is None:
                acting = kind
            else:
                continue
            active.struck += 1
            labels.append(kind.kind)
        return Strike(delay_s, acting, "+".join(dict.fromkeys(labels))) if labels else None


def _struck_calls(planned: PlannedFault, services: Mapping[str, Service]) -> list[str]:
    service = services.get(planned.system)
    if service is None:
        raise UnfitPlan(f"no system {planned.system!r}", systems=sorted(services))
    kind = planned.fault
    if planned.operation == "*":
        fitting = [call.name for call in service.calls if misfit(kind, call, named=False) is None]
        if not fitting:
            reasons = {
                c.name: misfit(kind, c, named=True) for c in service.calls if c.kind not in {"token", "document"}
            }
            raise UnfitPlan(f"{kind.kind} fits no call of {planned.system}", reasons=reasons)
        return list(dict.fromkeys(fitting))  # one name may stand at several paths
    named = [call for call in service.calls if call.name == planned.operation]
    if not named:
        names = sorted({call.name for call in service.calls})
        raise UnfitPlan(f"{planned.system} has no operation {planned.operation!r}", operations=names)
    for call in named:
        if (reason := misfit(kind, call, named=True)) is not None:
            raise UnfitPlan(f"{kind.kind} does not fit {planned.operation}: {reason}")
    return [planned.operation]
