"""Whether the shared cache is asked: down after some failures in a row, up as soon as it works."""

from __future__ import annotations

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from gateway.pipeline.cache.shared.availability import Availability, Available, PassedOver, decide


def after(events: str, state: Availability | None = None) -> Availability:
    """The state after *events*, ``w`` for worked and ``f`` for failed, one a second from 1."""
    found: Availability = state or Available()
    words: dict[str, Literal["worked", "failed"]] = {"w": "worked", "f": "failed"}
    for second, letter in enumerate(events, 1):
        found = decide(found, words[letter], float(second), failures=3, open_s=5.0)
    return found


def test_third_failure_in_a_row_takes_it_down() -> None:
    """Two failures are borne; a success between them starts the count anew."""
    assert after("ff") == Available(2)
    assert after("ffwff") == Available(2)
    assert after("fff") == PassedOver(8.0)


def test_it_stays_down_while_it_fails_and_is_up_when_it_works() -> None:
    """Each look that fails puts off the next by ``open_s``; one that works is enough."""
    assert after("ffff") == PassedOver(9.0)
    assert after("ffffw") == Available()


@given(st.text("wf", max_size=40))
def test_down_exactly_after_three_failures_at_the_end(events: str) -> None:
    """Whatever came before, only the failures in a row at the end count."""
    failures = len(events) - len(events.rstrip("f"))

    assert isinstance(after(events), PassedOver) == (failures >= 3)
