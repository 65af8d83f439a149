"""Lets the last bytes of messages leave: each asks once more for its lease, for a pause and for the drain.

All that wait are looked at in one short transaction that shares a lock with every pause, so a pause that has committed
finds no byte still on its way out.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import psycopg
import structlog

from gateway.core.lasting import facts_of
from gateway.core.message import HeldBack
from gateway.durable import crash_points, tasks
from gateway.durable.lanes import tables
from gateway.durable.store import Store, StoreUnavailable

BATCH: Final = 500
WINDOW_S: Final = 1.0
"""How long a permission holds: less than the time after which the database ends an idle transaction."""
DRAINING: Final = "draining"
LEASE_LOST: Final = "lease_lost"
PAUSED: Final = "paused"
STORE: Final = "store"
log = structlog.get_logger("gateway.durable.release")


def boot_time() -> float:
    """Seconds since the machine started, with those in which the process or the machine stood still."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _check_time(until: float) -> None:
    if boot_time() > until:
        raise HeldBack(LEASE_LOST)


@dataclass(slots=True)
class Permission:
    """Given to several gates at *began*, in seconds of :func:`boot_time`; it holds until all have *left*."""

    began: float
    waiting: int = 0
    left: asyncio.Event = field(default_factory=asyncio.Event)

    def end_one(self) -> None:
        self.waiting -= 1
        if not self.waiting:
            self.left.set()


@dataclass(slots=True)
class LaneGate:
    """The gate of one message, with the heads of one lane or of several: all of them leave, or none.

    Args:
        heads: The lanes, each with the epoch that it was claimed with.
        targets: The pauses that hold it back.
        until: When its bytes are too late to leave, in seconds of :func:`boot_time`.
    """

    releases: Releases
    heads: tuple[tuple[int, int], ...]
    targets: frozenset[str]
    until: float
    released: bool = False
    refused: str | None = None
    asked: asyncio.Future[Permission] | None = None
    permission: Permission | None = None

    async def release(self) -> None:
        try:
            _check_time(min(self.until, (await self.releases.ask(self)).began + WINDOW_S))
        except BaseException as error:
            self.refused = str(error) if isinstance(error, HeldBack) else self.refused
            self._end()
            raise
        self.released, self.refused = True, None

    def permit(self, permission: Permission) -> None:
        """Lets it leave, where it still waits."""
        if self.asked is not None and not self.asked.done():
            self.permission = permission
            permission.waiting += 1
            self.asked.set_result(permission)

    def refuse(self, why: str) -> None:
        """Holds it back, where it still waits."""
        if self.asked is not None and not self.asked.done():
            self.asked.set_exception(HeldBack(why))

    def left(self) -> None:
        crash_points.reach("send.bytes_left")
        self._end()

    def _end(self) -> None:
        if self.permission is not None:
            self.permission.end_one()
            self.permission = None


class Releases:
    """Looks at all waiting gates together."""

    def __init__(self, store: Store, now: Callable[[], datetime]) -> None:
        self._store = store
        self._now = now
        self._waiting: list[LaneGate] = []
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.draining = False

    async def open(self) -> None:
        """Begins to look."""
        self._task = asyncio.create_task(self._run(), name="releases")

    async def close(self) -> None:
        """Ends; what still waits is held back."""
        self.draining = True
        if self._task is not None:
            await tasks.end([self._task])
        self._refuse(self._waiting, DRAINING)

    async def ask(self, gate: LaneGate) -> Permission:
        """Waits for the next look; raises :class:`HeldBack`."""
        if self.draining:
            raise HeldBack(DRAINING)
        gate.asked = asyncio.get_running_loop().create_future()
        self._waiting.append(gate)
        self._wake.set()
        return await gate.asked

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
                try:
                    await self._look(batch)
                except (StoreUnavailable, psycopg.Error):
                    self._refuse(batch, STORE)
                except Exception as error:  # noqa: BLE001  # what breaks here must not keep messages waiting
                    log.error("messages held back", messages=len(batch), **facts_of(error))  # noqa: TRY400  # no values
                    self._refuse(batch, STORE)
                except asyncio.CancelledError:
                    self._refuse(batch, DRAINING)
                    raise

    async def _look(self, batch: list[LaneGate]) -> None:
        async with self._store.connection() as connection, connection.pipeline(), connection.transaction():
            permission = Permission(boot_time())
            await tables.share_pause_lock(connection)
            paused = await tables.paused(connection, self._now())
            held = await tables.still_held(connection, [head for gate in batch for head in gate.heads])
            for gate in batch:
                if self.draining:
                    gate.refuse(DRAINING)
                elif not held.issuperset(gate.heads):
                    gate.refuse(LEASE_LOST)
                elif gate.targets & paused:
                    gate.refuse(PAUSED)
                else:
                    gate.permit(permission)
            if permission.waiting:
                _, late = await asyncio.wait({asyncio.ensure_future(permission.left.wait())}, timeout=WINDOW_S)
                for one in late:
                    one.cancel()

    @staticmethod
    def _refuse(gates: list[LaneGate], why: str) -> None:
        for gate in gates:
            gate.refuse(why)
