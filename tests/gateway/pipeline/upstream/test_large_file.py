"""A large file in the upstream ring: its exchange lasts until its last byte was taken, and each policy sees its end."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest

from gateway.core.call import Answer, Call
from gateway.core.events import Attempted, Event, RequestFinished
from gateway.core.message import Reply, Rest
from gateway.core.problems import Failing, GatewayError
from gateway.core.transfer import SourceFile
from gateway.pipeline.operation.call_connector import BoundUpstream
from gateway.pipeline.operation.look_up import LookUps, SubjectHash
from gateway.pipeline.operation.observe import ObserveRequests
from gateway.testing.clock import settle
from tests.gateway.pipeline.harness import SETTINGS, World, Worlds
from tests.gateway.pipeline.scripted import Deed, ScriptedUpstream, fails

EXCHANGE = Rest(name="tep", method="GET", path="tep", raw=True)
CUT = Failing("It broke off.", reason="cut_off")


class Rests:
    """The rest of a file: pieces, then an error if there is one; *silent* never gives the first."""

    def __init__(self, *pieces: bytes, error: GatewayError | None = None, silent: bool = False) -> None:
        self.left = list(pieces)
        self.error = error
        self.silent = silent
        self.reads = 0
        self.closed = False

    async def read(self) -> bytes:
        """See :class:`gateway.core.transfer.RestOfFile`."""
        self.reads += 1
        if self.silent:
            await asyncio.get_running_loop().create_future()
        if self.left:
            return self.left.pop(0)
        if self.error is not None:
            raise self.error
        return b""

    async def close(self) -> None:
        """See :class:`gateway.core.transfer.RestOfFile`."""
        self.closed = True


def poured(rest: Rests) -> Reply:
    """A file that begins with ``%PDF``, and goes on with *rest*."""
    return Reply(200, {}, {"content": b"%PDF", "media_type": "application/pdf", "length": 10}, rest=rest)


def world_of(worlds: Worlds, *deeds: Deed, **policies: Any) -> World:
    """A world whose source does *deeds*."""
    return worlds(ScriptedUpstream(*deeds), policies={"attempt_timeout_s": 2, **policies})


def upstream_of(world: World) -> BoundUpstream:
    """What a connector gets for one call, whose deadline is 10 s away."""
    return BoundUpstream(SETTINGS, world.call(), None, world.ring.run, world.clock)


async def fetch(world: World) -> SourceFile:
    """The file, once its first bytes are there."""
    found = await upstream_of(world).fetch(EXCHANGE)
    assert found is not None
    return found


async def taken(pieces: Iterable[bytes] | Any) -> bytes:
    """All of it."""
    return b"".join([piece async for piece in pieces])


def outcomes(world: World) -> list[tuple[str, bool]]:
    """How the attempts ended."""
    return [(event.outcome, event.failed) for event in world.of(Attempted)]


async def test_a_file_comes_whole_and_its_exchange_ends_with_it(worlds: Worlds) -> None:
    """Until the last piece is taken the place at the source is held, and no end is told."""
    rest = Rests(b"-1.7", b"\n.")
    world = world_of(worlds, poured(rest))
    file = await fetch(world)

    assert (file.start, file.media_type, file.length) == (b"%PDF", "application/pdf", 10)
    assert (world.ring.bulkhead.room.in_use, outcomes(world), rest.closed) == (1, [], False)
    assert file.transfer is not None
    assert await taken(file.transfer) == b"%PDF-1.7\n."
    assert (world.ring.bulkhead.room.in_use, outcomes(world), rest.closed) == (0, [("ok", False)], True)


async def test_the_source_is_read_only_as_the_caller_takes(worlds: Worlds) -> None:
    """One piece is read when the one before was taken, and none before: a file never gathers in memory."""
    rest = Rests(*[b"x"] * 100)
    file = await fetch(world_of(worlds, poured(rest)))
    assert file.transfer is not None

    for count in range(5):
        await settle()
        assert rest.reads == count
        await anext(file.transfer)
    await file.transfer.aclose()


@pytest.mark.parametrize("attempts", [1, 3])
async def test_a_file_that_breaks_off_is_an_error_and_is_not_asked_for_again(worlds: Worlds, attempts: int) -> None:
    """Bytes of it went on already; the breaker and the metrics are told."""
    rest = Rests(b"-1.7", error=CUT)
    world = world_of(
        worlds, poured(rest), retry={"attempts": attempts}, breaker={"consecutive_failures": 1, "open_s": 60}
    )
    file = await fetch(world)
    assert file.transfer is not None

    task = asyncio.create_task(taken(file.transfer))
    await world.clock.advance(1)
    assert isinstance(task.exception(), Failing)
    assert (world.upstream.count, outcomes(world)) == (1, [("cut_off", True)])
    assert type(world.ring.breaker.state).__name__ == "Open"
    assert rest.closed


async def test_a_failure_before_the_first_bytes_is_tried_again(worlds: Worlds) -> None:
    """Nothing of it has gone on."""
    world = world_of(worlds, fails(), poured(Rests(b"!")), retry={"attempts": 2})
    task = asyncio.create_task(fetch(world))
    await world.clock.advance(1)

    transfer = (await task).transfer
    assert transfer is not None
    assert await taken(transfer) == b"%PDF!"


async def test_a_source_that_falls_silent_within_a_file_is_given_up(worlds: Worlds) -> None:
    """After the time of an attempt without a byte."""
    world = world_of(worlds, poured(Rests(silent=True)))
    file = await fetch(world)
    assert file.transfer is not None
    task = asyncio.create_task(taken(file.transfer))

    await world.clock.advance(1.9)
    assert not task.done()
    await world.clock.advance(0.2)
    assert task.done()
    assert outcomes(world) == [("attempt", True)]
    with pytest.raises(GatewayError):
        await task


async def test_a_slow_caller_is_not_the_sources_silence(worlds: Worlds) -> None:
    """While a piece waits for its caller, no time of the source runs; the deadline bounds the file all the same."""
    rest = Rests(*[b"x"] * 9)
    world = world_of(worlds, poured(rest))
    file = await fetch(world)
    assert file.transfer is not None

    await world.clock.advance(6)
    assert (await anext(file.transfer), outcomes(world)) == (b"%PDF", [])
    await world.clock.advance(6)
    with pytest.raises(GatewayError) as met:
        await taken(file.transfer)
    assert met.value.reason == "deadline"


async def test_the_time_of_a_file_ends_with_its_first_bytes(worlds: Worlds) -> None:
    """A caller that takes long does not make a source look slow."""
    world = world_of(worlds, poured(Rests(b"!")), breaker={"slow_s": 3, "min_calls": 1})
    file = await fetch(world)
    assert file.transfer is not None
    await world.clock.advance(5)
    await taken(file.transfer)

    assert [event.seconds for event in world.of(Attempted)] == [0]
    assert type(world.ring.breaker.state).__name__ == "Closed"


async def test_a_caller_that_goes_ends_the_exchange(worlds: Worlds) -> None:
    """Its place is free, the answer is closed, and nothing is held against the source."""
    rest = Rests(b"!")
    world = world_of(worlds, poured(rest), breaker={"consecutive_failures": 1})
    file = await fetch(world)
    assert file.transfer is not None
    await file.transfer.aclose()

    assert (world.ring.bulkhead.room.in_use, outcomes(world), rest.closed) == (0, [("cancelled", False)], True)
    assert type(world.ring.breaker.state).__name__ == "Closed"


async def test_a_caller_that_goes_before_the_first_bytes_ends_it_too(worlds: Worlds) -> None:
    """No exchange outlives its call."""
    world = world_of(worlds)
    held = asyncio.Event()

    async def hangs(_: object) -> None:
        held.set()
        await asyncio.get_running_loop().create_future()

    task = asyncio.create_task(BoundUpstream(SETTINGS, world.call(), None, hangs, world.clock).fetch(EXCHANGE))
    await held.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(asyncio.all_tasks()) == 1


async def test_a_file_that_the_connector_refuses_is_closed(worlds: Worlds) -> None:
    """Whatever a connector does with a file, only the one that it answers with stays open."""
    rest = Rests(b"!")
    world = world_of(worlds, poured(rest))
    up = upstream_of(world)
    await up.fetch(EXCHANGE)
    up.keep_only(None)
    await settle()

    assert (rest.closed, world.ring.bulkhead.room.in_use) == (True, 0)


@pytest.mark.parametrize(("error", "outcome"), [(None, "ok"), (CUT, "upstream-unavailable")])
async def test_the_request_ends_when_the_file_has_ended(
    worlds: Worlds, error: GatewayError | None, outcome: str
) -> None:
    """Its event says how, with the attempt that brought it."""
    world = world_of(worlds, poured(Rests(b"!", error=error)))
    seen: list[Event] = []
    up = upstream_of(world)

    async def answered(call: Call) -> Answer:
        found = await up.fetch(EXCHANGE)
        assert found is not None
        return Answer(value=found.content("application/pdf", "a.pdf"), fetched_at=world.clock.now())

    step = ObserveRequests(world.clock, seen.append, LookUps(up.call.operation, SubjectHash()))
    value = (await step(answered, up.call)).value
    assert seen == []
    task = asyncio.create_task(taken(getattr(value, "chunks")))  # noqa: B009  # it is a file
    await asyncio.wait([task])
    await settle()

    assert [(event.outcome, event.attempts) for event in seen if isinstance(event, RequestFinished)] == [(outcome, 1)]
    assert (task.exception() is None) == (error is None)
