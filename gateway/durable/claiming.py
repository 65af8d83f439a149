"""Claims what may go: once per upstream, the heads of lanes and the cases to look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from gateway.core.clock import Clock
from gateway.durable import cases
from gateway.durable.following import Pace
from gateway.durable.lanes import tables
from gateway.durable.lanes.tables import Claimed, Connection
from gateway.durable.lists import exchanges
from gateway.durable.tracks import BATCH, Track

PACE_S: Final = 10.0
"""How often the open cases of a system are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """Seconds."""

    name: str
    """Of this process, in the table of lanes."""
    lease_s: float = 90.0
    poll_s: float = 1.0


Begun: TypeAlias = tuple[Track, list[list[Claimed]], list[cases.ClaimedCase]]
"""The exchanges and the looks that a claim begins at one upstream."""


class Claims:
    """The claims of one process.

    Args:
        clock: Tells how fast exchanges end.
        settings: Lease and name.
    """

    def __init__(self, clock: Clock, settings: WorkerSettings) -> None:
        self._clock = clock
        self._settings = settings
        self.through: Mapping[tuple[str, str], datetime] = {}
        """When an order of each (system, operation) last got through, as seen with the last claim."""

    async def __call__(self, connection: Connection, tracks: Sequence[Track], now: datetime) -> list[Begun]:
        """Claims for all of *tracks* in the transaction of the caller, which begins what was claimed."""
        prepared = [name for track in tracks for name, line in track.lines.items() if line.order.prepare is not None]
        paused = await tables.paused(connection, now)
        self.through = await tables.passages(connection)
        proof = await tables.proof(connection) if prepared else None
        found = []
        for track in tracks:
            operations = {name for name, line in track.lines.items() if not line.targets & paused}
            parts: list[list[Claimed]] = []
            looks: list[cases.ClaimedCase] = []
            claimable = track.claimable()
            track.count(self._clock.monotonic())
            if operations and claimable > 0:
                proven = proof is not None and proof.holds_for(track.system)
                parts = await self._orders(
                    connection, track, operations, claimable, now, prepared=prepared, proven=proven
                )
            room = track.room() - len(track.waiting) - len(parts)
            if track.followed is not None and room > 0 and operations:
                await self._pace(connection, track)
                looks = await cases.claim(
                    connection,
                    track.system,
                    most=room,
                    now=now,
                    lease_s=self._settings.lease_s,
                    worker=self._settings.name,
                )
            found.append((track, parts, looks))
        return found

    async def _orders(
        self,
        connection: Connection,
        track: Track,
        operations: AbstractSet[str],
        room: int,
        now: datetime,
        *,
        prepared: Sequence[str],
        proven: bool,
    ) -> list[list[Claimed]]:
        """Heads for at most *room* exchanges, in the exchanges in which they go."""
        found: list[list[Claimed]] = []
        track.groups = track.groups[1:] + track.groups[:1]
        for names, pace in track.groups:
            left, able = room - len(found), [name for name in names if name in operations]
            if left <= 0 or not able:
                continue
            claimed = await tables.claim(
                connection,
                track.system,
                able,
                prepared=prepared,
                proven=proven,
                most=min(BATCH, pace.wanted(left)),
                now=now,
                lease_s=self._settings.lease_s,
                worker=self._settings.name,
            )
            parts = [[one] for one in claimed] if pace.most == 1 else exchanges(track.lines[able[0]], claimed)
            back = [one for part in parts[left:] for one in part]
            await tables.give_back(connection, back)
            pace.saw(len(claimed) - len(back), min(left, len(parts)), given_back=bool(back))
            found += parts[:left]
        return found

    async def _pace(self, connection: Connection, track: Track) -> None:
        if self._clock.monotonic() - track.paced_at < PACE_S:
            return
        track.paced_at = self._clock.monotonic()
        line = next(iter(track.lines.values()))
        track.pace = Pace(await cases.open_cases(connection, track.system), *line.road.daily_quota())
