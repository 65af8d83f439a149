"""Draws and shuffles."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mocks.population.dice import Dice, Shuffle

DRAWN = [995, 761, 401, 750, 898, 480, 561, 411, 432, 161, 643, 582, 801, 992, 148, 897, 493, 106, 854, 682]


def test_a_sequence_is_fixed_by_seed_kind_and_index() -> None:
    """These numbers are the same on every machine and Python; if they change, every country changes."""
    dice = Dice(1, "person", 7)

    assert [dice.below(1_000) for _ in range(20)] == DRAWN
    assert Dice(2, "person", 7).below(1 << 32) != Dice(1, "person", 7).below(1 << 32)


def test_draws_are_spread() -> None:
    """Each of ten sides comes up about as often."""
    dice = Dice(1, "spread", 0)
    seen = Counter(dice.below(10) for _ in range(10_000))

    assert set(seen) == set(range(10))
    assert all(900 < count < 1_100 for count in seen.values())


def test_weights_weigh() -> None:
    """Nine in ten are nine in ten."""
    dice = Dice(1, "weights", 0)
    seen = Counter(dice.weighted((("often", 9), ("seldom", 1))) for _ in range(10_000))

    assert 850 < seen["seldom"] < 1_150


@given(low=st.integers(-1_000, 1_000), span=st.integers(0, 1_000), index=st.integers(0, 10_000))
def test_between_includes_both_ends_and_nothing_beyond(low: int, span: int, index: int) -> None:
    """A draw between two numbers lies between them."""
    assert low <= Dice(1, "between", index).between(low, low + span) <= low + span


@pytest.mark.parametrize("size", [7, 3_500, 5_000, 100_000])
def test_a_shuffle_is_a_bijection(size: int) -> None:
    """Every value has one index, and leads back to it."""
    shuffle = Shuffle(1, "test", size)
    images = [shuffle[index] for index in range(size)]

    assert sorted(images) == list(range(size))
    assert images != list(range(size))
    assert all(shuffle.back(image) == index for index, image in enumerate(images))
