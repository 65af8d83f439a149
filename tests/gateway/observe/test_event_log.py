"""The log lines of changes: one when a state begins and one when it ends, with the reason and the cause below it."""

from __future__ import annotations

from collections.abc import MutableMapping
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from gateway.core.events import (
    START,
    Attempted,
    BreakerMoved,
    CredentialsRefused,
    Event,
    MachineFailed,
    NotAsked,
    Purged,
    QuotaMoved,
    SharedCacheMoved,
    TokenRenewed,
)
from gateway.observe.event_log import EventLog
from gateway.testing.clock import FakeClock

NAMES: Final = ("register", "ws")
Lines = list[MutableMapping[str, Any]]


def failed(reason: str, cause: str = "") -> Attempted:
    """An exchange that ended so."""
    return Attempted(*NAMES, "record", reason, 0.1, failed=True, cause=cause)


ANSWERED: Final = Attempted(*NAMES, "record", "ok", 0.1)


def told(clock: FakeClock, *events: Event) -> list[tuple[str, str]]:
    """Level and text of the lines about *events*."""
    with capture_logs() as lines:
        EventLog(clock).receive(events)
    return [(line["log_level"], line["event"]) for line in lines]


async def test_a_system_that_fails_is_told_when_it_begins_and_when_it_ends(clock: FakeClock) -> None:
    """A thousand failures are one line, another reason is another, and the last says for how long it failed."""
    log = EventLog(clock)
    with capture_logs() as lines:
        log.receive([failed("unreachable", "ClientConnectorError: Connection refused")] * 1_000)
        await clock.advance(90)
        log.receive([failed("attempt"), ANSWERED, ANSWERED])

    assert [(line["event"], line["reason"]) for line in lines] == [
        ("system fails", "unreachable"),
        ("system fails", "attempt"),
        ("system answers again", "attempt"),
    ]
    assert lines[0]["cause"] == "ClientConnectorError: Connection refused"
    assert lines[-1]["failed_for_s"] == 90.0


@pytest.mark.parametrize(
    ("events", "lines"),
    [
        ([ANSWERED], []),
        ([Attempted(*NAMES, "record", "officer", 0.1)], []),
        ([BreakerMoved(*NAMES, "closed", START)], []),
        (
            [BreakerMoved(*NAMES, "open", "consecutive", 30.0), BreakerMoved(*NAMES, "closed", "probe")],
            [
                ("warning", "breaker opened: the system is not asked for a while"),
                ("info", "breaker closed: the system is asked again"),
            ],
        ),
        (
            [CredentialsRefused(*NAMES, "credentials")] * 5 + [ANSWERED, CredentialsRefused(*NAMES, "credentials")],
            [("error", "system refuses this gateway: its operator must act")] * 2,
        ),
        (
            [*[TokenRenewed(*NAMES, "token_endpoint")] * 3, *[TokenRenewed(*NAMES, "ok")] * 2],
            [("warning", "token not given"), ("info", "token given again")],
        ),
        ([TokenRenewed(*NAMES, "cancelled"), TokenRenewed(*NAMES, "ok")], []),
        (
            [QuotaMoved(*NAMES, left, 100) for left in (50, 9, 8, 0, 0, 100)],
            [("warning", "day's quota is scarce"), ("warning", "day's quota is spent")],
        ),
        (
            [SharedCacheMoved(up) for up in (False, False, True)],
            [("warning", "Redis down: answers are not shared until it is back"), ("info", "Redis up")],
        ),
        ([Purged("write")], []),
        ([Purged("operation")], [("info", "cached answers purged")]),
    ],
)
def test_each_change_is_told_once(events: list[Event], lines: list[tuple[str, str]], clock: FakeClock) -> None:
    """What repeats a state, and what is a caller's or a single officer's matter, is not a line."""
    assert told(clock, *events) == lines


async def test_lack_of_this_machine_is_told_once_a_minute(clock: FakeClock) -> None:
    """It goes on until somebody acts, and the log is not filled by it."""
    log = EventLog(clock)
    with capture_logs() as lines:
        for _ in range(4):
            log.receive([MachineFailed("descriptors")] * 100)
            await clock.advance(30)

    assert [line["reason"] for line in lines] == ["descriptors", "descriptors"]


def test_seconds_of_a_breaker_are_told_as_a_person_reads_them(clock: FakeClock) -> None:
    """A dozen random digits say nothing, and may look like somebody's number."""
    with capture_logs() as lines:
        EventLog(clock).receive(
            [
                BreakerMoved(*NAMES, "open", "consecutive", 14.730000000000004),
                BreakerMoved(*NAMES, "half_open", "probe"),
            ]
        )

    assert [line["seconds"] for line in lines] == [14.7, None]


async def test_a_quota_that_cannot_be_counted_is_told_once_a_minute(clock: FakeClock) -> None:
    """As our own trouble; what other policies refuse has lines of its own."""
    log = EventLog(clock)
    with capture_logs() as lines:
        for _ in range(4):
            log.receive([NotAsked(*NAMES, "quota_unknown"), NotAsked(*NAMES, "breaker_open")] * 100)
            await clock.advance(30)

    assert [(line["log_level"], line["reason"], line["connector"]) for line in lines] == [
        ("error", "quota_unknown", NAMES[0])
    ] * 2
    assert "own trouble" in lines[0]["event"]
