"""Makes spans with OpenTelemetry's SDK and sends them by OTLP over HTTP, in a thread of the SDK's own.

The SDK is an extra (``lgsp-gateway[traces]``) and is loaded by name, where the configuration asks for it: a gateway
that is not traced loads none of it, and no request pays for it. Nothing is instrumented by itself; the spans are those
that the gateway begins at its own seams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from random import getrandbits
from typing import Any, Final

from aiohttp import web

from gateway.core.tracing import Facts, Span

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"
LOW: Final = 2**64 - 1
"""The part of a trace's name by which it is kept or not."""
SEND_S: Final = 5.0
"""Seconds for one message to the collector; what it does not take is dropped."""
MOST_WAITING: Final = 2048
"""Spans that wait to be sent; more are dropped."""


@dataclass(frozen=True, slots=True)
class OtelSpan:
    """A span of the SDK, as the gateway's seams see it."""

    span: Any
    tracer: Any
    api: Any

    @property
    def traceparent(self) -> str:
        """See :class:`gateway.core.tracing.Span`."""
        context = self.span.get_span_context()
        return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"

    def child(self, name: str, facts: Facts) -> Span:
        """See :class:`gateway.core.tracing.Span`."""
        return self._below(name, self.api.SpanKind.CLIENT, facts)

    def part(self, name: str, facts: Facts) -> Span:
        """See :class:`gateway.core.tracing.Span`."""
        return self._below(name, self.api.SpanKind.INTERNAL, facts)

    def _below(self, name: str, kind: Any, facts: Facts) -> Span:
        context = self.api.set_span_in_context(self.span)
        inner = self.tracer.start_span(name, context=context, kind=kind, attributes=dict(facts))
        return OtelSpan(inner, self.tracer, self.api)

    def link(self, other: Span) -> None:
        """See :class:`gateway.core.tracing.Span`."""
        if isinstance(other, OtelSpan):
            self.span.add_link(other.span.get_span_context())

    def note(self, name: str, value: str | float | bool) -> None:
        """See :class:`gateway.core.tracing.Span`."""
        self.span.set_attribute(name, value)

    def end(self, error: str = "") -> None:
        """See :class:`gateway.core.tracing.Span`."""
        if error:
            self.span.set_attribute("error.type", error)
            self.span.set_status(self.api.StatusCode.ERROR)
        self.span.end()


class QuietSpan:
    """A span of a trace that is not kept: it has a name for others, and nothing is written of it.

    The SDK takes 30 µs to begin and end one of its own, as long as a cached answer takes.
    """

    __slots__ = ("_own", "_trace")

    def __init__(self, trace: int) -> None:
        self._trace = trace
        self._own = 0

    @property
    def traceparent(self) -> str:
        """See :class:`gateway.core.tracing.Span`."""
        if not self._own:
            self._own = getrandbits(64) or 1
        return f"00-{self._trace:032x}-{self._own:016x}-00"

    def child(self, _: str, __: Facts) -> Span:
        """See :class:`gateway.core.tracing.Span`."""
        return QuietSpan(self._trace)

    part = child

    def link(self, other: Span) -> None:
        """Nothing is written."""

    def note(self, name: str, value: str | float | bool) -> None:
        """Nothing is written."""

    def end(self, error: str = "") -> None:
        """Nothing is written."""


class TraceIds:
    """Names traces and spans; a trace that was looked at before it begins has the name by which it was."""

    def __init__(self) -> None:
        self.next = 0

    def generate_trace_id(self) -> int:
        """See ``opentelemetry.sdk.trace.id_generator.IdGenerator``."""
        known, self.next = self.next, 0
        return known or getrandbits(128) or 1

    def generate_span_id(self) -> int:
        """See ``opentelemetry.sdk.trace.id_generator.IdGenerator``."""
        return getrandbits(64) or 1

    def is_trace_id_random(self) -> bool:
        """See ``opentelemetry.sdk.trace.id_generator.IdGenerator``."""
        return True


