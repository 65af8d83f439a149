"""The plan of faults: which requests each fault strikes, counted from the moment the plan was put."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from mocks.engine.clock import real_now
from mocks.engine.kinds import AnyKind, Latency, OneKind, misfit
from mocks.engine.service import Request, Service

_ORDINALS: Final = re.compile(r"^\d+(-\d+)?(,\d+(-\d+)?)*$")
_HOUR: Final = r"([01]\d|2[0-3]):[0-5]\d"
#: Maximum number of faults in a plan.
MAX_FAULTS: Final = 1_000
#: Means every system, or every call that the kind fits.
ANY: Final = "*"


def _well_formed(text: str) -> str:
    squeezed = text.replace(" ", "")
    if squeezed != "all":
        if not _ORDINALS.match(squeezed):
            raise ValueError('use "all", or ordinals such as "1-2,5"')
        for low, high in _ranges(squeezed):
            if not 1 <= low <= high:
                raise ValueError("ordinals start at 1, and a range must ascend")
    return squeezed


def _ranges(text: str) -> Iterable[tuple[int, int]]:
    for part in text.split(","):
        low, _, high = part.partition("-")
        yield int(low), int(high or low)


class PlannedFault(BaseModel):
    """One fault of a plan, as a tester writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    system: str
    """The connector's name, or `*` for every system."""
    operation: str = ANY
    """The national call's name, or `*` for every call that the kind fits."""
    requests: Annotated[str, AfterValidator(_well_formed)] = "all"
    """Ordinals of matching requests since the fault was put: `all`, `1-2,5`."""
    probability: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0
    """Seed of the random numbers for the probability and for latencies."""
    key: str | None = Field(default=None, min_length=1)
    """Strikes only requests with this value in any field."""
    match: dict[Annotated[str, Field(min_length=1)], str] = Field(default_factory=dict)
    """Strikes only requests in which each of these fields, at any depth, has this value: `{msdn: "0101248141"}`."""
    between: str | None = Field(default=None, pattern=rf"^{_HOUR}-{_HOUR}$")
    """Strikes only at these hours of the virtual clock (Vietnam), `22:00-05:00`; the end is excluded."""
    beyond_per_day: int | None = Field(default=None, ge=0)
    """Strikes only after this number of matching requests to a system on one virtual day, as a quota does."""
    for_days: int | None = Field(default=None, ge=1)
    """Strikes only on the first days, this many; the virtual day on which the fault was put is the first."""
    fault: OneKind

    @model_validator(mode="after")
    def _names_a_system_for_an_operation(self) -> Self:
        if self.system == ANY and self.operation != ANY:
            raise ValueError(f"operation {self.operation!r} belongs to one system: give that system in place of *")
        return self


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    faults: tuple[PlannedFault, ...] = Field(strict=False, max_length=MAX_FAULTS)


class UnfitPlan(Exception):
    """The plan names an unknown system or operation, or a call that the kind of fault can't strike."""

    def __init__(self, message: str, **exists: object) -> None:
        super().__init__(message)
        self.exists = exists
        self.position = 0
        """Index in the plan of the fault that does not fit."""


@dataclass(slots=True)
class Active:
    """A fault of the current plan, with its counts."""

    planned: PlannedFault
    dice: random.Random
    ranges: tuple[tuple[int, int], ...]
    since: date
    """The virtual day on which the fault was put."""
    matched: int = 0
    struck: int = 0
    _day: date | None = None
    _of_day: Counter[str] = field(default_factory=Counter)

    def hits(self, system: str, request: Request, now: datetime) -> bool:
        """Counts the request if it matches; returns True when the fault must strike it."""
        planned = self.planned
        if planned.key is not None and not asks_for(request, planned.key):
            return False
        if not all(asks_with(request, name, value) for name, value in planned.match.items()):
            return False
        if planned.between is not None and not _within(planned.between, now.time()):
            return False
        if planned.for_days is not None and (now.date() - self.since).days >= planned.for_days:
            return False
        if planned.beyond_per_day is not None and self._ordinal_of_day(system, now.date()) <= planned.beyond_per_day:
            return False
        self.matched += 1
        # One draw per matching request: ordinals must not shift the random sequence of a seed.
        lucky = planned.probability >= 1.0 or self.dice.random() < planned.probability
        ordinal = not self.ranges or any(low <= self.matched <= high for low, high in self.ranges)
        return lucky and ordinal

    def _ordinal_of_day(self, system: str, today: date) -> int:
        if today != self._day:
            self._day = today
            self._of_day.clear()
        self._of_day[system] += 1
        return self._of_day[system]


def _within(hours: str, now: time) -> bool:
    start, end = (time.fromisoformat(part) for part in hours.split("-"))
    return start <= now < end if start <= end else now >= start or now < end


def asks_with(request: Request, name: str, value: str) -> bool:
    """Returns True when a field *name* of the request, at any depth, equals *value*."""
    if request.params.get(name) == value or request.query.get(name) == value:
        return True
    if request.body.lstrip()[:1] == b"<":
        element = request.soap
        return element is not None and any((leaf.text or "").strip() == value for leaf in element.iter(f"{{*}}{name}"))
    return any(held == name and str(leaf) == value for held, leaf in _leaves(request.fields))


