"""The Makefile takes the Python that it was told, or says why not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.laptop import ROOT


def make(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """`make` with *words* in a folder that has nothing but the Makefile and an environment."""
    shutil.copy(ROOT / "Makefile", folder)
    (folder / ".venv" / "bin").mkdir(parents=True, exist_ok=True)
    (folder / ".venv" / "bin" / "python").symlink_to(sys.executable)
    # The variables of a `make test` around this test are not this one's.
    own = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKEOVERRIDES", "MAKELEVEL"}}
    own = {name: value for name, value in own.items() if name not in {"PYTHON", "VENV"}}
    return subprocess.run(["make", *words], cwd=folder, env=own, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("named", ["3.99", "no-such-python"])
def test_a_python_that_does_not_run_is_told_and_no_other_takes_its_place(named: str, tmp_path: Path) -> None:
    """Tests that passed on another Python than the one named would prove nothing."""
    ran = make(tmp_path, f"PYTHON={named}", "help")

    assert ran.returncode == 2
    assert "does not run here" in ran.stderr
    assert (tmp_path / ".venv").exists()


def test_the_python_of_the_environment_keeps_it(tmp_path: Path) -> None:
    """Naming the Python that is there installs nothing anew."""
    assert make(tmp_path, f"PYTHON={sys.executable}", "help").returncode == 0
    assert (tmp_path / ".venv").exists()


def test_another_python_takes_the_place_of_the_environment(tmp_path: Path) -> None:
    """The environment of the Python before is removed, and made anew by the target that needs it."""
    other = tmp_path / "other"
    other.write_text("#!/bin/sh\necho another version\n")
    other.chmod(0o755)

    assert make(tmp_path, f"PYTHON={other}", "help").returncode == 0
    assert not (tmp_path / ".venv").exists()
