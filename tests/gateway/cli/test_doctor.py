"""``lgsp doctor`` as it is typed: what it prints, and its exit status."""

from __future__ import annotations

import pytest

from gateway.registry import plan
from gateway.settings import load
from tests.gateway.pipeline.redis_server import free_port
from tests.support.command import Command, on_terminal
from tests.support.laptop import LAPTOP
from tests.support.pair import Pair


def test_well_is_0_with_a_finding_for_each_part(lgsp: Command, pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the mock country, with the laptop's own store: each system, the store, the disk, the descriptors."""
    monkeypatch.setenv("LGSP_MOCKS_URL", pair.mocks)
    ran = lgsp("doctor")

    assert (ran.status, ran.json["well"]) == (0, True), ran.out
    subjects = [finding["subject"] for finding in ran.json["findings"]]
    assert subjects[-3:] == ["store", "disk", "descriptors"]
    assert {subject for subject in subjects if "/" in subject} == {
        f"{up.connector}/{up.name}" for up in plan(load(LAPTOP)).upstreams
    }
    assert all(finding["facts"] for finding in ran.json["findings"])


def test_wrong_is_1_with_sentences_in_both_languages(lgsp: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a terminal, a block for each finding, and the machine's own words below the advice."""
    monkeypatch.setenv("LGSP_MOCKS_URL", f"http://127.0.0.1:{free_port()}")
    monkeypatch.setenv("LGSP_STORE__URL", f"postgresql://lgsp@127.0.0.1:{free_port()}/lgsp")
    monkeypatch.setenv("COLUMNS", "200")
    with on_terminal():
        ran = lgsp("doctor")

    assert ran.status == 1
    assert "wrong    business_registry/ngsp" in ran.out
    assert "Nothing listens on 127.0.0.1:" in ran.out
    assert "Không có dịch vụ ở 127.0.0.1:" in ran.out
    assert "(refused: " in ran.out
    assert "wrong    store" in ran.out


def test_wrong_configuration_is_2(lgsp: Command) -> None:
    """As for each command."""
    ran = lgsp("doctor", "--config", "nowhere.yaml")

    assert ran.status == 2
    assert "nowhere.yaml could not be read" in ran.sentence
