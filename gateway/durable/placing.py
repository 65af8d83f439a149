"""Gives each order of a batch its place: at the end of its lane, before later ones, in place of one, or held.

Lanes, cases and known messages are read once for the batch, and kept true in memory while its orders are placed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal

from gateway.core.durable import CaseView, Hold
from gateway.core.problems import AlreadyReceived, Conflict, GatewayError, NotFound
from gateway.durable import accept_tables as tables
from gateway.durable import events, placing_tables
from gateway.durable.accept_tables import LaneRow, Placed
from gateway.durable.encryption import RowCipher
from gateway.durable.events import CaseEvent
from gateway.durable.lanes import operating
from gateway.durable.lanes.tables import Connection, Proof, proof
from gateway.durable.orders import Accepted, Order
from gateway.durable.placing_tables import KnownMessage

MOST_HELD_IN_LANE: Final = 50
MOST_HELD: Final = 10_000
"""Orders that are held in all lanes; several gateways that accept at once may pass it by a few."""
OTHER_CALLER: Final = "other_caller"


@dataclass(frozen=True, slots=True)
class Place:
    """The place of an order in its lane, and how it comes there."""

    seq: int
    how: Literal["last", "before", "instead"]


def place_of(order: Order, lane: LaneRow, known: Sequence[KnownMessage]) -> Place:
    """The place that *order* takes among the messages of its lane."""
    declared, operation = order.line.order, order.line.operation
    if declared.opens_case and lane.state == "held":
        return Place(lane.head, "before")
    waiting = [one for one in known if one.ended is None and one.seq >= lane.first_unsent]
    newest = waiting[-1] if waiting else None
    if newest is not None and newest.operation == operation and declared.replaces(order.line.settings):
        return Place(newest.seq, "instead")
    if (sort := order.sort) is not None:
        for one in waiting:
            if one.operation == operation and one.sort is not None and one.sort > sort:
                return Place(one.seq, "before")
    return Place(lane.tail + 1, "last")


def last_order(order: Order, lane: LaneRow, known: Sequence[KnownMessage]) -> str | None:
    """The highest place among orders of the same operation that have left or may have left."""
    left = [one for one in known if one.ended == "done" or (one.ended is None and one.seq <= lane.uncertain_until)]
    own = [one.sort for one in left if one.operation == order.line.operation and one.sort is not None]
    return max(own, default=None)


def places(order: Order, known: Sequence[KnownMessage]) -> tuple[str, ...]:
    """The places of the orders of the same operation that the system has or will get."""
    own = [one for one in known if one.operation == order.line.operation and one.ended in {None, "done"}]
    return tuple(one.sort for one in own if one.sort is not None)


def equal_to(order: Order, known: Sequence[KnownMessage]) -> KnownMessage | None:
    """The message that *order* repeats, None where it is new."""
    if order.same is None:
        return None
    own = [one for one in known if one.operation == order.line.operation and one.ended in {None, "done"}]
    if order.line.order.opens_case:
        own = own[-1:]
    return next((one for one in reversed(own) if one.same == order.same), None)


@dataclass(slots=True)
class Batch:
    """Orders that are placed in one transaction."""

    connection: Connection
    cipher: RowCipher
    now: datetime
    most_held: int
    lanes: dict[tuple[str, str], LaneRow] = field(default_factory=dict)
    cases: dict[int, CaseView] = field(default_factory=dict)
    known: dict[int, list[KnownMessage]] = field(default_factory=dict)
    pending: list[Placed] = field(default_factory=list)
    holding: dict[int, str] = field(default_factory=dict)
    told: list[CaseEvent] = field(default_factory=list)
    proof: Proof | None = None
    held: int | None = None
    """Orders that are held in all lanes; None: not counted yet."""

    async def read(self, orders: Sequence[Order]) -> None:
        """Locks the lanes of *orders*, and reads what their places depend on."""
        self.lanes = await tables.lock_lanes(self.connection, {(one.line.system, one.key) for one in orders})
        self.cases = await tables.cases_of(self.connection, [lane.id for lane in self.lanes.values()])
        compared = {(one.line.system, one.key) for one in orders if _is_compared(one)}
        wanted = [
            lane.id
            for name, lane in self.lanes.items()
            if lane.tail and not lane.created and (name in compared or lane.state in {"held", "parked"})
        ]
        self.known = await placing_tables.messages_of(self.connection, wanted)
        if any(one.line.order.prepare is not None for one in orders):
            self.proof = await proof(self.connection)

    async def put(self, order: Order) -> Accepted | GatewayError:
        """Places *order*, or says why not."""
        name = order.line.system, order.key
        if (refused := await self._foreign(order, self.lanes[name])) is not None:
            return refused
        lane = self.lanes[name]
        known = self.known.setdefault(lane.id, [])
        if (first := equal_to(order, known)) is not None:
            return await self._repeat(order, lane, first)
        case = self.cases.get(lane.id)
        others = places(order, known)
        view = case and replace(case, waiting=lane.waiting, last_order=last_order(order, lane, known), places=others)
        said = order.line.order.admit(order.query, view, order.line.settings)
        if isinstance(said, GatewayError):
            return said
        if (misfit := order.line.order.fits(order.query, others, order.line.settings)) is not None:
            return misfit
        held = lane.state == "held" or (isinstance(said, Hold) and lane.waiting <= 0)
        place = place_of(order, lane, known)
        if held and not (order.line.order.opens_case and place.how == "before"):
            if (refused := await self._too_many(lane)) is not None:
                return refused
            return await self._place(order, lane, place, said.reason if isinstance(said, Hold) else "held")
        return await self._place(order, lane, place, None)

    async def end(self) -> None:
        """Writes what is not written yet, and removes lanes in which nothing was placed."""
        await self._write()
        await tables.drop_empty(
            self.connection, [lane.id for lane in self.lanes.values() if lane.created and not lane.tail]
        )

    async def _foreign(self, order: Order, lane: LaneRow) -> GatewayError | None:
        case, opens = self.cases.get(lane.id), order.line.order.opens_case
        if case is not None and case.caller != order.caller:
            # A foreign case is told of to nobody; that its code is taken can't be hidden.
            return AlreadyReceived(reason="already_received") if opens else NotFound(reason="no_record")
        waiting = [one for one in self.known.get(lane.id, ()) if one.ended is None]
        if case is not None or lane.state == "open" or not waiting or waiting[-1].caller == order.caller:
            return None
        if lane.state == "parked" and (not opens or lane.uncertain_until >= lane.head):
            return None
        if not opens:
            return NotFound(reason="no_record")
        # Who opens the case has the dossier: what another caller had sent for it is not the dossier's.
        await self._write()
        await self._take_back(order, lane)
        return None

    async def _take_back(self, order: Order, lane: LaneRow) -> None:
        (locked,) = await operating.lock(self.connection, order.line.system, [order.key])
        await operating.cancel(self.connection, [locked], OTHER_CALLER, self.now)
        detail = {"by": "gateway", "reason": OTHER_CALLER}
        self.told.append(CaseEvent(order.line.system, order.key, self.now, "cancelled", lane.head, detail))
        self.known[lane.id] = []
        self.lanes[order.line.system, order.key] = replace(lane, head=lane.tail + 1, state="open")

    async def _repeat(self, order: Order, lane: LaneRow, first: KnownMessage) -> Accepted:
        waits = lane.state == "held" and first.ended is None
        answer = order.held_answer if waits and order.held_answer is not None else order.answer
        await tables.answered(self.connection, [Placed(order, lane, self._sealed(order, answer), first.seq)])
        return Accepted(answer, repeated=True)

    async def _too_many(self, lane: LaneRow) -> Conflict | None:
        if lane.waiting >= MOST_HELD_IN_LANE:
            return Conflict(reason="too_many_held")
        if self.held is None:
            self.held = await placing_tables.held(self.connection)
        if self.held >= self.most_held:
            return Conflict(reason="too_many_held")
        self.held += 1
        return None

    async def _place(self, order: Order, lane: LaneRow, place: Place, hold: str | None) -> Accepted:
        answer = order.held_answer if hold is not None and order.held_answer is not None else order.answer
        opens = order.line.order.opens_case
        shown = lane if place.how == "instead" else lane.longer()
        placed = Placed(order, shown, self._sealed(order, answer), place.seq, self._form(order, lane, place))
        if place.how == "last":
            self.pending.append(placed)
            if hold is not None:
                self.holding[lane.id] = hold
        else:
            await self._write()
            if place.how == "before":
                await placing_tables.insert(self.connection, placed, self.now, opens=opens and lane.state == "held")
            else:
                replaced = await placing_tables.replace(self.connection, placed, self.now)
                self.told.append(self._event(placed, "replaced", {"request_id": replaced}))
        self.told.append(
            self._event(placed, "accepted", {"request_id": order.request_id, **({"reason": hold} if hold else {})})
        )
        self._keep(placed, place, "held" if hold is not None else "open" if lane.state == "held" else lane.state)
        return Accepted(answer, repeated=False)

    def _form(self, order: Order, lane: LaneRow, place: Place) -> str | None:
        first = place.seq == lane.head and not lane.left_before
        proven = self.proof is not None and self.proof.holds_for(order.line.system)
        return order.line.order.first_form(order.line.settings) if first and proven else None

    def _keep(self, placed: Placed, place: Place, state: str) -> None:
        """The lane and its messages as they are from now on, for the next order of the batch."""
        order, seq = placed.order, placed.seq
        known = self.known[placed.lane.id]
        if place.how == "before":
            known[:] = [replace(one, seq=one.seq + 1) if one.seq >= seq else one for one in known]
        elif place.how == "instead":
            known[:] = [one for one in known if one.seq != seq]
        known.append(KnownMessage(seq, order.line.operation, order.caller, order.sort, order.same, None))
        known.sort(key=lambda one: one.seq)
        self.lanes[order.line.system, order.key] = replace(placed.lane, state=state)
        if order.line.order.opens_case:
            self.cases[placed.lane.id] = CaseView(order.caller, "accepted", placed.lane.waiting)

    def _sealed(self, order: Order, answer: bytes) -> bytes | None:
        return None if order.idempotency_key is None else self.cipher.encrypt(answer, b"idempotency_keys.answer")

    def _event(self, placed: Placed, kind: events.Kind, detail: dict[str, object]) -> CaseEvent:
        order = placed.order
        detail = {"operation": order.line.operation, **detail}
        return CaseEvent(order.line.system, order.key, self.now, kind, placed.seq, detail)

    async def _write(self) -> None:
        await tables.place(self.connection, self.pending, self.now)
        await placing_tables.hold(self.connection, self.holding)
        await events.add(self.connection, self.told)
        self.pending, self.holding, self.told = [], {}, []


def _is_compared(order: Order) -> bool:
    """Whether the place of *order* depends on the messages that its lane has."""
    declared = order.line.order
    compared = order.sort is not None or order.same is not None
    return compared or declared.replaces(order.line.settings)
