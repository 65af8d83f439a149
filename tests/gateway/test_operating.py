"""Operators' deeds on national systems, on breakers and a cache as a gateway has them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

import pytest
from structlog.testing import capture_logs

from gateway.core.actions import first_broken
from gateway.core.events import Event
from gateway.core.interventions import MOST_ACTIONS, MemoryBook
from gateway.observe.health import Board
from gateway.operating import By, SystemsDesk
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.operation.look_up import SubjectHash
from gateway.pipeline.upstream.breaker import Breaker, BreakerSettings, name_of
from gateway.testing.clock import FakeClock

NAMES: Final = ("register", "ws")
OTHER: Final = ("register", "rest")
BY: Final = By("lan", "the ministry called")


@dataclass
class Process:
    """One gateway's desk, and what it does to breakers and cache."""

    clock: FakeClock
    book: MemoryBook
    board: Board = field(init=False)
    desk: SystemsDesk = field(init=False)

    def __post_init__(self) -> None:
        self.board = Board([NAMES, OTHER], self.clock)

        def seen(event: Event, /) -> None:
            self.board(event)

        breakers = {names: Breaker(BreakerSettings(), self.clock, seen, names) for names in (NAMES, OTHER)}
        cache = AnswerCache(clock=self.clock)
        self.desk = SystemsDesk(self.book, breakers, cache, self.board, self.clock, self.clock, SubjectHash("key"))

    def states(self) -> tuple[str, str]:
        """The states of both breakers."""
        return name_of(self.desk.breakers[NAMES].state), name_of(self.desk.breakers[OTHER].state)


@pytest.fixture
def process(clock: FakeClock) -> Process:
    """A gateway without a store."""
    return Process(clock, MemoryBook(clock))


async def test_isolation_begins_at_once_and_ends_by_itself(process: Process, clock: FakeClock) -> None:
    """The board tells why and until when; another upstream of the connector goes on."""
    await process.desk.isolate(BY, NAMES, 10)
    health = process.board.of(*NAMES)
    assert process.states() == ("isolated", "closed")
    assert (health.state, health.why, health.until) == ("isolated", BY.why, clock.now() + timedelta(minutes=10))

    await clock.advance(600)
    await process.desk.look()
    assert process.states() == ("closed", "closed")
    assert process.board.of(*NAMES).state == "unknown"


async def test_operator_releases_before_the_end(process: Process) -> None:
    """All that isolates the upstream now ends, and a second release says that there was nothing."""
    await process.desk.isolate(BY, NAMES, 10)
    await process.desk.isolate(BY, NAMES, 20)

    assert await process.desk.release(BY, NAMES) == 2
    assert process.states() == ("closed", "closed")
    assert await process.desk.release(BY, NAMES) == 0


async def test_longest_isolation_of_several_counts(process: Process, clock: FakeClock) -> None:
    """A short one does not end a longer one."""
    await process.desk.isolate(BY, NAMES, 20)
    await process.desk.isolate(BY, NAMES, 1)
    await clock.advance(120)
    await process.desk.look()

    assert process.states() == ("isolated", "closed")


async def test_maintenance_is_announced_begins_and_ends(process: Process, clock: FakeClock) -> None:
    """Before it starts the upstream is asked as ever; the loop lets it begin, and it ends by itself."""
    starts = clock.now() + timedelta(hours=1)
    await process.desk.announce(BY, NAMES, starts, starts + timedelta(hours=2))
    assert process.states() == ("closed", "closed")
    assert [one.why for one in process.board.announced(*NAMES)] == [BY.why]
    assert process.board.announced(*OTHER) == []

    await clock.advance(3_601)
    await process.desk.look()
    assert process.states() == ("isolated", "closed")
    assert process.board.announced(*NAMES) == []

    await clock.advance(7_200)
    await process.desk.look()
    assert process.states() == ("closed", "closed")


async def test_maintenance_is_withdrawn_before_and_while_it_runs(process: Process, clock: FakeClock) -> None:
    """By its number; a release leaves what is announced for later alone."""
    later = clock.now() + timedelta(hours=1)
    planned = await process.desk.announce(BY, NAMES, later, later + timedelta(hours=1))
    running = await process.desk.announce(BY, NAMES, clock.now(), later)
    assert process.states() == ("isolated", "closed")

    assert await process.desk.withdraw(BY, NAMES, running.id)
    assert process.states() == ("closed", "closed")
    assert await process.desk.release(BY, NAMES) == 0
    assert [one.id for one in process.board.announced(*NAMES)] == [planned.id]
    assert await process.desk.withdraw(BY, NAMES, planned.id)
    assert not await process.desk.withdraw(BY, NAMES, planned.id)
    assert process.board.announced(*NAMES) == []


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
async def test_wall_clock_that_jumps_neither_ends_nor_repeats_an_isolation(
    process: Process, clock: FakeClock, jump: float
) -> None:
    """It lasts as long as the operator said, in seconds that passed."""
    await process.desk.isolate(BY, NAMES, 10)
    clock.jump_wall(jump)
    await process.desk.look()
    assert process.states() == ("isolated", "closed")

    await clock.advance(601)
    await process.desk.look()
    assert process.states() == ("closed", "closed")


