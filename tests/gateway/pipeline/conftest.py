"""Worlds for the tests of policies, each closed when its test ends."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import pytest

from tests.gateway.pipeline.harness import World, make_world


@pytest.fixture
async def worlds() -> AsyncIterator[Callable[..., World]]:
    """:func:`tests.gateway.pipeline.harness.make_world`."""
    made: list[World] = []

    def make(*arguments: object, **more: object) -> World:
        """A world that is closed when its test ends."""
        made.append(make_world(*arguments, **more))  # type: ignore[arg-type]  # passed through unchanged
        return made[-1]

    yield make
    for world in made:
        await world.close()
