"""All answers that are being read share one room, and large ones are parsed one at a time beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from gateway.adapters.in_flight import LARGE_BYTES, SMALL_BYTES, InFlight
from gateway.adapters.rest import RestAdapter
from gateway.adapters.session import RawReply
from gateway.core.problems import OffContract, Overloaded
from gateway.core.settings import UpstreamSettings
from tests.support.odd_server import http, odd_server, saying
from tests.support.rest_adapter import ASK, JSON

MIB = 1024 * 1024


def test_room_comes_back_whatever_happened() -> None:
    """Two leases share the room, and both give back what they took."""
    room = InFlight(MIB)
    with room.lease() as one, room.lease() as other:
        one.grow_to(MIB // 2)
        assert room.used == MIB // 2 + SMALL_BYTES
        with pytest.raises(Overloaded):
            other.grow_to(MIB)

    assert room.used == 0


def test_full_room_is_told_before_anything_is_sent() -> None:
    """An exchange that finds no room at all has an outcome that is known: nothing was done."""
    room = InFlight(MIB)
    with room.lease() as one:
        one.grow_to(MIB)
        with pytest.raises(Overloaded) as met, room.lease():
            pass

    assert (met.value.reason, met.value.may_have_arrived) == ("answers_in_flight", False)


def test_room_that_runs_out_while_an_answer_comes_says_that_the_message_arrived() -> None:
    """An order whose answer could not be read has an unknown outcome."""
    room = InFlight(MIB)
    with pytest.raises(Overloaded) as met, room.lease() as one:
        one.grow_to(2 * MIB)

    assert (met.value.reason, met.value.may_have_arrived) == ("answers_in_flight", True)


def test_small_answers_take_no_more_than_was_leased() -> None:
    """The usual answer is never refused for want of room."""
    room = InFlight(MIB)
    with room.lease() as one:
        one.grow_to(SMALL_BYTES)

        assert room.used == SMALL_BYTES


@pytest.mark.parametrize(("size", "elsewhere"), [(LARGE_BYTES, False), (LARGE_BYTES + 1, True)])
async def test_large_answers_are_parsed_in_one_thread(size: int, elsewhere: bool) -> None:
    """Small ones stay on the loop, where they cost less."""
    room = InFlight(MIB)
    threads = {await room.parse(size, threading.get_ident) for _ in range(3)}
    room.close()

    assert len(threads) == 1
    assert (threads != {threading.get_ident()}) is elsewhere


async def test_memory_goes_back_after_the_last_of_a_storm() -> None:
    """Not after each answer, not for small ones, and once more where one came meanwhile."""
    gone = asyncio.Queue[None]()
    loop = asyncio.get_running_loop()
    room = InFlight(64 * MIB, give_back=lambda: loop.call_soon_threadsafe(gone.put_nowait, None), rest_s=0.01)
    with room.lease() as lease:
        lease.grow_to(MIB)
    assert not room.is_stormy
    for _ in range(3):
        with room.lease() as lease:
            lease.grow_to(16 * MIB)
    assert room.is_stormy
    async with asyncio.timeout(10):
        while room.is_stormy:
            await gone.get()
    room.close()


async def served(body: bytes, room: InFlight, use: Callable[[RestAdapter], asyncio.Future[object]]) -> object:
    """The result of *use* with an adapter beside a server that answers *body*."""
    async with odd_server(saying(http(body, JSON))) as server, asyncio.timeout(10):
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True), room=room)
        await adapter.open()
        try:
            return await use(adapter)
        finally:
            await adapter.close()


async def test_upstreams_share_the_room() -> None:
    """An answer that finds the room taken by another upstream's is refused, and gives back what it took."""
    room = InFlight(MIB)
    with room.lease() as other:
        other.grow_to(MIB - 2 * SMALL_BYTES)
        with pytest.raises(Overloaded) as met:
            await served(b'["' + b"a" * 300_000 + b'"]', room, lambda adapter: asyncio.ensure_future(adapter.send(ASK)))

    assert met.value.reason == "answers_in_flight"
    assert room.used == 0


async def test_error_of_an_answer_does_not_hold_the_answer() -> None:
    """Frames of a traceback hold the bytes of the answer, and errors live on in logs and tasks."""

    def parse(found: RawReply) -> RawReply:
        return found

    body = b'["' + b"a" * (5 * MIB) + b'"]'
    async with odd_server(saying(http(body, JSON, length=None))) as server, asyncio.timeout(10):
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True))
        await adapter.open()
        with pytest.raises(OffContract) as met:
            await adapter.send(ASK)
        await adapter.close()

    frames = []
    trace = met.value.__traceback__
    while trace is not None:
        frames.append(trace.tb_frame.f_code.co_name)
        trace = trace.tb_next
    assert met.value.__context__ is None
    assert "read_body" not in frames
    assert "feed" not in frames
