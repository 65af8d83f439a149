"""The spans of requests: which traces are kept, and how the others go on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.observe.tracing import QuietSpan, Tracer

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
CALLER = "00f067aa0ba902b7"


@pytest.fixture
def tracer() -> Iterator[Tracer]:
    """One that keeps every second trace; its collector is away."""
    pytest.importorskip("opentelemetry.sdk.trace")
    made = Tracer("http://127.0.0.1:1/v1/traces", 0.5, "1")
    yield made
    made.close()


def begun(tracer: Tracer, traceparent: str = "") -> str:
    """The traceparent of a new request."""
    headers = {"traceparent": traceparent} if traceparent else {}
    return tracer.begin(make_mocked_request("GET", "/v1/x", headers=headers)).traceparent


def test_share_of_traces_is_kept(tracer: Tracer) -> None:
    """As the ratio says, by the name of the trace, so that each system that looks at it decides the same."""
    found = [begun(tracer) for _ in range(400)]
    kept = [one for one in found if int(one[53:], 16) & 1]

    assert 120 < len(kept) < 280
    assert {one for one in found if int(one[19:35], 16) < 2**63} == set(kept)
    assert len({one[3:35] for one in found}) == 400


def test_callers_decision_holds(tracer: Tracer) -> None:
    """A trace that the caller keeps is kept, one that it does not keep is not; both go on under its name."""
    for flags in ("00", "01"):
        one = begun(tracer, f"00-{TRACE}-{CALLER}-{flags}")
        assert one[:36] == f"00-{TRACE}-"
        assert one[36:52] != CALLER
        assert one[53:] == flags


def test_broken_traceparent_begins_a_trace(tracer: Tracer) -> None:
    """What nobody can read is nobody's trace."""
    assert begun(tracer, f"00-{'0' * 32}-{CALLER}-00")[3:35] != "0" * 32


def test_spans_of_a_trace_that_is_not_kept_have_one_trace_and_names_of_their_own() -> None:
    """Others may write logs by them; nothing is made for them in the SDK."""
    span = QuietSpan(int(TRACE, 16))
    attempt, part = span.child("GET", {}), span.part("cache", {})
    told = [one.traceparent for one in (span, attempt, part)]

    assert {one[:36] for one in told} == {f"00-{TRACE}-"}
    assert len(set(told)) == 3
    assert span.traceparent == told[0]


def test_work_after_requests_that_are_not_kept_has_a_trace_of_its_own(tracer: Tracer) -> None:
    """A decision about one trace is none about the next: of much work about half is kept."""
    works = []
    for _ in range(200):
        begun(tracer)
        works.append(tracer.work("send", {}, "", []).traceparent)

    assert len({one[3:35] for one in works}) == 200
    assert 50 < sum(int(one[53:], 16) & 1 for one in works) < 150
