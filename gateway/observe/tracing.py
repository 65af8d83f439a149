"""Makes spans with OpenTelemetry's SDK and sends them by OTLP over HTTP, in a thread of the SDK's own.

The SDK is an extra (``lgsp-gateway[traces]``) and is loaded by name, where the configuration asks for it: a gateway
that is not traced loads none of it, and no request pays for it. Nothing is instrumented by itself; the spans are those
that the gateway begins at its own seams.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from aiohttp import web

from gateway.core.tracing import Facts, Span

TRACEPARENT: Final = "traceparent"
TRACESTATE: Final = "tracestate"
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
        self._provider = sdk.TracerProvider(
            resource=resources.Resource.create({"service.name": "lgsp-gateway", "service.version": version}),
            sampler=sampling.ParentBased(LinkedOrRatio(sampling.TraceIdRatioBased(ratio), sampling)),
            shutdown_on_exit=False,
        )
        exporter = otlp.OTLPSpanExporter(endpoint=endpoint, headers=dict(headers or {}), timeout=SEND_S)
        self._provider.add_span_processor(exporting.BatchSpanProcessor(exporter, max_queue_size=MOST_WAITING))
        self._tracer = self._provider.get_tracer("gateway", version)
        self._propagator = propagation.TraceContextTextMapPropagator()

    def begin(self, http: web.BaseRequest) -> OtelSpan:
        """The span of *http*."""
        carried = {name: http.headers[name] for name in (TRACEPARENT, TRACESTATE) if name in http.headers}
        parent = self._propagator.extract(carried) if carried else None
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
