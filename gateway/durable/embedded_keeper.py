"""Keeps the PostgreSQL of one folder running as long as a gateway uses it; a process of its own, run by its path.

Each gateway shares a lock on the file ``users``. The keeper starts PostgreSQL, or adopts one that was left, starts it
again when it ends, and stops it as soon as it gets that lock alone: the last gateway has left, or was killed. Should
the keeper itself be killed, PostgreSQL ends with it, and a gateway that is left starts another keeper.

It knows the standard library alone, so that it is up in some milliseconds.
"""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

USERS: Final = "users"
KEEPER: Final = "keeper"
SOCKETS: Final = "sockets"
LOG: Final = "postgres.log"
OWNER: Final = "lgsp"
LONGEST_SOCKET_FOLDER: Final = 90
"""Bytes; the address of a socket has 107 at most."""
LOOK_S: Final = 0.1
READY_S: Final = 20.0
"""How long a server may take until it accepts connections; after a crash it first repairs its files."""
AGAIN_S: Final = 10.0
"""How long a start that fails at once is tried again: parts of a killed server leave some seconds after it."""
LARGEST_LOG: Final = 4 * 1024 * 1024
SETTINGS: Final = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "log_min_error_statement": "panic",  # a statement's values stay out of the log
    "log_parameter_max_length_on_error": "0",
}
_KEEP_CAPABILITIES: Final = 8
_DEATH_SIGNAL: Final = 1
_AMBIENT: Final = 47
_RAISE: Final = 2
_DAC_OVERRIDE: Final = 1
_CAPABILITIES_V3: Final = 0x20080522


class KeeperError(Exception):
    """PostgreSQL can't run in the folder; its text is one sentence."""


