"""The span of the request under way, where requests are traced; nothing here knows how spans are kept or sent."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from contextvars import Context, ContextVar
from typing import Final, Protocol, TypeVar

T = TypeVar("T")
Facts = Mapping[str, str | int | float | bool]


class Span(Protocol):
    """One span of a trace (OpenTelemetry); *traceparent* names it to others (W3C Trace Context, version 00)."""

    @property
    def traceparent(self) -> str: ...

    def child(self, name: str, facts: Facts) -> Span:
        """A span below this one for a question to another system, begun now."""
        ...

    def part(self, name: str, facts: Facts) -> Span:
        """A span below this one for work of the gateway's own, begun now."""
        ...

    def link(self, other: Span) -> None:
        """Says that this span waited for what *other* does."""
        ...

    def note(self, name: str, value: str | float | bool) -> None:
        """Adds a fact."""
        ...

    def end(self, error: str = "") -> None:
        """Ends it; *error* is the word of a failure."""
        ...


class Tracer(Protocol):
    """Begins spans of work that is no request's."""

    def work(self, name: str, facts: Facts, parent: str, links: Sequence[str]) -> Span:
        """A span begun now: below *parent*, or where that is empty of a trace of its own, which is kept where one of
        *links* is. All are traceparents.
        """
        ...


CURRENT: Final[ContextVar[Span | None]] = ContextVar("span", default=None)
"""None: the request is not traced."""


def clean_context() -> Context:
    """A context without anything of the request but its span, for work that others may share."""
    context = Context()
    if (span := CURRENT.get()) is not None:
        context.run(CURRENT.set, span)
    return context


async def ended_with(span: Span | None, work: Awaitable[T]) -> T:
    """Waits for *work*; *span* ends with it, and says whether it failed."""
    if span is None:
        return await work
    error = "failed"
    try:
        found = await work
        error = ""
        return found
    finally:
        span.end(error)


def traceparent_now() -> str:
    """The traceparent of the request under way; empty where it is not traced."""
    span = CURRENT.get()
    return "" if span is None else span.traceparent


def log_ids(traceparent: str) -> dict[str, str]:
    """The fields of a log line that name a span; none where *traceparent* is empty."""
    return {} if not traceparent else {"trace_id": traceparent[3:35], "span_id": traceparent[36:52]}
