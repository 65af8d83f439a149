"""Brings orders to their system, one or a list in an exchange, or asks there for those whose outcome is not known.

What becomes of each is decided here and written by the worker.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import msgspec
import structlog

from gateway.core.canonical import Canonical
from gateway.core.durable import SentBefore
from gateway.core.problems import GatewayError, Internal, OffContract
from gateway.durable import crash_points
from gateway.durable.encryption import CipherError, RowCipher
from gateway.durable.lanes.decisions import (
    Decision,
    Head,
    Later,
    Prepared,
    Unknown,
    after_arrival,
    after_failed_look,
    after_failed_looks,
    after_failure,
    after_list_failure,
    after_look,
    before_look,
)
from gateway.durable.lanes.tables import Claimed
from gateway.durable.opened import Message, OpenedOrders
from gateway.durable.order_traces import OrderTraces, note_outcome
from gateway.durable.orders import Errand, Line, load_body, query_of
from gateway.durable.release import LaneGate, Releases

SPARE_S: Final = 2.0
"""Beside an operation's deadline, for what the gateway does around it."""
SEALED_S: Final = 60.0
"""Until a message that no key of this gateway opens is tried again."""
log = structlog.get_logger("gateway.durable.sending")


class Tried(msgspec.Struct, frozen=True):
    """A try that has ended."""

    line: Line
    claimed: Claimed
    decision: Decision
    trace: str = ""
    """The traceparent of its span."""


class Opened(msgspec.Struct, frozen=True):
    """A claimed head with its message."""

    claimed: Claimed
    head: Head
    message: Message


