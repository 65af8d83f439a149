"""Each exchange over X-Road has an id that can be looked for in the logs of both sides."""

from __future__ import annotations

from uuid import UUID

from gateway.core.message import Rest
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.upstream.road_id import HEADER, RoadId
from tests.gateway.pipeline.harness import Worlds, sent_of


async def test_id_is_new_for_each_exchange_and_stands_in_the_log_line(worlds: Worlds) -> None:
    """A try that is made again has an id of its own, and the request's decisions name both."""
    ids = []

    async def proceed(request: UpstreamRequest) -> None:
        assert isinstance(request.exchange, Rest)
        ids.append(request.exchange.headers[HEADER])

    request = sent_of(worlds())
    for _ in range(2):
        await RoadId()(proceed, request)

    assert len({UUID(one) for one in ids}) == 2
    assert request.call.trace.notes == [f"xroad={one}" for one in ids]
