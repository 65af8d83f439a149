"""The operator's desk: deeds on lanes and pauses, each with a reason, in one transaction with its record."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.core.clock import Clock
from gateway.core.days import day_in_vietnam
from gateway.core.mistakes import Mistake
from gateway.core.problems import Conflict, FieldError, InvalidRequest, NotFound
from gateway.durable import actions, cases, events, pauses
from gateway.durable.actions import Action
from gateway.durable.cases import Move
from gateway.durable.events import CaseEvent, Kind
from gateway.durable.lanes import operating
from gateway.durable.lanes.operating import Deed, Filter, Locked
from gateway.durable.lanes.tables import Connection
from gateway.durable.orders import Body, Line, load_body
from gateway.durable.store import Store

MOST_AT_ONCE = 10_000
_OVER = Mistake(
    "in_the_past",
    "is over already; give a later instant, or leave it out",
    "đã qua; hãy ghi thời điểm muộn hơn, hoặc bỏ trường này",
)
_TOLD: Mapping[Deed, Kind] = {"retry": "retried", "edit": "edited", "skip": "skipped", "cancel": "cancelled"}


@dataclass(frozen=True, slots=True)
class Effect:
    """The effect of a deed on one lane: *hindrance* says why there was none."""

    system: str
    key: str
    hindrance: str | None
    waiting: int


class Desk:
    """The deeds of operators; *moved* is told after each commit."""

    def __init__(self, store: Store, lines: Mapping[str, Line], clock: Clock, moved: Callable[[], None]) -> None:
        self._store = store
        self._lines = lines
        self._clock = clock
        self._moved = moved

    @property
    def targets(self) -> frozenset[str]:
        """All that can be paused."""
        return frozenset().union(*(line.targets for line in self._lines.values()))

    @property
    def systems(self) -> frozenset[str]:
        """Those that orders go to."""
        return frozenset(line.system for line in self._lines.values())

    # ---- pauses

    async def pause(self, who: str, why: str, target: str, until: datetime | None) -> None:
        """Pauses *target* on every gateway; returns when no byte of it is on its way out any more.

        Raises:
            InvalidRequest: The end of the pause is over already.
        """
        now = self._clock.now()
        if until is not None and until <= now:
            raise InvalidRequest(errors=[FieldError("/until", _OVER)])
        async with self._store.connection() as connection, connection.transaction():
            await pauses.pause(connection, pauses.Pause(target, who, why, now, until))
            detail = {} if until is None else {"until": until.isoformat()}
            await actions.record(connection, Action(who, "pause", target, why, now, detail))
        self._moved()

    async def resume(self, who: str, why: str, target: str) -> bool:
        """Ends a pause; False where there was none."""
        async with self._store.connection() as connection, connection.transaction():
            found = await pauses.resume(connection, target)
            await actions.record(
                connection, Action(who, "resume", target, why, self._clock.now(), {"was_paused": found})
            )
        self._moved()
        return found

    async def paused(self) -> list[pauses.Pause]:
        """The pauses that act now."""
        async with self._store.connection() as connection:
            return await pauses.listed(connection, self._clock.now())

    # ---- lanes

    async def has_had(self, system: str) -> bool:
        """Whether an order for *system* was ever accepted, also where this configuration does not have it any more."""
        async with self._store.connection() as connection:
            return await operating.any_of(connection, system)

    async def lanes(self, wanted: Filter, most: int) -> list[dict[str, Any]]:
        """The waiting lanes of *wanted*."""
        async with self._store.connection() as connection:
            return await operating.listed(connection, wanted, most)

    async def lane(self, system: str, key: str, most: int = 200) -> dict[str, Any] | None:
        """One lane with its messages and its history; None where there is none."""
        async with self._store.connection() as connection:
            row = await operating.lane(connection, system, key)
            if row is None:
                return None
            number = row.pop("id")
            row["waiting"] = row["tail"] - row["head"] + 1
            row["messages"] = await operating.messages(connection, number, most)
            told = await events.of_key(connection, system, key, most)
            row["history"] = [{"at": one.at, "kind": one.kind, **one.detail} for one in told]
            case = await cases.record(connection, system, key)
            row["case"] = case and {
                name: case[name]
                for name in (
                    "state",
                    "caller",
                    "opened_at",
                    "changed_at",
                    "looked_at",
                    "due_at",
                    "ended_at",
                    "follow_at",
                    "file_state",
                    "failures",
                )
            }
            return row

    async def act(
        self, who: str, why: str, deed: Deed, system: str, keys: Sequence[str], *, dry_run: bool = False
    ) -> list[Effect]:
        """Does *deed* to the lanes *keys*, or says only what it would do; keys without a lane are not in the answer."""
        now = self._clock.now()
        async with self._store.connection() as connection, connection.transaction():
            locked = await operating.lock(connection, system, keys)
            effects = [Effect(one.system, one.key, operating.hindrance(one, deed), one.waiting) for one in locked]
            able = [one for one in locked if operating.hindrance(one, deed) is None]
            if dry_run or not able:
                return effects
            await self._do(connection, deed, able, why, now)
            await self._tell(connection, who, why, deed, able, now)
        self._moved()
        return effects

    async def edit(
        self, who: str, why: str, system: str, key: str, fields: Mapping[str, object], *, dry_run: bool = False
    ) -> Effect:
        """Puts *fields* in place of those of the head's query, checks the whole, and sends it.

        Raises:
            NotFound: There is no such lane.
            Conflict: Its message can't be edited now; the reason says why.
            InvalidRequest: The order with *fields* breaks a rule between its fields.
            ValidationError: One of *fields* is not right.
        """
        now = self._clock.now()
        async with self._store.connection() as connection, connection.transaction():
            locked = await operating.lock(connection, system, [key])
            if not locked:
                raise NotFound(reason="no_lane")
            if (why_not := operating.hindrance(locked[0], "edit")) is not None:
                raise Conflict(reason=why_not)
            sealed = await self._edited(connection, locked[0], fields)
            if not dry_run:
                await operating.edit(connection, locked[0], sealed, now)
                await self._move(connection, locked, "accepted", now)
                await self._tell(connection, who, why, "edit", locked, now, {"fields": sorted(fields)})
        self._moved()
        return Effect(system, key, None, locked[0].waiting)

    async def _edited(self, connection: Connection, lane: Locked, fields: Mapping[str, object]) -> bytes:
        line = self._lines.get(lane.operation or "")
        kept = await operating.body_of(connection, lane)
        if line is None or kept is None:
            raise Conflict(reason="unknown_operation")
        body = load_body(self._store.cipher.decrypt(kept, b"messages.body"))
        merged = {**json.loads(body.query), **fields}
        query = line.order.operation.query.model_validate_json(json.dumps(merged), strict=True)
        line.order.check(query, line.settings, day_in_vietnam(self._clock.now()))
        if line.order.key_of(query) != lane.key:
            raise Conflict(reason="other_key")
        plain = Body(query.model_dump_json(by_alias=True).encode(), body.dossier, body.user, body.trace).dump()
        return self._store.cipher.encrypt(plain, b"messages.body")

    async def _do(self, connection: Connection, deed: Deed, able: Sequence[Locked], why: str, now: datetime) -> None:
        match deed:
            case "retry":
                await operating.retry(connection, able, now)
                await self._move(connection, [one for one in able if one.head_state == "ready"], "accepted", now)
                await self._move(connection, [one for one in able if one.head_state != "ready"], "reconciling", now)
            case "skip":
                await operating.skip(connection, able, why, now)
                await operating.rest(connection, self._settling(able))
            case "cancel":
                await operating.cancel(connection, able, why, now)
                opening = [one for one in able if one.head == 1]
                await self._move(connection, opening, "cancelled", now, ended=True)
            case _:
                raise InvalidRequest("an edit names its fields", reason="edited_order")

    def _settling(self, skipped: Sequence[Locked]) -> dict[int, float]:
        """Seconds for which the followers of *skipped* wait: a late copy must not overwrite what they write."""
        found = {}
        for lane in skipped:
            line = self._lines.get(lane.operation or "")
            if line is not None and line.order.may_repeat_as("overwrites") and lane.uncertain:
                found[lane.id] = line.order.settle_s
        return found

    async def _move(
        self, connection: Connection, lanes: Sequence[Locked], state: str, now: datetime, *, ended: bool = False
    ) -> None:
        await cases.move(connection, [Move(one.id, state, ended=ended) for one in lanes], now)

    async def _tell(
        self,
        connection: Connection,
        who: str,
        why: str,
        deed: Deed,
        lanes: Sequence[Locked],
        now: datetime,
        more: Mapping[str, object] | None = None,
    ) -> None:
        kind = _TOLD[deed]
        await events.add(
            connection, [CaseEvent(one.system, one.key, now, kind, one.head, {"by": "operator"}) for one in lanes]
        )
        if len(lanes) == 1:
            target, detail = f"{lanes[0].system}/{lanes[0].key}", {"seq": lanes[0].head, **(more or {})}
        else:
            target, detail = lanes[0].system, {"keys": [one.key for one in lanes][:MOST_AT_ONCE]}
        await actions.record(connection, Action(who, deed, target, why, now, detail))

    # ---- the record

    async def actions(self, most: int, before: int) -> list[actions.Recorded]:
        """The newest actions before number *before*."""
        async with self._store.connection() as connection:
            return await actions.listed(connection, most, before)

    async def record(self, who: str, what: str, target: str, why: str, detail: Mapping[str, object]) -> None:
        """Records a deed that was done elsewhere."""
        async with self._store.connection() as connection, connection.transaction():
            await actions.record(connection, Action(who, what, target, why, self._clock.now(), detail))
