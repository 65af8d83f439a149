"""A made-up system that takes orders, with every bad day that a real one can have, and lines that lead to it."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

import orjson

from gateway.core.call import Call, Rendered, Trace
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.durable import (
    CannotTell,
    CaseRecord,
    CaseView,
    DurableOrder,
    Following,
    Look,
    NotThere,
    Repeat,
    There,
)
from gateway.core.operation import Operation
from gateway.core.problems import (
    AlreadyReceived,
    CallerError,
    Conflict,
    CutOff,
    Failing,
    InvalidRequest,
)
from gateway.durable.accept import Acceptor, AcceptOrder
from gateway.durable.following import Followed, Looking
from gateway.durable.orders import Errand, Line
from gateway.durable.release import Releases
from gateway.durable.sending import Sending
from gateway.durable.store import Store
from gateway.durable.worker import Worker, WorkerSettings

Mood = Literal["well", "down", "refuses", "lost", "late", "never", "held", "stopped", "hangs"]
"""well; no answer and nothing done; a refusal of this message; done, and the answer lost; done later, and no answer;
the bytes left and nothing is ever done; as *well*, once :attr:`Toy.go` is set; the same, and the bytes wait too; done
at once, and answered when it is set."""


class ToyOrder(Canonical):
    dossier_code: str
    number: int = 1


class ToyState(Canonical):
    dossier_code: str
    state: str = "received"
    source_id: str | None = None


TAKE: Final = Operation(
    name="take",
    query=ToyOrder,
    answer=ToyState,
    path="orders",
    method="POST",
    effect="write",
    success=202,
    summary="Takes an order",
    idempotency_key=True,
    deadline_s=5,
)
LOOK: Final = Operation(name="look", query=ToyOrder, answer=ToyState, path="orders/{dossier_code}", summary="Looks")


@dataclass
class Toy:
    """The system: *arrived* are all messages in order, *accepted* those that it did."""

    repeat: Repeat = "refused"
    mood: Mood = "well"
    of: dict[str, Mood] = field(default_factory=dict)
    """Moods by dossier, before *mood*."""
    once: set[str] = field(default_factory=set)
    """Dossiers whose mood in *of* ends with the next message."""
    cannot_tell: bool = False
    arrived: list[tuple[str, int]] = field(default_factory=list)
    accepted: list[tuple[str, int]] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    under_way: list[tuple[str, int]] = field(default_factory=list)
    asked: Counter[str] = field(default_factory=Counter)
    go: asyncio.Event = field(default_factory=asyncio.Event)
    awaited: int = 0
    enough: asyncio.Event = field(default_factory=asyncio.Event)
    left: list[tuple[str, int]] = field(default_factory=list)
    """All messages whose bytes left a gateway, in order."""
    held: list[tuple[str, int]] = field(default_factory=list)
    standing: int = 0
    """Exchanges that wait for *go*."""
    stood: asyncio.Event = field(default_factory=asyncio.Event)

    def mood_for(self, dossier: str) -> Mood:
        """The mood in which a message of *dossier* is met."""
        mood = self.of.get(dossier, self.mood)
        if dossier in self.once:
            self.once.discard(dossier)
            self.of.pop(dossier, None)
        return mood

    def may_come(self, message: tuple[str, int]) -> bool:
        """Whether a copy of *message* has left and may still be accepted, or was."""
        return message in self.accepted or message in self.under_way or message in self.held

    async def stand_still(self) -> None:
        """Waits for *go*."""
        self.standing += 1
        self.stood.set()
        try:
            await self.go.wait()
        finally:
            self.standing -= 1

    def come_back(self) -> None:
        """What stands still goes on; what comes from now on may stand still again."""
        self.go.set()
        self.go = asyncio.Event()

    async def stand_on_the_way(self, message: tuple[str, int]) -> None:
        """Waits for *go* with bytes that have left: they may arrive although their gateway dies."""
        self.held.append(message)
        try:
            await self.stand_still()
        except asyncio.CancelledError:
            self.under_way.append(message)
            raise
        finally:
            self.held.remove(message)

    def works(self, dossier: str, number: int) -> bool:
        """The message arrives; False where the system says that it has it."""
        self.arrived.append((dossier, number))
        if self.repeat != "adds" and (dossier, number) in self.accepted:
            if self.repeat == "overwrites":
                self.accepted.append((dossier, number))
            return self.repeat != "refused"
        self.accepted.append((dossier, number))
        if len(self.accepted) == self.awaited:
            self.enough.set()
        self.states.setdefault(dossier, "received")
        return True

    async def has_accepted(self, number: int) -> None:
        """Waits until the system has accepted *number* orders."""
        self.awaited = number
        if len(self.accepted) < number:
            await self.enough.wait()

    def let_arrive(self) -> None:
        """What is under way arrives."""
        late, self.under_way = self.under_way, []
        for message in late:
            self.works(*message)


@dataclass(frozen=True)
class ToyUpstream:
    """The system as one errand sees it."""

    toy: Toy
    errand: Errand

    async def submit(self, order: ToyOrder) -> ToyState:
        mood = self.toy.mood_for(order.dossier_code)
        if mood == "down":
            raise Failing("down", reason="unreachable", may_have_arrived=False)
        message = order.dossier_code, order.number
        if mood == "stopped":
            await self.toy.stand_still()
        if self.errand.gate is not None:
            await self.errand.gate.release()
            self.toy.left.append(message)
            self.errand.gate.left()
        if mood == "held":
            await self.toy.stand_on_the_way(message)
        if mood == "refuses":
            raise InvalidRequest("refused", reason="incomplete", may_have_arrived=False)
        if mood == "late":
            self.toy.under_way.append(message)
        elif mood != "never" and not self.toy.works(*message) and not self.errand.may_have_arrived:
            raise AlreadyReceived(reason="already_received")
        if mood == "hangs":
            await self.toy.stand_still()
        if mood in {"lost", "late", "never"}:
            raise CutOff("lost", reason="cut_off", may_have_arrived=True)
        return ToyState(dossier_code=order.dossier_code)

    async def look(self, order: ToyOrder) -> Look:
        self.toy.asked[order.dossier_code] += 1
        if self.toy.of.get(order.dossier_code, self.toy.mood) == "down":
            raise Failing("down", reason="unreachable", may_have_arrived=False)
        if self.toy.cannot_tell:
            return CannotTell("cannot_tell")
        there = (order.dossier_code, order.number) in self.toy.accepted
        return There(ToyState(dossier_code=order.dossier_code)) if there else NotThere()


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


def admit(order: ToyOrder, known: CaseView | None) -> CallerError | None:
    return Conflict() if known is not None and order.number == 1 and known.state != "cancelled" else None


def present(record: CaseRecord) -> ToyState:
    return ToyState(dossier_code=record.key, state=record.state)


def line_to(toy: Toy, *, followed: bool = True, **more: Any) -> Line:
    """The line of ``toy.take``; *more* changes the declaration."""
    order = DurableOrder(
        operation=TAKE,
        key_of=lambda query: str(query.dossier_code),
        check=check,
        admit=admit,
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
    step: AcceptOrder

    async def order(
        self, dossier: str, number: int = 1, *, key: str | None = None, caller: str = "portal"
    ) -> tuple[dict[str, object], bool]:
        """The answer to an order, and whether it was given before."""
        call = Call(
            connector="toy",
            operation=TAKE,
            query=ToyOrder(dossier_code=dossier, number=number),
            caller=caller,
            request_id="r",
            expires_at=1e12,
            trace=Trace(0.0),
            idempotency_key=key,
        )
        answer = await self.step(call)
        assert isinstance(answer.value, Rendered)
        return orjson.loads(answer.value.data), answer.repeated

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
    store: Store, toy: Toy, clock: Clock, *, name: str = "one", lease_s: float = 60.0, dice: int = 1, **more: Any
) -> Office:
    """An office over *store*; *more* changes the declaration."""
    line = line_to(toy, **more)

    async def look(query: ToyOrder, upstream: ToyUpstream) -> ToyState | None:
        toy.asked[query.dossier_code] += 1
        state = toy.states.get(query.dossier_code)
        return None if state is None else ToyState(dossier_code=query.dossier_code, state=state)

    followed = (
        []
        if line.following is None
        else [Followed(line=line, following=line.following, look=look, fetch=None, check=None)]
    )
    random_ = random.Random(dice)
    releases = Releases(store, clock.now)
    worker = Worker(
        store,
        clock,
        [line],
        followed,
        sending=Sending(store.cipher, releases, lease_s, random_),
        looking=Looking(store.cipher, random_),
        releases=releases,
        settings=WorkerSettings(name=name, lease_s=lease_s),
    )
    acceptor = Acceptor(store, clock, worker.wake)
    await acceptor.open()
    await releases.open()
    return Office(store, line, acceptor, releases, worker, AcceptOrder(line, acceptor, store, clock, rendered))
