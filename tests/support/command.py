"""The ``lgsp`` command in this process: what it prints, and its exit status."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from gateway.__main__ import main


@contextmanager
def on_terminal() -> Iterator[None]:
    """Standard output is a terminal while the block runs, as where a person types the command."""
    ours, theirs = os.openpty()
    kept = os.dup(1)
    os.dup2(theirs, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        for descriptor in (kept, ours, theirs):
            os.close(descriptor)


@dataclass(frozen=True)
class Ran:
    """What a command left."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, parsed."""
        return json.loads(self.out)

    @property
    def sentence(self) -> str:
        """The one line of standard error that says what was wrong; anything else fails the test."""
        lines = self.err.strip().splitlines()
        assert len(lines) == 1, self.err
        assert lines[0].startswith("lgsp: "), self.err
        assert not self.out, self.out
        return lines[0].removeprefix("lgsp: ")


class Command:
    """Runs ``lgsp``."""

    def __init__(self, capture: pytest.CaptureFixture[str]) -> None:
        self._capture = capture

    def __call__(self, *arguments: str) -> Ran:
        """``lgsp ARGUMENTS``."""
        self._capture.readouterr()
        status: object = 0
        try:
            main(list(arguments))
        except SystemExit as leaving:
            status = leaving.code
        out, err = self._capture.readouterr()
        return Ran(status if isinstance(status, int) else 0 if status is None else 1, out, err)
