"""Sets up structlog: JSON for machines, colours on a terminal. Personal data is never logged."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final, Literal

import orjson
import structlog
from structlog.typing import Processor

from gateway.core.clock import Clock
from gateway.core.events import Event, RequestFinished
from gateway.observe.event_buffer import EventListener
from gateway.observe.log_writer import LogWriter

Style = Literal["auto", "json", "text"]
Level = Literal["debug", "info", "warning", "error"]
LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


@contextmanager
def logging_to_stderr(style: Style, level: Level, clock: Clock) -> Iterator[EventListener]:
    """Sets up logging of the process until left, and gives the request log.

    Args:
        style: *auto* is text on a terminal and JSON otherwise.
        level: Lines below it are not made.
        clock: For the request log's instants.
    """
    text = style == "text" or (style == "auto" and sys.stderr.isatty())

    def tell_dropped(number: int) -> bytes:
        fields = {"event": "log lines dropped because the reader is too slow", "level": "warning", "dropped": number}
        return f"{fields['event']}: {number}\n".encode() if text else orjson.dumps(fields) + b"\n"

    with LogWriter(sys.stderr.buffer, tell_dropped) as lines:
        configure(lines, level, text=text)
        yield RequestLog() if text or LEVELS[level] > logging.INFO else RequestLines(lines, clock)


def configure(lines: LogWriter, level: Level, *, text: bool) -> None:
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

    def __init__(self, lines: LogWriter) -> None:
        self._lines = lines

    def msg(self, message: str) -> None:
        self._lines.put(f"{message}\n".encode(errors="backslashreplace"))

    log = debug = info = warn = warning = error = critical = exception = msg


class RequestLog:
    """Logs one line for each request with structlog, as text."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("gateway.request")

    def receive(self, events: Sequence[Event], /) -> None:
        """Logs the requests among *events*."""
        for event in events:
            if isinstance(event, RequestFinished):
                self._log.info("request", **{**names_of(event), **facts_of(event)})


class RequestLines:
    """Logs one JSON line for each request, as structlog would render it, in a twentieth of its time.

    The names in a line are rendered once for each set of them: they come from code and configuration only.
    """

    def __init__(self, lines: LogWriter, clock: Clock) -> None:
        self._put = lines.put
        self._now = clock.now
        self._starts: dict[tuple[str, ...], bytes] = {}

    def receive(self, events: Sequence[Event], /) -> None:
        """Logs the requests among *events*, with the present instant."""
        stamp = orjson.dumps(self._now(), option=orjson.OPT_UTC_Z)
        for event in events:
            if isinstance(event, RequestFinished):
                self._put(
                    _LINE
                    % (
                        self._start(event),
                        stamp,
                        event.request_id.encode(),
                        event.seconds,
                        event.queued_seconds,
                        event.upstream_seconds,
                        event.translate_seconds,
                        event.attempts,
                        orjson.dumps(event.decisions) if event.decisions else b"[]",
                        b',"detail":%b' % orjson.dumps(event.detail) if event.detail else b"",
                    )
                )

    def _start(self, event: RequestFinished) -> bytes:
        names = (event.connector, event.operation, event.caller, event.outcome, event.cache)
        start = self._starts.get(names)
        if start is None:
            fields = {"event": "request", "level": "info", **names_of(event)}
            start = self._starts[names] = orjson.dumps(fields).removesuffix(b"}")
        return start


_LINE: Final = (
    b'%b,"timestamp":%b,"request_id":"%b","seconds":%.6f,"queued_seconds":%.6f,"upstream_seconds":%.6f,'
    b'"translate_seconds":%.6f,"attempts":%d,"decisions":%b%b}\n'
)


def names_of(event: RequestFinished) -> dict[str, str]:
    """The names of *event* in the request log: words from code and configuration only."""
    return {
        "connector": event.connector,
        "operation": event.operation,
        "caller": event.caller,
        "outcome": event.outcome,
        "cache": event.cache,
    }


def facts_of(event: RequestFinished) -> dict[str, object]:
    """The other fields of *event* in the request log: its id, its times, the policies' decisions, an error's detail."""
    return {
        "request_id": event.request_id,
        "seconds": round(event.seconds, 6),
        "queued_seconds": round(event.queued_seconds, 6),
        "upstream_seconds": round(event.upstream_seconds, 6),
        "translate_seconds": round(event.translate_seconds, 6),
        "attempts": event.attempts,
        "decisions": event.decisions,
        **({"detail": event.detail} if event.detail else {}),
    }
