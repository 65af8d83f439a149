"""The queue of writes to the shared store: bounded, the newest of each name."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final

from gateway.pipeline.cache.invalidation import Tag
from gateway.pipeline.cache.store import Entry

MOST_WRITES: Final = 10_000
MOST_BYTES: Final = 32 * 1024 * 1024
MOST_PURGES: Final = 5_000
MOST_RUBBISH: Final = 1_000
MOST_RENEWALS: Final = 2_000


class WriteBehindQueue:
    """Writes, purges and deletions that wait. If there are too many writes, the oldest are dropped: they are only
    copies. If there are too many purges, they become one purge of everything: a purge is never dropped.
    """

    def __init__(
        self,
        everything: Sequence[Tag],
        *,
        most_writes: int = MOST_WRITES,
        most_bytes: int = MOST_BYTES,
        most_purges: int = MOST_PURGES,
    ) -> None:
        self._everything = everything
        self._most_writes = most_writes
        self._most_bytes = most_bytes
        self._most_purges = most_purges
        self._writes: OrderedDict[bytes, Entry] = OrderedDict()
        self._purges: dict[Tag, float] = {}
        self._rubbish: set[bytes] = set()
        self._renewals: OrderedDict[bytes, float] = OrderedDict()
        self._size = 0

    def __len__(self) -> int:
        return len(self._writes) + len(self._purges) + len(self._rubbish) + len(self._renewals)

    def write(self, name: bytes, entry: Entry) -> int:
        """Queues *entry*, unless a newer one waits; returns how many others were dropped for it."""
        waiting = self._writes.get(name)
        if waiting is not None and waiting.asked_at > entry.asked_at:
            return 0
        self._take(name)
        self._writes[name] = entry
        self._size += entry.size
        given_up = 0
        while len(self._writes) > self._most_writes or self._size > self._most_bytes:
            self._take(next(iter(self._writes)))
            given_up += 1
        return given_up

    def next_writes(self, most: int, is_current: Callable[[Entry], bool]) -> list[tuple[bytes, Entry]]:
        """Takes out the oldest writes, at most *most*; those that *allow* refuses are dropped."""
        found: list[tuple[bytes, Entry]] = []
        while self._writes and len(found) < most:
            name = next(iter(self._writes))
            entry = self._take(name)
            if entry is not None and is_current(entry):
                found.append((name, entry))
        return found

    def purge(self, tags: Iterable[Tag], at: float) -> None:
        """Queues purges; only the newest of each tag is kept."""
        for tag in tags:
            self._purges[tag] = max(at, self._purges.get(tag, at))
        if len(self._purges) > self._most_purges:
            newest = max(self._purges.values())
            self._purges = dict.fromkeys(self._everything, newest)

    def purges(self) -> Mapping[Tag, float]:
        """The purges that wait, to be sent together."""
        return dict(self._purges)

    def told(self, purges: Mapping[Tag, float]) -> None:
        """Removes *purges*, which were sent; a newer one of the same tag still waits."""
        for tag, at in purges.items():
            if self._purges.get(tag) == at:
                del self._purges[tag]

    def renewed(self, name: bytes, at: float) -> None:
        """Queues the news that the answer under *name* was asked for anew; the oldest news are given up first, because
        what they are about ends by itself.
        """
        self._renewals[name] = at
        while len(self._renewals) > MOST_RENEWALS:
            self._renewals.popitem(last=False)

    def renewals(self, most: int) -> Mapping[bytes, float]:
        """The oldest news of renewals, at most *most*."""
        return dict(islice(self._renewals.items(), most))

    def told_renewed(self, renewals: Mapping[bytes, float]) -> None:
        """Removes *renewals*, which were sent; a newer one of the same answer still waits."""
        for name, at in renewals.items():
            if self._renewals.get(name) == at:
                del self._renewals[name]

    def delete(self, name: bytes) -> None:
        """Queues the deletion of the unusable entry *name*; it may be found again before that."""
        if len(self._rubbish) < MOST_RUBBISH:
            self._rubbish.add(name)

    def deletions(self) -> list[bytes]:
        """Takes out the names to be deleted."""
        found = list(self._rubbish)
        self._rubbish.clear()
        return found

    def _take(self, name: bytes) -> Entry | None:
        entry = self._writes.pop(name, None)
        if entry is not None:
            self._size -= entry.size
        return entry
