"""Looks at one case, or fetches its file, and says what the store keeps of it."""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final, Literal, TypeAlias

import structlog

from gateway.core import working_days
from gateway.core.canonical import Canonical, Content
from gateway.core.days import VIETNAM
from gateway.core.durable import Following
from gateway.core.papers import Expected, PaperFinding
from gateway.core.problems import GatewayError, OffContract
from gateway.core.upstream import Upstream
from gateway.durable import crash_points
from gateway.durable.cases import CaseChange, ClaimedCase, FileRow
from gateway.durable.encryption import RowCipher
from gateway.durable.events import CaseEvent, Kind
from gateway.durable.order_traces import OrderTraces
from gateway.durable.orders import Errand, Line, load_body, query_of

EVERY_S: Final = 900.0
"""Between two looks at a case, where the quota allows it."""
IDLE_S: Final = 3600.0
"""The same while offices are closed."""
WATCH_S: Final = 86_400.0
"""Between two looks at a case that has ended with a file: it may be withdrawn."""
WATCH_DAYS: Final = 30
"""How long such a case is still looked at."""
FIRST_LOOK_S: Final = 60.0
LONGEST_REST_S: Final = 3600.0
TOLD_AFTER: Final = 3
"""Looks that fail one after the other because of what the system answers, until the operator is told."""
MOST_FILE_BYTES: Final = 16 * 1024 * 1024
log = structlog.get_logger("gateway.durable.following")

Ask: TypeAlias = Callable[[Any, Upstream[Any]], Awaitable[Any]]
"""A dialect's function."""


CheckFile: TypeAlias = Callable[[bytes, Expected], Awaitable[PaperFinding]]
"""Says whether a file is what it should be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """The cases of one system: the line that opened them, and the dialect's functions for looking at them."""

    line: Line
    following: Following
    look: Ask
    fetch: Ask | None
    check: CheckFile | None

    @property
    def system(self) -> str:
        return self.line.system


@dataclass(frozen=True, slots=True)
class Looked:
    """A look that has ended: what is written of it, in one transaction."""

    case: ClaimedCase
    change: CaseChange
    events: tuple[CaseEvent, ...] = ()
    file: FileRow | Literal["drop"] | None = None


