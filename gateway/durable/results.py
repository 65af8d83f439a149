"""Writes what came back from systems: one decision becomes the change of a lane, its case and its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from msgspec.structs import replace

from gateway.durable import cases, events
from gateway.durable.cases import Move
from gateway.durable.encryption import RowCipher
from gateway.durable.events import CaseEvent
from gateway.durable.following import FIRST_LOOK_S, Followed, Looked
from gateway.durable.lanes import tables
from gateway.durable.lanes.decisions import (
    Arrived,
    Checked,
    Halve,
    Later,
    Park,
    Prepared,
    SendAgain,
    Unknown,
)
from gateway.durable.lanes.tables import Connection, LaneChange, OutcomeRow
from gateway.durable.sending import Tried

RECONCILING = "reconciling"
REFUSED = "refused"
READ_BACK = "read_back"


@dataclass(slots=True)
class Written:
    """The rows of one decision."""

    change: LaneChange
    outcome: OutcomeRow | None = None
    move: Move | None = None
    event: CaseEvent | None = None
    through: tuple[str, str] | None = None
    form: str | None = None


@dataclass(slots=True)
class _Batch:
    outcomes: list[OutcomeRow] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)
    told: list[CaseEvent] = field(default_factory=list)
    through: list[tuple[str, str]] = field(default_factory=list)
    forms: list[tuple[int, int, str]] = field(default_factory=list)


async def write(
    connection: Connection,
    tried: Sequence[Tried],
    looked: Sequence[tuple[Followed, Looked]],
    now: datetime,
    cipher: RowCipher,
) -> int:
    """Writes all of *tried* and *looked* whose claim stands, and gives the number of the others."""
    if not tried and not looked:
        return 0
    written = {one.claimed.lane: written_of(one, now, cipher) for one in tried}
    seqs = {one.claimed.lane: one.claimed.seq for one in tried}
    telling = [look.case.id for _, look in looked if look.events]
    await tables.lock(connection, [*written, *telling])
    taken = await tables.change(connection, [one.change for one in written.values()])
    batch = _Batch()
    for lane in taken:
        one = written[lane]
        batch.outcomes += [one.outcome] if one.outcome else []
        batch.moves += [one.move] if one.move else []
        batch.told += [one.event] if one.event else []
        batch.through += [one.through] if one.through else []
        if one.form is not None:
            batch.forms.append((lane, seqs[lane], one.form))
    await tables.keep_forms(connection, batch.forms)
    await tables.add_outcomes(connection, batch.outcomes)
    await tables.went_through(connection, batch.through)
    await cases.move(connection, batch.moves, now)
    kept = await cases.change(connection, [look.change for _, look in looked], now)
    for _, look in looked:
        if look.case.id in kept:
            batch.told += look.events
            await _file(connection, look)
    await events.add(connection, batch.told)
    return len(tried) - len(taken) + len(looked) - len(kept)


async def _file(connection: Connection, look: Looked) -> None:
    if look.file == "drop":
        await cases.drop_file(connection, look.case.id)
    elif look.file is not None:
        await cases.keep_file(connection, look.file)


def written_of(tried: Tried, now: datetime, cipher: RowCipher) -> Written:
    """The rows that the decision about a try writes."""
    match tried.decision:
        case Arrived():
            return _done(tried, tried.decision, now, cipher)
        case Checked():
            return Written(replace(_lane(tried, now), advance=True, may_have_arrived=False, read_back=False))
        case Prepared(form):
            return Written(replace(_lane(tried, now), failures=0), form=form)
        case Later():
            return _later(tried, tried.decision, now)
        case Halve(seconds, reason, most):
            due = now + timedelta(seconds=seconds)
            kept = "unknown" if tried.claimed.unknown else "ready"
            return Written(replace(_lane(tried, now), head_state=kept, due_at=due, reason=reason, list_most=most))
        case Unknown():
            return _unknown(tried, tried.decision, now)
        case SendAgain(rest_s):
            lane = replace(
                _lane(tried, now),
                rest_s=rest_s or None,
                may_have_arrived=True,
                resent=tried.claimed.resent + 1,
                reason="sent_again",
            )
            return Written(lane, event=_event(tried, now, "sent_again"))
        case Park(reason, left_now):
            # Of one that has left, now or before, an operator's retry asks first.
            kept = "unknown" if left_now or tried.claimed.unknown or tried.claimed.may_have_arrived else "ready"
            lane = replace(
                _lane(tried, now),
                head_state=kept,
                parked=True,
                reason=reason,
                left_now=left_now,
                may_have_arrived=left_now or None,
            )
            return Written(lane, None, _move(tried, REFUSED), _event(tried, now, "refused", reason=reason))
        case _:
            assert_never(tried.decision)


def _lane(tried: Tried, now: datetime) -> LaneChange:
    """The lane with its head where it is, and its counts."""
    claimed = tried.claimed
    return LaneChange(
        claimed.lane,
        claimed.epoch,
        advance=False,
        due_at=now,
        looks=claimed.looks,
        resent=claimed.resent,
        attempts=claimed.attempts,
        failures=claimed.failures,
        read_back=claimed.read_back,
    )


def _done(tried: Tried, done: Arrived, now: datetime, cipher: RowCipher) -> Written:
    claimed, following = tried.claimed, tried.line.following
    answer = done.answer.model_dump_json(by_alias=True).encode()
    move = None
    told: dict[str, object] = {}
    if following is not None:
        told["state"] = following.state_of(done.answer)
        soon = now + timedelta(seconds=FIRST_LOOK_S) if following.looks else None
        move = Move(
            claimed.lane,
            following.state_of(done.answer),
            cipher.encrypt(answer, b"cases.data"),
            following.source_id_of(done.answer),
            follow_at=soon,
        )
    return Written(
        LaneChange(
            claimed.lane,
            claimed.epoch,
            advance=not done.read_back,
            head_state="unknown" if done.read_back else "ready",
            due_at=now,
            rest_s=done.rest_s or None,
            may_have_arrived=done.read_back,
            reason=READ_BACK if done.read_back else None,
            copies=done.copies,
            read_back=done.read_back,
        ),
        OutcomeRow(claimed.lane, claimed.seq, "done", now, answer=cipher.encrypt(answer, b"outcomes.answer")),
        move,
        _event(tried, now, "arrived", after_unknown=claimed.may_have_arrived, **told),
        (claimed.system, claimed.operation),
    )


def _later(tried: Tried, later: Later, now: datetime) -> Written:
    lane, claimed = _lane(tried, now), tried.claimed
    return Written(
        replace(
            lane,
            due_at=now + timedelta(seconds=later.seconds),
            attempts=claimed.attempts + later.counts,
            failures=claimed.failures + later.failed,
            reason=later.reason,
        )
    )


def _unknown(tried: Tried, unknown: Unknown, now: datetime) -> Written:
    claimed = tried.claimed
    # A head whose worker has died comes here without anybody having told of it.
    first = unknown.left_now or (claimed.unknown and not claimed.looks and not claimed.failures)
    first = first and not claimed.read_back
    lane = replace(
        _lane(tried, now),
        head_state="unknown",
        rest_s=unknown.rest_s or None,
        left_now=unknown.left_now,
        may_have_arrived=True,
        looks=claimed.looks + unknown.looked,
        attempts=claimed.attempts + unknown.counts,
        failures=claimed.failures + 1,
        reason=unknown.reason,
    )
    if not first:
        return Written(lane)
    return Written(lane, None, _move(tried, RECONCILING), _event(tried, now, "reconciling", reason=unknown.reason))


def _move(tried: Tried, state: str) -> Move | None:
    return None if tried.line.following is None else Move(tried.claimed.lane, state)


def _event(tried: Tried, now: datetime, kind: events.Kind, **detail: object) -> CaseEvent:
    claimed = tried.claimed
    detail["operation"] = claimed.operation
    return CaseEvent(claimed.system, claimed.key, now, kind, claimed.seq, detail)