class LinkedOrRatio:
    """The sampler of traces without a parent: one that is linked to a trace that is kept is kept too."""

    def __init__(self, ratio: Any, sampling: Any) -> None:
        self._ratio = ratio
        self._sampling = sampling

    def should_sample(self, **asked: Any) -> Any:
        """See ``opentelemetry.sdk.trace.sampling.Sampler``."""
        linked = any(link.context.trace_flags.sampled for link in asked.get("links") or ())
        return (self._sampling.ALWAYS_ON if linked else self._ratio).should_sample(**asked)

    def get_description(self) -> str:
        """See ``opentelemetry.sdk.trace.sampling.Sampler``."""
        return f"LinkedOr{{{self._ratio.get_description()}}}"


def _carried(http: web.BaseRequest) -> dict[str, str]:
    return {name: http.headers[name] for name in (TRACEPARENT, TRACESTATE) if name in http.headers}


class Tracer:
    """Begins the span of a request, below that of its caller where the request names one, and those of other work.

    Raises, when made, :class:`ModuleNotFoundError` where the extra is not installed.
    """

    def __init__(self, endpoint: str, ratio: float, version: str, headers: Mapping[str, str] | None = None) -> None:
        self._api = import_module("opentelemetry.trace")
        sdk, resources = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.resources")
        sampling = import_module("opentelemetry.sdk.trace.sampling")
        exporting = import_module("opentelemetry.sdk.trace.export")
        otlp = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        propagation = import_module("opentelemetry.trace.propagation.tracecontext")
        by_ratio = sampling.TraceIdRatioBased(ratio)
        self._bound: int = by_ratio.bound
        self._ids = TraceIds()
        self._provider = sdk.TracerProvider(
            id_generator=self._ids,
            resource=resources.Resource.create({"service.name": "lgsp-gateway", "service.version": version}),
            sampler=sampling.ParentBased(LinkedOrRatio(by_ratio, sampling)),
            shutdown_on_exit=False,
        )
        exporter = otlp.OTLPSpanExporter(endpoint=endpoint, headers=dict(headers or {}), timeout=SEND_S)
        self._provider.add_span_processor(exporting.BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING))
        self._tracer = self._provider.get_tracer("gateway", version)
        self._propagator = propagation.TraceContextTextMapPropagator()

    def begin(self, http: web.BaseRequest) -> OtelSpan | QuietSpan:
        """The span of *http*."""
        parent = self._propagator.extract(_carried(http)) if TRACEPARENT in http.headers else None
        above = None if parent is None else self._api.get_current_span(parent).get_span_context()
        if above is None or not above.is_valid:
            trace = getrandbits(128) or 1
            if trace & LOW >= self._bound:  # as the SDK's sampler would decide
                return QuietSpan(trace)
            self._ids.next = trace
        elif not above.trace_flags.sampled:
            return QuietSpan(above.trace_id)
        facts = {"http.request.method": http.method, "url.scheme": http.scheme}
        span = self._tracer.start_span(http.method, context=parent, kind=self._api.SpanKind.SERVER, attributes=facts)
        return OtelSpan(span, self._tracer, self._api)

    def work(self, name: str, facts: Facts, parent: str, links: Sequence[str]) -> OtelSpan:
        """See :class:`gateway.core.tracing.Tracer`."""
        known = [self._api.get_current_span(self._context(link)).get_span_context() for link in links]
        span = self._tracer.start_span(
            name,
            context=self._context(parent) if parent else None,
            kind=self._api.SpanKind.CONSUMER,
            attributes=dict(facts),
            links=[self._api.Link(one) for one in known if one.is_valid],
        )
        return OtelSpan(span, self._tracer, self._api)

    def _context(self, traceparent: str) -> Any:
        return self._propagator.extract({TRACEPARENT: traceparent})

    def close(self) -> None:
        """Sends what waits and ends the SDK's thread; blocks for :data:`SEND_S` at most, where nobody takes it."""
        self._provider.force_flush(int(SEND_S * 1000))
        self._provider.shutdown()
