"""One worker of ``lgsp serve --workers N``; started by the supervisor alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
from typing import TYPE_CHECKING

import structlog

from gateway.cli.errors import as_sentences
from gateway.cli.serve import run, serve_until_told
from gateway.configuration_file import ConfigurationFile
from gateway.core.clock import SystemClock
from gateway.core.place import take_place
from gateway.descriptors import raise_limit
from gateway.observe.logs import logging_to_stderr
from gateway.workers.place import Briefing, Ready

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

    def answers(gateway: Gateway) -> None:
        os.write(briefing.ready, Ready(url=gateway.url, inbound_url=gateway.inbound_url).model_dump_json().encode())
        os.close(briefing.ready)

    with logging_to_stderr(settings.log.format, settings.log.level, SystemClock()) as log:
        run(serve_until_told(settings, file, log, answers, lambda: None))


def _leave_with_the_supervisor() -> None:
    """Drains this worker when the other end of its standard input is closed."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    with as_sentences():
        main()