def asks_for(request: Request, key: str) -> bool:
    """Returns True when any field of the request equals *key*."""
    if key in request.params.values() or key in request.query.values():
        return True
    if request.body.lstrip()[:1] == b"<":
        element = request.soap
        return element is not None and any((leaf.text or "").strip() == key for leaf in element.iter("*"))
    return any(leaf == key for _, leaf in _leaves(request.fields))


def _leaves(value: object) -> Iterable[tuple[str, object]]:
    """Yields each leaf value with the name of its field."""
    waiting: list[tuple[str, object]] = [("", value)]
    while waiting:
        name, inner = waiting.pop()
        if isinstance(inner, dict):
            waiting.extend(inner.items())
        elif isinstance(inner, list):
            waiting.extend((name, item) for item in inner)
        else:
            yield name, inner


@dataclass(frozen=True, slots=True)
class Strike:
    """The effect of the plan on one request: seconds to wait, and at most one fault that acts."""

    delay_s: float
    kind: AnyKind | None
    label: str


@dataclass(slots=True)
class Faults:
    """The current plan, indexed by call: without faults a request costs one look-up in an empty mapping."""

    _all: tuple[Active, ...] = ()
    by_call: Mapping[tuple[str, str], tuple[Active, ...]] = field(default_factory=dict)
    now: Callable[[], datetime] = real_now
    """The virtual clock; hours, quotas and days of faults follow it."""

    def put(self, plan: Sequence[PlannedFault], services: Mapping[str, Service]) -> None:
        """Replaces the plan and sets all counts to zero.

        Raises:
            UnfitPlan: a system or operation is unknown, or the kind can't strike the named call; nothing changes then.
        """
        self._lay((), {}, plan, services)

    def add(self, plan: Sequence[PlannedFault], services: Mapping[str, Service]) -> None:
        """Appends faults to the plan; the earlier ones keep their counts.

        Raises:
            UnfitPlan: as `put`; also when the plan would have more than `MAX_FAULTS`.
        """
        if len(self._all) + len(plan) > MAX_FAULTS:
            raise UnfitPlan(f"a plan has at most {MAX_FAULTS} faults; DELETE /__mock/faults removes the current ones")
        self._lay(self._all, self.by_call, plan, services)

    def _lay(
        self,
        before: tuple[Active, ...],
        laid: Mapping[tuple[str, str], tuple[Active, ...]],
        plan: Sequence[PlannedFault],
        services: Mapping[str, Service],
    ) -> None:
        by_call = dict(laid)
        added = []
        today = self.now().date()
        for position, planned in enumerate(plan):
            ranges = () if planned.requests == "all" else tuple(_ranges(planned.requests))
            active = Active(planned, random.Random(planned.seed), ranges, today)
            added.append(active)
            try:
                places = _struck_places(planned, services)
            except UnfitPlan as unfit:
                unfit.position = position
                raise
            for place in places:
                by_call[place] = (*by_call.get(place, ()), active)
        self._all, self.by_call = (*before, *added), by_call

    def clear(self) -> None:
        self._all, self.by_call = (), {}

    def as_json(self) -> dict[str, object]:
        """Returns the plan in the form that `PUT` accepts, and how often each fault matched and struck."""
        return {
            "faults": [_shown(active.planned) for active in self._all],
            "counts": [{"matched": active.matched, "struck": active.struck} for active in self._all],
        }

    def strike(self, place: tuple[str, str], request: Request) -> Strike | None:
        """Returns the effect on *request*: latencies add up; of the other faults the first that strikes acts."""
        delay_s = 0.0
        acting: AnyKind | None = None
        labels: list[str] = []
        now = self.now()
        for active in self.by_call.get(place, ()):
            if not active.hits(place[0], request, now):
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


def _shown(planned: PlannedFault) -> dict[str, object]:
    shown = planned.model_dump(exclude_none=True)
    if not planned.match:
        del shown["match"]
    return shown


def _struck_places(planned: PlannedFault, services: Mapping[str, Service]) -> list[tuple[str, str]]:
    if planned.system != ANY:
        return [(planned.system, name) for name in _struck_calls(planned, services)]
    places = [
        (service.name, call.name)
        for service in services.values()
        for call in service.calls
        if misfit(planned.fault, call, named=False) is None
    ]
    if not places:
        raise UnfitPlan(f"{planned.fault.kind} does not fit a call of any system")
    return list(dict.fromkeys(places))


def _struck_calls(planned: PlannedFault, services: Mapping[str, Service]) -> list[str]:
    service = services.get(planned.system)
    if service is None:
        raise UnfitPlan(f"unknown system {planned.system!r}", systems=sorted(services))
    kind = planned.fault
    if planned.operation == ANY:
        fitting = [call.name for call in service.calls if misfit(kind, call, named=False) is None]
        if not fitting:
            reasons = {
                c.name: misfit(kind, c, named=True) for c in service.calls if c.kind not in {"token", "document"}
            }
            raise UnfitPlan(f"{kind.kind} does not fit a call of {planned.system}", reasons=reasons)
        return list(dict.fromkeys(fitting))  # several paths may share one name
    named = [call for call in service.calls if call.name == planned.operation]
    if not named:
        names = sorted({call.name for call in service.calls})
        raise UnfitPlan(f"{planned.system} has no operation {planned.operation!r}", operations=names)
    for call in named:
        if (reason := misfit(kind, call, named=True)) is not None:
            raise UnfitPlan(f"{kind.kind} does not fit {planned.operation}: {reason}")
    return [planned.operation]
