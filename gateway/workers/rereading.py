"""Lets all workers read their configuration again, a round at a time, so that each one's word is about this round."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from collections.abc import Set as AbstractSet
from typing import Final

import structlog

from gateway.core.clock import Clock
from gateway.core.reloads import SIGHUP, ReloadListener

ROUND_S: Final = 60.0
"""A worker that has said nothing for so long is not waited for."""
NO_WORD: Final = "no-word"
NOBODY: Final = -1
log = structlog.get_logger("gateway.workers")


class Rereading:
    """The rounds.

    Args:
        ask: Tells all workers but those of these slots to read again; returns the slots of those that will say so.
        above: Told of each round.
        clock: Time.
    """

    def __init__(self, ask: Callable[[AbstractSet[int]], Iterable[int]], above: ReloadListener, clock: Clock) -> None:
        self._ask = ask
        self._above = above
        self._clock = clock
        self._due: dict[int, None] = {}
        self._found: dict[int, str] = {}
        self._wanted = asyncio.Event()
        self._missing: set[int] = set()
        self._complete = asyncio.Event()
        self._refused = ""

    def want(self, but: int = NOBODY) -> None:
        """Wants a round of all workers but the one of this slot; two that wait and are equal are one."""
        self._due[but] = None
        self._wanted.set()

    def found(self, slot: int, refused: str = "") -> None:
        """The worker of *slot* found a file changed and has read its configuration: the others are to read it now, and
        not at their own next look, so that all have it and those above are told. *refused* as in :meth:`heard`.
        """
        if slot not in self._missing:
            self._found[slot] = refused
            self._wanted.set()

    def heard(self, slot: int, refused: str = "") -> None:
        """The worker of *slot* has read its configuration, or is gone; *refused*: the id of the rule that it broke."""
        if slot not in self._missing:
            return
        self._missing.discard(slot)
        self._refused = self._refused or refused
        if not self._missing:
            self._complete.set()

    async def run(self) -> None:
        """Goes on until cancelled."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            while self._due or self._found:
                if self._due:
                    but = next(iter(self._due))
                    del self._due[but]
                    await self._round({but})
                else:
                    found, self._found = self._found, {}
                    await self._round(found.keys(), next(filter(None, found.values()), ""))

    async def _round(self, but: AbstractSet[int], refused: str = "") -> None:
        """Reads in all workers but these, which have read already; one of them found it *refused*."""
        self._above.begun(self._clock.monotonic())
        self._refused = refused
        self._complete.clear()
        self._missing = set(self._ask(but))
        if self._missing:
            try:
                async with self._clock.timeout_at(self._clock.monotonic() + ROUND_S):
                    await self._complete.wait()
            except TimeoutError:
                log.warning("workers have not said that they read their configuration", workers=sorted(self._missing))
                self._refused = self._refused or NO_WORD
        self._missing = set()
        self._above.ended(SIGHUP, self._refused)
