"""Named scenarios: those shipped, one's own, and what is said of a file that is none."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import jsonschema
import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from mocks.__main__ import main
from mocks.engine.clock import HANOI
from mocks.engine.country import MAX_OWN_SCENARIOS, Country
from mocks.engine.faults import Faults, PlannedFault
from mocks.engine.scenarios import SCENARIOS, Scenario
from mocks.engine.scenarios_file import MAX_BYTES, BadScenario, load_scenarios, read_scenario
from mocks.engine.server import listening
from mocks.engine.service import Call, Request, Service, json_reply
from tests.mocks.engine.toy import Toy

SHIPPED = load_scenarios()
PROMISED = {"calm", "monday-morning", "night-maintenance", "flaky", "quota-spent", "registry-down", "contract-drift"}
_TOY = Service(
    name="toy", title="", calls=(Call(name="fact", path="fact", answer=lambda _: json_reply({})),), samples=dict
)
MY_DAY = b"""\
description: The toy fails twice.
faults:
  - system: toy
    requests: 1-2
    fault: {kind: status, status: 503}
"""


async def post(toy: Toy, text: bytes, name: str = "my-day") -> tuple[int, Any]:
    headers = {"Content-Type": "application/yaml"}
    where = f"{toy.url}/__mock/scenario?name={name}"
    async with toy.session.post(where, data=text, headers=headers) as answer:
        return answer.status, await answer.json()


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=HANOI)


@pytest.fixture
async def whole() -> AsyncIterator[Country]:
    """The country as installed."""
    country = await asyncio.to_thread(Country)
    async with listening(country):
        yield country


def test_the_promised_scenarios_are_there() -> None:
    """By their names, each with a sentence in both languages."""
    assert set(SHIPPED) >= PROMISED
    assert all(named.scenario.description and named.scenario.description_vi for named in SHIPPED.values())


def test_the_documentation_lists_every_scenario() -> None:
    """By name in its table, the numbered ones by number in its list."""
    text = (SCENARIOS.parents[1] / "docs" / "mocks.md").read_text(encoding="utf-8")
    numbered = {name.removeprefix("resilience-") for name in SHIPPED if name.startswith("resilience-")}
    (listed,) = re.findall(r"`resilience-NN` .*?: (.*)\. Scenario 47", text)

    assert {name for name in PROMISED if f"| `{name}` |" in text} == PROMISED
    assert set(re.sub(r"\([^)]*\)", "", listed).replace(" ", "").split(",")) == numbered


@pytest.mark.parametrize("name", sorted(SHIPPED))
async def test_every_shipped_scenario_fits_the_country(whole: Country, name: str) -> None:
    """It names systems, operations and fields that exist, so it can be picked."""
    whole.pick_scenario(name)

    assert whole.scenario == name


@pytest.mark.parametrize("path", sorted(SCENARIOS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_shipped_file_holds_to_the_schema(path: Path) -> None:
    """The JSON Schema that editors check with takes each file, and each names it on its first line."""
    text = path.read_text(encoding="utf-8")

    jsonschema.validate(yaml.safe_load(text), orjson.loads((SCENARIOS / "schema.json").read_bytes()))
    assert text.splitlines()[0] == "# yaml-language-server: $schema=schema.json"


def test_the_schema_file_is_that_of_the_model() -> None:
    """`mocks/scenarios/schema.json` is renewed together with the model."""
    written = orjson.loads((SCENARIOS / "schema.json").read_bytes())

    assert {"$schema": written.pop("$schema"), **written} == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **Scenario.model_json_schema(),
    }


async def test_at_night_every_system_shows_its_maintenance_page_until_five(whole: Country) -> None:
    """Picking it moves the clock into the night; advancing it past five ends the page."""
    whole.pick_scenario("night-maintenance")
    place = ("business_registry", "chiTietDoanhNghiep")
    request = Request("GET", "/business-registry/apiCSDLDKDN/chiTietDoanhNghiep", {}, {}, b"")

    at_night = whole.faults.strike(place, request)
    whole.clock.advance(Scenario(description="x", starts="05:00").wait(whole.clock.now()))

    assert at_night is not None
    assert at_night.label == "html_page"
    assert whole.faults.strike(place, request) is None


async def test_a_spent_quota_is_there_again_the_next_virtual_day(whole: Country) -> None:
    """Then a hundred a day for each system, counted apart."""
    whole.pick_scenario("quota-spent")
    request = Request("GET", "/", {}, {}, b"")
    places = (("business_registry", "chiTietDoanhNghiep"), ("legal_documents", "docDetail"))

    spent = [whole.faults.strike(place, request) is not None for place in places]
    whole.clock.advance(Scenario(description="x", starts="00:00").wait(whole.clock.now()))
    next_day = [sum(whole.faults.strike(place, request) is None for _ in range(150)) for place in places]

    assert spent == [True, True]
    assert next_day == [100, 100]


@pytest.mark.parametrize(
    ("starts", "now", "expected"),
    [
        ("22:30", "2026-11-24T21:00", "2026-11-24T22:30"),
        ("22:30", "2026-11-24T22:30", "2026-11-24T22:30"),
        ("22:30", "2026-11-24T23:00", "2026-11-25T22:30"),
        ("monday 08:30", "2026-11-24T09:00", "2026-11-30T08:30"),
        ("monday 08:30", "2026-11-30T08:00", "2026-11-30T08:30"),
        ("monday 08:30", "2026-11-30T09:00", "2026-12-07T08:30"),
        (None, "2026-11-24T21:00", "2026-11-24T21:00"),
    ],
)
def test_a_scenario_starts_at_the_next_such_moment(starts: str | None, now: str, expected: str) -> None:
    """Never in the past, and at once where it is that very minute."""
    assert at(now) + Scenario(description="x", starts=starts).wait(at(now)) == at(expected)


async def test_a_scenario_of_ones_own_is_picked_and_can_be_picked_again(toy: Toy) -> None:
    """Posted as YAML it acts at once, stands among the others, and a reset forgets it."""
    status, answer = await post(toy, MY_DAY)
    seen = [(await toy.get("/toy/fact"))[0] for _ in range(3)]

    assert (status, answer["name"]) == (200, "my-day")
    assert answer["scenarios"]["my-day"] == "The toy fails twice."
    assert seen == [503, 503, 200]
    assert (await toy.admin("POST", "scenario", {"name": "my-day"}))[0] == 200
    await toy.admin("POST", "reset")
    assert (await toy.admin("POST", "scenario", {"name": "my-day"}))[0] == 400


@pytest.mark.parametrize(("name", "said"), [("calm", "in use"), ("My Day", "small letters"), ("..", "small letters")])
async def test_a_name_that_is_none_or_is_taken_is_refused(toy: Toy, name: str, said: str) -> None:
    """400 that says why; the scenario stays."""
    status, answer = await post(toy, MY_DAY, name)

    assert status == 400
    assert said in answer["error"]
    assert toy.country.scenario == "calm"


async def test_scenarios_of_ones_own_are_bounded(toy: Toy) -> None:
    """The country holds so many and says how to forget them."""
    for number in range(MAX_OWN_SCENARIOS):
        assert (await post(toy, MY_DAY, f"day-{number}"))[0] == 200

    status, answer = await post(toy, MY_DAY, "one-more")

    assert status == 400
    assert "/__mock/reset" in answer["error"]


async def test_a_scenario_that_names_what_is_not_there_changes_nothing(toy: Toy) -> None:
    """400 with the line of the fault and what exists; clock, plan and name stay."""
    text = MY_DAY.replace(b"faults:", b'starts: "22:30"\nfaults:\n  - {system: toy, fault: {kind: hang}}')
    status, answer = await post(toy, text.replace(b"system: toy\n", b"system: tooy\n"))

    assert status == 400
    assert answer["error"].startswith("my-day.yaml, line 5: unknown system 'tooy'")
    assert answer["systems"] == ["toy"]
    assert toy.country.clock.ahead.total_seconds() == 0
    assert toy.country.faults.as_json()["faults"] == []
    assert "my-day" not in toy.country.scenarios


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("", 1, "the file is empty"),
        ("- a\n- b\n", 1, "a mapping"),
        ("faults: []\n", 1, "description: this key is required"),
        ("description: x\nfault: []\n", 2, "fault: unknown key; use one of description, "),
        ("description: x\nfaults:\n  - system: a\n    fault:\n      kind: latency\n      second: 3\n", 6, "seconds"),
        ("description: x\nfaults:\n  - system: a\n    fault: {kind: latenci}\n", 4, "latency"),
        ("description: x\nfaults:\n  - system: a\n    requests: 5\n    fault: {kind: hang}\n", 4, "in quotes"),
        ("description: x\nfaults:\n  - system: a\n    when: 5\n    fault: {kind: hang}\n", 4, "between"),
        ("description: x\nfaults:\n  - system: a\n    between: 22-5\n    fault: {kind: hang}\n", 4, "match pattern"),
        ("description: x\nfaults:\n  - system: a\n", 3, "faults/0/fault: this key is required"),
        ("description: x\nstarts: noon\n", 2, "match pattern"),
        ("description: x\ndescription: y\n", 2, "the key description is duplicated"),
        ("description: x\nfaults: [\n", 3, "YAML: "),
        ("description: &a x\ndescription_vi: *a\n", 2, "aliases"),
        ("description: x\nfaults: " + "[" * 400 + "\n", 2, "levels of nesting"),
        ("description: x\n\tfaults: []\n", 2, "YAML: "),
        ("description: 2026-13-45\n", 1, "YAML: "),
        ("? [a, b]\n: c\n", 1, "YAML: "),
        ("description: x\x00\n", 1, "YAML: "),
    ],
)
def test_a_wrong_file_is_told_by_line_and_expectation(text: str, line: int, expected: str) -> None:
    """Not a stack trace: the file, the line, and what should stand there."""
    with pytest.raises(BadScenario) as raised:
        read_scenario(text.encode(), name="mine", source="mine.yaml")

    assert any(problem["line"] == line and expected in str(problem["expected"]) for problem in raised.value.problems)
    assert str(raised.value).startswith("mine.yaml, line ")


def test_bytes_that_are_no_text_are_told_by_line() -> None:
    """UTF-8 is expected."""
    with pytest.raises(BadScenario, match=r"mine\.yaml, line 2: the file must be text in UTF-8"):
        read_scenario(b"description: x\n\xff\n", name="mine", source="mine.yaml")


def test_a_file_that_is_too_long_is_refused_before_it_is_read() -> None:
    """The parser is slow, and nobody writes so many faults."""
    with pytest.raises(BadScenario, match=f"at most {MAX_BYTES} bytes"):
        read_scenario(b"#" * (MAX_BYTES + 1), name="mine", source="mine.yaml")


@given(st.binary(max_size=200) | st.text(alphabet="ab:-[]{}&*?|>'\"#%@`!, \n\t", max_size=200).map(str.encode))
def test_whatever_the_bytes_the_answer_is_a_scenario_or_its_mistakes(text: bytes) -> None:
    """No other exception leaves the reader."""
    try:
        told: object = read_scenario(text, name="mine", source="mine.yaml").description
    except BadScenario as bad:
        told = bad.problems

    assert told


@pytest.mark.parametrize("text", [b"description: [", b"faults: 3\n", b"\xff"])
async def test_a_wrong_file_posted_is_400_with_its_mistakes(toy: Toy, text: bytes) -> None:
    """Each with file, line and expectation."""
    status, answer = await post(toy, text)

    assert status == 400
    assert all({"file", "line", "expected"} == set(problem) for problem in answer["errors"])
    assert toy.country.scenario == "calm"


def test_the_command_refuses_a_wrong_file_with_its_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2, one line a mistake."""
    path = tmp_path / "mine.yaml"
    path.write_text("description: x\nfaults: 3\n")

    assert main(["--scenario", str(path)]) == 2
    assert f"{path}, line 2: faults: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("nowhere.yaml", None, "No such file"),
        ("My Day.yaml", "description: x\n", "small letters"),
        (
            "mine.yaml",
            "description: x\nfaults:\n- {system: sea, fault: {kind: hang}}\n",
            "line 3: unknown system 'sea'",
        ),
    ],
)
def test_the_command_refuses_what_it_can_not_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, text: str | None, said: str
) -> None:
    """Exit 2 with the reason: no file, no name, no such system."""
    path = tmp_path / name
    if text is not None:
        path.write_text(text)

    assert main(["--scenario", str(path)]) == 2
    assert said in capsys.readouterr().err


@given(st.integers(min_value=0, max_value=24 * 60 - 1), st.integers(min_value=0, max_value=24 * 60 - 1))
def test_a_window_and_its_complement_share_no_minute(start: int, end: int) -> None:
    """Of `a-b` and `b-a` exactly one strikes at any minute, unless both are empty."""
    hours = [f"{minute // 60:02d}:{minute % 60:02d}" for minute in (start, end)]
    now = at("2026-11-24T12:34")
    struck = []
    for window in ("-".join(hours), "-".join(reversed(hours))):
        planned = PlannedFault.model_validate(
            {"system": "toy", "between": window, "fault": {"kind": "hang"}}, strict=True
        )
        faults = Faults(now=lambda: now)
        faults.put([planned], {"toy": _TOY})
        struck.append(faults.strike(("toy", "fact"), Request("GET", "/toy/fact", {}, {}, b"")) is not None)

    assert sum(struck) == (0 if start == end else 1)
