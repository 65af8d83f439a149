"""Lines that lead to a made-up system, and the office of one gateway, which is driven turn by turn."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Final

import orjson

from gateway.core.call import Call, Rendered, Trace
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.durable import (
    CaseRecord,
    CaseView,
    DurableOrder,
    Following,
    Hold,
    SentBefore,
)
from gateway.core.operation import Operation
from gateway.core.problems import (
    CallerError,
    Conflict,
    InvalidRequest,
)
from gateway.durable.accept import Acceptor, AcceptOrder
from gateway.durable.claiming import WorkerSettings
from gateway.durable.following import Followed, Looking
from gateway.durable.opened import OpenedOrders
from gateway.durable.orders import Errand, Line
from gateway.durable.placing import MOST_HELD
from gateway.durable.release import Releases
from gateway.durable.sending import Sending
from gateway.durable.store import Store
from gateway.durable.worker import Worker
from tests.support.toy_system import LOOK, STEP, TAKE, Mood, Toy, ToyOrder, ToyState, ToyUpstream

__all__ = [
    "LOOK",
    "PREPARED",
    "STEP",
    "TAKE",
    "Mood",
    "Office",
    "Toy",
    "ToyOrder",
    "ToyRoad",
    "ToyState",
    "ToyUpstream",
    "in_lists",
    "line_to",
    "open_office",
]


@dataclass(frozen=True)
class ToyRoad:
    toy: Toy
    most: int = 20

    def upstream(self, errand: Errand) -> Any:
        return ToyUpstream(self.toy, errand)

    def room(self) -> int:
        return self.most

    def daily_quota(self) -> tuple[int | None, float]:
        return None, 86_400.0


def check(order: ToyOrder, settings: object, today: date) -> None:
    del settings, today
    if order.number < 1:
        raise InvalidRequest


def admit(order: ToyOrder, known: CaseView | None, _settings: object) -> CallerError | None:
    return Conflict() if known is not None and order.number == 1 and known.state != "cancelled" else None


def present(record: CaseRecord) -> ToyState:
    return ToyState(dossier_code=record.key, state=record.state)


def in_lists(most: int, *, ask: bool = False) -> dict[str, Any]:
    """Changes of the declaration: lists of at most *most* orders; *ask*: they are asked for in lists too."""
    found: dict[str, Any] = {
        "send_many": lambda orders, upstream: upstream.submit_many(orders),
        "most_in_list": lambda _: most,
    }
    return {**found, "ask_many": lambda orders, upstream: upstream.look_many(orders)} if ask else found


async def _prepare(order: ToyOrder, upstream: Any, before: SentBefore) -> str:
    return "proven" if before.nothing_sent else str(await upstream.prepare(order))


PREPARED: Final[dict[str, Any]] = {"prepare": _prepare}
"""Changes of the declaration: the form of each order is chosen before it goes."""


def line_to(toy: Toy, *, followed: bool = True, looks: bool = True, **more: Any) -> Line:
    """The line of ``toy.take``; *more* changes the declaration. *looks*: whether its cases are polled."""
    order = DurableOrder(
        operation=TAKE,
        key_of=lambda query: str(query.dossier_code),
        check=check,
        admit=more.pop("admit", admit),
        accepted=lambda query: ToyState(dossier_code=query.dossier_code, state="accepted"),
        send=lambda query, upstream: upstream.submit(query),  # type: ignore[attr-defined]
        ask=lambda query, upstream: upstream.look(query),  # type: ignore[attr-defined]
        repeat=toy.repeat,
        opens_case=True,
        **more,
    )
    following = Following(
        question=lambda key: ToyOrder(dossier_code=key),
        key_of=lambda query: str(query.dossier_code),
        operation=LOOK,
        looks=looks,
        ended=frozenset({"issued"}),
        present=present,
    )
    return Line(
        system="toy",
        upstream="toy",
        order=order,
        following=following if followed else None,
        road=ToyRoad(toy),
        settings=None,
        deadline_s=TAKE.deadline_s,
    )


def admit_step(order: ToyOrder, known: CaseView | None, settings: object) -> CallerError | Hold | None:
    """A step waits for its case, and does not come after a later one."""
    if known is None:
        return Hold("never_opened")
    late = known.last_order is not None and place_of_step(order, settings) < known.last_order
    return Conflict(reason="later_step_sent") if late else None


def place_of_step(order: ToyOrder, _settings: object) -> str:
    return f"{order.number:06}"


def step_line(opening: Line, **more: Any) -> Line:
    """The line of ``toy.step`` beside that of ``toy.take``; *more* changes the declaration."""
    step = replace(
        opening.order,
        operation=STEP,
        opens_case=False,
        admit=admit_step,
        replaces=lambda _: False,
        held=lambda query: ToyState(dossier_code=query.dossier_code, state="held"),
        order_of=place_of_step,
        same_as=lambda query: place_of_step(query, None).encode(),
    )
    return replace(opening, order=replace(step, **more))


def rendered(value: Canonical, call: Call) -> Rendered:
    del call
    return Rendered(value.model_dump_json().encode(), 'W/"toy"')


@dataclass
class Office:
    """One gateway's part: it accepts, and its worker is driven turn by turn."""

    store: Store
    line: Line
    acceptor: Acceptor
    releases: Releases
    worker: Worker
    accepting: dict[str, AcceptOrder]

    async def order(
        self,
        dossier: str,
        number: int = 1,
        *,
        key: str | None = None,
        caller: str = "portal",
        operation: Operation[Any, Any] = TAKE,
    ) -> tuple[dict[str, object], bool]:
        """The answer to an order, and whether it was given before."""
        call = Call(
            connector="toy",
            operation=operation,
            query=ToyOrder(dossier_code=dossier, number=number),
            caller=caller,
            request_id="r",
            expires_at=1e12,
            trace=Trace(0.0),
            idempotency_key=key,
        )
        answer = await self.accepting[operation.name](call)
        assert isinstance(answer.value, Rendered)
        return orjson.loads(answer.value.data), answer.repeated

    async def take_step(self, dossier: str, number: int, caller: str = "portal") -> tuple[str, bool]:
        """The state in the answer to a step, and whether it was given before."""
        answer, repeated = await self.order(dossier, number, caller=caller, operation=STEP)
        return str(answer["state"]), repeated

    async def work(self, turns: int = 3) -> None:
        """Some turns of the worker, each with what it began."""
        for _ in range(turns):
            await self.worker.turn()
            await self.worker.quiet()

    async def close(self) -> None:
        await self.worker.close(0.0)
        await self.releases.close()
        await self.acceptor.close()

    async def die(self) -> None:
        """Ends as by SIGKILL: nothing that is not committed is written any more."""
        for task in self.worker.under_way:
            task.cancel()
        await asyncio.gather(*self.worker.under_way, return_exceptions=True)
        await self.releases.close()
        await self.acceptor.close()


