"""No scenario is forgotten: each of the 58 is a test here, or the README says whose it is."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[3]
README: Final = (HERE / "README.md").read_text("utf-8")


def proven() -> set[int]:
    """Numbers that stand in the name of a test of these policies."""
    names = (
        re.findall(r"^(?:async )?def test_scenario_(\d\d)_", page.read_text("utf-8"), re.MULTILINE)
        for page in HERE.glob("*.py")
    )
    return {int(number) for found in names for number in found}


def elsewhere() -> set[int]:
    """Numbers that the README gives to another issue."""
    return {int(number) for number in re.findall(r"^\| (\d\d) \|", README, re.MULTILINE)}


def test_each_of_the_58_is_here_or_somebody_elses() -> None:
    """And none is both."""
    assert proven() | elsewhere() == set(range(1, 59))
    assert proven() & elsewhere() == set()


def test_what_the_readme_names_is_there() -> None:
    """Files here, and files of the tree."""
    for name in re.findall(r"`([\w/]+\.py)`", README):
        assert (ROOT / name if "/" in name else HERE / name).exists(), name
