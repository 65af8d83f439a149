"""structlog: JSON for machines, colours for people on a terminal; personal data never gets here."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal

import orjson
import structlog
from structlog.typing import Processor

from gateway.core.clock import Clock
from gateway.core.events import Event, Observer, RequestFinished
from gateway.observe.lines import LineWriter

Style = Literal["auto", "json", "text"]
Level = Literal["debug", "info", "warning", "error"]
LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


@contextmanager
def logging_to_stderr(style: Style, level: Level, clock: Clock) -> Iterator[Observer]:
    """Sets up logging of the process until left, and gives the request log.

    Args:
        style: *auto* is text where a terminal reads.
        level: Lines below it are not made.
        clock: For the request log's instants.
    """
    text = style == "text" or (style == "auto" and sys.stderr.isatty())

    def tell_dropped(number: int) -> bytes:
        fields = {"event": "log lines dropped, nobody reads them", "level": "warning", "dropped": number}
        return f"{fields['event']}: {number}\n".encode() if text else orjson.dumps(fields) + b"\n"

    with LineWriter(sys.stderr.buffer, tell_dropped) as lines:
        configure(lines, level, text=text)
        yield RequestLog() if text or LEVELS[level] > logging.INFO else RequestLines(lines, clock)


def configure(lines: LineWriter, level: Level, *, text: bool) -> None:
    """Lets structlog write to *lines*, and the standard library's loggers through it to standard error."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    final: Processor = (
        structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The default prints local variables, which hold personal data.
            exception_formatter=structlog.dev.plain_traceback,
        )
        if text
        else structlog.processors.JSONRenderer(serializer=_dumps)
    )
    structlog.configure(
        processors=[*shared, final],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        logger_factory=lambda *_: _ToLines(lines),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _dumps(value: object, **_: object) -> str:
    return orjson.dumps(value, default=str).decode()


class _ToLines:
    """structlog's last logger: every level goes to the same lines."""

    def __init__(self, lines: LineWriter) -> None:
        self._lines = lines

    def msg(self, message: str) -> None:
        self._lines.put(f"{message}\n".encode(errors="backslashreplace"))

    log = debug = info = warn = warning = error = critical = exception = msg


class RequestLog:
    """One line for each request, by structlog: for people."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("gateway.request")

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, RequestFinished):
            self._log.info("request", **fields_of(event))


class RequestLines:
    """One JSON line for each request, as structlog would render it, in a twentieth of its time."""

    def __init__(self, lines: LineWriter, clock: Clock) -> None:
        self._put = lines.put
        self._now = clock.now

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, RequestFinished):
            line = {**fields_of(event), "event": "request", "level": "info", "timestamp": self._now()}
            self._put(orjson.dumps(line, option=orjson.OPT_UTC_Z | orjson.OPT_APPEND_NEWLINE))


def fields_of(event: RequestFinished) -> dict[str, object]:
    """What the request log says of *event*: names, numbers and words from code and configuration only."""
    return {
        "request_id": event.request_id,
        "connector": event.connector,
        "operation": event.operation,
        "caller": event.caller,
        "outcome": event.outcome,
        "cache": event.cache,
        "seconds": round(event.seconds, 6),
        "queued_seconds": round(event.queued_seconds, 6),
        "upstream_seconds": round(event.upstream_seconds, 6),
        "translate_seconds": round(event.translate_seconds, 6),
        "attempts": event.attempts,
        "decisions": event.decisions,
    }
