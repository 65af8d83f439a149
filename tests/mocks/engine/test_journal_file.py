"""`lgsp mocks --journal FILE`: what a checker reads after the event."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from mocks.__main__ import main
from mocks.engine.country import Country
from mocks.engine.server import listening
from tests.mocks.engine.toy import Toy, open_toy


@dataclass
class Written:
    """A toy system that writes its journal to a file."""

    toy: Toy
    path: Path
    gate: asyncio.Event

    async def lines(self, event: str | None = None) -> list[dict[str, Any]]:
        """The lines of the file as it is now."""
        text = await asyncio.to_thread(self.path.read_text, "utf-8")
        return [line for line in map(json.loads, text.splitlines()) if event in (None, line["event"])]

    async def order(self, name: str) -> int | None:
        """The status of an order; None where no answer came."""
        order = {"ma": name, "hoTen": "Nguyễn Thị Ánh"}
        try:
            async with self.toy.session.post(f"{self.toy.url}/toy/orders", json=order) as answer:
                await answer.read()
                return answer.status
        except aiohttp.ClientError:
            return None


@pytest.fixture
async def written(contracts: Path, tmp_path: Path) -> AsyncIterator[Written]:
    """The toy system; waits end when the gate is open, as it is at first."""
    path = tmp_path / "journal.jsonl"
    gate = asyncio.Event()
    gate.set()

    async def sleep(_: float) -> None:
        await gate.wait()

    def country() -> Country:
        return Country(services=[open_toy], contracts=contracts, sleep=sleep, journal=path)

    made = await asyncio.to_thread(country)
    async with listening(made) as url, aiohttp.ClientSession() as session:
        yield Written(Toy(url, made, session), path, gate)


async def test_a_line_tells_what_the_system_decided(written: Written) -> None:
    """System, operation, dossier, outcome, fault, number, both instants and the direction; nobody's name."""
    await written.toy.admin("POST", "clock", {"advance": "P3D"})
    await written.order("7")
    line = (await written.lines("arrived"))[0]

    assert line["decisions"].pop()["content"]
    assert {name: line[name] for name in ("number", "system", "operation", "outcome", "status", "fault")} == {
        "number": 1,
        "system": "toy",
        "operation": "order",
        "outcome": "accepted",
        "status": 200,
        "fault": None,
    }
    assert (line["shown"], line["direction"]) == ({"ma": "7"}, "in")
    assert (datetime.fromisoformat(line["at"]) - datetime.fromisoformat(line["real_at"])).days in {2, 3}
    assert "Nguyễn" not in str(await written.lines())


async def test_the_line_is_there_before_the_answer(written: Written) -> None:
    """What a caller has read stands in the file, also where the answer was cut; so a lost answer is no lost order."""
    for number, kind in enumerate(("reset_mid_body", "truncate", "reset_before"), 1):
        await written.toy.fault(kind, operation="order")
        assert await written.order(str(number)) is None
        assert (await written.lines("arrived"))[-1]["number"] == number

    outcomes = [(line["fault"], line["outcome"]) for line in await written.lines("arrived")]
    assert outcomes == [("reset_mid_body", "accepted"), ("truncate", "accepted"), ("reset_before", None)]


async def test_copies_are_told_by_their_content(written: Written) -> None:
    """Equal messages have equal fingerprints, others another; a repetition is named as such."""
    await written.toy.admin("PUT", "repeat", {"system": "toy", "operation": "order", "mode": "refused"})
    statuses = [await written.order(name) for name in ("7", "8", "7")]
    decisions = [line["decisions"][0] for line in await written.lines("arrived")]

    assert statuses == [200, 200, 409]
    assert [decision["outcome"] for decision in decisions] == ["accepted", "accepted", "repeated"]
    assert decisions[0]["content"] == decisions[2]["content"] != decisions[1]["content"]


async def test_lines_stand_in_the_order_of_the_decisions(written: Written) -> None:
    """A message that is answered late was decided first; a message that is worked late has a second line."""
    toy = written.toy
    kinds = [{"kind": "latency", "seconds": 2}, {"kind": "late", "seconds": 2}]
    plan = [
        {"system": "toy", "operation": "order", "requests": str(number), "fault": kind}
        for number, kind in enumerate(kinds, 1)
    ]
    await toy.admin("PUT", "faults", {"faults": plan})
    written.gate.clear()
    slow = asyncio.create_task(written.order("1"))
    await toy.arrived()
    await written.order("2")
    await written.order("3")
    written.gate.set()
    await asyncio.gather(slow, toy.country.latecomers.settle())

    assert [(line["event"], line["number"], line["outcome"]) for line in await written.lines() if "number" in line] == [
        ("arrived", 1, "accepted"),
        ("arrived", 2, None),
        ("arrived", 3, "accepted"),
        ("worked", 2, "accepted"),
    ]


async def test_start_reset_and_marks_have_lines(written: Written) -> None:
    """A checker knows where to begin, and which deed of the tester came before a message."""
    await written.toy.admin("POST", "journal", {"mark": "send.marked"})
    await written.toy.admin("POST", "reset")

    assert [line["event"] for line in await written.lines()] == ["started", "mark", "reset"]
    assert (await written.lines("mark"))[0]["mark"] == "send.marked"


async def test_refusals_and_lost_requests_are_told(written: Written) -> None:
    """Without credentials, to no call, as a question: each has its word."""
    for path in ("fact", "nowhere", "orders"):
        await written.toy.get(f"/toy/{path}")

    assert [line["outcome"] for line in await written.lines("arrived")] == ["refused", "refused", "asked"]


async def test_ring_and_page_have_the_outcome_too(written: Written) -> None:
    """The journal over HTTP shows the same word, and the decision about the dossier."""
    await written.order("7")
    entry = (await written.toy.entries())[0]

    assert (entry["outcome"], entry["direction"], entry["decisions"][0]["dossier"]) == ("accepted", "in", "7")


async def test_a_mark_needs_a_file(toy: Toy) -> None:
    """Without a file the mark would be nowhere: 400 says what to do."""
    status, told = await toy.admin("POST", "journal", {"mark": "here"})

    assert status == 400
    assert "--journal FILE" in told["error"]


def test_file_that_cannot_be_written_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, before anything listens."""
    assert main(["--journal", str(tmp_path / "nowhere" / "journal.jsonl"), "--port", "0"]) == 2
    assert "nowhere" in capsys.readouterr().err


async def test_the_switch_lists_and_refuses(toy: Toy) -> None:
    """Each call that takes messages, with its mode; unknown names and questions are 400 with what exists."""
    _, before = await toy.admin("GET", "repeat")
    refused = [
        await toy.admin("PUT", "repeat", {"system": "toy", "operation": "order", "mode": "same", **wrong})
        for wrong in ({"system": "x"}, {"operation": "fact"}, {"mode": "x"}, {"more": 1})
    ]
    _, after = await toy.admin("PUT", "repeat", {"system": "toy", "operation": "*", "mode": "same"})
    await toy.admin("POST", "reset")

    assert before == {"repeats": [{"system": "toy", "operation": "order", "mode": "adds"}]}
    assert [status for status, _ in refused] == [400] * 4
    assert refused[1][1]["operations"] == ["order"]
    assert after["repeats"][0]["mode"] == "same"
    assert (await toy.admin("GET", "repeat"))[1] == before
