"""The page without a browser: what it is made of, the buttons that try a sample, the journal as a stream."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp
import orjson
import pytest
import pytest_asyncio

from mocks.engine.clock import HANOI
from mocks.engine.country import Country
from mocks.engine.journal import Entry
from mocks.engine.live import MAX_FOLLOWERS, WAITING, Follower
from mocks.engine.page_try import SHOWN_BYTES, tried
from mocks.engine.server import listening
from mocks.engine.service import Ask
from tests.mocks.engine.toy import Toy

TRIES = sorted(name for service in Country().services.values() for name in service.tries)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def whole() -> AsyncIterator[tuple[str, Country]]:
    """The country as installed, for the whole module: trying changes little."""
    country = await asyncio.to_thread(Country)
    async with listening(country) as url:
        yield url, country


def entry(number: int) -> Entry:
    told = Entry("toy", "fact", "GET", "/toy/fact", datetime(2026, 11, 24, tzinfo=HANOI), {})
    told.number = number
    return told


# ---- the page


async def test_only_the_pages_own_script_and_style_may_run(toy: Toy) -> None:
    """The policy names them by hash, and nothing may be asked of other hosts."""
    _, body, headers = await toy.get("/")
    policy = headers["Content-Security-Policy"]

    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", body.decode(), re.DOTALL)
        hashed = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{hashed}'" in policy
    assert "default-src 'none'" in policy
    assert "connect-src 'self'" in policy


async def test_what_a_scenario_says_does_not_end_the_script(toy: Toy) -> None:
    """Data on the page is data, whatever stands in it."""
    text = b"description: '</script><script>alert(1)</script>'\n"
    async with toy.session.post(
        f"{toy.url}/__mock/scenario", data=text, headers={"Content-Type": "application/yaml"}
    ) as answer:
        assert answer.status == 200

    _, body, _ = await toy.get("/")

    assert b"alert(1)" in body
    assert b"<script>alert" not in body


# ---- trying a sample


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("operation", TRIES)
async def test_every_sample_is_asked_within_the_contract(whole: tuple[str, Country], operation: str) -> None:
    """What exists is answered 200, what does not in its system's way, and neither breaks the contract."""
    url, country = whole
    system = operation.partition(".")[0]
    samples = country.services[system].samples()[operation]
    async with aiohttp.ClientSession() as session:
        for sample in samples:
            asked = {"operation": operation, "sample": sample}
            async with session.post(f"{url}/__mock/try", json=asked) as answer:
                told = await answer.json()
            (seen,) = country.journal.entries(limit=1)
            assert answer.status == 200, told
            assert told["error"] is None
            assert seen.system == system
            assert seen.operation is not None
            # A malformed identifier is among the samples on purpose: the system refuses it by rule.
            assert sample.get("exists") is False or (told["answer"]["status"], seen.breaches) == (200, ())


async def test_an_answer_that_does_not_come_is_told_in_words(toy: Toy) -> None:
    """A reset, silence and a flood each end, and say how."""
    await toy.fault("reset_before")
    reset = await tried(f"{toy.url}/toy", Ask(path="items/1"))
    await toy.fault("hang")
    silent = await tried(f"{toy.url}/toy", Ask(path="items/1"), patience_s=0.05)
    await toy.fault("huge_body", megabytes=2)
    flood: Any = await tried(f"{toy.url}/toy", Ask(path="items/1"))
    await toy.fault("gzip_bomb", megabytes=2)
    bomb: Any = await tried(f"{toy.url}/toy", Ask(path="items/1"))

    assert reset["answer"] is None
    assert "connection" in str(reset["error"])
    assert silent["error"] == "no answer in 0.05 s"
    assert (flood["answer"]["cut"], len(flood["answer"]["body"])) == (True, SHOWN_BYTES)
    assert bomb["answer"]["body"] == "(gzip)"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    "asked",
    [
        {"operation": "toy.nothing", "sample": {}},
        {"operation": "business_registry.enterprise", "sample": {}},
        {"operation": "business_registry.enterprise", "sample": {"path": "1"}},
        {"operation": "business_registry.registrations", "sample": {"query": {"from": 1, "to": 2}}},
        {"operation": "business_registry.enterprise"},
        {"operation": 1, "sample": {}},
        [],
    ],
)
async def test_a_button_that_does_not_exist_is_refused(whole: tuple[str, Country], asked: object) -> None:
    """400 that says what is wrong, and nothing is asked of any system."""
    url, country = whole
    before = country.journal.total()
    async with aiohttp.ClientSession() as session, session.post(f"{url}/__mock/try", json=asked) as answer:
        told = await answer.json()

    assert answer.status == 400
    assert told["error"]
    assert country.journal.total() == before


# ---- the journal live


async def heard(stream: aiohttp.ClientResponse) -> dict[str, Any]:
    """The next event."""
    async for line in stream.content:
        if line.startswith(b"data: "):
            return orjson.loads(line[6:])
    raise AssertionError("the stream ended")


async def test_the_stream_tells_arrivals_with_what_became_of_them(toy: Toy) -> None:
    """Status and fault are told as soon as known, personal values are masked, a reset begins anew."""
    async with toy.session.get(f"{toy.url}/__mock/journal/live") as stream:
        assert stream.headers["Content-Type"] == "text/event-stream"
        assert await stream.content.readline() == b"retry: 2000\n"
        await toy.fault("status", status=503)
        await toy.get("/toy/fact?ma=1&ten=x")
        told: list[dict[str, Any]] = []
        while not told or told[-1]["status"] is None:
            told += (await heard(stream))["entries"]
        toy.country.reset()
        anew = await heard(stream)

    assert {one["number"] for one in told} == {1}
    assert (told[-1]["status"], told[-1]["fault"]) == (503, "status")
    assert told[-1]["masked"] == {"ma": "1", "ten": "***"}
    assert (anew["anew"], anew["entries"]) == (True, [])


async def test_a_page_that_is_closed_is_forgotten(toy: Toy) -> None:
    """Nothing is held for it."""
    async with toy.session.get(f"{toy.url}/__mock/journal/live") as stream:
        await stream.content.readline()
        assert len(toy.country.journal.followers) == 1
        stream.close()
        async with asyncio.timeout(5):
            while toy.country.journal.followers:  # noqa: ASYNC110  # the server's task ends by itself
                await asyncio.sleep(0)


async def test_only_so_many_pages_follow(toy: Toy) -> None:
    """One more is 503 and told to close one."""
    toy.country.journal.followers |= {Follower() for _ in range(MAX_FOLLOWERS)}

    status, answer = await toy.admin("GET", "journal/live")

    assert status == 503
    assert "close one" in answer["error"]


async def test_a_slow_page_misses_the_oldest_and_is_told_how_many() -> None:
    """What waits is bounded, and an entry waits once however often it changed."""
    follower = Follower()
    for number in range(1, WAITING + 51):
        follower.push(entry(number))
        follower.push(entry(number))

    told: Any = await follower.next_message()

    assert (told["missed"], len(told["entries"])) == (50, WAITING)
    assert [one["number"] for one in told["entries"]] == list(range(51, WAITING + 51))
    assert await follower.next_message() is None


async def test_an_idle_stream_says_that_it_is_open(toy: Toy) -> None:
    """A comment now and then, so that no proxy in between ends it."""
    toy.country.journal.heartbeat_s = 0
    async with toy.session.get(f"{toy.url}/__mock/journal/live") as stream:
        lines = [await stream.content.readline() for _ in range(3)]

    assert lines[2] == b": open\n"
