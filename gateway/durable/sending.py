"""Brings one order to its system, or asks there for one whose outcome is not known; decides what becomes of it."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from gateway.core.problems import GatewayError, Internal
from gateway.durable import crash_points
from gateway.durable.encryption import CipherError, RowCipher
from gateway.durable.lanes.decisions import (
    Decision,
    Head,
    Later,
    Unknown,
    after_arrival,
    after_failed_look,
    after_failure,
    after_look,
    before_look,
)
from gateway.durable.lanes.tables import Claimed
from gateway.durable.orders import Body, Errand, Line, load_body, query_of
from gateway.durable.release import LaneGate, Releases

SPARE_S: Final = 2.0
"""Beside an operation's deadline, for what the gateway does around it."""
log = structlog.get_logger("gateway.durable.sending")


@dataclass(frozen=True, slots=True)
class Tried:
    """A try that has ended."""

    line: Line
    claimed: Claimed
    decision: Decision


@dataclass(frozen=True, slots=True)
class Sending:
    """Tries the heads of lanes. *lease_s*: how long a claim holds."""

    cipher: RowCipher
    releases: Releases
    lease_s: float
    dice: random.Random

    async def __call__(self, line: Line, claimed: Claimed, began: float, through_at: datetime | None) -> Tried:
        """Tries the head of *claimed*, which was claimed at *began* (boot time); an order of its operation last got
        through at *through_at*.
        """
        return Tried(line, claimed, await self._decision(line, claimed, began, through_at))

    async def _decision(self, line: Line, claimed: Claimed, began: float, through_at: datetime | None) -> Decision:
        head = head_of(claimed, line, through_at)
        try:
            body = load_body(self.cipher.decrypt(claimed.body, b"messages.body"))
        except CipherError:
            return Later(60.0, "sealed")
        if head.unknown:
            return before_look(head, line.order) or await self._look(line, head, claimed, body)
        gate = LaneGate(self.releases, head.lane, head.epoch, line.targets, began + self.lease_s - _deadline(line))
        try:
            return await self._send(line, head, claimed, body, gate)
        except asyncio.CancelledError:
            # The gateway leaves; what may have left is asked for by whoever comes next.
            return Unknown(0.0, "cut_off", left_now=True) if gate.released else Later(0.0, "draining", failed=False)

    async def _send(self, line: Line, head: Head, claimed: Claimed, body: Body, gate: LaneGate) -> Decision:
        try:
            errand = errand_of(line, claimed, body, head, gate)
            answer = await line.order.send(errand.query, line.road.upstream(errand))
        except Exception as error:  # noqa: BLE001  # a bug of ours must not lose the order
            if gate.refused is not None and not gate.released:
                return Later(0.0, gate.refused, failed=False)
            return after_failure(head, _ours(error, claimed), line.order, self.dice, released=gate.released)
        crash_points.reach("send.answered")
        return after_arrival(head, answer, line.order)

    async def _look(self, line: Line, head: Head, claimed: Claimed, body: Body) -> Decision:
        try:
            errand = errand_of(line, claimed, body, head, None)
            look = await line.order.ask(errand.query, line.road.upstream(errand))
        except asyncio.CancelledError:
            return Unknown(0.0, "draining")
        except Exception as error:  # noqa: BLE001  # as above
            return after_failed_look(head, _ours(error, claimed), self.dice)
        return after_look(head, look, line.order)


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
    )


def errand_of(line: Line, claimed: Claimed, body: Body, head: Head, gate: LaneGate | None) -> Errand:
    """The errand of a claimed order."""
    operation = line.order.operation
    return Errand(
        operation=operation,
        query=query_of(operation, body),
        caller=claimed.caller,
        request_id=claimed.request_id,
        purpose=body.purpose,
        seconds=line.deadline_s,
        gate=gate,
        may_have_arrived=head.may_have_arrived,
        token=f"lgsp-{claimed.lane}-{claimed.seq}",
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
