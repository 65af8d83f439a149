"""The span of the request under way, where requests are traced; nothing here knows how spans are kept or sent."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import Context, ContextVar
from typing import Final, Protocol

Facts = Mapping[str, str | int | float | bool]


class Span(Protocol):
    """One span of a trace (OpenTelemetry); *traceparent* names it to others (W3C Trace Context, version 00)."""

    @property
    def traceparent(self) -> str: ...

    def child(self, name: str, facts: Facts) -> Span:
        """A span below this one for a question to another system, begun now."""
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


CURRENT: Final[ContextVar[Span | None]] = ContextVar("span", default=None)
"""None: the request is not traced."""


def clean_context() -> Context:
    """A context without anything of the request but its span, for work that others may share."""
    context = Context()
    if (span := CURRENT.get()) is not None:
        context.run(CURRENT.set, span)
    return context
