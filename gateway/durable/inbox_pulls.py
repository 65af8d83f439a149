"""Asks systems by the clock for what they have for the province, and keeps it in the inbox.

A system is told that the province has a message after the commit, and never before: what was lost between the two is
asked for again, and is the same message. One gateway at a time asks a system.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, LiteralString

import psycopg
import structlog

from gateway.core.clock import Clock
from gateway.core.days import day_in_vietnam
from gateway.core.inbound import UNKNOWN, Pulled, PulledPage, PullPace, PullQuestion
from gateway.core.lasting import lasting
from gateway.core.problems import CallerError, GatewayError, Internal, OffContract
from gateway.durable import crash_points, tasks
from gateway.durable.store import Store, StoreUnavailable

POLL_S: Final = 1.0
FIRST_REST_S: Final = 60.0
LONGEST_REST_S: Final = 3_600.0
MOST_DAYS: Final = 31
"""Days that one turn asks about."""
AT_ONCE: Final = 100
"""Messages that are brought to the disk together, and confirmed together."""
KNOWN_DAYS: Final = 2 * MOST_DAYS
"""For how long a message that is given no more is known again."""
MOST_PAGES: Final = 1_000
"""Pages of one turn, after which the next turn goes on."""
log = structlog.get_logger("gateway.durable.inbox_pulls")

_KNOW: Final[LiteralString] = """
insert into inbox_pulls (system, due_at, since) select s, %(now)s, %(now)s from unnest(%(systems)s::text[]) as s
on conflict do nothing
"""
_CLAIM: Final[LiteralString] = """
with due as (
    select p.system from inbox_pulls p
    join unnest(%(systems)s::text[], %(every)s::float8[]) as w(system, every) using (system)
    where least(p.due_at, case when p.failures = 0 then p.pulled_at + make_interval(secs => w.every) end) <= %(now)s
        and (p.held_until is null or p.held_until <= clock_timestamp())
    for update of p skip locked
)
update inbox_pulls p set
    epoch = p.epoch + 1, held_until = clock_timestamp() + make_interval(secs => %(lease)s), held_by = %(worker)s
from due where p.system = due.system
returning p.system, p.epoch, p.failures, p.reached
"""
_RENEW: Final[LiteralString] = """
update inbox_pulls set held_until = clock_timestamp() + make_interval(secs => %s)
where system = %s and epoch = %s returning system
"""
_SETTLE: Final[LiteralString] = """
update inbox_pulls set
    due_at = %(due_at)s, reached = coalesce(%(reached)s, reached), pulled_at = coalesce(%(pulled_at)s, pulled_at),
    failing_since = case when %(failures)s > 0 then coalesce(failing_since, %(now)s) end,
    kept = kept + %(kept)s, left_out = %(left_out)s, failures = %(failures)s, reason = %(reason)s,
    held_until = null, held_by = null
