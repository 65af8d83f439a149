"""Tells a store that was restored from a backup: it has forgotten what has left since, so nothing may be sent blindly.

Each gateway counts the turns in which it marks heads to be sent, in a row of its own and in a file of its state folder.
The row is raised in the transaction that marks, the file is written before the first byte leaves: a row that is behind
its file was restored. An operator then says ``lgsp store recovered``, and every message that waits is asked for before
it is sent.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import re
import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, LiteralString

import structlog
from psycopg import AsyncConnection

FOLDER: Final = "store"
_LINE: Final = re.compile(r"(\d+) (\d+)\s*")
_ROOM: Final = 48
"""Bytes of a file's one line, so that it is always overwritten whole."""
TO_DO: Final = "run `lgsp store recovered --reason TEXT`; nothing is sent until then"
log = structlog.get_logger("gateway.durable.recovery")


class RestoredError(Exception):
    """The store was restored from a backup: nothing is sent until an operator says ``lgsp store recovered``."""


@dataclass(frozen=True, slots=True)
class Count:
    """A gateway's number; *generation* rises with each ``lgsp store recovered``, which makes older numbers void."""

    generation: int
    turns: int


_STATE: Final[LiteralString] = "select id, generation, restored_since from store_state"
_ROWS: Final[LiteralString] = "select gateway, turns from store_turns"
_FOUND: Final[LiteralString] = """
update store_state set restored_since = clock_timestamp() where restored_since is null
"""
_BEGIN: Final[LiteralString] = """
insert into store_turns (gateway, turns) values (%s, %s)
on conflict (gateway) do update set marked_at = clock_timestamp()
returning turns
"""
_RAISE: Final[LiteralString] = """
update store_turns m set turns = m.turns + 1, marked_at = clock_timestamp()
from store_state s where m.gateway = %s
returning s.generation, m.turns, s.restored_since is not null
"""


class TurnCounter:
    """The count of one gateway. *folder*: the state folder; None keeps it in memory alone, so that only a store that is
    restored under a running gateway is noticed.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._gateway = uuid.uuid4()
        self._file: int | None = None
        self._own = Count(0, 0)
        self.restored = False

    async def open(self, connection: AsyncConnection[Any]) -> None:
        """Compares the store with what the state folder knows of it."""
        cursor = await connection.execute(_STATE)
        row = await cursor.fetchone()
        assert row is not None, "the migration made it"
        store, generation, since = row
        outside = await asyncio.to_thread(self._read, store)
        cursor = await connection.execute(_ROWS)
        inside = dict(await cursor.fetchall())
        behind = any(
            one.generation > generation or (one.generation == generation and inside.get(gateway, 0) < one.turns)
            for gateway, one in outside.items()
        )
        if behind:
            await connection.execute(_FOUND)
        self.restored = behind or since is not None
        if self.restored:
            log.error("store restored", do=TO_DO)
            return
        await self._begin(connection, generation)

    async def count_turn(self, connection: AsyncConnection[Any]) -> Count:
        """One more turn, in the transaction that marks heads; :meth:`keep` it after the commit.

        Raises:
            RestoredError: The store is behind: the transaction must be rolled back.
        """
        cursor = await connection.execute(_RAISE, [self._gateway])
        row = await cursor.fetchone()
        if row is None:
            cursor = await connection.execute(_STATE)
            state = await cursor.fetchone()
            assert state is not None, "the migration made it"
            row = state[1], 1, state[2] is not None
            await connection.execute(_BEGIN, [self._gateway, 1])
        generation, turns, flagged = row
        own = self._own
        if flagged or generation < own.generation or (generation == own.generation and turns <= own.turns):
            raise RestoredError
        return Count(generation, turns)

    async def keep(self, count: Count) -> None:
        """Writes *count* outside the store, before a byte leaves."""
        self._own = count
        if self._file is None:
            return
        try:
            await asyncio.to_thread(os.pwrite, self._file, _line(count), 0)
        except OSError as error:
            log.warning("count not kept outside the store", error=error.strerror)

    async def look(self, connection: AsyncConnection[Any]) -> None:
        """Learns whether the store is found restored, or was declared recovered."""
        cursor = await connection.execute(_STATE)
        row = await cursor.fetchone()
        if row is None:
            return
        generation, since = row[1:]
        if since is not None:
            self.restored = True
        elif self.restored and generation <= self._own.generation:
            await connection.execute(_FOUND)
            log.error("store restored", do=TO_DO)
        elif self.restored:
            await self._begin(connection, generation)
            self.restored = False
            log.warning("store recovered")

    def close(self) -> None:
        """Gives the file to the next gateway."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    async def _begin(self, connection: AsyncConnection[Any], generation: int) -> None:
        cursor = await connection.execute(_BEGIN, [self._gateway, 0])
        row = await cursor.fetchone()
        await self.keep(Count(generation, row[0] if row else 0))

    def _read(self, store: uuid.UUID) -> dict[uuid.UUID, Count]:
        """The numbers of all gateways of this state folder; the file of one that is gone becomes ours."""
        if self._folder is None:
            return {}
        found: dict[uuid.UUID, Count] = {}
        folder = self._folder / FOLDER / str(store)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for path in sorted(folder.iterdir()):
                with suppress(ValueError):
                    gateway = uuid.UUID(path.name)
                    if match := _LINE.fullmatch(path.read_text(encoding="ascii")):
                        found[gateway] = Count(int(match[1]), int(match[2]))
                    if self._file is None:
                        self._take(path)
            if self._file is None:
                self._take(folder / str(self._gateway))
        except OSError as error:
            log.warning(
                "no state folder: a store that is restored from a backup is not noticed at the next start",
                folder=str(folder),
                error=error.strerror,
            )
        self._own = found.get(self._gateway, self._own)
        return found

    def _take(self, path: Path) -> None:
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(file)
            return
        self._file, self._gateway = file, uuid.UUID(path.name)


def _line(count: Count) -> bytes:
    return f"{count.generation} {count.turns}".ljust(_ROOM - 1).encode() + b"\n"


# ---- what an operator says


_ASK_ALL: Final[LiteralString] = """
update lanes set
    head_state = 'unknown', may_have_arrived = true, ask_until = tail, marked_at = clock_timestamp(), left_at = null,
    looks = 0, resent = 0, held_until = null, held_by = null, epoch = epoch + 1,
    due_at = case when state = 'open' then %(now)s else due_at end
where head <= tail
"""
_LOOK_AGAIN: Final[LiteralString] = """
update cases set follow_at = %(now)s, held_until = null, held_by = null, epoch = epoch + 1 where follow_at is not null
"""
# The time, because a store that is restored twice must not come to a number that was there before.
_RECOVERED: Final[LiteralString] = """
update store_state set restored_since = null,
    generation = greatest(generation + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)
"""


@dataclass(frozen=True, slots=True)
class Recovered:
    """How much is asked for again."""

    orders: int
    cases: int


async def recovered(connection: AsyncConnection[Any], now: datetime) -> Recovered:
    """Makes every waiting message of unknown outcome, and lets gateways send again; in the caller's transaction.

    *now* is business time.
    """
    await connection.execute("lock table lanes in share row exclusive mode")  # no worker claims meanwhile
    lanes = await connection.execute(_ASK_ALL, {"now": now})
    cases = await connection.execute(_LOOK_AGAIN, {"now": now})
    await connection.execute("delete from store_turns")
    await connection.execute(_RECOVERED)
    return Recovered(lanes.rowcount, cases.rowcount)
