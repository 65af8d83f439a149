"""The text that a command is given: literally, as ``@FILE``, or on standard input (``-``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from gateway.cli.errors import USAGE, fail

MOST_BYTES: Final = 32 * 1024 * 1024
"""Of a file; a device would not end."""


def text_of(option: str, given: str) -> str:
    """The text of *option*, without the byte order mark that editors write; ends the command where it can't be read."""
    if given != "-" and not given.startswith("@"):
        return given
    name = given[1:] or "standard input"
    if given == "@":
        fail(f"{option}: @ names no file", USAGE)
    if given == "-" and sys.stdin is None:
        fail(f"{option}: standard input is closed", USAGE)
    try:
        if given == "-":
            found = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(given[1:]).open("rb") as file:
                found = file.read(MOST_BYTES + 1)
        if len(found) > MOST_BYTES:
            fail(f"{option}: {name} is larger than {MOST_BYTES // 1024 // 1024} MiB", USAGE)
        return found.decode("utf-8-sig")
    except UnicodeDecodeError:
        fail(f"{option}: {name} could not be read (it is not UTF-8)", USAGE)
    except OSError as error:
        fail(f"{option}: {name} could not be read ({error.strerror})", USAGE)
    except ValueError:
        fail(f"{option}: {name} is not the name of a file", USAGE)


def json_of(option: str, text: str) -> Any:
    """The JSON value *text*; raises :class:`ValueError` where it can't be read, and ends the command where a name is
    given twice, of which one would be lost.
    """

    def once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            names = [name for name, _ in pairs]
            twice = next(name for name in names if names.count(name) > 1)
            fail(f"{option}: the field {twice[:60]!r} is given twice", USAGE)
        return found

    try:
        return json.loads(text, object_pairs_hook=once)
    except RecursionError:
        raise ValueError("nested too deep") from None
