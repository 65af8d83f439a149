"""Whoever ends a command of the proof ends the processes that it started."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.proof.processes import ROOT

COMMAND: Final = """
import asyncio, signal, sys
from pathlib import Path
from tests.proof.processes import Mocks, Process, ending
from tests.support.ending import command

async def run(mocks):
    async with ending(mocks):
        mocks.process = Process(("http.server", "0"), mocks.folder / "log", {})
        await mocks.process.start()
        print(mocks.process.running.pid, flush=True)
        await asyncio.sleep(600)

signal.signal(signal.SIGINT, getattr(signal, sys.argv[2]))
signal.signal(signal.SIGHUP, signal.SIG_DFL)  # a suite that was begun by nohup ignores it
command(lambda: asyncio.run(run(Mocks(Path(sys.argv[1])))))
"""


@pytest.mark.parametrize(
    ("number", "before"),
    [(signal.SIGTERM, "SIG_DFL"), (signal.SIGHUP, "SIG_DFL"), (signal.SIGTERM, "SIG_IGN")],
    ids=["SIGTERM", "SIGHUP", "SIGTERM in the background"],
)
def test_nothing_goes_on(tmp_path: Path, number: signal.Signals, before: str) -> None:
    """SIGTERM and a closed terminal are Ctrl-C, also where a shell began the command in the background."""
    with subprocess.Popen(
        [sys.executable, "-c", COMMAND, str(tmp_path), before],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    ) as running:
        assert running.stdout is not None
        child = int(running.stdout.readline())
        running.send_signal(number)
        try:
            assert running.wait(60) == 130
        finally:
            running.kill()

    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
