"""Text from elsewhere on a terminal."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.printable import printable, printable_json


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Nguyễn Văn Đức\n\tdòng 2", "Nguyễn Văn Đức\n\tdòng 2"),
        ("\x1b[31m\x07\r", "\\x1b[31m\\x07\\x0d"),
        ("\x9b2J\x7f", "\\x9b2J\\x7f"),
        ("\u202egnp.exe\u2066\u200b", "\\u202egnp.exe\\u2066\\u200b"),
        ("\U000e0041\ud800", "\\U000e0041\\ud800"),
    ],
)
def test_what_a_terminal_obeys_is_shown_instead(text: str, shown: str) -> None:
    """Escape sequences of seven and of eight bits, turned lines, unseen marks and halves of characters."""
    assert printable(text) == shown


@given(st.recursive(st.text(st.characters()), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_json_stays_the_same_json(value: Any) -> None:
    """And holds nothing that a terminal would obey."""
    text = printable_json(value, indent=2)

    assert json.loads(text) == value
    assert printable(text) == text
