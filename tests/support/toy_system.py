"""A made-up system that takes orders, one by one and in lists, with every bad day that a real one can have."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.core.canonical import Canonical
from gateway.core.durable import CannotTell, Look, NotThere, Repeat, There
from gateway.core.operation import Operation
from gateway.core.problems import AlreadyReceived, CutOff, Failing, GatewayError, InvalidRequest
from gateway.durable.orders import Errand

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
STEP: Final = Operation(
    name="step",
    query=ToyOrder,
    answer=ToyState,
    path="orders/{dossier_code}/steps",
    method="POST",
    effect="write",
    success=202,
    summary="Takes a step of an order",
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
    has_no_question: bool = False
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
    lists: list[list[int]] = field(default_factory=list)
    """Of each list whose bytes left, the numbers of its orders."""
    refuses_whole: bool = True
    """A list with an order that is refused is refused whole; else that order alone."""
    forms: list[tuple[tuple[str, int], str | None]] = field(default_factory=list)
    """Of each message whose bytes left, its form."""
    prepared: Counter[str] = field(default_factory=Counter)
    changed_forms: list[tuple[str, int]] = field(default_factory=list)
    """Messages that left in another form while a copy had arrived or could still arrive."""

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

    async def stand_on_the_way(self, *messages: tuple[str, int]) -> None:
        """Waits for *go* with bytes that have left: they may arrive although their gateway dies."""
        self.held += messages
        try:
            await self.stand_still()
        except asyncio.CancelledError:
            self.under_way += messages
            raise
        finally:
            for message in messages:
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
        await self._leave(message)
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

    async def _leave(self, *messages: tuple[str, int]) -> None:
        if self.errand.gate is not None:
            await self.errand.gate.release()
            self.toy.left += messages
            for one in messages:
                before = [form for message, form in self.toy.forms if message == one]
                if self.toy.may_come(one) and before and before[-1] != self.errand.form:
                    self.toy.changed_forms.append(one)
                self.toy.forms.append((one, self.errand.form))
            self.errand.gate.left()

    async def submit_many(self, orders: Sequence[ToyOrder]) -> list[ToyState | GatewayError]:
        """One exchange with all of *orders*; the worst mood of their dossiers is that of the exchange."""
        toy = self.toy
        moods = [toy.mood_for(order.dossier_code) for order in orders]
        if "down" in moods:
            raise Failing("down", reason="unreachable", may_have_arrived=False)
        messages = [(order.dossier_code, order.number) for order in orders]
        if "stopped" in moods:
            await toy.stand_still()
        await self._leave(*messages)
        toy.lists.append([number for _, number in messages])
        if "held" in moods:
            await toy.stand_on_the_way(*messages)
        if "refuses" in moods and toy.refuses_whole:
            raise InvalidRequest("refused", reason="incomplete", may_have_arrived=False)
        answers = [self._one_of_a_list(message, mood) for message, mood in zip(messages, moods, strict=True)]
        if "hangs" in moods:
            await toy.stand_still()
        if {"lost", "late", "never"} & set(moods):
            raise CutOff("lost", reason="cut_off", may_have_arrived=True)
        return answers

    def _one_of_a_list(self, message: tuple[str, int], mood: Mood) -> ToyState | GatewayError:
        if mood == "refuses":
            return InvalidRequest("refused", reason="incomplete", may_have_arrived=False)
        if mood == "late":
            self.toy.under_way.append(message)
        elif mood != "never" and not self.toy.works(*message):
            return AlreadyReceived(reason="already_received")
        return ToyState(dossier_code=message[0])

    async def look_many(self, orders: Sequence[ToyOrder]) -> list[Look | GatewayError]:
        return [await self.look(order) for order in orders]

    async def prepare(self, order: ToyOrder) -> str:
        """The form of an order says how many of its dossier the system has: it differs for each copy."""
        self.toy.prepared[order.dossier_code] += 1
        if self.toy.of.get(order.dossier_code, self.toy.mood) == "down":
            raise Failing("down", reason="unreachable", may_have_arrived=False)
        return f"after {sum(1 for dossier, _ in self.toy.accepted if dossier == order.dossier_code)}"

    async def look(self, order: ToyOrder) -> Look:
        self.toy.asked[order.dossier_code] += 1
        if self.toy.of.get(order.dossier_code, self.toy.mood) == "down":
            raise Failing("down", reason="unreachable", may_have_arrived=False)
        if self.toy.has_no_question:
            return NotThere(asked=False)
        if self.toy.cannot_tell:
            return CannotTell("cannot_tell")
        message = order.dossier_code, order.number
        if self.toy.repeat == "overwrites":
            ours = [one for one in self.toy.accepted if one[0] == order.dossier_code]
            there = ours[-1:] == [message]  # what was overwritten is read no more
        else:
            there = message in self.toy.accepted
        return There(ToyState(dossier_code=order.dossier_code)) if there else NotThere()
