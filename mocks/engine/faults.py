"""Faults by plan: which requests are struck, counted from the moment the plan was put."""

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
#: What a plan may hold in all: many, and still a bound.
MAX_FAULTS: Final = 1_000
#: Every system, and every call that the kind fits.
ANY: Final = "*"


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
    """The connector's name, or `*`: every system."""
    operation: str = ANY
    """The national call's name, or `*`: every call that the kind fits."""
    requests: Annotated[str, AfterValidator(_well_formed)] = "all"
    """Ordinals of matching requests since the fault was put: `all`, `1-2,5`."""
    probability: float = Field(default=1.0, ge=0, le=1)
    seed: int = 0
    """Of the probability and of drawn latencies."""
    key: str | None = Field(default=None, min_length=1)
    """Only requests that ask with this value in any field."""
    match: dict[Annotated[str, Field(min_length=1)], str] = Field(default_factory=dict)
    """Only requests in which each of these fields, wherever it stands, has this value: `{msdn: "0101248141"}`."""
    between: str | None = Field(default=None, pattern=rf"^{_HOUR}-{_HOUR}$")
    """Only at these hours of the virtual clock, `22:00-05:00` (Vietnam); the end is outside."""
    beyond_per_day: int | None = Field(default=None, ge=0)
    """Only once a system has had so many matching requests on one virtual day: a quota."""
    for_days: int | None = Field(default=None, ge=1)
    """Only on the first so many virtual days, that on which the fault was put among them."""
    fault: OneKind

    @model_validator(mode="after")
    def _names_a_system_for_an_operation(self) -> Self:
        if self.system == ANY and self.operation != ANY:
            raise ValueError(f"operation {self.operation!r} belongs to one system: name it in place of *")
        return self


class Plan(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    faults: tuple[PlannedFault, ...] = Field(strict=False, max_length=MAX_FAULTS)


class UnfitPlan(Exception):
    """The plan names what does not exist, or a call that its kind can't strike."""

    def __init__(self, message: str, **exists: object) -> None:
        super().__init__(message)
        self.exists = exists
        self.position = 0
        """Which fault of the plan is meant, from 0."""


@dataclass(slots=True)
class Active:
    """A planned fault at work."""

    planned: PlannedFault
    dice: random.Random
    ranges: tuple[tuple[int, int], ...]
    since: date
    """The virtual day on which it was put."""
    matched: int = 0
    struck: int = 0
    _day: date | None = None
    _of_day: Counter[str] = field(default_factory=Counter)

    def hits(self, system: str, request: Request, now: datetime) -> bool:
        """Counts the request if it matches, and says whether it is one that the fault is meant for."""
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
        # Drawn for each matching request, so that ordinals do not shift the sequence of a seed.
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
    """Whether a field *name* of the question, at any depth, holds exactly *value*."""
    if request.params.get(name) == value or request.query.get(name) == value:
        return True
    if request.body.lstrip()[:1] == b"<":
        element = request.soap
        return element is not None and any((leaf.text or "").strip() == value for leaf in element.iter(f"{{*}}{name}"))
    return any(held == name and str(leaf) == value for held, leaf in _leaves(request.fields))


def asks_for(request: Request, key: str) -> bool:
    """Whether any field of the question holds exactly *key*."""
    if key in request.params.values() or key in request.query.values():
        return True
    if request.body.lstrip()[:1] == b"<":
        element = request.soap
        return element is not None and any((leaf.text or "").strip() == key for leaf in element.iter("*"))
    return any(leaf == key for _, leaf in _leaves(request.fields))


def _leaves(value: object) -> Iterable[tuple[str, object]]:
    """Each value that holds no others, with the name under which it stands."""
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
    """What the plan does to one request: seconds to wait, and the fault that acts, if any."""

    delay_s: float
    kind: AnyKind | None
    label: str


@dataclass(slots=True)
class Faults:
    """The plan at work, laid out by call, so that a calm call costs one look into an empty mapping."""

    _all: tuple[Active, ...] = ()
    by_call: Mapping[tuple[str, str], tuple[Active, ...]] = field(default_factory=dict)
    now: Callable[[], datetime] = real_now
    """The virtual clock, which hours, quotas and days of faults follow."""

    def put(self, plan: Sequence[PlannedFault], services: Mapping[str, Service]) -> None:
        """Replaces the plan and counts anew.

        Raises:
            UnfitPlan: unknown system or operation, or a named call that the kind can't strike; nothing changes then.
        """
        self._lay((), {}, plan, services)

    def add(self, plan: Sequence[PlannedFault], services: Mapping[str, Service]) -> None:
        """Puts faults behind those that are, which go on counting.

        Raises:
            UnfitPlan: as `put`; also where the plan would grow beyond `MAX_FAULTS`.
        """
        if len(self._all) + len(plan) > MAX_FAULTS:
            raise UnfitPlan(f"a plan holds {MAX_FAULTS} faults; DELETE /__mock/faults clears those that are")
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
        """The plan, fit to be put again, and beside it how often each fault matched and struck."""
        return {
            "faults": [_shown(active.planned) for active in self._all],
            "counts": [{"matched": active.matched, "struck": active.struck} for active in self._all],
        }

    def strike(self, place: tuple[str, str], request: Request) -> Strike | None:
        """What happens to *request*: latencies add up, and the first other fault that strikes acts."""
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
        raise UnfitPlan(f"{planned.fault.kind} fits no call of any system")
    return list(dict.fromkeys(places))


def _struck_calls(planned: PlannedFault, services: Mapping[str, Service]) -> list[str]:
    service = services.get(planned.system)
    if service is None:
        raise UnfitPlan(f"no system {planned.system!r}", systems=sorted(services))
    kind = planned.fault
    if planned.operation == ANY:
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
