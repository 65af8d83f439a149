"""One worker of ``lgsp serve --workers N``; started by the supervisor alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import structlog

from gateway.cli.errors import as_sentences
from gateway.cli.serve import run, serve_until_told
from gateway.configuration_file import ConfigurationFile
from gateway.core.clock import SystemClock
from gateway.core.place import take_place
from gateway.core.reloads import FOUND, SIGHUP
from gateway.descriptors import raise_limit
from gateway.observe.logs import logging_to_stderr
from gateway.workers.place import Briefing, Ready, Reread

if TYPE_CHECKING:
    from gateway.app import Gateway


def main() -> None:
    """Runs one worker until it is told to leave, or its supervisor is gone."""
    signal.signal(signal.SIGHUP, signal.SIG_IGN)  # also while it starts
    briefing = Briefing.model_validate_json(sys.stdin.buffer.readline())
    threading.Thread(target=_leave_with_the_supervisor, name="supervisor", daemon=True).start()
    take_place(briefing.place)
    raise_limit()
    file = ConfigurationFile(briefing.config, briefing.overrides)
    settings = file.read().settings
    structlog.contextvars.bind_contextvars(worker=briefing.slot)

    supervisor = SupervisorAbove(briefing.ready)

    def answers(gateway: Gateway) -> None:
        supervisor.say(Ready(url=gateway.url, inbound_url=gateway.inbound_url))

    with logging_to_stderr(settings.log.format, settings.log.level, SystemClock()) as log:
        run(serve_until_told(settings, file, log, answers, lambda: None, supervisor))


class SupervisorAbove:
    """Hears on a pipe what this worker says, a line each. See :class:`gateway.core.reloads.ReloadListener`."""

    def __init__(self, pipe: int) -> None:
        self._pipe = pipe
        os.set_inheritable(pipe, False)  # its end is that of this process

    def say(self, word: Ready | Reread) -> None:
        """Says *word*; a supervisor that is gone does not hear it."""
        with suppress(OSError):
            os.write(self._pipe, word.model_dump_json().encode() + b"\n")

    def begun(self, monotonic: float) -> None:
        """See :class:`gateway.core.reloads.ReloadListener`."""

    def ended(self, trigger: str, refused: str) -> None:
        """Says what came of a reload that the supervisor asked for, or that the others need too."""
        if trigger == SIGHUP or trigger in FOUND:
            self.say(Reread(refused=refused, found=trigger in FOUND))


def _leave_with_the_supervisor() -> None:
    """Drains this worker when the other end of its standard input is closed."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    with as_sentences():
        main()