where system = %(system)s and epoch = %(epoch)s
"""
_GIVE_BACK: Final[LiteralString] = """
update inbox_pulls set held_until = null, held_by = null where held_by = %s
"""
_SEEN: Final[LiteralString] = "select digest from inbox_pulled where system = %s and digest = any(%s)"
_SAW: Final[LiteralString] = """
insert into inbox_pulled (system, digest, seen_on) select %s, d, %s from unnest(%s::bytea[]) as d
on conflict (system, digest) do update set seen_on = excluded.seen_on where inbox_pulled.seen_on < excluded.seen_on
"""
_FORGET: Final[LiteralString] = "delete from inbox_pulled where system = %s and seen_on < %s"


class LeaseLostError(Exception):
    """Another gateway asks the system now."""


@dataclass(frozen=True, slots=True)
class PullWay:
    """The way to what one system has.

    *page* and *confirm* get an id for the log and raise :class:`GatewayError`; *confirm* is None where the system is
    not told. *room* says whether it may be asked now.
    """

    pace: PullPace
    page: Callable[[PullQuestion, str], Awaitable[PulledPage]]
    confirm: Callable[[Sequence[str], str], Awaitable[None]] | None
    room: Callable[[], int]


@dataclass(frozen=True, slots=True)
class ClaimedPull:
    """A system that this gateway asks now."""

    system: str
    epoch: int
    failures: int
    reached: date | None


@dataclass(slots=True)
class Found:
    """The messages of one turn so far."""

    new: int = 0
    repeated: int = 0
    unknown: int = 0
    """Of the new ones, those that nobody could read."""
    left_out: int = 0
    confirmed: set[str] = field(default_factory=set)


class InboxPulls:
    """The loop of one process.

    Args:
        store: Where it is kept which system was asked when.
        business: The clock of days.
        ways: The way to each system that is asked.
        keep: Keeps a message of a system on disk; whether it was there before. Raises :class:`GatewayError`.
        digest: The hash of a message, equal for equal ones, from which nothing can be read.
        worker: A name of this process.
    """

    def __init__(
        self,
        store: Store,
        business: Clock,
        ways: Mapping[str, PullWay],
        keep: Callable[[str, Pulled, str], Awaitable[bool]],
        digest: Callable[[Pulled], bytes],
        *,
        worker: str,
    ) -> None:
        self._digest = digest
        self._store = store
        self._business = business
        self._ways = ways
        self._keep = keep
        self._worker = worker
        self._lease_s = store.settings.lease_s
        self._known: frozenset[str] = frozenset()
        self._dice = random.Random()  # noqa: S311  # spreads retries, keeps no secret
        self._under_way: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_open = False

    @property
    def systems(self) -> list[str]:
        """The systems that are asked."""
        return list(self._ways)

    def adopt(self, ways: Mapping[str, PullWay]) -> None:
        """Asks by *ways* from the next turn on; what is under way ends as it began."""
        self._ways = ways
        if self._is_open:
            self._begin()

    async def open(self) -> None:
        """Begins to ask, where there is a system to be asked."""
        self._is_open = True
        self._begin()

    def _begin(self) -> None:
        if self._ways and self._task is None:
            self._task = lasting(self._run, self._business, "ask for what systems have")
            log.info("systems are asked for what they have", systems=self.systems)

    async def close(self) -> None:
        """Ends; another gateway, or the next start, goes on."""
        self._is_open = False
        await tasks.end([] if self._task is None else [self._task])
        await tasks.end(self._under_way)
        if self._task is not None:
            try:
                async with self._store.connection() as connection:
                    await connection.execute(_GIVE_BACK, [self._worker])
            except (StoreUnavailable, psycopg.Error) as error:
                log.debug("the lease runs out by itself", error=type(error).__name__)

    async def _run(self) -> None:
        while True:
            try:
                for claimed in await self._claim():
                    task = asyncio.create_task(self._bring(claimed))
                    self._under_way.add(task)
                    task.add_done_callback(self._under_way.discard)
            except (StoreUnavailable, psycopg.Error) as error:
                log.warning("systems are not asked: the store is not well", error=type(error).__name__)
            await self._business.sleep(POLL_S)

    async def turn(self) -> int:
        """Asks the systems that are due, and gives their number; for those who wait for the end of it."""
        claimed = await self._claim()
        await asyncio.gather(*map(self._bring, claimed))
        return len(claimed)

    async def _claim(self) -> list[ClaimedPull]:
        free = {name: way for name, way in self._ways.items() if way.room() > 0}
        if not free:
            return []
        values = {
            "now": self._business.now(),
            "systems": list(free),
            "every": [way.pace.every_s for way in free.values()],
            "lease": self._lease_s,
            "worker": self._worker,
        }
        async with self._store.connection() as connection, connection.transaction():
            if not self._known.issuperset(free):
                await connection.execute(_KNOW, values)
            cursor = await connection.execute(_CLAIM, values)
            claimed = [ClaimedPull(*row) for row in await cursor.fetchall()]
        self._known |= frozenset(free)
        return claimed

    async def _bring(self, claimed: ClaimedPull) -> None:
        way = self._ways.get(claimed.system)
        if way is None:  # a new configuration has left it out since it was claimed
            return
        found, now = Found(), self._business.now()
        first, last = days(now, claimed.reached, way.pace.days)
        try:
            whole = await self._all(claimed, way, (first, last), found)
        except LeaseLostError:
            return
        except (StoreUnavailable, psycopg.Error) as error:
            log.warning("messages of a system were not asked for", system=claimed.system, error=type(error).__name__)
            return  # asked for again when the lease has run out
        except Exception as error:  # noqa: BLE001  # a bug of ours at one system must not stop the others
            await self._settle(claimed, found, self._failed(claimed, way, error, now))
            return
        rest = timedelta(seconds=way.pace.every_s if whole and last == day_in_vietnam(now) else 0.0)
        done = {"now": now, "due_at": now + rest, "reached": last if whole else None, "pulled_at": now}
        await self._settle(claimed, found, {**done, "failures": 0, "reason": None})

    async def _all(self, claimed: ClaimedPull, way: PullWay, period: tuple[date, date], found: Found) -> bool:
        """Keeps all that the system has of a period; whether that was all."""
        first, last = period
        token: str | None = None
        for number in range(MOST_PAGES):
            name = f"pull-{claimed.system}-{claimed.epoch}-{number}"
            question = PullQuestion(system=claimed.system, first=first, last=last, page_token=token)
            page = await way.page(question, name)
            messages = (*page.messages, *(page.unread if page.more else ()))
            left_out = page.left_out + len(page.messages) + len(page.unread) - len(messages)
            receipts, lost = await self._kept(claimed, messages, name, found)
            crash_points.reach("pull.kept")
            await self._still_held(claimed)
            token = page.next_page_token
            if way.confirm is None:
                found.left_out += left_out + lost
            else:
                found.left_out = max(found.left_out, left_out + lost)  # they come with each page again
                await self._confirm(way.confirm, receipts, name, found, go_on=page.more)
            if token is None and not (page.more and way.confirm is not None):
                return True
        return False

    async def _confirm(
        self,
        confirm: Callable[[Sequence[str], str], Awaitable[None]],
        receipts: Sequence[str],
        name: str,
        found: Found,
        *,
        go_on: bool,
    ) -> None:
        """Tells the system that it need not give these again; one that it refuses does not stop those beside it.

        Raises:
            OffContract: More wait behind these, and there is none that was not confirmed: it would go on for ever.
        """
        fresh = [one for one in dict.fromkeys(receipts) if one not in found.confirmed]
        if go_on and not fresh:
            raise OffContract("Messages that can't be confirmed hold up those behind them.", reason="off_contract")
        for start in range(0, len(fresh), AT_ONCE):
            some = fresh[start : start + AT_ONCE]
            try:
                await confirm(some, name)
            except CallerError:
                for one in some if len(some) > 1 else ():
                    with suppress(CallerError):
                        await confirm([one], name)
            found.confirmed.update(some)
            crash_points.reach("pull.confirmed")

    async def _kept(
        self, claimed: ClaimedPull, messages: Sequence[Pulled], name: str, found: Found
    ) -> tuple[list[str], int]:
        """Keeps the messages of a page: the receipts of those that are on disk, and the number of the others."""

        async def keep(one: Pulled) -> bool | None:
            try:
                return await self._keep(claimed.system, one, name)
            except (CallerError, Internal, ArithmeticError, TypeError, ValueError) as error:
                # Neither its text nor its traceback: they may repeat values.
                log.error("a message of a system was not kept", system=claimed.system, error=type(error).__name__)  # noqa: TRY400
                return None  # those beside it are

        receipts, left = list[str](), 0
        for start in range(0, len(messages), AT_ONCE):
            some = {self._digest(one): one for one in messages[start : start + AT_ONCE]}
            known = await self._known_again(claimed.system, list(some))
            fresh = {digest: one for digest, one in some.items() if digest not in known}
            there = dict(zip(fresh, await asyncio.gather(*map(keep, fresh.values())), strict=True))
            lost = {digest for digest, was in there.items() if was is None}
            new = [digest for digest, was in there.items() if was is False]
            found.new += len(new)
            found.unknown += sum(fresh[digest].kind == UNKNOWN for digest in new)
            found.repeated += len(some) - len(lost) - len(new)
            await self._saw(claimed.system, [digest for digest in some if digest not in lost])
            receipts += [one.receipt for digest, one in some.items() if digest not in lost]
            left += len(lost)
        return receipts, left

    async def _known_again(self, system: str, digests: Sequence[bytes]) -> set[bytes]:
        async with self._store.connection() as connection:
            cursor = await connection.execute(_SEEN, [system, digests])
            return {bytes(row[0]) for row in await cursor.fetchall()}

    async def _saw(self, system: str, digests: Sequence[bytes]) -> None:
        """Knows them again; those that are on disk, or were before they were deleted."""
        today = day_in_vietnam(self._business.now())
        async with self._store.connection() as connection, connection.transaction():
            await connection.execute(_SAW, [system, today, sorted(digests)])
            await connection.execute(_FORGET, [system, today - timedelta(days=KNOWN_DAYS)])

    async def _still_held(self, claimed: ClaimedPull) -> None:
        async with self._store.connection() as connection:
            cursor = await connection.execute(_RENEW, [self._lease_s, claimed.system, claimed.epoch])
            if await cursor.fetchone() is None:
                raise LeaseLostError

    def _failed(self, claimed: ClaimedPull, way: PullWay, error: Exception, now: datetime) -> dict[str, object]:
        ours = error if isinstance(error, GatewayError) else Internal(type(error).__name__)
        own = min(LONGEST_REST_S, way.pace.every_s, FIRST_REST_S * 2.0 ** min(claimed.failures, 12))
        rest = max(own * self._dice.uniform(0.9, 1.1), ours.retry_after or 0.0)
        reason = ours.reason or ours.code
        log.warning(
            "messages of a system were not asked for",
            system=claimed.system,
            reason=reason,
            error=None if error is ours else type(error).__name__,
            failures=claimed.failures + 1,
        )
        return {
            "now": now,
            "due_at": now + timedelta(seconds=rest),
            "reached": None,
            "pulled_at": None,
            "failures": claimed.failures + 1,
            "reason": reason,
        }

    async def _settle(self, claimed: ClaimedPull, found: Found, end: Mapping[str, object]) -> None:
        values = {**end, "system": claimed.system, "epoch": claimed.epoch, "kept": found.new}
        try:
            async with self._store.connection() as connection:
                await connection.execute(_SETTLE, {**values, "left_out": found.left_out})
        except (StoreUnavailable, psycopg.Error) as error:
            log.warning("a turn of asking was not written", system=claimed.system, error=type(error).__name__)
        if found.new or found.left_out:
            told = log.warning if found.left_out or found.unknown else log.info
            told(
                "messages of a system kept",
                system=claimed.system,
                new=found.new,
                repeated=found.repeated,
                unknown=found.unknown,
                left_out=found.left_out,
            )


def days(now: datetime, reached: date | None, usual: int) -> tuple[date, date]:
    """The first and the last day to ask about: the *usual* number of days, and those since *reached*.

    At most :data:`MOST_DAYS`; the last is before today where that is not enough.
    """
    today = day_in_vietnam(now)
    first = today - timedelta(days=usual - 1)
    if reached is not None and reached < first:
        first = reached
    return first, min(today, first + timedelta(days=MOST_DAYS - 1))
