"""``make soak``: what it calls a loss, and that its weathers are ones that the country knows."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.soak.__main__ import Lanes, Tally, lost
from tests.soak.faults import ROLLING, Weather
from tests.support.national import National

WELL = Tally("calm", Counter({"well": 10, "breaker_open": 3}), [0.1] * 13)


def test_refusals_are_no_loss() -> None:
    """Who is told that a system fails has an answer."""
    assert lost([WELL], 100, 300, 150, Lanes(0, 3)) == []


@pytest.mark.parametrize(
    ("tally", "peak", "after", "lanes", "said"),
    [
        (Tally("x", Counter({"internal": 2})), 300, 100, Lanes(0, 0), "2 answers are 500"),
        (Tally("x", missing=["a: TimeoutError"]), 300, 100, Lanes(0, 0), "1 requests have no answer: a: TimeoutError"),
        (WELL, 513, 100, Lanes(0, 0), "513 MiB are more than the limit of 512"),
        (WELL, 300, 151, Lanes(0, 0), "memory went from 100 to 151 MiB and did not come back"),
        (WELL, 300, 100, Lanes(2, 0), "2 lanes of accepted orders still wait"),
    ],
)
def test_each_loss_is_told(tally: Tally, peak: float, after: float, lanes: Lanes, said: str) -> None:
    """And ends the command with 1."""
    assert lost([tally], 100, peak, after, lanes) == [said]


@pytest.mark.parametrize("weather", ROLLING, ids=lambda weather: weather.name)
async def test_the_country_knows_each_weather(weather: Weather, national: National) -> None:
    """A plan that it refused would leave the day calm."""
    async with national.session.put(f"{national.url}/__mock/faults", json={"faults": weather.plan()}) as answer:
        assert answer.status == 200, await answer.text()
