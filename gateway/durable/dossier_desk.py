"""A dossier over all systems, by either of its codes; and what the systems have of it, compared with the store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, LiteralString

from psycopg.rows import class_row, dict_row

from gateway.core.clock import Clock
from gateway.core.durable import CannotTell, NotThere
from gateway.core.problems import GatewayError, NotFound
from gateway.durable import actions, cases, events, webhooks
from gateway.durable.actions import Action
from gateway.durable.desk import Desk, Effect
from gateway.durable.encryption import CipherError
from gateway.durable.events import CaseEvent
from gateway.durable.in_time import in_time
from gateway.durable.lanes import operating
from gateway.durable.lanes.operating import Locked
from gateway.durable.lanes.tables import Connection
from gateway.durable.orders import Errand, Line, load_body, query_of
from gateway.durable.store import Store

AT_ONCE: Final = 4
"""Questions under way at the source for one comparison: its ring has other work too."""
Verdict = Literal["there", "missing", "waiting", "cannot_tell", "failed", "not_asked"]
"""Waiting: the lane has orders that the system does not have yet, and the worker is at it. Not asked: the system is
left alone just now, or its operation is not known any more."""

_CODES: Final[LiteralString] = """
select system, national_code, dossier_code, linked_at from dossier_codes
where national_code = %(code)s or dossier_code = %(code)s order by linked_at, system limit 100
"""
_LANES: Final[LiteralString] = """
select system, key from lanes where key = any(%s) and not starts_with(system, %s) order by system, key limit 100
"""
_PUSHED: Final[LiteralString] = """
select id, system, kind, code, revision, received_at, acknowledged_at from inbox
where code = any(%s) order by id desc limit 200
"""
_SENT: Final[LiteralString] = """
select l.id, l.key, l.tail - l.head + 1 as waiting, m.seq, m.operation, m.caller, m.body
from (
    select id, key, head, tail from lanes
    where system = %(system)s and id > %(after)s and exists (
        select from outcomes o where o.lane = lanes.id and o.kind = 'done' and o.at >= %(since)s
    )
    order by id limit %(most)s
) l
join lateral (
    select distinct on (m.operation) m.seq, m.operation, m.caller, m.body
    from messages m join outcomes o using (lane, seq) where m.lane = l.id and o.kind = 'done'
    order by m.operation, m.seq desc
) m on true
order by l.id, m.seq
"""
_TAKEN: Final[LiteralString] = """
select l.id, l.key, l.tail - l.head + 1 as waiting, m.seq, m.operation, m.caller, m.body
from lanes l join lateral (
    select distinct on (m.operation) m.seq, m.operation, m.caller, m.body
    from messages m join outcomes o using (lane, seq) where m.lane = l.id and o.kind = 'done'
    order by m.operation, m.seq desc
) m on true
where l.system = %s and l.key = %s order by m.seq
"""
_HOW_MANY: Final[LiteralString] = """
select count(*) from lanes where system = %(system)s and exists (
    select from outcomes o where o.lane = lanes.id and o.kind = 'done' and o.at >= %(since)s
)
"""
_LAST_DONE: Final[LiteralString] = """
select m.seq, m.operation, (
    select max(n.seq) from messages n join outcomes p using (lane, seq)
    where n.lane = m.lane and n.operation = m.operation and p.kind = 'done'
) as last
from messages m join outcomes o using (lane, seq) where m.lane = %s and m.seq = any(%s) and o.kind = 'done'
order by m.seq
"""
_COPY: Final[LiteralString] = """
insert into messages (lane, seq, operation, caller, request_id, accepted_at, body)
select lane, %s, operation, caller, request_id, %s, body from messages where lane = %s and seq = %s
"""
_GO: Final[LiteralString] = """
update lanes set tail = %s, operation = %s, head_state = 'ready', may_have_arrived = false, looks = 0, resent = 0,
    attempts = 0, failures = 0, reason = null, due_at = %s
