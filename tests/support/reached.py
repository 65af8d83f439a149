"""A property that returns early must not do so for nearly all examples: it would then assert little, and stay green."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any


class Reached:
    """Counts the examples that reach a property's assertion, and fails the test where fewer than *least* did.

    It stands above ``@given``, and the property calls it where it asserts::

        told = Reached(least=20)

        @told.often_enough
        @given(st.text())
        def test_any_text_is_a_number_or_refused(text: str) -> None:
            try:
                found = number_of(text)
            except ValueError:
                return
            told()
            assert found >= 0
    """

    def __init__(self, *, least: int) -> None:
        self.least = least
        self.times = 0

    def __call__(self) -> None:
        self.times += 1

    def often_enough(self, run: Callable[..., None]) -> Callable[..., None]:
        """Wraps a whole property."""

        @functools.wraps(run)
        def counted(*arguments: Any, **more: Any) -> None:
            self.times = 0
            run(*arguments, **more)
            assert self.times >= self.least, f"{self.times} examples reached the assertion, {self.least} must"

        return counted
