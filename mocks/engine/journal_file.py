"""The journal in a file: one JSON object a line, written before the answer leaves.

A line is with the operating system when `write` returns: the end of this process or of a caller loses none.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

import orjson

from mocks.engine.decisions import Decision, summary

Event = Literal["started", "reset", "mark", "pushed"]
_NEW_LINE: Final = orjson.OPT_APPEND_NEWLINE


class JournalFile:
    """Appends lines to a file; lines stand in the order in which the systems decided."""

    __slots__ = ("_descriptor", "_real_now", "path")

    def __init__(self, path: Path, real_now: Callable[[], datetime]) -> None:
        """Opens the file, and makes it where it does not exist.

        Raises:
            OSError: the file can't be opened for writing.
        """
        self.path = path
        self._real_now = real_now
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def note(self, event: Event, **more: object) -> None:
        """Writes a line about the country itself: its start, a reset, a tester's mark, a message that leaves."""
        self._write({"event": event, "real_at": self._instant(), **more})

    def message(
        self,
        event: Literal["arrived", "worked"],
        facts: dict[str, object],
        decisions: Sequence[Decision],
        breaches: Sequence[str],
    ) -> None:
        """Writes a message's arrival, or for a late one the work on it: *facts*, and what the system decided."""
        line = {"event": event, "real_at": self._instant(), **facts, "outcome": summary(decisions)}
        line["decisions"] = [decision.as_json() for decision in decisions if decision.dossier is not None]
        line["breaches"] = breaches
        self._write(line)

    def close(self) -> None:
        """Closes the file."""
        os.close(self._descriptor)

    def _instant(self) -> str:
        return self._real_now().isoformat(timespec="microseconds")

    def _write(self, line: dict[str, object]) -> None:
        left = memoryview(orjson.dumps(line, option=_NEW_LINE))
        while left:  # a full disk or a signal may take a part only
            left = left[os.write(self._descriptor, left) :]
