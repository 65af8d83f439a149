"""Mocks and gateway as a user starts them: two processes, on free ports."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from tests.support.documents import environment

PATIENCE_S: Final = 90.0
_MOCKS: Final = re.compile(r"The mock country is open: (http://\S+?)/\s")
_GATEWAY: Final = re.compile(r"gateway on (http://\S+) .*operator's port (http://[^;]+);")


@dataclass(frozen=True, slots=True)
class Pair:
    """Where the three servers listen."""

    mocks: str
    gateway: str
    ops: str

    @property
    def replaced(self) -> dict[str, str]:
        """The addresses that pages show, and these."""
        shown = {"127.0.0.1:9100": self.mocks, "127.0.0.1:8080": self.gateway, "127.0.0.1:8081": self.ops}
        return {page: url.removeprefix("http://") for page, url in shown.items()}


@contextmanager
def running_pair(folder: Path) -> Iterator[Pair]:
    """The project in *folder*, running; both processes have ended well when left."""
    with _process(["mocks", "--port", "0"], folder, {}, _MOCKS) as (mocks,):
        arguments = ["gateway", "serve", "--port", "0", "--ops-port", "0"]
        with _process(arguments, folder, {"LGSP_MOCKS_URL": mocks}, _GATEWAY) as (gateway, ops):
            yield Pair(mocks, gateway, ops)


@contextmanager
def _process(
    arguments: list[str], folder: Path, variables: dict[str, str], says: re.Pattern[str]
) -> Iterator[tuple[str, ...]]:
    """One process, and the addresses that it *says*; it must end with 0 when it is told to leave."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as words:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=folder,
            env={**environment(folder), **variables},
            stdout=words,
            stderr=words,
        )
        try:
            yield _said(process, words, says)
        finally:
            process.terminate()
            status = process.wait(PATIENCE_S)
        assert status == 0, (arguments, status)


def _said(process: subprocess.Popen[bytes], words: IO[str], says: re.Pattern[str]) -> tuple[str, ...]:
    """Waits for what *process* says when it is up; fails with all its words where it is not."""
    until = time.monotonic() + PATIENCE_S
    while True:
        words.seek(0)
        text = words.read()
        if found := says.search(text):
            return found.groups()
        assert process.poll() is None, text
        assert time.monotonic() < until, text
        time.sleep(0.02)
