"""Ordinals of a fault: which requests of a plan are struck, and which texts are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from mocks.engine.faults import Faults, PlannedFault
from mocks.engine.service import Call, Request, Service, json_reply

RANGES = st.lists(
    st.tuples(st.integers(1, 30), st.integers(0, 9)).map(lambda one: (one[0], sum(one))), min_size=1, max_size=4
)


@given(RANGES, st.sampled_from(["", " "]), st.booleans())
def test_exactly_the_ordinals_that_are_written_are_struck(
    ranges: list[tuple[int, int]], blank: str, short: bool
) -> None:
    """A fault strikes a request when its ordinal is in one of the written ranges, and only then."""
    parts = [f"{low}" if short and low == high else f"{low}{blank}-{blank}{high}" for low, high in ranges]
    faults = planned(f"{blank},{blank}".join(parts))

    struck = [ordinal for ordinal in range(1, 45) if faults.strike(("toy", "fact"), asked()) is not None]

    assert struck == sorted({ordinal for low, high in ranges for ordinal in range(low, high + 1)})


def test_all_strikes_every_request() -> None:
    """`all` has no ordinals: the fault strikes each request."""
    faults = planned("all")

    assert all(faults.strike(("toy", "fact"), asked()) for _ in range(44))


@given(
    RANGES,
    st.integers(0, 4),
    st.sampled_from(
        ["", "0", "00", "0-5", "2-1", "30-7", "3-", "-3", "1-2-3", "+1", "1.0", "1;2", "1x", "x", "all", "ALL", "1/2"]
    ),
)
def test_one_wrong_part_among_ordinals_is_refused(ranges: list[tuple[int, int]], place: int, wrong: str) -> None:
    """A part that is empty, zero, descending or not a number makes the whole text invalid."""
    parts = [f"{low}-{high}" for low, high in ranges]
    parts.insert(place, wrong)

    with pytest.raises(ValidationError, match=r'use "all", or ordinals|ordinals start at 1'):
        planned(",".join(parts))


def planned(requests: str) -> Faults:
    """The plan of one fault for these requests of a call."""
    call = Call(name="fact", path="fact", answer=lambda _: json_reply({}))
    toy = Service(name="toy", title="Hệ thống thử", calls=(call,), samples=dict)
    fault = PlannedFault.model_validate({"system": "toy", "requests": requests, "fault": {"kind": "hang"}})
    faults = Faults()
    faults.put([fault], {"toy": toy})
    return faults


def asked() -> Request:
    """One request of the call."""
    return Request("GET", "/toy/fact", {}, {}, b"")
