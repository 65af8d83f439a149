"""Text from elsewhere, made fit for a terminal (the gateway has its own: the two share no code)."""

from __future__ import annotations

import json


def printable(text: str) -> str:
    """Returns *text* with each character that a terminal obeys or does not show written as its number."""
    return "".join(one if one.isprintable() or one in "\n\t" else _number(one) for one in text)


def printable_json(value: object) -> str:
    """Returns *value* as indented JSON that a terminal shows and does not obey; it is the same JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=2)
    return "".join(one if one.isprintable() or one == "\n" else json.dumps(one)[1:-1] for one in text)


def _number(one: str) -> str:
    number = ord(one)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
