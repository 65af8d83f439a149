"""Rings are lists of steps, joined once."""

from __future__ import annotations

from gateway.core.steps import Next, Step, compose


async def last(value: list[str]) -> list[str]:
    """The innermost."""
    return [*value, "last"]


def step(name: str) -> Step[list[str], list[str]]:
    """A step that leaves its name on the way in and out."""

    async def run(proceed: Next[list[str], list[str]], value: list[str]) -> list[str]:
        return [*await proceed([*value, f"{name} in"]), f"{name} out"]

    return run


async def test_first_step_is_outermost() -> None:
    """A request falls through the steps in their order, and the answer rises through them back."""
    ring = compose([step("a"), step("b")], last)

    assert await ring([]) == ["a in", "b in", "last", "b out", "a out"]


def test_no_steps_give_the_last_itself() -> None:
    """A ring without policies costs nothing."""
    assert compose([], last) is last
