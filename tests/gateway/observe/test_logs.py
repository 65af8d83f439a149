"""The request log."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from gateway.core.events import Event, RequestFinished, Retried
from gateway.observe.log_writer import LogWriter
from gateway.observe.logs import RequestLines, RequestLog, configure
from gateway.testing.clock import FakeClock

EVENTS: tuple[Event, ...] = (
    RequestFinished(
        "register", "record", "portal", "ok", 0.0123456, 0.01, 0.001, 2, ("retry=1",), "id-1", 0.0005, "miss"
    ),
    Retried("register", "ws", "record"),
    RequestFinished("register", "record", "portal", "upstream-timeout", 1.5, 1.4, request_id="id-2"),
    RequestFinished(
        "register", "record", "portal", "upstream-refused", 0.1, 0.1, request_id="id-3", detail="Wrong key."
    ),
)


class Kept:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data

    def flush(self) -> None:
        return

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.data.splitlines()]


def no_drops(number: int) -> bytes:
    raise AssertionError(number)


def test_each_request_is_one_json_line_with_its_times_and_decisions(clock: FakeClock) -> None:
    """Id, who asked what, how it ended, the four times in seconds, cache, attempts and what policies decided."""
    kept = Kept()
    with LogWriter(kept, no_drops) as lines:
        RequestLines(lines, clock).receive(EVENTS)

    first, second, third = kept.lines
    assert first == {
        "event": "request",
        "level": "info",
        "timestamp": "2026-11-24T03:00:00Z",
        "request_id": "id-1",
        "connector": "register",
        "operation": "record",
        "caller": "portal",
        "outcome": "ok",
        "cache": "miss",
        "seconds": 0.012346,
        "queued_seconds": 0.001,
        "upstream_seconds": 0.01,
        "translate_seconds": 0.0005,
        "attempts": 2,
        "decisions": ["retry=1"],
    }
    assert (second["request_id"], second["outcome"], second["decisions"]) == ("id-2", "upstream-timeout", [])
    assert ("detail" in second, third["detail"]) == (False, "Wrong key.")


def test_for_people_the_same_is_said_by_structlog(clock: FakeClock) -> None:
    """Both logs have the same fields with the same values."""
    kept = Kept()
    with LogWriter(kept, no_drops) as lines:
        RequestLines(lines, clock).receive(EVENTS)
    with capture_logs() as said:
        RequestLog().receive(EVENTS)

    for machine, person in zip(kept.lines, said, strict=True):
        assert {**person, "log_level": None, "decisions": list(person["decisions"])} == {
            **{name: value for name, value in machine.items() if name not in {"level", "timestamp"}},
            "log_level": None,
        }


@pytest.mark.parametrize("text", [True, False])
def test_every_log_line_of_the_process_takes_the_same_way(*, text: bool) -> None:
    """structlog's own lines go to the writer too, one line each, below-level ones not at all."""
    kept = Kept()
    before = structlog.get_config()
    try:
        with LogWriter(kept, no_drops) as lines:
            configure(lines, "info", text=text)
            log = structlog.get_logger("test")
            log.debug("hidden")
            log.warning("seen", number=7)
            try:
                int("broken")
            except ValueError:
                log.exception("failed")
    finally:
        structlog.configure(**before)

    assert b"hidden" not in kept.data
    assert b"ValueError: invalid literal" in kept.data
    if not text:
        seen, failed = kept.lines
        assert (seen["event"], seen["level"], seen["number"]) == ("seen", "warning", 7)
        assert datetime.fromisoformat(seen["timestamp"]).tzinfo is not None
        assert failed["event"] == "failed"
