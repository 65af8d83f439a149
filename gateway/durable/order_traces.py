"""Spans of the orders of the store: an order goes on in the trace of the request that it was accepted with.

A list of orders, and a look at a case, is of several requests or of one long ago: it is a trace of its own, with links
to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from gateway.core.tracing import CURRENT, Facts, Span, Tracer
from gateway.durable.lanes.decisions import Arrived, Checked, Decision, Halve, Later, Park, Prepared, SendAgain, Unknown

WELL = (Arrived, Checked, Prepared)


@dataclass(slots=True)
class OrderTraces:
    """Begins the spans; without a *tracer* there are none."""

    tracer: Tracer | None = None

    @contextmanager
    def span(self, name: str, facts: Facts, accepted: Sequence[str], *, apart: bool = False) -> Iterator[Span | None]:
        """The span of an exchange about orders that were *accepted* in these spans; None where nothing is traced. What
        is asked meanwhile is below it. *apart*: of a trace of its own, as that of several orders is.
        """
        if self.tracer is None:
            yield None
            return
        known = [one for one in accepted if one]
        parent = known[0] if known and len(accepted) == 1 and not apart else ""
        span = self.tracer.work(name, facts, parent, known)
        token = CURRENT.set(span)
        error = "cancelled"
        try:
            yield span
            error = ""
        finally:
            CURRENT.reset(token)
            span.end(error)


def note_outcome(span: Span, decisions: Sequence[Decision]) -> None:
    """Notes what became of the orders of an exchange, with the reason of the first that went otherwise than well."""
    found = Counter(type(one).__name__.lower() for one in decisions)
    span.note("lgsp.outcome", ", ".join(f"{word}={number}" for word, number in sorted(found.items())))
    wrong = next((one for one in decisions if not isinstance(one, WELL)), None)
    if isinstance(wrong, Halve | Later | Park | Unknown):
        span.note("lgsp.reason", wrong.reason)
    elif isinstance(wrong, SendAgain):
        span.note("lgsp.reason", "sent_again")