@dataclass(frozen=True, slots=True)
class Folder:
    """The folder, with the programs of its server."""

    path: Path
    binaries: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def sockets(self) -> Path | None:
        """The folder of the sockets, once it was made."""
        with suppress(OSError):
            return Path((self.path / SOCKETS).read_text(encoding="utf-8").strip())
        return None

    def running(self) -> int | None:
        """The process of the server of this folder, whoever started it."""
        with suppress(OSError, ValueError, IndexError):
            number = int((self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0])
            # Process numbers are given again: only a process that stands in our folder is ours.
            if Path(f"/proc/{number}/cwd").samefile(self.data) and not _is_dead(number):
                return number
        return None

    def ready(self) -> bool:
        """Whether the server says that it accepts connections."""
        with suppress(OSError):
            lines = (self.data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
            return len(lines) >= 8 and lines[7].strip() == "ready"
        return False


def try_lock(file: int, kind: int) -> bool:
    """Whether the lock was had at once."""
    try:
        fcntl.flock(file, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lock_file(folder: Path, name: str) -> int:
    """The open lock file *name*."""
    return os.open(folder / name, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_dead(number: int) -> bool:
    status = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace")
    return status.rpartition(")")[2].split()[0] in {"Z", "X"}


# ---- the user of the server: PostgreSQL refuses to run as root


@dataclass(frozen=True, slots=True)
class User:
    """The user of the server."""

    uid: int
    gid: int


def server_user(folder: Folder) -> User | None:
    """None: as we are. For root it is the owner of the files, and nobody in a new folder."""
    if os.geteuid() != 0:
        return None
    with suppress(OSError):
        owner = folder.data.stat()
        if owner.st_uid != 0:
            return User(owner.st_uid, owner.st_gid)
    nobody = pwd.getpwnam("nobody")
    return User(nobody.pw_uid, nobody.pw_gid)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("process", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


def become(user: User | None, *, dies_with_parent: bool) -> None:
    """In a new process, before PostgreSQL's own program: becomes *user*.

    It keeps the right to pass folders that are root's alone: the program or its files may be below /root, and
    opening that to everybody would be worse.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if user is not None:
        libc.prctl(_KEEP_CAPABILITIES, 1, 0, 0, 0)
        os.setgroups([])
        os.setresgid(user.gid, user.gid, user.gid)
        os.setresuid(user.uid, user.uid, user.uid)
        header, sets = _Header(_CAPABILITIES_V3, 0), (_Sets * 2)()
        sets[0].effective = sets[0].permitted = sets[0].inheritable = 1 << _DAC_OVERRIDE
        if libc.capset(ctypes.byref(header), sets) == 0:
            libc.prctl(_AMBIENT, _RAISE, _DAC_OVERRIDE, 0, 0)
    if dies_with_parent:
        libc.prctl(_DEATH_SIGNAL, signal.SIGINT, 0, 0, 0)


# ---- starting and stopping


class Server:
    """The server of *folder*, started or adopted."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._user = server_user(folder)
        self._child: int | None = None
        self._adopted: int | None = None

    @property
    def runs(self) -> bool:
        """Whether it runs; takes the exit status of one that has ended."""
        if self._child is not None:
            if os.waitpid(self._child, os.WNOHANG)[0] == 0:
                return True
            self._child = None
        return self._adopted is not None and self._folder.running() == self._adopted

    def begin(self) -> None:
        """Adopts a server that accepts connections, ends one that does not, and else starts one.

        Raises:
            KeeperError: None could be started.
        """
        if (left := self._folder.running()) is not None:
            if _within(READY_S / 2, self._folder.ready):
                self._adopted = left
                return
            self._end(left)
        if not (self._folder.data / "PG_VERSION").exists():
            self._make()
        self._check_version()
        until = time.monotonic() + AGAIN_S
        while not self._start():
            if time.monotonic() > until:
                raise KeeperError(f"PostgreSQL ended at its start ({last_line(self._folder.path)})")
            time.sleep(LOOK_S)

    def stop(self) -> None:
        """Ends it in order, or at once when that takes too long."""
        number = self._child if self._child is not None else self._adopted
        if number is not None:
            self._end(number)
        if (sockets := self._folder.sockets) is not None:
            shutil.rmtree(sockets, ignore_errors=True)

    def _make(self) -> None:
        fresh = self._folder.path / "data.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if self._user is not None:
            os.chown(fresh, self._user.uid, self._user.gid)
        words = ("-U", OWNER, "--auth=trust", "--encoding=UTF8", "--no-locale", "-D", str(fresh))
        if os.waitpid(self._fork("initdb", words, dies_with_parent=False), 0)[1] != 0:
            raise KeeperError(f"initdb failed ({last_line(self._folder.path)})")
        fresh.rename(self._folder.data)

    def _check_version(self) -> None:
        found = (self._folder.data / "PG_VERSION").read_text(encoding="utf-8").strip()
        printed = subprocess.run(  # noqa: S603  # the program of the installed wheel
            [self._folder.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        if f" {found}." not in printed:
            raise KeeperError(
                f"its files are of PostgreSQL {found}, and {printed.strip()} is installed: move {self._folder.path} "
                "away, or install the wheel that made it"
            )

    def _start(self) -> bool:
        """Whether the server accepts connections."""
        (self._folder.data / "postmaster.pid").unlink(missing_ok=True)  # of a process that is not ours any more
        settings = {**SETTINGS, "unix_socket_directories": str(self._make_sockets())}
        words = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        self._child = self._fork("postgres", ["-D", str(self._folder.data), *words], dies_with_parent=True)
        until = time.monotonic() + READY_S
        while self.runs and time.monotonic() < until:
            if self._folder.ready():
                return True
            time.sleep(LOOK_S / 10)
        if self._child is not None:
            self._end(self._child)
        return False

    def _make_sockets(self) -> Path:
        """A folder that only the server's user enters; the same at each start, so that pools find it again.

        It is one of *folder*, or one with a shorter name, because the address of a socket has little room.
        """
        known = self._folder.sockets
        if known is None:
            known = self._folder.path / "run"
            if len(os.fsencode(known)) > LONGEST_SOCKET_FOLDER:
                known = _short_folder()
        if not _is_own(known, self._user):
            known = _short_folder()
            _is_own(known, self._user)
        (self._folder.path / SOCKETS).write_text(f"{known}\n", encoding="utf-8")
        return known

    def _fork(self, program: str, words: list[str] | tuple[str, ...], *, dies_with_parent: bool) -> int:
        log = self._folder.path / LOG
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))
        child = os.fork()
        if child != 0:
            return child
        try:
            out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out, 1)
            os.dup2(out, 2)
            os.chdir("/")
            os.setsid()
            become(self._user, dies_with_parent=dies_with_parent)
            environment = {"PATH": str(self._folder.binaries), "LC_ALL": "C", "TZ": "UTC"}
            os.execve(self._folder.binaries / program, [program, *words], environment)  # noqa: S606  # as above
        except OSError as error:
            os.write(2, f"{program}: {error}\n".encode())
        finally:
            os._exit(127)  # whatever went wrong, this process must not go on as a second keeper

    def _end(self, number: int) -> None:
        """SIGINT ends it in order, SIGQUIT at once, and SIGKILL what does not answer."""
        for how, seconds in ((signal.SIGINT, 10.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
            with suppress(ProcessLookupError):
                os.kill(number, how)
            if _within(seconds, lambda: not self._alive(number)):
                break
        self._child = self._adopted = None

    def _alive(self, number: int) -> bool:
        if number == self._child:
            return os.waitpid(number, os.WNOHANG)[0] == 0
        return self._folder.running() == number


def _short_folder() -> Path:
    base = tempfile.gettempdir()
    base = base if len(os.fsencode(base)) < LONGEST_SOCKET_FOLDER / 2 else "/tmp"  # noqa: S108  # mkdtemp's own name
    return Path(tempfile.mkdtemp(prefix="lgsp-", dir=base))


def _is_own(folder: Path, user: User | None) -> bool:
    """Whether *folder* is a folder of the server's user alone; it is made where it is not there."""
    own = os.geteuid()
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o077:
        return False
    if user is not None and found.st_uid == own:
        os.chown(folder, user.uid, user.gid)
        return True
    return found.st_uid == (own if user is None else user.uid)


def _within(seconds: float, wanted: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not wanted():
        if time.monotonic() > until:
            return False
        time.sleep(LOOK_S / 10)
    return True


def last_line(folder: Path) -> str:
    """The last words of PostgreSQL."""
    with suppress(OSError):
        with (folder / LOG).open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - 8192))
            lines = file.read().decode(errors="replace").splitlines()
        said = [line for line in lines if any(mark in line for mark in ("FATAL", "ERROR", "PANIC", "error"))]
        for line in reversed(said or lines):
            if line.strip():
                return line.strip()[:200]
    return "it said nothing"


def keep(folder: Folder) -> None:
    """Keeps the server until nobody uses *folder*; ends at once where another keeper does it.

    Raises:
        KeeperError: The server can't be started.
    """
    if not try_lock(lock_file(folder.path, KEEPER), fcntl.LOCK_EX):
        return
    leaving: list[int] = []
    signal.signal(signal.SIGTERM, lambda number, _: leaving.append(number))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    users = lock_file(folder.path, USERS)
    server = Server(folder)
    try:
        while not leaving and not try_lock(users, fcntl.LOCK_EX):
            if not server.runs:
                server.begin()
            time.sleep(LOOK_S)
    finally:
        server.stop()  # the locks end with this process, after the server


def main(folder: str, binaries: str) -> int:
    """The exit status."""
    os.chdir("/")
    os.closerange(3, 1024)  # nothing of a gateway that this process may outlive
    where = Folder(Path(folder), Path(binaries))
    try:
        keep(where)
    except (KeeperError, OSError) as error:
        with suppress(OSError), (where.path / LOG).open("a", encoding="utf-8") as log:
            log.write(f"keeper: FATAL: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
