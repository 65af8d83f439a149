"""Traces: spans at the gateway's own seams, sent to a collector of the test's own; nothing where they are off."""

from __future__ import annotations

import asyncio
import sys
from typing import Any, Final

import pytest

from gateway.core.tracing import CURRENT, clean_context
from gateway.settings import ConfigurationError
from tests.support.collector import Collector, collecting, facts
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National

TRACE: Final = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER: Final = "00f067aa0ba902b7"
ENTERPRISE: Final = "business_registry.enterprise"


def traced(national: National, collector: Collector, monkeypatch: pytest.MonkeyPatch, ratio: float = 0.0) -> Any:
    """A deployment that is traced where a caller says so."""
    pytest.importorskip("opentelemetry.sdk.trace")
    monkeypatch.setenv("COLLECTOR_KEY", "Bearer made-up")
    block = {"endpoint": collector.url, "ratio": ratio, "authorization": "env:COLLECTOR_KEY"}
    return laptop_settings(national.url, upstreams={"retry": {"attempts": 3, "initial_s": 0.01}}, traces=block)


async def test_each_attempt_is_a_span_below_the_callers(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    """The caller's trace goes on: a span of the request with its route, one for each attempt with its number, and the
    ministry is told which.
    """
    sample = (await national.samples(ENTERPRISE))[0]
    await national.fault("business_registry", "status", requests="1", operation="chiTietDoanhNghiep", status=503)
    async with collecting() as collector:
        async with serving_portal(traced(national, collector, monkeypatch)) as portal:
            answered = await portal.look_up(ENTERPRISE, sample, {"traceparent": f"00-{TRACE}-{CALLER}-01"})
        spans = sorted(collector.spans(), key=lambda span: span.start_time_unix_nano)
    request, first, second = spans
    async with national.session.get(f"{national.url}/__mock/journal") as journal:
        heard = [entry for entry in (await journal.json())["entries"] if entry["operation"] == "chiTietDoanhNghiep"]

    assert answered.status == 200
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    assert (request.parent_span_id.hex(), first.parent_span_id, second.parent_span_id) == (
        CALLER,
        request.span_id,
        request.span_id,
    )
    assert facts(request)["http.route"] == "/v1/business-registry/enterprises/{enterprise_code}"
    assert facts(request)["http.response.status_code"] == 200
    assert [facts(span)["http.request.resend_count"] for span in (first, second)] == [0, 1]
    assert (facts(first)["error.type"], "error.type" in facts(second)) == ("upstream_error", False)
    assert collector.authorizations == {"Bearer made-up"}
    assert len(heard) == 2


async def test_who_joins_a_question_is_linked_to_it(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two callers with traces of their own share one attempt: it is below the first, and the second names the first."""
    sample = (await national.samples(ENTERPRISE))[0]
    await national.fault("business_registry", "latency", operation="chiTietDoanhNghiep", seconds=0.3)
    async with collecting() as collector:
        async with serving_portal(traced(national, collector, monkeypatch)) as portal:
            both = [
                portal.look_up(ENTERPRISE, sample, {"traceparent": f"00-{TRACE[:-1]}{last}-{CALLER}-01"})
                for last in "12"
            ]
            await asyncio.gather(*both)
        spans = list(collector.spans())
    (attempt,) = [span for span in spans if "http.request.resend_count" in facts(span)]
    (leader,) = [span for span in spans if span.span_id == attempt.parent_span_id]
    (follower,) = [span for span in spans if span not in (attempt, leader)]

    assert leader.trace_id != follower.trace_id
    assert [link.span_id for link in follower.links] == [leader.span_id]


async def test_nothing_is_sent_of_what_is_not_sampled(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    """A caller who says that its trace is not kept, and a ratio of nothing."""
    sample = (await national.samples(ENTERPRISE))[0]
    async with collecting() as collector, serving_portal(traced(national, collector, monkeypatch)) as portal:
        await portal.look_up(ENTERPRISE, sample)
        await portal.look_up(ENTERPRISE, sample, {"traceparent": f"00-{TRACE}-{CALLER}-00"})

    assert collector.bodies == []


async def test_collector_that_is_away_stops_nothing(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers come as ever, and the gateway ends."""
    sample = (await national.samples(ENTERPRISE))[0]
    settings = traced(national, Collector("http://127.0.0.1:1/v1/traces"), monkeypatch, ratio=1.0)
    async with serving_portal(settings) as portal:
        answered = await portal.look_up(ENTERPRISE, sample)

    assert answered.status == 200


async def test_gateway_that_is_not_traced_loads_nothing_and_tells_nothing(national: National) -> None:
    """No span is begun, and a ministry gets no header of it, whatever the caller sends."""
    sample = (await national.samples(ENTERPRISE))[0]
    loaded = {name for name in sys.modules if name.startswith("opentelemetry")}
    async with serving_portal(laptop_settings(national.url)) as portal:
        answered = await portal.look_up(ENTERPRISE, sample, {"traceparent": f"00-{TRACE}-{CALLER}-01"})

    assert answered.status == 200
    assert CURRENT.get() is None
    assert list(clean_context()) == []
    assert {name for name in sys.modules if name.startswith("opentelemetry")} == loaded


async def test_missing_extra_is_one_sentence(national: National, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says what to install."""
    monkeypatch.setitem(sys.modules, "opentelemetry.trace", None)
    with pytest.raises(ConfigurationError, match=r"traces: opentelemetry\S* is not installed; install lgsp-gateway"):
        async with serving_portal(laptop_settings(national.url, traces={"endpoint": "http://127.0.0.1:1"})):
            pytest.fail("it runs")
