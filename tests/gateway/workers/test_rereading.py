"""Rounds in which all workers read their configuration again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.testing.clock import FakeClock
from gateway.workers.rereading import NO_WORD, ROUND_S, Rereading


@dataclass
class Heard:
    """Workers 0 and 1, and what those above hear."""

    words: list[str] = field(default_factory=list)
    answering: tuple[int, ...] = (0, 1)

    def ask(self, but: AbstractSet[int]) -> list[int]:
        """The workers are told."""
        self.words.append("asked")
        return [slot for slot in self.answering if slot not in but]

    def begun(self, monotonic: float) -> None:
        """A round begins."""
        self.words.append(f"begun at {monotonic:g}")

    def ended(self, trigger: str, refused: str) -> None:
        """A round has ended."""
        self.words.append(f"{trigger} ended {refused}".strip())


@asynccontextmanager
async def rereading(heard: Heard, clock: FakeClock) -> AsyncIterator[Rereading]:
    """The rounds, for as long as it is needed."""
    rounds = Rereading(heard.ask, heard, clock)
    task = asyncio.create_task(rounds.run())
    await clock.advance(0)
    try:
        yield rounds
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_a_round_ends_with_the_last_word(clock: FakeClock) -> None:
    """Those above hear that it is done when it is, with the rule that any worker found broken."""
    heard = Heard()
    began = f"begun at {clock.monotonic():g}"
    async with rereading(heard, clock) as rounds:
        rounds.want()
        await clock.advance(0)
        rounds.heard(0, "unknown-key")
        await clock.advance(0)
        assert heard.words == [began, "asked"]
        rounds.heard(1)
        await clock.advance(0)
        assert heard.words == [began, "asked", "SIGHUP ended unknown-key"]


async def test_what_is_wanted_meanwhile_is_one_more_round(clock: FakeClock) -> None:
    """A change of the file after a worker has read it is read in the round after, however many ask for it."""
    heard = Heard()
    began = f"begun at {clock.monotonic():g}"
    async with rereading(heard, clock) as rounds:
        rounds.want()
        await clock.advance(0)
        for _ in range(3):
            rounds.want()
        rounds.heard(0)
        rounds.heard(1)
        await clock.advance(0)
        assert heard.words == [began, "asked", "SIGHUP ended", began, "asked"]
        rounds.heard(1)
        rounds.heard(0)
        await clock.advance(0)
        assert heard.words[-1] == "SIGHUP ended"
        assert heard.words.count("asked") == 2


async def test_a_worker_that_says_nothing_is_not_waited_for_for_ever(clock: FakeClock) -> None:
    """systemd is told of it, and the next round does without its word."""
    heard = Heard()
    async with rereading(heard, clock) as rounds:
        rounds.want()
        await clock.advance(0)
        rounds.heard(0)
        await clock.advance(ROUND_S)
        assert heard.words[-1] == f"SIGHUP ended {NO_WORD}"


async def test_who_has_read_already_is_not_asked(clock: FakeClock) -> None:
    """An operator's reload was done by one worker; the others follow. Where there are none, the round is over."""
    heard = Heard()
    async with rereading(heard, clock) as rounds:
        rounds.want(but=0)
        await clock.advance(0)
        rounds.heard(0, "of another time")
        await clock.advance(0)
        assert heard.words[-1] == "asked"
        rounds.heard(1)
        await clock.advance(0)
        assert heard.words[-1] == "SIGHUP ended"
        heard.answering = ()
        rounds.want()
        await clock.advance(0)
        assert heard.words[-2:] == ["asked", "SIGHUP ended"]


async def test_what_one_worker_found_is_read_by_the_others_at_once(clock: FakeClock) -> None:
    """Those above hear of one reload, with what the first one found wrong; its own word to them is not asked for."""
    heard = Heard()
    began = f"begun at {clock.monotonic():g}"
    async with rereading(heard, clock) as rounds:
        rounds.found(1, "unknown-key")
        await clock.advance(0)
        assert heard.words == [began, "asked"]
        rounds.heard(1)
        await clock.advance(0)
        assert heard.words == [began, "asked"]
        rounds.heard(0, "unknown-key")
        await clock.advance(0)
        assert heard.words == [began, "asked", "SIGHUP ended unknown-key"]


async def test_what_all_workers_found_is_told_once(clock: FakeClock) -> None:
    """Also where one of them found it while it was being told."""
    heard = Heard()
    async with rereading(heard, clock) as rounds:
        rounds.found(0)
        rounds.found(1)
        await clock.advance(0)
        assert [word.partition(" at")[0] for word in heard.words] == ["begun", "asked", "SIGHUP ended"]
        rounds.found(0)
        await clock.advance(0)
        rounds.found(1)
        rounds.heard(1)
        await clock.advance(0)
        assert heard.words.count("asked") == 2
        assert heard.words[-1] == "SIGHUP ended"