where id = %s
"""


@dataclass(frozen=True, slots=True)
class TakenMessage:
    """The last message of one operation that a system has taken, by what the store knows."""

    id: int
    key: str
    waiting: int
    seq: int
    operation: str
    caller: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """The answer of a system about one message."""

    system: str
    key: str
    seq: int
    operation: str
    verdict: Verdict
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """One page of a comparison; *after* goes on behind it, None at its end."""

    dossiers: int
    findings: tuple[Finding, ...]
    after: int | None
    total: int | None
    """How many dossiers there are in all; said with the first page."""


@dataclass(frozen=True, slots=True)
class MessageName:
    """A message of a lane."""

    key: str
    seq: int


class DossierDesk:
    """Dossiers as an operator sees and repairs them. *moved* is told after each commit."""

    def __init__(
        self, store: Store, lines: Mapping[str, Line], clock: Clock, desk: Desk, moved: Callable[[], None]
    ) -> None:
        self._store = store
        self._lines = lines
        self._clock = clock
        self._desk = desk
        self._moved = moved

    @property
    def systems(self) -> frozenset[str]:
        """Those that dossiers go to."""
        found = (line.system for line in self._lines.values())
        return frozenset(system for system in found if not system.startswith(webhooks.SYSTEM))

    async def timeline(self, code: str) -> dict[str, Any] | None:
        """All that the store knows of a dossier under *code*, its own or the portal's; None where it knows nothing.

        *waits* lists the messages that a system does not have yet, in the sequence in which they go, with the reason
        of the one that holds back the others.
        """
        async with self._store.connection() as connection, connection.cursor(row_factory=dict_row) as cursor:
            linked = await (await cursor.execute(_CODES, {"code": code})).fetchall()
            codes = sorted({code, *(one[name] for one in linked for name in ("national_code", "dossier_code"))})
            lanes = await (await cursor.execute(_LANES, [codes, webhooks.SYSTEM])).fetchall()
            pushed = await (await cursor.execute(_PUSHED, [codes])).fetchall()
        if not (linked or lanes or pushed):
            return None
        shown = [await self._desk.lane(one["system"], one["key"]) for one in lanes]
        sent = [one for one in shown if one is not None]
        waits = [wait for one in sent for wait in _waits(one)]
        return {"code": code, "codes": linked, "sent": sent, "received": pushed, "waits": waits}

    async def compare(self, system: str, since: datetime, after: int, most: int) -> Compared:
        """Asks *system* for the last messages of the dossiers that it took something of since *since*.

        Nothing is changed. *after* and *most* cut the dossiers into pages.
        """
        wanted = {"system": system, "since": since, "after": after, "most": most}
        sent, total = await in_time(self._clock, self._sent(wanted))
        room = asyncio.Semaphore(AT_ONCE)
        findings = await asyncio.gather(*(self._finding(system, one, room) for one in sent))
        lanes = {one.id for one in sent}
        return Compared(len(lanes), tuple(findings), max(lanes) if len(lanes) == most else None, total)

    async def _sent(self, wanted: Mapping[str, Any]) -> tuple[list[TakenMessage], int | None]:
        """A page, and with the first how many dossiers there are in all."""
        async with self._store.connection() as connection:
            async with connection.cursor(row_factory=class_row(TakenMessage)) as cursor:
                sent = await (await cursor.execute(_SENT, wanted)).fetchall()
            if wanted["after"] > 0:
                return sent, None
            found = await (await connection.execute(_HOW_MANY, wanted)).fetchone()
            return sent, found[0] if found else 0

    async def _finding(self, system: str, sent: TakenMessage, room: asyncio.Semaphore) -> Finding:
        async with room:
            verdict, why = await self._asked(sent)
        return Finding(system, sent.key, sent.seq, sent.operation, verdict, why)

    async def _asked(self, sent: TakenMessage) -> tuple[Verdict, str | None]:
        line = self._lines.get(sent.operation)
        if sent.waiting > 0:
            return "waiting", None
        if line is None:
            return "not_asked", "unknown_operation"
        if line.road.room() <= 0:
            return "not_asked", "breaker_open"
        try:
            body = load_body(self._store.cipher.decrypt(sent.body, b"messages.body"))
        except CipherError:
            return "not_asked", "sealed"
        errand = Errand(
            operation=line.order.operation,
            query=query_of(line.order.operation, body),
            caller=sent.caller,
            request_id=f"reconcile-{sent.id}-{sent.seq}",
            purpose=body.purpose,
            seconds=line.deadline_s,
            may_have_arrived=True,
        )
        try:
            look = await line.order.ask(errand.query, line.road.upstream(errand))
        except GatewayError as error:
            return "failed", error.reason or error.code
        match look:
            case NotThere(asked=False):
                return "cannot_tell", "no_question"
            case NotThere():
                return "missing", None
            case CannotTell(why):
                return "cannot_tell", why
            case _:
                return "there", None

    async def ask(self, who: str, why: str, system: str, key: str) -> list[Finding]:
        """Asks *system* now for what it took of one dossier, and lets its case be looked at. Nothing is sent.

        Raises:
            NotFound: There is no such lane.
        """
        taken = await in_time(self._clock, self._taken(system, key))
        room = asyncio.Semaphore(AT_ONCE)
        findings = await asyncio.gather(*(self._finding(system, one, room) for one in taken))
        verdicts = {"verdicts": [one.verdict for one in findings]}
        did = Action(who, "ask", f"{system}/{key}", why, self._clock.now(), verdicts)
        await in_time(self._clock, self._hasten(system, key, did))
        self._moved()
        return findings

    async def _taken(self, system: str, key: str) -> list[TakenMessage]:
        async with self._store.connection() as connection:
            if await operating.lane(connection, system, key) is None:
                raise NotFound(reason="no_lane")
            async with connection.cursor(row_factory=class_row(TakenMessage)) as cursor:
                return await (await cursor.execute(_TAKEN, [system, key])).fetchall()

    async def _hasten(self, system: str, key: str, did: Action) -> None:
        async with self._store.connection() as connection, connection.transaction():
            await cases.hasten(connection, system, [key], [], did.at)
            await actions.record(connection, did)

    async def repair(
        self, who: str, why: str, system: str, wanted: Sequence[MessageName], *, dry_run: bool = False
    ) -> list[Effect]:
        """Sends messages again that a system took once and does not have any more, each at the end of its lane.

        A lane in which something waits is left alone, and so is a source that would do a repeated order twice.
        """
        by_key: dict[str, list[int]] = {}
        for one in wanted:
            by_key.setdefault(one.key, []).append(one.seq)
        now = self._clock.now()
        effects = []
        async with self._store.connection() as connection, connection.transaction():
            for lane in await operating.lock(connection, system, sorted(by_key)):
                again, hindrance = await self._repeatable(connection, lane, by_key[lane.key])
                effects.append(Effect(system, lane.key, hindrance, lane.waiting))
                if hindrance is None and not dry_run:
                    await _send_again(connection, lane, again, now)
            repaired = [one.key for one in effects if one.hindrance is None]
            if repaired and not dry_run:
                await actions.record(connection, Action(who, "repair", system, why, now, {"keys": repaired}))
        self._moved()
        return effects

    async def _repeatable(
        self, connection: Connection, lane: Locked, seqs: Sequence[int]
    ) -> tuple[list[tuple[int, str]], str | None]:
        """The messages of *lane* to send again, or why not."""
        if lane.waiting > 0:
            return [], "waiting"
        rows = await (await connection.execute(_LAST_DONE, [lane.id, list(seqs)])).fetchall()
        if len(rows) < len(set(seqs)) or any(last != seq for seq, _, last in rows):
            return [], "newer_message"
        for _, operation, _ in rows:
            line = self._lines.get(operation)
            if line is None:
                return [], "unknown_operation"
            if line.order.may_repeat_as("adds"):
                return [], "done_twice"
        return [(seq, operation) for seq, operation, _ in rows], None


def _waits(lane: Mapping[str, Any]) -> list[dict[str, Any]]:
    waiting = sorted((one for one in lane["messages"] if one["ended"] is None), key=lambda one: one["seq"])
    return [
        {
            "system": lane["system"],
            "key": lane["key"],
            "seq": one["seq"],
            "operation": one["operation"],
            "accepted_at": one["accepted_at"],
            "state": lane["state"] if one["seq"] == lane["head"] else "behind",
            "reason": lane["reason"] if one["seq"] == lane["head"] else None,
        }
        for one in waiting
    ]


async def _send_again(connection: Connection, lane: Locked, again: Sequence[tuple[int, str]], now: datetime) -> None:
    told = []
    for place, (seq, _) in enumerate(again, lane.tail + 1):
        await connection.execute(_COPY, [place, now, lane.id, seq])
        told.append(CaseEvent(lane.system, lane.key, now, "sent_again", place, {"by": "operator", "first": seq}))
    await connection.execute(_GO, [lane.tail + len(again), again[0][1], now, lane.id])
    await events.add(connection, told)
