"""Gives each exchange over X-Road an id of its own, which the request's log line names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final
from uuid import uuid4

from gateway.core.canonical import Wire
from gateway.core.steps import Next
from gateway.core.upstream import UpstreamRequest

HEADER: Final = "X-Road-Id"


@dataclass(frozen=True, slots=True)
class RoadId:
    """Puts a new ``X-Road-Id`` on the exchange, so that its lines in the logs of security servers can be found."""

    name: ClassVar[str] = "road id"

    async def __call__(self, proceed: Next[UpstreamRequest, Wire | None], request: UpstreamRequest) -> Wire | None:
        road_id = str(uuid4())
        request.call.trace.notes.append(f"xroad={road_id}")
        return await proceed(request.with_exchange(request.exchange.with_headers({HEADER: road_id})))
