"""``lgsp dossiers show`` and ``reconcile`` beside a running gateway."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import Command, Ran, on_terminal
from tests.support.pair import Pair

CODES = [f"000.00.04.H58-260808-{n:04}" for n in range(3)]
Run = Callable[..., Ran]


@pytest.fixture
def run(pair: Pair, lgsp: Command) -> Run:
    """``lgsp dossiers`` at the operator's port."""

    def run(*arguments: str) -> Ran:
        return lgsp("dossiers", *arguments, "--url", pair.ops)

    return run


@pytest.fixture(scope="module")
def sent(pair: Pair, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Three dossiers that the ministry has."""
    with urllib.request.urlopen(f"{pair.mocks}/__mock/samples") as answer:
        [sample, *_] = json.loads(answer.read())["criminal_records.apply"]
    file = tmp_path_factory.mktemp("dossiers") / "a.jsonl"
    file.write_text("".join(json.dumps({**sample["body"], "dossier_code": code}) + "\n" for code in CODES))
    _imported(file, pair)
    for code in CODES:
        _until_it_arrived(pair, code)
    return CODES


def _imported(file: Path, pair: Pair) -> None:
    from gateway.cli.client import Client
    from gateway.cli.dossier_import import Import

    Import(file, Client(pair.gateway, "lgsp_laptop_only"), "criminal_records.apply", "canbo.1").run()


def _until_it_arrived(pair: Pair, code: str) -> None:
    for _ in range(1_500):
        with urllib.request.urlopen(f"{pair.ops}/api/dossiers/{code}") as answer:
            found: Any = json.loads(answer.read())["data"]
        if not found["waits"]:
            return
        time.sleep(0.02)
    raise AssertionError(found)


def test_deployment_that_asks_nobody_says_so(run: Run) -> None:
    """An empty list in a pipe, a sentence on a terminal."""
    assert run("pulls").json == []
    with on_terminal():
        assert "no system is asked by the clock" in run("pulls").out


def test_timeline_has_what_was_sent_and_answered(run: Run, sent: list[str]) -> None:
    """As JSON in a pipe, as tables on a terminal, with nothing personal."""
    shown = run("show", sent[0])
    [lane] = shown.json["sent"]
    assert lane["system"] == "criminal_records"
    assert [one["ended"] for one in lane["messages"]] == ["done"]
    assert {"accepted", "arrived"} <= {one["kind"] for one in lane["history"]}
    assert shown.json["waits"] == []

    with on_terminal():
        told = run("show", sent[0])
    assert "the systems have all that was sent" in told.out
    assert sent[0] in told.out


def test_unknown_dossier_is_one_sentence(run: Run) -> None:
    """Exit 1, and what it means."""
    ran = run("show", "X")

    assert ran.status == 1
    assert "The store knows no dossier of this code" in ran.sentence


def test_all_that_a_system_has_is_there(run: Run, sent: list[str]) -> None:
    """The system is asked for each dossier; nothing is missing, and the status is 0."""
    ran = run("reconcile", "--system", "criminal_records", "--since", "2020-01-01")

    assert ran.status == 0, ran
    assert ran.json["findings"] == []
    assert ran.json["there"] == ran.json["dossiers"] >= len(sent)


def test_what_a_system_lost_is_told_and_repaired(run: Run, sent: list[str], pair: Pair) -> None:
    """A ministry that begins anew has none of them: 1 and a list; with --repair they are sent again, and are there."""
    urllib.request.urlopen(urllib.request.Request(f"{pair.mocks}/__mock/reset", method="POST")).close()
    arguments = ("reconcile", "--system", "criminal_records", "--since", "2020-01-01")

    told = run(*arguments)
    assert told.status == 1
    assert {one["key"]: one["verdict"] for one in told.json["findings"]}.items() >= dict.fromkeys(
        sent, "missing"
    ).items()

    repaired = run(*arguments, "--repair", "--reason", "the ministry began anew")
    assert {one["key"] for one in repaired.json["repaired"]["done"]} >= set(sent)
    assert repaired.json["repaired"]["left"] == []
    assert repaired.status == 0
    for code in sent:
        _until_it_arrived(pair, code)
    assert run(*arguments).status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("reconcile", "--since", "yesterday"), "--since is not a date"),
        (("reconcile", "--since", "2026-01-01", "--repair"), "--repair needs --reason"),
        (
            ("reconcile", "--since", "2026-01-01", "--system", "nowhere"),
            "/system: has nothing of this kind here; known: ",
        ),
        (
            ("report", "--month", "2026-11", "--system", "criminal_records"),
            "/system: has nothing of this kind here; known: ",
        ),
        (("report", "--month", "2026-13"), "/month: "),
    ],
)
def test_wrong_usage_is_one_sentence(arguments: tuple[str, ...], said: str, run: Run) -> None:
    """Exit 2, and what to do."""
    ran = run(*arguments)

    assert ran.status == 2
    assert said in ran.sentence
