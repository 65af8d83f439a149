"""Text that comes from elsewhere, made fit for a terminal."""

from __future__ import annotations

import json
import re
from typing import Final

_CONTROLS: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e007f]"
)
"""Control characters (line feed and tab apart), halves of characters, and what is not seen or turns a line around."""


def printable(text: str) -> str:
    """*text* with each character that a terminal would obey, or not show, written as its number."""
    if text.isprintable():
        return text
    return _CONTROLS.sub(_escape, text)


def printable_json(value: object, *, indent: int | None = None) -> str:
    """*value* as JSON that a terminal shows and does not obey; it is the same JSON."""
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    return _CONTROLS.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _escape(found: re.Match[str]) -> str:
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
