"""structlog: JSON for machines, colours for people on a terminal; personal data never gets here."""

from __future__ import annotations

import logging
import sys
from typing import Literal

import orjson
import structlog
from structlog.typing import Processor

from gateway.core.events import Event, RequestFinished

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def configure(style: Literal["auto", "json", "text"], level: Literal["debug", "info", "warning", "error"]) -> None:
    """Sets up logging of the process, to standard error; *auto* is text on a terminal."""
    text = style == "text" or (style == "auto" and sys.stderr.isatty())
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
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")


def _dumps(value: object, **_: object) -> str:
    return orjson.dumps(value, default=str).decode()


class RequestLog:
    """One line for each request."""

    def __init__(self) -> None:
        self._log = structlog.get_logger("gateway.request")

    def __call__(self, event: Event, /) -> None:
        if isinstance(event, RequestFinished):
            self._log.info(
                "request",
                connector=event.connector,
                operation=event.operation,
                caller=event.caller,
                outcome=event.outcome,
                seconds=round(event.seconds, 6),
                upstream_seconds=round(event.upstream_seconds, 6),
                queued_seconds=round(event.queued_seconds, 6),
                attempts=event.attempts,
                decisions=event.decisions,
                request_id=event.request_id,
            )