@dataclass(frozen=True, slots=True)
class Sending:
    """Tries the heads of lanes. *lease_s*: how long a claim holds; *kept*: messages that need not be opened again."""

    cipher: RowCipher
    releases: Releases
    lease_s: float
    dice: random.Random
    kept: OpenedOrders = field(default_factory=OpenedOrders)
    traces: OrderTraces = field(default_factory=OrderTraces)

    async def __call__(
        self, line: Line, claimed: Sequence[Claimed], began: float, through_at: datetime | None
    ) -> list[Tried]:
        """Tries the heads of *claimed*, which were claimed at *began* (boot time), in one exchange; an order of their
        operation last got through at *through_at*.

        Several heads are alike: all are sent, or all are asked for, in one form.
        """
        opened, tried = self._open(line, claimed, through_at)
        if not opened:
            return tried
        name = f"{'ask' if opened[0].head.unknown else 'send'} {line.operation}"
        facts = {"lgsp.orders": len(opened), "lgsp.attempt": opened[0].head.attempts}
        with self.traces.span(name, facts, [one.message.trace for one in opened]) as span:
            decisions = await self._decisions(line, opened, began)
            if span is not None:
                note_outcome(span, decisions)
        trace = "" if span is None else span.traceparent
        return [*tried, *(Tried(line, one.claimed, said, trace) for one, said in zip(opened, decisions, strict=True))]

    async def _decisions(self, line: Line, opened: Sequence[Opened], began: float) -> Sequence[Decision]:
        if len(opened) == 1:
            return [await self._decision(line, opened[0], began)]
        decide = self._look_many if opened[0].head.unknown else self._send_many
        return await decide(line, opened, began)

    def _open(
        self, line: Line, claimed: Sequence[Claimed], through_at: datetime | None
    ) -> tuple[list[Opened], list[Tried]]:
        """The heads that go on, and those for which nothing can be done or asked now."""
        opened, tried = [], []
        for one in claimed:
            head = head_of(one, line, through_at)
            message = self._message(line, one, head)
            if not isinstance(message, Message):
                tried.append(Tried(line, one, message))
            elif head.unknown and (rest := before_look(head, line.order)) is not None:
                tried.append(Tried(line, one, rest))
            else:
                opened.append(Opened(one, head, message))
        return opened, tried

    def _message(self, line: Line, claimed: Claimed, head: Head) -> Message | Decision:
        """The message of a head, or what becomes of one that can't be read."""
        if (kept := self.kept.get(claimed.body)) is not None:
            return kept
        try:
            body = load_body(self.cipher.decrypt(claimed.body, b"messages.body"))
            message = Message(query_of(line.order.operation, body), body.purpose, body.trace)
        except CipherError:
            # Of one that may have arrived it stays unknown: with its key it is asked for, and not sent.
            return Unknown(SEALED_S, "sealed") if head.unknown else Later(SEALED_S, "sealed")
        except Exception as error:  # noqa: BLE001  # a bug of ours must not lose the order
            ours = _ours(error, claimed)
            if head.unknown:
                return after_failed_look(head, ours, self.dice)
            return after_failure(head, ours, line.order, self.dice, released=False)
        if claimed.preparing:
            self.kept.keep(claimed.body, message)  # it is sent at once when it has its form
        return message

    async def _decision(self, line: Line, opened: Opened, began: float) -> Decision:
        if opened.head.unknown:
            return await self._look(line, opened)
        if opened.claimed.preparing:
            return await self._prepare(line, opened)
        gate = self._gate(line, [opened], began)
        try:
            return await self._send(line, opened, gate)
        except asyncio.CancelledError:
            return _cut_off(gate)

    def _gate(self, line: Line, opened: Sequence[Opened], began: float) -> LaneGate:
        heads = tuple((one.head.lane, one.head.epoch) for one in opened)
        return LaneGate(self.releases, heads, line.targets, began + self.lease_s - _deadline(line))

    async def _prepare(self, line: Line, opened: Opened) -> Decision:
        prepare, claimed = line.order.prepare, opened.claimed
        assert prepare is not None, "only such a head is claimed to be prepared"
        try:
            errand = errand_of(line, opened, None)
            before = SentBefore(not claimed.left_before and claimed.proven)
            return Prepared(await prepare(errand.query, line.road.upstream(errand), before))
        except asyncio.CancelledError:
            return Later(0.0, "draining", failed=False)
        except Exception as error:  # noqa: BLE001  # a bug of ours must not lose the order
            return after_failure(opened.head, _ours(error, claimed), line.order, self.dice, released=False)

    async def _send(self, line: Line, opened: Opened, gate: LaneGate) -> Decision:
        head = opened.head
        try:
            errand = errand_of(line, opened, gate)
            answer = await line.order.send(errand.query, line.road.upstream(errand))
        except Exception as error:  # noqa: BLE001  # as above
            if gate.refused is not None and not gate.released:
                return Later(0.0, gate.refused, failed=False)
            return after_failure(head, _ours(error, opened.claimed), line.order, self.dice, released=gate.released)
        crash_points.reach("send.answered")
        return after_arrival(head, answer, line.order)

    async def _send_many(self, line: Line, opened: Sequence[Opened], began: float) -> Sequence[Decision]:
        send_many, heads, order = line.order.send_many, [one.head for one in opened], line.order
        assert send_many is not None, "only such orders go in lists"
        gate = self._gate(line, opened, began)
        try:
            errand, queries = _list_errand(line, opened, gate)
            answers = await send_many(queries, line.road.upstream(errand))
            _same_length(answers, queries)
        except asyncio.CancelledError:
            return [_cut_off(gate)] * len(opened)
        except Exception as error:  # noqa: BLE001  # as above
            if gate.refused is not None and not gate.released:
                return [Later(0.0, gate.refused, failed=False)] * len(opened)
            ours = _ours(error, opened[0].claimed)
            return after_list_failure(heads, ours, order, self.dice, released=gate.released)
        crash_points.reach("send.answered")
        return [
            after_failure(head, answer, order, self.dice, released=True)
            if isinstance(answer, GatewayError)
            else after_arrival(head, answer, order)
            for head, answer in zip(heads, answers, strict=True)
        ]

    async def _look(self, line: Line, opened: Opened) -> Decision:
        head = opened.head
        try:
            errand = errand_of(line, opened, None)
            look = await line.order.ask(errand.query, line.road.upstream(errand))
        except asyncio.CancelledError:
            return Unknown(0.0, "draining")
        except Exception as error:  # noqa: BLE001  # as above
            return after_failed_look(head, _ours(error, opened.claimed), self.dice)
        return after_look(head, look, line.order)

    async def _look_many(self, line: Line, opened: Sequence[Opened], began: float) -> Sequence[Decision]:
        del began
        ask_many, heads = line.order.ask_many, [one.head for one in opened]
        assert ask_many is not None, "only such orders are asked for in lists"
        try:
            errand, queries = _list_errand(line, opened, None)
            looks = await ask_many(queries, line.road.upstream(errand))
            _same_length(looks, queries)
        except asyncio.CancelledError:
            return [Unknown(0.0, "draining")] * len(opened)
        except Exception as error:  # noqa: BLE001  # as above
            ours = _ours(error, opened[0].claimed)
            return after_failed_looks(heads, ours, self.dice)
        return [
            after_failed_look(head, look, self.dice)
            if isinstance(look, GatewayError)
            else after_look(head, look, line.order)
            for head, look in zip(heads, looks, strict=True)
        ]


