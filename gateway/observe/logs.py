"""Sets up structlog: JSON for machines, colours on a terminal. Personal data is never logged."""

from __future__ import annotations

import errno
import logging
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

import orjson
import structlog
from structlog.typing import EventDict, ExcInfo, Processor, WrappedLogger

from gateway.core.clock import Clock
from gateway.core.events import RequestFinished
from gateway.core.printable import printable
from gateway.core.tracing import log_ids
from gateway.observe.event_buffer import RequestListener
from gateway.observe.log_writer import LogWriter, Sink

Style = Literal["auto", "json", "text"]
Level = Literal["debug", "info", "warning", "error"]
LEVELS: Final = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


_NAMES: Final = {"warn": "warning", "exception": "error"}
"""Levels of methods that are not named by theirs."""
MOST_FRAMES: Final = 30
"""Innermost frames of a traceback in the log."""
LONGEST_TRACEBACK: Final = 16_000


class Threshold:
    """The level below which lines are not made; it may change while the process runs."""

    def __init__(self, level: Level = "info") -> None:
        self._least = LEVELS[level]

    def set(self, level: Level) -> None:
        """Makes the lines of *level* and above from now on."""
        self._least = LEVELS[level]

    def lets(self, level: int) -> bool:
        """Whether lines of *level* are made."""
        return level >= self._least

    def __call__(self, _: WrappedLogger, method: str, event: EventDict) -> EventDict:
        """As structlog's first processor: drops what is below."""
        if not self.lets(structlog.processors.NAME_TO_LEVEL[method]):
            raise structlog.DropEvent
        return event


@dataclass(frozen=True, slots=True)
class Logging:
    """The log of a running process."""

    request_log: RequestListener
    lines: LogWriter
    threshold: Threshold
    now: Callable[[], datetime]
    plain: bool = True
    """Lines are text, and not JSON."""

    def say(self, text: str) -> None:
        """Writes what a person who starts it wants to know, whatever the level: as text, or as JSON as all lines."""
        fields = {"event": text, "level": "info", "timestamp": self.now()}
        line = text.encode() if self.plain else orjson.dumps(fields, option=orjson.OPT_UTC_Z)
        self.lines.put(line + b"\n")


@contextmanager
def logging_to_stderr(style: Style, level: Level, clock: Clock) -> Iterator[Logging]:
    """Sets up logging of the process until left.

    Args:
        style: *auto* is text on a terminal and JSON otherwise.
        level: Lines below it are not made.
        clock: For the request log's instants.
    """
    text = style == "text" or (style == "auto" and sys.stderr is not None and sys.stderr.isatty())

    def tell_dropped(number: int) -> bytes:
        fields = {"event": "log lines lost: the reader is too slow or gone", "level": "warning", "dropped": number}
        return f"{fields['event']}: {number}\n".encode() if text else orjson.dumps(fields) + b"\n"

    with LogWriter(stderr_sink(), tell_dropped) as lines:
        threshold = Threshold(level)
        configure(lines, threshold, clock, text=text)
        logging.basicConfig(level=logging.WARNING, handlers=[LibraryLines()])
        yield Logging(
            RequestLog() if text else RequestLines(lines, clock, threshold), lines, threshold, clock.now, text
        )


class _Nowhere:
    """Standard error that was closed before the process began."""

    def write(self, data: bytes, /) -> int:
        raise OSError(errno.EBADF, "standard error is closed", len(data))


def stderr_sink() -> Sink:
    """Standard error without a buffer, which would write the end of a failed line before the next one."""
    if sys.stderr is None:
        return _Nowhere()
    return open(sys.stderr.fileno(), "wb", buffering=0, closefd=False)  # it is the process's own


def configure(lines: LogWriter, threshold: Threshold, clock: Clock, *, text: bool) -> None:
    """Lets structlog write to *lines*."""
    final: list[Processor] = (
        [_for_terminal, structlog.dev.ConsoleRenderer(colors=sys.stderr is not None and sys.stderr.isatty())]
        if text
        else [_as_json]
    )
    structlog.configure(
        processors=[threshold, structlog.contextvars.merge_contextvars, Facts(clock), *final],
        wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG),
        logger_factory=lambda *_: _ToLines(lines),
        cache_logger_on_first_use=True,
    )


class Facts:
    """Adds what each line has: its level, its instant, and the traceback of an exception. In one step, because each
    order has two lines, and structlog's own steps took half of their time.
    """

    def __init__(self, clock: Clock) -> None:
        self._now = clock.now
        self._render = structlog.processors.ExceptionRenderer(capped_traceback)

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
        event["level"] = _NAMES.get(method, method)
        event["timestamp"] = self._now()
        return self._render(logger, method, event) if "exc_info" in event else event


