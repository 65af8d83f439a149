"""The lines of one configuration: which operations are durable, how the worker reaches each upstream, what is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from gateway.core.call import Answer, Call, Rendered, Trace
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.connector import Binding
from gateway.core.feeds import FeedSource
from gateway.core.operation import Operation
from gateway.core.steps import Next
from gateway.core.upstream import Officer, Upstream
from gateway.durable.accept import Acceptor, AcceptOrder
from gateway.durable.event_streams import EventStreams
from gateway.durable.following import Followed
from gateway.durable.kept_cases import CancelOrder, ReadCase, ReadFile
from gateway.durable.orders import Errand, Line
from gateway.durable.settings import StreamSettings
from gateway.durable.store import Store
from gateway.papers.check import PaperCheck
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.operation.call_connector import BoundUpstream, render
from gateway.pipeline.upstream.breaker import Closed, HalfOpen
from gateway.registry import OperationPlan, Plan, UpstreamPlan
from gateway.webhooks import WebhookWays


@dataclass(frozen=True, slots=True)
class RingRoad:
    """The way to one upstream through its ring. *clock* is the machine's: deadlines are real time."""

    plan: UpstreamPlan
    ring: UpstreamRing
    clock: Clock
    officer_of: Callable[[Call], Officer | None]

    def upstream(self, errand: Errand) -> Upstream[Any]:
        """See :class:`gateway.durable.orders.Road`."""
        now = self.clock.monotonic()
        call = Call(
            connector=self.plan.connector,
            operation=errand.operation,
            query=errand.query,
            caller=errand.caller,
            request_id=errand.request_id,
            expires_at=now + errand.seconds,
            trace=Trace(now),
            purpose=errand.purpose,
            idempotency_key=errand.token,
            may_have_arrived=errand.may_have_arrived,
            form=errand.form,
            priority="batch",
        )
        return BoundUpstream(
            self.plan.settings, call, self.officer_of(call), self.ring.run, self.clock, gate=errand.gate
        )

    def room(self) -> int:
        """See :class:`gateway.durable.orders.Road`."""
        if self.ring.scarce():
            return 0
        match self.ring.breaker.state:
            case Closed():
                return self.plan.policies.bulkhead.limit
            case HalfOpen():
                return 1
            case _:
                return 0

    def daily_quota(self) -> tuple[int | None, float]:
        """See :class:`gateway.durable.orders.Road`."""
        quota = self.ring.quota
        return (None, 86_400.0) if quota is None else (quota.remaining, quota.day_left_s)


class Accepting(Protocol):
    """The parts of a process that the rings of durable operations end in."""

    store: Store
    business: Clock
    acceptor: Acceptor
    streams: EventStreams

    def accepted(self) -> None:
        """Tells that there is work."""
        ...

    def adopt(self, lines: OrderLines) -> None:
        """Goes by *lines* from now on."""
        ...


@dataclass(frozen=True, slots=True)
class OrderLines:
    """The durable operations of one configuration, the cases that it follows, and its webhooks."""

    by_operation: Mapping[str, Line]
    """By ``connector.operation``; without those of webhooks."""
    followed: Sequence[Followed]
    webhooks: WebhookWays
    streams: StreamSettings
    office: Accepting

    @property
    def all(self) -> list[Line]:
        """The lines, those of webhooks among them."""
        return [*self.by_operation.values(), *(line for _, line in self.webhooks.entries)]

    def adopt(self) -> None:
        """Lets the worker go by these lines from now on; what is under way ends as it began."""
        self.office.adopt(self)

    async def close(self, heirs: Sequence[object] = ()) -> None:
        """Closes the connections to webhooks, but those that one of *heirs* has."""
        await self.webhooks.close(heir.webhooks for heir in heirs if isinstance(heir, OrderLines))

    def keeps(self, item: OperationPlan) -> bool:
        """Whether orders of *item* are accepted into the store."""
        return f"{item.system}.{item.operation.name}" in self.by_operation

    def feed(self, item: OperationPlan) -> FeedSource | None:
        """The events of the records that *item* answers about; None where none are kept."""
        for line in self.by_operation.values():
            following = line.following
            if (
                following is not None
                and line.order.opens_case
                and line.system == item.system
                and following.operation.name == item.operation.name
            ):
                return partial(self.office.streams.subscribe, line.system, following)
        return None

    def step(self, item: OperationPlan, asked: Next[Call, Answer]) -> Next[Call, Answer]:
        """The innermost step of *item*'s ring: accepts, or reads the store; or *asked*, which asks the source."""
        office = self.office
        name = f"{item.system}.{item.operation.name}"
        if (line := self.by_operation.get(name)) is not None:
            return AcceptOrder(line, office.acceptor, office.store, office.business, _rendered)
        durable = item.upstream.dialect.durable
        for one in self.by_operation.values():
            following = one.following
            if following is None or one.system != item.system or not one.order.opens_case:
                continue
            if durable is not None and durable.cancel is not None and durable.cancel.name == item.operation.name:
                return CancelOrder(office.store, one, following, office.business, _rendered, asked, office.accepted)
            if following.operation.name == item.operation.name:
                return ReadCase(office.store, one, following, office.business, _rendered, asked)
            if following.file_operation is not None and following.file_operation.name == item.operation.name:
                return ReadFile(office.store, one, following, office.business, asked)
        return asked


def _rendered(value: Canonical, call: Call) -> Rendered:
    return render(value, call)


def order_lines(
    planned: Plan,
    rings: Mapping[tuple[str, str], UpstreamRing],
    clock: Clock,
    officer_of: Callable[[Call], Officer | None],
) -> dict[str, Line]:
    """The durable operations of this deployment by ``connector.operation``."""
    found = {}
    for item in planned.operations:
        durable = item.upstream.dialect.durable
        order = durable.order_of(item.operation) if durable is not None else None
        if durable is None or order is None:
            continue
        up = item.upstream
        line = Line(
            system=item.system,
            upstream=up.name,
            order=order,
            following=durable.following,
            road=RingRoad(up, rings[up.connector, up.name], clock, officer_of),
            settings=up.settings,
            deadline_s=item.operation.deadline_s,
            connector=None if item.system == item.connector.name else item.connector.name,
        )
        found[line.operation] = line
    return found


def followed(planned: Plan, known: Mapping[str, Line]) -> list[Followed]:
    """The systems whose cases are followed, each by the line that opens them."""
    found = []
    for line in known.values():
        following = line.following
        if following is None or not line.order.opens_case:
            continue
        dialect = next(
            item.upstream.dialect
            for item in planned.operations
            if item.system == line.system and item.upstream.name == line.upstream
        )
        look = bound_to(dialect.calls, following.operation)
        if not following.looks:
            continue
        assert look is not None, "a dialect that follows cases answers for their state"
        fetch = bound_to(dialect.calls, following.file_operation)
        found.append(Followed(line=line, following=following, look=look, fetch=fetch, check=PaperCheck()))
    return found


def bound_to(calls: Sequence[Binding], operation: Operation[Any, Any] | None) -> Callable[[Any, Any], Any] | None:
    """The function of *calls* that answers *operation*; None where there is none."""
    return next((one.run for one in calls if operation is not None and one.operation.name == operation.name), None)