def _cut_off(gate: LaneGate) -> Decision:
    """The gateway leaves; what may have left is asked for by whoever comes next."""
    return Unknown(0.0, "cut_off", left_now=True) if gate.released else Later(0.0, "draining", failed=False)


def not_begun(unknown: bool) -> Decision:
    """The decision about a claimed head whose exchange was not begun: it is due at once."""
    return Unknown(0.0, "held_back") if unknown else Later(0.0, "held_back", failed=False)


def _same_length(answers: Sequence[object], queries: Sequence[object]) -> None:
    if len(answers) != len(queries):
        raise OffContract("not an answer for each order of the list", reason="malformed", may_have_arrived=True)


def _list_errand(line: Line, opened: Sequence[Opened], gate: LaneGate | None) -> tuple[Errand, list[Canonical]]:
    """The errand of a list, which is that of its first order, and the queries of all."""
    return errand_of(line, opened[0], gate), [one.message.query for one in opened]


def head_of(claimed: Claimed, line: Line, through_at: datetime | None) -> Head:
    """The head of a claimed lane, as the decisions see it."""
    left = claimed.left_age
    if left is None and claimed.marked_age is not None:
        # Nobody knows when its last byte left: at the latest, when the time for the whole exchange was over.
        left = max(0.0, claimed.marked_age - _deadline(line))
    before = claimed.tried_before
    return Head(
        lane=claimed.lane,
        system=claimed.system,
        key=claimed.key,
        seq=claimed.seq,
        epoch=claimed.epoch,
        operation=claimed.operation,
        unknown=claimed.unknown,
        may_have_arrived=claimed.may_have_arrived,
        since_left=left or 0.0,
        looks=claimed.looks,
        resent=claimed.resent,
        attempts=claimed.attempts,
        failures=claimed.failures,
        overtaken=before is not None and through_at is not None and through_at > before,
        last=claimed.last,
        copies=claimed.copies,
        read_back=claimed.read_back,
        form=claimed.form,
        reason=claimed.reason,
    )


def errand_of(line: Line, opened: Opened, gate: LaneGate | None) -> Errand:
    """The errand of a claimed order."""
    claimed, message = opened.claimed, opened.message
    return Errand(
        operation=line.order.operation,
        query=message.query,
        caller=claimed.caller,
        request_id=claimed.request_id,
        purpose=message.purpose,
        seconds=line.deadline_s,
        gate=gate,
        may_have_arrived=opened.head.may_have_arrived,
        token=f"lgsp-{claimed.lane}-{claimed.seq}",
        form=claimed.form,
    )


def _deadline(line: Line) -> float:
    return line.deadline_s + SPARE_S


def _ours(error: Exception, claimed: Claimed) -> GatewayError:
    if isinstance(error, GatewayError):
        return error
    # The text of an error from our own code may hold what it was about.
    log.error(
        "order failed in the gateway",
        error=type(error).__name__,
        lane=claimed.lane,
        seq=claimed.seq,
        request_id=claimed.request_id,
    )
    return Internal(type(error).__name__)
