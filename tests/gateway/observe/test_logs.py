"""The request log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest
import structlog
from structlog.testing import capture_logs

from gateway.core.clock import SystemClock
from gateway.core.events import RequestFinished
from gateway.observe.log_writer import LogWriter
from gateway.observe.logs import MOST_FRAMES, LibraryLines, RequestLines, RequestLog, Threshold, configure
from gateway.testing.clock import FakeClock

EVENTS: tuple[RequestFinished, ...] = (
    RequestFinished(
        "register", "record", "portal", "ok", 0.0123456, 0.01, 0.001, 2, ("retry=1",), "id-1", 0.0005, "miss"
    ),
    RequestFinished("register", "record", "portal", "upstream-timeout", 1.5, 1.4, request_id="id-2"),
    RequestFinished(
        "register", "record", "portal", "upstream-refused", 0.1, 0.1, request_id="id-3", detail="Wrong key."
    ),
    RequestFinished(
        "register", "record", "portal", "ok", 0.0000404, 0.0, request_id="id-4", cache="hit", replayed_age=2.5
    ),
    RequestFinished("register", "record", "portal", "ok", 0.1, 0.0, cache="hit", trace=f"00-{'4b' * 16}-{'7a' * 8}-01"),
    RequestFinished("register", "record", "portal", "ok", 0.1, 0.0, request_id="id-6", cache="hit"),
)


class Kept:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> int:
        self.data += data
        return len(data)

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

    first, second, third, *_ = kept.lines
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


@contextmanager
def logging_to(kept: Kept, *, text: bool = False) -> Iterator[None]:
    """The process's log, kept; what was set up before is set up again."""
    before = structlog.get_config()
    try:
        with LogWriter(kept, no_drops) as lines:
            configure(lines, Threshold(), SystemClock(), text=text)
            yield
    finally:
        structlog.configure(**before)


def to_and_back(levels: int) -> int:
    """Recurses by two functions, which a traceback does not shorten."""
    return back(levels - 1) + 1 if levels else int("broken")


def back(levels: int) -> int:
    """See :func:`to_and_back`."""
    return to_and_back(levels - 1) + 1 if levels else int("broken")


@pytest.mark.parametrize("text", [True, False])
@pytest.mark.parametrize("levels", [2, 900])
def test_traceback_has_its_innermost_frames(*, text: bool, levels: int) -> None:
    """As many as help, and not the thousand of a recursion."""
    kept = Kept()
    with logging_to(kept, text=text):
        try:
            to_and_back(levels)
        except ValueError:
            structlog.get_logger("test").exception("failed")

    assert b"ValueError: invalid literal" in kept.data
    assert kept.data.count(b"test_logs.py") == min(levels + 2, MOST_FRAMES)


def test_traceback_has_a_length() -> None:
    """Also where an error's text is long; its beginning and its end are kept."""
    kept = Kept()
    with logging_to(kept):
        try:
            raise ValueError("a" * 1_000_000)  # noqa: TRY301  # no built-in error has so long a text
        except ValueError:
            structlog.get_logger("test").exception("failed")

    (line,) = kept.lines
    assert len(line["exception"]) < 17_000
    assert line["exception"].startswith("Traceback")
    assert "characters left out" in line["exception"]


def test_terminal_does_not_obey_the_log() -> None:
    """Control characters of whatever came from outside are shown as their numbers."""
    kept = Kept()
    with logging_to(kept, text=True):
        structlog.get_logger("test").warning("seen \x1b[2J", what="\x9b31m\u202e", number=7)

    assert b"seen \\x1b[2J" in kept.data
    assert b"\\x9b31m\\u202e" in kept.data.replace(b"\\\\", b"\\")
    assert not {b"\x1b[2J", "\x9b".encode(), "\u202e".encode()} & set(kept.data.split())


def test_libraries_log_the_same_way() -> None:
    """What asyncio or aiohttp says is a line as any other, and not mixed into one."""
    kept = Kept()
    logger = logging.getLogger("test.library")
    handler = LibraryLines()
    logger.addHandler(handler)
    with logging_to(kept):
        try:
            int("broken")
        except ValueError:
            logger.exception("task %s failed", "x")
        logger.removeHandler(handler)

    (line,) = kept.lines
    assert (line["event"], line["level"], line["logger"]) == ("task x failed", "error", "test.library")
    assert "ValueError: invalid literal" in line["exception"]


@pytest.mark.parametrize("text", [True, False])
def test_every_log_line_of_the_process_takes_the_same_way(*, text: bool) -> None:
    """structlog's own lines go to the writer too, one line each, below-level ones not at all."""
    kept = Kept()
    with logging_to(kept, text=text):
        log = structlog.get_logger("test")
        log.debug("hidden")
        log.warning("seen", number=7)
        try:
            int("broken")
        except ValueError:
            log.exception("failed")

    assert b"hidden" not in kept.data
    assert b"ValueError: invalid literal" in kept.data
    if not text:
        seen, failed = kept.lines
        assert (seen["event"], seen["level"], seen["number"]) == ("seen", "warning", 7)
        assert datetime.fromisoformat(seen["timestamp"]).tzinfo is not None
        assert failed["event"] == "failed"


def test_the_level_changes_while_the_process_runs(clock: FakeClock) -> None:
    """Lines of requests are those of the level info; loggers that were used before follow too."""
    kept, before = Kept(), structlog.get_config()
    threshold = Threshold()
    log = structlog.get_logger("of a test")
    try:
        with LogWriter(kept, no_drops) as lines:
            configure(lines, threshold, clock, text=False)
            requests = RequestLines(lines, clock, threshold)
            for level in ("info", "error", "debug"):
                threshold.set(level)  # type: ignore[arg-type]  # the three are levels
                requests.receive(EVENTS[:1])
                log.debug("small", at=level)
                log.warning("large", at=level)
                log.error("huge", at=level)
    finally:
        structlog.configure(**before)

    assert [(line["event"], line.get("at")) for line in kept.lines] == [
        ("request", None),
        ("large", "info"),
        ("huge", "info"),
        ("huge", "error"),
        ("request", None),
        ("small", "debug"),
        ("large", "debug"),
        ("huge", "debug"),
    ]


def test_a_request_that_is_traced_names_its_span(clock: FakeClock) -> None:
    """As JSON and as text; one that is not traced has no such field."""
    traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    events = [RequestFinished("r", "o", "p", "ok", 0.1, 0.0, trace=trace) for trace in (traceparent, "")]
    kept = Kept()
    with LogWriter(kept, no_drops) as lines:
        RequestLines(lines, clock).receive(events)
    with capture_logs() as texts:
        RequestLog().receive(events)

    ids = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7")
    for told in (kept.lines, texts):
        assert [(line.get("trace_id"), line.get("span_id")) for line in told] == [ids, (None, None)]