@dataclass(frozen=True, slots=True)
class Pace:
    """How often cases are looked at.

    *open*: how many are followed; *left*: exchanges that are left for it today, None without a quota.
    """

    open: int = 0
    left: int | None = None
    day_left_s: float = 86_400.0

    def every(self, now: datetime) -> float:
        """Seconds between two looks at a case, so that all cases together stay within the quota of the day."""
        local = now.astimezone(VIETNAM)
        open_now = working_days.works(local.date()) and 7 <= local.hour < 18  # office hours
        own = EVERY_S if open_now else IDLE_S
        if self.left is None:
            return own
        return max(own, self.day_left_s * self.open / max(1, self.left))


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks at claimed cases."""

    cipher: RowCipher
    dice: random.Random
    traces: OrderTraces = field(default_factory=OrderTraces)

    async def __call__(self, followed: Followed, case: ClaimedCase, now: datetime, pace: Pace) -> Looked:
        """Looks at *case*, or fetches the file that it waits for."""
        name, facts = f"follow {case.system}", {"lgsp.state": case.state}
        with self.traces.span(name, facts, [case.trace or ""], apart=True) as span:
            looked = await self._looked(followed, case, now, pace)
            if span is not None and looked.change.state is not None:
                span.note("lgsp.outcome", looked.change.state)
        return looked

    async def _looked(self, followed: Followed, case: ClaimedCase, now: datetime, pace: Pace) -> Looked:
        try:
            if case.file_state == "wanted" and followed.fetch is not None:
                return await self._fetch(followed, followed.fetch, case, now, pace)
            return await self._look(followed, case, now, pace)
        except asyncio.CancelledError:
            return Looked(case, CaseChange(case.id, case.epoch, now, case.failures))
        except Exception as error:  # noqa: BLE001  # one case must not stop the others
            return self._failed(case, error, now, pace)

    async def _look(self, followed: Followed, case: ClaimedCase, now: datetime, pace: Pace) -> Looked:
        following = followed.following
        answer = await self._ask(followed, followed.look, case)
        crash_points.reach("follow.asked")
        if answer is None:
            return self._failed(case, None, now, pace)
        state = following.state_of(answer)
        change = CaseChange(
            case.id,
            case.epoch,
            self._next(now, pace),
            state=state,
            data=self.cipher.encrypt(answer.model_dump_json(by_alias=True).encode(), b"cases.data"),
            source_id=following.source_id_of(answer),
            looked_at=now,
            ended_at=now if state in following.ended else None,
        )
        told = () if state == case.state else (self._event(case, now, "state", {"state": state}),)
        if following.withdrawn(answer):
            return self._withdrawn(case, change, told, now)
        if followed.fetch is not None and following.file_ready(answer) and case.file_state in {"none", "bad"}:
            soon = now if case.file_state == "none" else change.follow_at
            return Looked(case, replace(change, file_state="wanted", follow_at=soon), told)
        if state in following.ended:
            change = replace(change, follow_at=_watch(case, now))
        return Looked(case, change, told)

    def _withdrawn(self, case: ClaimedCase, change: CaseChange, told: tuple[CaseEvent, ...], now: datetime) -> Looked:
        if case.file_state != "withdrawn":
            told = (*told, self._event(case, now, "state", {"state": "withdrawn", "what": "certificate"}))
        return Looked(case, replace(change, file_state="withdrawn", follow_at=_watch(case, now)), told, "drop")

    async def _fetch(self, followed: Followed, fetch: Ask, case: ClaimedCase, now: datetime, pace: Pace) -> Looked:
        crash_points.reach("certificate.fetching")
        answer = await self._ask(followed, followed.look, case)
        found = await self._ask(followed, fetch, case)
        if answer is None or not isinstance(found, Content):
            return self._failed(case, None, now, pace)
        body = await read_file(found)
        finding = await self._check(followed, case, answer, body)
        if body is None or not finding.deliverable:
            log.warning("a file was rejected", system=case.system, case=case.id, result=finding.result)
            change = CaseChange(case.id, case.epoch, now + timedelta(seconds=IDLE_S), file_state="bad")
            if finding.result == case.rejected:
                return Looked(case, change)  # told already
            detail = {"reason": finding.result, "sha256": finding.sha256}
            return Looked(case, change, (self._event(case, now, "certificate_rejected", detail),))
        digest = bytes.fromhex(finding.sha256)
        sealed = await asyncio.to_thread(self.cipher.encrypt, body, b"files.body")
        file = FileRow(case.id, found.media_type, found.filename, digest, sealed, now)
        told = self._event(
            case, now, "certificate", {"sha256": finding.sha256, "bytes": len(body), "compared": [*finding.compared]}
        )
        return Looked(case, CaseChange(case.id, case.epoch, _watch(case, now), file_state="kept"), (told,), file)

    async def _check(
        self, followed: Followed, case: ClaimedCase, answer: Canonical, body: bytes | None
    ) -> PaperFinding:
        if body is None:
            return PaperFinding("too_large", "")
        if followed.check is None:
            return PaperFinding("good", hashlib.sha256(body).hexdigest())
        order = None
        if case.body is not None:
            kept = load_body(self.cipher.decrypt(case.body, b"messages.body"))
            order = query_of(followed.line.order.operation, kept)
        return await followed.check(body, followed.following.expected(order, answer))

    async def _ask(self, followed: Followed, ask: Ask, case: ClaimedCase) -> Any:
        following = followed.following
        errand = Errand(
            operation=following.operation,
            query=following.question(case.key),
            caller=case.caller,
            request_id=f"follow-{case.id}-{case.epoch}",
            purpose=None,
            seconds=following.operation.deadline_s,
        )
        return await ask(errand.query, followed.line.road.upstream(errand))

    def _failed(self, case: ClaimedCase, error: Exception | None, now: datetime, pace: Pace) -> Looked:
        if error is not None and not isinstance(error, GatewayError):
            log.error("look at a case failed in the gateway", error=type(error).__name__, case=case.id)
        if isinstance(error, OffContract) and case.failures + 1 == TOLD_AFTER:
            told_of = {"system": case.system, "key": case.key, "reason": error.reason, "state": case.state}
            log.warning("the answer about a case can't be read: it keeps its last state", **told_of)
        rest = min(LONGEST_REST_S, FIRST_LOOK_S * 2.0 ** min(case.failures, 10))
        told = error.retry_after if isinstance(error, GatewayError) and error.retry_after else 0.0
        rest = max(rest, told) if error is not None else max(rest, pace.every(now))
        change = CaseChange(case.id, case.epoch, now + timedelta(seconds=self._jittered(rest)), case.failures + 1)
        return Looked(case, change)

    def _next(self, now: datetime, pace: Pace) -> datetime:
        return now + timedelta(seconds=self._jittered(pace.every(now)))

    def _jittered(self, seconds: float) -> float:
        return seconds * self.dice.uniform(0.9, 1.1)

    @staticmethod
    def _event(case: ClaimedCase, now: datetime, kind: Kind, detail: Mapping[str, object]) -> CaseEvent:
        return CaseEvent(case.system, case.key, now, kind, detail=detail)


def _watch(case: ClaimedCase, now: datetime) -> datetime | None:
    """When a case that has ended is looked at again."""
    since = case.ended_at or now
    return now + timedelta(seconds=WATCH_S) if now - since < timedelta(days=WATCH_DAYS) else None


async def read_file(content: Content) -> bytes | None:
    """The bytes of *content*, None where they are more than a file may have."""
    found = bytearray()
    async for chunk in content.chunks:
        found += chunk
        if len(found) > MOST_FILE_BYTES:
            if content.on_its_way is not None:
                await content.on_its_way.aclose()
            return None
    return bytes(found)
