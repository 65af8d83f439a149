"""Fetches the files that messages name by their address: tried again until they come or their time is over.

A file never holds up its message: that is listed from the beginning, and says of each file where it is.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, LiteralString

import orjson
import psycopg
import structlog

from gateway.core.clock import Clock
from gateway.core.file_types import checked
from gateway.core.lasting import lasting
from gateway.core.problems import GatewayError, Internal
from gateway.durable import crash_points, events, tasks
from gateway.durable.events import CaseEvent
from gateway.durable.inbox import SYSTEM
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreUnavailable

AT_ONCE: Final = 4
POLL_S: Final = 1.0
LEASE_S: Final = 120.0
"""More than a fetch can take."""
FIRST_REST_S: Final = 5.0
LONGEST_REST_S: Final = 3_600.0
NOT_THERE_REST_S: Final = 600.0
"""After the sender said that it has no such file: it may still come."""
log = structlog.get_logger("gateway.durable.inbox_files")


@dataclass(frozen=True, slots=True)
class FileWay:
    """The way to the files of one system.

    *fetch* gets the address and an id for the log, and gives the bytes, None where the sender has no such file; it
    raises :class:`GatewayError`. *room* says how many may be under way now.
    """

    fetch: Callable[[str, str], Awaitable[bytes | None]]
    room: Callable[[], int]


@dataclass(frozen=True, slots=True)
class ClaimedFile:
    """A file that this gateway holds; *info* is sealed."""

    inbox: int
    number: int
    epoch: int
    failures: int
    info: bytes = field(repr=False)
    system: str
    code: str
    received_at: datetime


_CLAIM: Final[LiteralString] = """
with due as (
    select f.inbox, f.number, i.system, i.code, i.received_at
    from inbox_files f join inbox i on i.id = f.inbox
    where f.state = 'waiting' and f.due_at <= %(now)s and i.system = any(%(systems)s)
        and (f.held_until is null or f.held_until <= clock_timestamp())
    order by f.due_at limit %(most)s
    for update of f skip locked
)
update inbox_files f set
    epoch = f.epoch + 1,
    held_until = clock_timestamp() + make_interval(secs => %(lease)s),
    held_by = %(worker)s
from due
where f.inbox = due.inbox and f.number = due.number
returning f.inbox, f.number, f.epoch, f.failures, f.info, due.system, due.code, due.received_at
"""
_SETTLE: Final[LiteralString] = """
update inbox_files set
    state = %(state)s, reason = %(reason)s, due_at = %(due_at)s, failures = %(failures)s,
    media_type = coalesce(%(media_type)s, media_type), size = coalesce(%(size)s, size),
    sha256 = coalesce(%(sha256)s, sha256), body = coalesce(%(body)s, body), held_until = null, held_by = null
where inbox = %(inbox)s and number = %(number)s and epoch = %(epoch)s
returning inbox
"""
_NEVER: Final[LiteralString] = """
update inbox_files f set state = 'missing', reason = coalesce(f.reason, 'not_configured'), due_at = null
from inbox i
where i.id = f.inbox and f.state = 'waiting' and not i.system = any(%s) and i.received_at < %s
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """The state of a file after a try; *body* is sealed."""

    state: str
    reason: str | None = None
    due_at: datetime | None = None
    failures: int = 0
    media_type: str | None = None
    size: int | None = None
    sha256: bytes | None = None
    body: bytes | None = field(default=None, repr=False)


