"""The ten statuses of a dossier, both ways."""

from __future__ import annotations

from typing import get_args

import pytest

from gateway.dossiers.status import BY_WORD, Status, StatusWord, status_of_code, word_of_code


def test_each_status_has_one_word_and_one_number() -> None:
    """Nothing is lost on the way to a portal and back."""
    assert [status.value for status in Status] == list(range(1, 11))
    assert {status.word for status in Status} == set(get_args(StatusWord)) == set(BY_WORD)
    assert [status_of_code(status.code) for status in Status] == list(Status)
    assert all(BY_WORD[status.word] is status for status in Status)


@pytest.mark.parametrize("code", ["9", "09", " 9 "])
def test_code_is_read_as_a_number(code: str) -> None:
    """Portals write a code with and without its zero."""
    assert word_of_code(code) == "finished"


@pytest.mark.parametrize("code", ["11", "0", "x", "-1"])
def test_unknown_code_is_not_guessed(code: str) -> None:
    """A number that the contract does not know is told as unknown."""
    assert status_of_code(code) is None
    assert word_of_code(code) == "unknown"


@pytest.mark.parametrize("code", [None, ""])
def test_no_code_is_no_status(code: str | None) -> None:
    """Where the portal says nothing, nothing is told."""
    assert word_of_code(code) is None
