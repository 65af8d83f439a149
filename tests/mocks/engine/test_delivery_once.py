"""Answers of faults: each header once, and work that is done before the silence."""

from __future__ import annotations

import pytest

from mocks.engine.delivery import Silence, response_of
from mocks.engine.kinds import Hang, Scene, Status
from mocks.engine.service import Call, Reply, Request


def scene(worked: list[str]) -> Scene:
    """A request to a system that notes its work."""

    def answer() -> Reply:
        worked.append("done")
        return Reply(200, b"{}")

    call = Call(name="take", path="take", answer=lambda _: Reply(200, b"{}"))
    return Scene(call, Request("POST", "/take", {}, {}, b""), answer)


@pytest.mark.parametrize("name", ["Content-Type", "content-type", "Retry-After", "Date", "Content-Length"])
def test_status_sends_no_header_twice(name: str) -> None:
    """A header of the fault takes the place of the one that the mock would send."""
    fault = Status(kind="status", status=503, headers={name: "7"}).deliver(scene([]))
    sent = response_of(fault.reply)  # type: ignore[union-attr]  # a status is a whole reply

    assert sent.headers.getall(name) == ["7"]


@pytest.mark.parametrize(("after", "worked"), [(False, []), (True, ["done"])])
def test_hang_may_come_after_the_work(after: bool, worked: list[str]) -> None:
    """The system accepts the order and never says so."""
    seen: list[str] = []

    assert isinstance(Hang(kind="hang", after=after).deliver(scene(seen)), Silence)
    assert seen == worked