def capped_traceback(exc_info: ExcInfo) -> str:
    """The innermost frames of a traceback: a recursion of thousands would fill the log, and hold up the loop."""
    text = "".join(traceback.format_exception(*exc_info, limit=-MOST_FRAMES)).rstrip("\n")
    if len(text) <= LONGEST_TRACEBACK:
        return text
    half = LONGEST_TRACEBACK // 2
    return f"{text[:half]}\n… {len(text) - 2 * half} characters left out …\n{text[-half:]}"


def _for_terminal(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Text that a terminal might obey is shown instead."""
    shown = {name: printable(value) if isinstance(value, str) else value for name, value in event.items()}
    return {**shown, "timestamp": f"{event['timestamp']:%Y-%m-%dT%H:%M:%S.%fZ}"}


class LibraryLines(logging.Handler):
    """Passes what the standard library's loggers say on to structlog, so that lines are not mangled by each other."""

    def emit(self, record: logging.LogRecord) -> None:
        log = structlog.get_logger(record.name)
        log.log(record.levelno, record.getMessage(), logger=record.name, exc_info=record.exc_info or None)


def _as_json(_: WrappedLogger, __: str, event: EventDict) -> str:
    return orjson.dumps(event, default=str, option=orjson.OPT_UTC_Z).decode()


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

    def receive(self, requests: Sequence[RequestFinished], /) -> None:
        """Logs *requests*."""
        for one in requests:
            self._log.info("request", **{**names_of(one), **facts_of(one), **look_up_of(one), **log_ids(one.trace)})


class RequestLines:
    """Logs one JSON line for each request, as structlog would render it, in a twentieth of its time.

    The names in a line are rendered once for each set of them: they come from code and configuration only.
    """

    def __init__(self, lines: LogWriter, clock: Clock, threshold: Threshold | None = None) -> None:
        self._threshold = threshold or Threshold()
        self._put_all = lines.put_all
        self._now = clock.now
        self._starts: dict[tuple[str, ...], bytes] = {}

    def receive(self, requests: Sequence[RequestFinished], /) -> None:
        """Logs *requests*, with the present instant."""
        if not self._threshold.lets(logging.INFO):
            return
        stamp = orjson.dumps(self._now(), option=orjson.OPT_UTC_Z)
        lines = []
        for one in requests:
            names = (one.connector, one.operation, one.caller, one.outcome, one.cache)
            start = self._starts.get(names)
            if start is None:
                fields = {"event": "request", "level": "info", **names_of(one)}
                start = self._starts[names] = orjson.dumps(fields).removesuffix(b"}")
            if one.replayed_age is None:
                lines.append(_line_of(one, start, stamp))
            else:
                trace = _trace_of(one.trace) if one.trace else b""
                lines.append(_HIT % (start, stamp, one.request_id.encode(), one.seconds, trace))
        self._put_all(lines)


def _line_of(event: RequestFinished, start: bytes, stamp: bytes) -> bytes:
    return _LINE % (
        start,
        stamp,
        event.request_id.encode(),
        event.seconds,
        event.queued_seconds,
        event.upstream_seconds,
        event.translate_seconds,
        event.attempts,
        orjson.dumps(event.decisions) if event.decisions else b"[]",
        b',"detail":%b' % orjson.dumps(event.detail) if event.detail else b"",
        b"" if event.look_up is None else b"," + orjson.dumps(look_up_of(event))[1:-1],
        _trace_of(event.trace) if event.trace else b"",
    )


def _trace_of(traceparent: str) -> bytes:
    """The fields of :func:`gateway.core.tracing.log_ids`, after a comma."""
    ids = traceparent.encode()
    return b',"trace_id":"%b","span_id":"%b"' % (ids[3:35], ids[36:52])


_HIT: Final = (
    b'%b,"timestamp":%b,"request_id":"%b","seconds":%.6f,"queued_seconds":0.000000,"upstream_seconds":0.000000,'
    b'"translate_seconds":0.000000,"attempts":0,"decisions":[]%b}\n'
)
"""The line of an answer that was replayed from the cache: nothing was waited for."""
_LINE: Final = (
    b'%b,"timestamp":%b,"request_id":"%b","seconds":%.6f,"queued_seconds":%.6f,"upstream_seconds":%.6f,'
    b'"translate_seconds":%.6f,"attempts":%d,"decisions":%b%b%b%b}\n'
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


def look_up_of(event: RequestFinished) -> dict[str, str]:
    """The personal look-up of *event*, as fields; empty where nobody's data was shown."""
    found = event.look_up
    return {} if found is None else {"dossier": found.dossier, "user": found.user, "subject": found.subject}


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