class InboxFiles:
    """The files of one process.

    Args:
        store: Where they are kept.
        business: The clock of days.
        ways: The way to the files of each system.
        worker: A name of this process.
        limit: Bytes of a file.
        days: For how many days a file that does not come is asked for.
        lease_s: For how long a file that is being fetched is left to this gateway.
        moved: Told after each commit.
    """

    def __init__(
        self,
        store: Store,
        business: Clock,
        ways: Mapping[str, FileWay],
        *,
        worker: str,
        limit: int,
        days: float,
        moved: Callable[[], None],
        lease_s: float = LEASE_S,
    ) -> None:
        self._lease_s = lease_s
        self._store = store
        self._business = business
        self._ways = ways
        self._worker = worker
        self._limit = limit
        self._days = days
        self._moved = moved
        self._dice = random.Random()  # noqa: S311  # spreads retries, keeps no secret
        self._due = asyncio.Event()
        self._under_way: set[asyncio.Task[None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._is_open = False

    def adopt(self, ways: Mapping[str, FileWay], *, limit: int, days: float) -> None:
        """Fetches by *ways* from the next turn on; what is under way ends as it began."""
        self._ways, self._limit, self._days = ways, limit, days
        if self._is_open:
            self._begin()

    async def open(self) -> None:
        """Begins to fetch, where there is a way to any file."""
        self._is_open = True
        self._begin()

    def _begin(self) -> None:
        if self._ways and self._task is None:
            self._task = lasting(self._run, self._business, "fetch files of messages")

    async def close(self) -> None:
        """Ends; a file that is on its way is fetched again by another gateway, or after the next start."""
        self._is_open = False
        await tasks.end([] if self._task is None else [self._task])
        await tasks.end(self._under_way)

    def wake(self) -> None:
        """Tells that there may be files."""
        self._due.set()

    async def _run(self) -> None:
        while True:
            try:
                for claimed in await self._claim():
                    task = asyncio.create_task(self._bring(claimed))
                    self._under_way.add(task)
                    task.add_done_callback(self._ended)
            except (StoreUnavailable, psycopg.Error) as error:
                log.warning("files are not looked for", error=type(error).__name__)
                await self._business.sleep(POLL_S)
            try:
                async with self._business.timeout_at(self._business.monotonic() + POLL_S):
                    await self._due.wait()
            except TimeoutError:
                pass  # a notice may be lost
            self._due.clear()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._under_way.discard(task)
        self._due.set()

    async def turn(self) -> int:
        """Fetches the files that are due, and gives their number; for those who wait for the end of it."""
        claimed = await self._claim()
        await asyncio.gather(*map(self._bring, claimed))
        return len(claimed)

    async def _claim(self) -> Sequence[ClaimedFile]:
        free = AT_ONCE - len(self._under_way)
        systems = [name for name, way in self._ways.items() if way.room() > 0]
        if free <= 0 or not systems:
            return []
        async with self._store.connection() as connection:
            cursor = await connection.execute(
                _CLAIM,
                {
                    "now": self._business.now(),
                    "systems": systems,
                    "most": free,
                    "lease": self._lease_s,
                    "worker": self._worker,
                },
            )
            return [ClaimedFile(*row) for row in await cursor.fetchall()]

    async def _bring(self, claimed: ClaimedFile) -> None:
        try:
            settled = await self._fetched(claimed)
        except Exception as error:  # noqa: BLE001  # a bug of ours at one file must not leave it untold
            # Neither its text nor its traceback: they may repeat values.
            log.error("a file was not read", inbox=claimed.inbox, number=claimed.number, error=type(error).__name__)  # noqa: TRY400
            settled = self._again(claimed, Internal.code, 0.0)
        try:
            await self._write(claimed, settled)
        except (StoreUnavailable, psycopg.Error) as error:
            log.warning("a file was not kept", inbox=claimed.inbox, number=claimed.number, error=type(error).__name__)

    async def _fetched(self, claimed: ClaimedFile) -> Settled:
        told = orjson.loads(self._store.cipher.decrypt(claimed.info, b"inbox_files.info"))
        way = self._ways.get(claimed.system)
        if way is None:  # a new configuration has left it out since it was claimed
            return self._again(claimed, "not_configured", FIRST_REST_S)
        crash_points.reach("inbox.file_fetching")
        name = f"inbox-{claimed.inbox}-{claimed.number}-{claimed.epoch}"
        try:
            content = await way.fetch(told["address"], name)
        except GatewayError as error:
            return self._again(claimed, error.reason or error.code, error.retry_after or 0.0)
        if content is None:
            return self._again(claimed, "no_such_file", NOT_THERE_REST_S)
        finding = checked(told["name"], content, self._limit)
        digest = await asyncio.to_thread(hashlib.sha256, content)
        state = "kept" if finding.refused is None else "refused"
        found = Settled(state, finding.refused, None, 0, finding.media_type, len(content), digest.digest())
        if finding.refused is not None:
            return found
        return replace(found, body=await asyncio.to_thread(self._seal, content))

    def _seal(self, content: bytes) -> bytes:
        return self._store.cipher.encrypt(content, b"inbox_files.body")

    def _again(self, claimed: ClaimedFile, reason: str, at_least_s: float) -> Settled:
        now = self._business.now()
        if now - claimed.received_at >= timedelta(days=self._days):
            return Settled("missing", reason, failures=claimed.failures + 1)
        rest = max(at_least_s, min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(claimed.failures, 12)))
        due_at = now + timedelta(seconds=rest * self._dice.uniform(0.9, 1.1))
        return Settled("waiting", reason, due_at, claimed.failures + 1)

    async def _write(self, claimed: ClaimedFile, settled: Settled) -> None:
        async with self._store.connection() as connection, connection.transaction():
            values = {name: getattr(settled, name) for name in Settled.__slots__}
            cursor = await connection.execute(
                _SETTLE, {**values, "inbox": claimed.inbox, "number": claimed.number, "epoch": claimed.epoch}
            )
            if await cursor.fetchone() is None:
                return  # another gateway has taken it over
            if settled.state != "waiting":
                detail: dict[str, object] = {"id": claimed.inbox, "number": claimed.number}
                kind: events.Kind = "file_kept" if settled.state == "kept" else "file_lost"
                if settled.reason is not None:
                    detail["reason"] = settled.reason
                told = CaseEvent(SYSTEM, claimed.code, self._business.now(), kind, detail=detail)
                await events.add(connection, [told])
        if settled.state != "kept":
            log.warning(
                "a file of a message did not come",
                inbox=claimed.inbox,
                number=claimed.number,
                system=claimed.system,
                state=settled.state,
                reason=settled.reason,
            )
        self._moved()


async def give_up(connection: Connection, known: Sequence[str], before: datetime) -> int:
    """Gives up the files of messages from before *before* whose systems this deployment has no way to."""
    cursor = await connection.execute(_NEVER, [list(known), before])
    return cursor.rowcount
