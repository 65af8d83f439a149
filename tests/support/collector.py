"""A collector of traces (OTLP over HTTP) of a test's own."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web


@dataclass
class Collector:
    """An OTLP receiver: keeps the messages and their headers."""

    url: str = ""
    bodies: list[bytes] = field(default_factory=list)
    authorizations: set[str | None] = field(default_factory=set)

    async def take(self, request: web.BaseRequest) -> web.StreamResponse:
        """Takes a message."""
        body = await request.read()
        self.bodies.append(gzip.decompress(body) if request.headers.get("Content-Encoding") == "gzip" else body)
        self.authorizations.add(request.headers.get("Authorization"))
        return web.Response(content_type="application/x-protobuf")

    def spans(self) -> Iterator[Any]:
        """All spans that came."""
        service = pytest.importorskip("opentelemetry.proto.collector.trace.v1.trace_service_pb2")
        for body in self.bodies:
            for resource in service.ExportTraceServiceRequest.FromString(body).resource_spans:
                for scope in resource.scope_spans:
                    yield from scope.spans


@asynccontextmanager
async def collecting() -> AsyncIterator[Collector]:
    """A collector on a free port."""
    collector = Collector()
    runner = web.ServerRunner(web.Server(collector.take))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    collector.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1/traces"
    try:
        yield collector
    finally:
        await runner.cleanup()


def facts(span: Any) -> dict[str, Any]:
    """The attributes of a span."""
    return {one.key: getattr(one.value, one.value.WhichOneof("value")) for one in span.attributes}