async def test_breaker_that_is_open_is_closed_by_hand(process: Process) -> None:
    """The state that it had is told, and recorded; an isolation is not ended by it."""
    assert await process.desk.close_breaker(BY, NAMES) == "closed"
    await process.desk.isolate(BY, NAMES, 10)
    await process.desk.close_breaker(BY, NAMES)

    assert process.states() == ("isolated", "closed")


async def test_each_deed_is_recorded_with_its_reason(process: Process, clock: FakeClock) -> None:
    """Newest first, each row with the hash of the one before; a subject is a hash there."""
    later = clock.now() + timedelta(hours=1)
    await process.desk.isolate(BY, NAMES, 10)
    await process.desk.release(BY, NAMES)
    planned = await process.desk.announce(BY, NAMES, later, later + timedelta(hours=1))
    await process.desk.withdraw(BY, NAMES, planned.id)
    await process.desk.close_breaker(BY, NAMES)
    await process.desk.purge(BY, "register", "record", "079000000001")

    rows = await process.desk.actions(100, 2**62)

    assert [row.action.what for row in rows] == [
        "purge",
        "close-breaker",
        "withdraw",
        "announce",
        "release",
        "isolate",
    ]
    assert {(row.action.who, row.action.why) for row in rows} == {(BY.who, BY.why)}
    assert first_broken(rows[::-1]) is None
    assert "079000000001" not in str(rows)
    assert [row.id for row in await process.desk.actions(2, rows[1].id)] == [rows[2].id, rows[3].id]


@pytest.mark.parametrize(
    ("connector", "operation", "subject", "forgotten"),
    [
        ("register", "record", "", {"record"}),
        ("register", "", "", {"record", "list"}),
        ("", "", "", {"record", "list", "other"}),
        ("register", "record", "A", {"subject"}),
    ],
)
async def test_purge_marks_what_it_names(
    process: Process, connector: str, operation: str, subject: str, forgotten: set[str]
) -> None:
    """An operation, a connector, everything, or one subject of a connector."""
    cache = process.desk.cache
    tags = {
        "record": cache.tagger.common("register", "record"),
        "list": cache.tagger.common("register", "list"),
        "other": cache.tagger.common("another", "record"),
        "subject": cache.tagger.subject("register", "A"),
    }
    order = cache.invalidations.tick()
    await process.desk.purge(BY, connector, operation, subject)

    assert {name for name, own in tags.items() if not cache.invalidations.is_current(own, order)} == forgotten


async def test_without_a_store_no_deed_is_without_a_line_of_the_log(process: Process, clock: FakeClock) -> None:
    """Who, what, when and why outlive the process; a person who is purged is in it by a hash alone."""
    desk, later = process.desk, clock.now() + timedelta(hours=1)
    with capture_logs() as lines:
        await desk.isolate(BY, NAMES, 10)
        await desk.release(BY, NAMES)
        maintenance = await desk.announce(BY, NAMES, later, later + timedelta(hours=1))
        await desk.withdraw(BY, NAMES, maintenance.id)
        await desk.close_breaker(BY, OTHER)
        await desk.purge(BY, "register", "record", "079090000012")
        await desk.record(BY, "reload", "configuration", {"result": "applied"})

    rows = [row.action for row in reversed(await desk.actions(10, 2**62))]
    assert [row.what for row in rows] == [
        *("isolate", "release", "announce", "withdraw", "close-breaker", "purge", "reload")
    ]
    told = [line for line in lines if line["event"] == "operator action"]
    assert [(one["log_level"], one["who"], one["what"], one["target"], one["why"], one["at"]) for one in told] == [
        ("warning", row.who, row.what, row.target, row.why, row.at.isoformat()) for row in rows
    ]
    assert "079090000012" not in str(lines)


async def test_the_memory_of_deeds_is_bounded_and_has_the_newest(process: Process) -> None:
    """However often an operator acts, and the number says how many there were."""
    for number in range(MOST_ACTIONS + 5):
        await process.desk.record(BY, "reload", f"configuration {number}", {})
    rows = await process.desk.actions(MOST_ACTIONS + 100, 2**62)

    assert (len(rows), process.desk.most) == (MOST_ACTIONS, MOST_ACTIONS)
    assert (rows[0].id, rows[0].action.target) == (MOST_ACTIONS + 5, f"configuration {MOST_ACTIONS + 4}")
