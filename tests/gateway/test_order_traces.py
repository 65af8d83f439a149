"""Traces of orders in the store: from the request that was accepted to what came of it, and trace ids in log lines."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from gateway.core.tracing import CURRENT
from gateway.durable.lanes.decisions import Later, Park, Prepared
from gateway.durable.order_traces import OrderTraces, note_outcome
from tests.acceptance.test_applications import CODE, PATH, body_of, days, purpose, until_state
from tests.support.collector import collecting, facts
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal
from tests.support.postgres import address

TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER: Final = "00f067aa0ba902b7"
ACCEPTED: Final = "order accepted"
ARRIVED: Final = "order arrived"


def settings_of(national: National, database: str, **changes: Any) -> Any:
    """A deployment with a store that follows the mocks' clock."""
    return laptop_settings(national.url, store={"url": address(database)}, clock={"follow": national.url}, **changes)


async def applied(portal: Portal, national: National, number: int) -> None:
    """An order within a trace of its caller, brought to the ministry and looked at there."""
    code = CODE.format(number)
    headers = {**purpose(code), "traceparent": f"00-{TRACE}-{CALLER}-01", "Idempotency-Key": code}
    body = await body_of(national, code)
    answered = await portal.ask("POST", PATH, body=body, headers=headers, purpose=False)
    assert answered.status == 202
    await until_state(portal, code, "received")
    await days(national, 7)
    await until_state(portal, code, "issued")


def logged(lines: Sequence[Mapping[str, Any]], event: str) -> list[Mapping[str, Any]]:
    """The lines of one kind."""
    return [line for line in lines if line["event"] == event]


async def test_an_order_is_one_trace_from_its_acceptance_to_its_arrival(national: National, database: str) -> None:
    """Accept, send and each attempt are below the caller's span; a look at the case is a trace of its own with a link
    to the acceptance; the lines of the request and of the order name their spans.
    """
    pytest.importorskip("opentelemetry.sdk.trace")
    with capture_logs() as lines:
        async with collecting() as collector:
            block = {"endpoint": collector.url, "ratio": 0.0}
            async with serving_portal(settings_of(national, database, traces=block)) as portal:
                await applied(portal, national, 71)
            spans = list(collector.spans())
    (accept,), (send,), looks = (
        [span for span in spans if span.name == name]
        for name in ("accept order", "send criminal_records.apply", "follow criminal_records")
    )
    (request,) = [span for span in spans if span.span_id == accept.parent_span_id]
    attempts = [span for span in spans if span.parent_span_id == send.span_id]
    asked = [span for span in spans if span.parent_span_id in {look.span_id for look in looks}]

    assert {one.trace_id.hex() for one in (request, accept, send, *attempts)} == {TRACE}
    assert request.parent_span_id.hex() == CALLER
    assert send.parent_span_id == accept.span_id
    assert attempts
    assert facts(send)["lgsp.outcome"] == "arrived=1"
    assert asked
    assert TRACE not in {look.trace_id.hex() for look in looks}
    assert {tuple(link.span_id for link in one.links) for one in (send, *looks)} == {(accept.span_id,)}
    (accepted,), (arrived,) = logged(lines, ACCEPTED), logged(lines, ARRIVED)
    assert (accepted["trace_id"], accepted["span_id"]) == (TRACE, accept.span_id.hex())
    assert (arrived["trace_id"], arrived["span_id"]) == (TRACE, send.span_id.hex())
    (told,) = [line for line in logged(lines, "request") if line["operation"] == "apply"]
    assert (told["trace_id"], told["span_id"]) == (TRACE, request.span_id.hex())


async def test_nothing_of_a_trace_is_kept_or_logged_where_traces_are_off(national: National, database: str) -> None:
    """Whatever the caller sends."""
    with capture_logs() as lines:
        async with serving_portal(settings_of(national, database)) as portal:
            await applied(portal, national, 72)

    assert len(logged(lines, ACCEPTED)) == len(logged(lines, ARRIVED)) == 1
    assert [line for line in lines if "trace_id" in line or "span_id" in line] == []


async def test_a_list_of_orders_is_a_trace_of_its_own_with_a_link_to_each() -> None:
    """It belongs to several requests; one that was kept anywhere is kept."""
    pytest.importorskip("opentelemetry.sdk.trace")
    from gateway.observe.tracing import Tracer

    async with collecting() as collector:
        tracer = await asyncio.to_thread(Tracer, collector.url, 0.0, "0")
        accepted = [f"00-{TRACE[:-1]}{number}-{CALLER}-0{number}" for number in (0, 1)]
        with OrderTraces(tracer).span("send", {}, [*accepted, ""]) as span:
            assert CURRENT.get() is span is not None
            note_outcome(span, [Prepared("new"), Later(1.0, "busy"), Park("refused"), Later(1.0, "late")])
        assert CURRENT.get() is None
        with OrderTraces(tracer).span("send", {}, ["", ""]) as span:
            assert span is not None, "not kept: no request of these was traced, and the ratio is nothing"
        await asyncio.to_thread(tracer.close)
        (sent,) = collector.spans()

    assert sent.trace_id.hex() not in {TRACE[:-1] + "0", TRACE[:-1] + "1"}
    assert [link.trace_id.hex() for link in sent.links] == [one[3:35] for one in accepted]
    assert facts(sent) == {"lgsp.outcome": "later=2, park=1, prepared=1", "lgsp.reason": "busy"}
