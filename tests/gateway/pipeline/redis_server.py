"""A Redis of a test's own, which it may stop, freeze, fill and let return."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import redis

_PATIENCE_S = 10.0


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


class RedisServer:
    """One ``redis-server`` process on a free port, with its data in *folder*."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Starts it and waits until it answers."""
        assert self._process is None
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self._folder)]
        self._process = subprocess.Popen(
            [*command, "--save", "", "--appendonly", "no"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + _PATIENCE_S
        while True:
            try:
                self.tell("PING")
            except redis.RedisError:
                assert time.monotonic() < until, "redis-server does not answer"
                time.sleep(0.01)
            else:
                return

    def tell(self, *command: Any) -> Any:
        """Runs one command, from outside the gateway."""
        with contextlib.closing(redis.Redis(port=self.port, socket_timeout=_PATIENCE_S)) as client:
            return client.execute_command(*command)

    def freeze(self) -> None:
        """Takes connections and answers nothing: a black hole."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Goes on where it was, with all that was sent meanwhile."""
        assert self._process is not None
        os.kill(self._process.pid, signal.SIGCONT)

    def stop(self) -> None:
        """Refuses connections from now on; what it held is lost."""
        if self._process is not None:
            self.thaw()
            self._process.kill()
            self._process.wait()
            self._process = None


async def until(condition: Callable[[], bool]) -> None:
    """Gives real sockets their turns of the loop until *condition* holds."""
    end = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < end, "it never came to pass"
        await asyncio.sleep(0.001)
