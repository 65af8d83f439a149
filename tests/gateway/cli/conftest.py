"""The command, and a running pair of mocks and gateway for those that ask one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.laptop import ROOT
from tests.support.pair import Pair, running_pair


@pytest.fixture
def lgsp(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """``lgsp`` at the root of the project."""
    monkeypatch.chdir(ROOT)
    return Command(capsys)


@pytest.fixture
def deployment(tmp_path: Path) -> Path:
    """A configuration file for a test to fill."""
    return tmp_path / "deployment.yaml"


@pytest.fixture(scope="session")
def pair() -> Iterator[Pair]:
    """Mocks and gateway as a user starts them."""
    with running_pair(ROOT) as found:
        yield found