async def open_office(
    store: Store,
    toy: Toy,
    clock: Clock,
    *,
    name: str = "one",
    lease_s: float = 60.0,
    dice: int = 1,
    steps: dict[str, Any] | None = None,
    most_held: int = MOST_HELD,
    **more: Any,
) -> Office:
    """An office over *store*; *more* changes the declaration, *steps* that of the steps of cases."""
    line = line_to(toy, **more)
    lines = [line, step_line(line, **(steps or {}))]

    async def look(query: ToyOrder, upstream: ToyUpstream) -> ToyState | None:
        toy.asked[query.dossier_code] += 1
        state = toy.states.get(query.dossier_code)
        return None if state is None else ToyState(dossier_code=query.dossier_code, state=state)

    followed = (
        []
        if line.following is None or not line.following.looks
        else [Followed(line=line, following=line.following, look=look, fetch=None, check=None)]
    )
    random_, opened = random.Random(dice), OpenedOrders()
    releases = Releases(store, clock.now)
    worker = Worker(
        store,
        clock,
        lines,
        followed,
        sending=Sending(store.cipher, releases, lease_s, random_, opened),
        looking=Looking(store.cipher, random_),
        releases=releases,
        settings=WorkerSettings(name=name, lease_s=lease_s),
    )
    acceptor = Acceptor(store, clock, worker.wake, most_held=most_held, opened=opened)
    await acceptor.open()
    await releases.open()
    accepting = {one.order.operation.name: AcceptOrder(one, acceptor, store, clock, rendered) for one in lines}
    return Office(store, line, acceptor, releases, worker, accepting)
