"""The suite watches itself: what blocks fails, and nothing that is required is passed over in silence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from blockbuster import BlockingError

from gateway.settings import load
from tests.conftest import KEPT, MAY_BLOCK, REQUIRE_ALL
from tests.support.laptop import LAPTOP, ROOT

SKIPPED: Final = '''"""A test that can't run here."""
import pytest

def test_needs_a_service():
    """Needs what is not here."""
    pytest.skip("no such service")
'''
OWN_ENVIRONMENT: Final = "from tests.conftest import _own_environment as _own_environment\n"
TELLS_ITS_VARIABLES: Final = '''"""A test that sees its environment."""
import os, pathlib

def test_tells():
    """Writes down which variables of ours reach it."""
    found = [name for name in os.environ if name.upper().startswith("LGSP_")]
    pathlib.Path(__file__).with_name("told").write_text(" ".join(found))
'''
HOOK: Final = "from tests.conftest import pytest_runtest_makereport as pytest_runtest_makereport\n"


def run_pytest(folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """The tests in *folder*, in a process of their own."""
    options = ("-q", "-rsf", "-p", "no:cacheprovider", "--rootdir", str(folder), str(folder))
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options],
        cwd=ROOT,
        env={**os.environ, **variables, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


async def test_blocking_call_on_the_event_loop_fails() -> None:
    """A file that the product reads while requests wait is an error in any test."""
    with pytest.raises(BlockingError):
        load(LAPTOP)


async def test_what_tests_do_themselves_may_block() -> None:
    """The watch is on the product, not on its tests."""
    assert LAPTOP.read_text("utf-8")  # the point


def test_exceptions_to_the_watch_exist() -> None:
    """Each function that may block is there; a renamed one would allow nothing, or too much."""
    ours = [(file, function) for file, function in MAY_BLOCK if (ROOT / file.partition("/")[0]).is_dir()]

    assert ours
    for file, function in ours:
        assert f"def {function}(" in (ROOT / file).read_text("utf-8"), (file, function)


@pytest.mark.parametrize(("required", "status", "said"), [("1", 1, "1 failed"), ("", 0, "1 skipped")])
def test_skipped_test_fails_where_all_are_required(required: str, status: int, said: str, tmp_path: Path) -> None:
    """Under ``LGSP_REQUIRE_ALL=1`` a test that is passed over fails, and says why it was."""
    (tmp_path / "conftest.py").write_text(HOOK, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(SKIPPED, encoding="utf-8")
    ran = run_pytest(tmp_path, {REQUIRE_ALL: required})

    assert (ran.returncode, said in ran.stdout) == (status, True), ran.stdout
    assert "no such service" in ran.stdout


def test_developers_variables_change_nothing(tmp_path: Path) -> None:
    """No ``LGSP_…`` of whoever runs the tests reaches them, but those that tests themselves read."""
    theirs = {"LGSP_LISTEN__PORT": "1", "lgsp_cache__max_bytes": "1", "LGSP_CONFIG": "x"}
    (tmp_path / "conftest.py").write_text(OWN_ENVIRONMENT, encoding="utf-8")
    (tmp_path / "test_it.py").write_text(TELLS_ITS_VARIABLES, encoding="utf-8")
    ran = run_pytest(tmp_path, theirs | dict.fromkeys(KEPT, "0"))

    assert ran.returncode == 0, ran.stdout
    assert set((tmp_path / "told").read_text("utf-8").split()) == KEPT
