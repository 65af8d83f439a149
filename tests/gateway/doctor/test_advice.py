"""The doctor's sentences: one for each reason that a system can give, in both languages, whole."""

from __future__ import annotations

from string import Formatter
from typing import Final

import pytest

from gateway.api.reasons import REASONS
from gateway.doctor.advice import ADVICE

OF_CALLERS: Final = {"breaker_open", "maintenance_window", "deadline", "soft_timeout", "too_large"}
"""Reasons of callers' requests that one try of the doctor can't meet: its ring is new, and it sends no order."""
KNOWN: Final = {
    *("host", "port", "seconds", "days", "limit", "token_host", "road", "kinds", "count", "folder", "free"),
    *("hard", "needed", "reason"),
}


def test_every_reason_of_a_system_has_its_sentence() -> None:
    """A word that the problems' table has for an upstream is one that the doctor can meet."""
    of_systems = {
        reason for reason, text in REASONS.items() if any(code.startswith("upstream-") for code in text.codes)
    }

    assert of_systems - ADVICE.keys() == OF_CALLERS


@pytest.mark.parametrize("reason", ADVICE)
def test_both_languages_say_the_same_facts(reason: str) -> None:
    """One sentence each, with an advice after the colon or semicolon, and names that complaints have."""
    en, vi = ADVICE[reason]
    names = [{name for _, name, _, _ in Formatter().parse(text) if name} for text in (en, vi)]

    assert names[0] == names[1]
    assert names[0] <= KNOWN
    assert en.isascii()
    assert not vi.isascii()
    assert en.endswith(".")
    assert vi.endswith(".")
