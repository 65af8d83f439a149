"""The configuration as files: read whole, and looked at again by their content, for modification times do not move when
a folder of Kubernetes is swapped for another.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.registry import Plan, check_authorities, plan
from gateway.settings import Settings, load
from gateway.settings.references import files_read

MOST_BYTES: Final = 2 * 1024 * 1024
"""Of a file that is looked at; more of it changes nothing here."""
_ABSENT: Final = b""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A configuration that is valid, with the plan that follows from it."""

    settings: Settings
    plan: Plan


class ConfigurationFile:
    """The file at *path* with all that it names: secrets and authorities. *overrides* are the command line's.

    Its methods wait for the disk, so they are for threads.
    """

    def __init__(self, path: Path, overrides: Mapping[str, Any] | None = None) -> None:
        self._path = path
        self._overrides = dict(overrides or {})
        self._named: frozenset[str] = frozenset({str(path)})
        self.seen: Mapping[str, bytes] = {}
        """The hash of each file as it was read last, whether the configuration was valid or not."""

    def read(self) -> Loaded:
        """The configuration as it is now.

        Raises:
            ConfigurationError: It is wrong; the files that it names are known all the same.
        """
        known = self.digests()
        with files_read() as named:
            try:
                settings = load(self._path, self._overrides)
                for key, file in settings.more_authorities():
                    check_authorities(file, key)
                return Loaded(settings, plan(settings))
            finally:
                self._named = frozenset({str(self._path), *named})
                # A file that changed while it was read differs from what is kept here, and is read again.
                self.seen = {path: known.get(path, digest) for path, digest in self.digests().items()}

    def digests(self) -> Mapping[str, bytes]:
        """The hash of each file that the configuration named when it was read last."""
        return digests_of(self._named)


def digests_of(paths: Iterable[str]) -> dict[str, bytes]:
    """The hash of each file's content; empty where it can't be read."""
    return {path: _digest_of(path) for path in paths}


def _digest_of(path: str) -> bytes:
    try:
        # Not to wait for the other end of a pipe.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return _ABSENT
    try:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return _ABSENT
        with os.fdopen(handle, "rb", closefd=False) as file:
            return hashlib.sha256(file.read(MOST_BYTES)).digest()
    except OSError:
        return _ABSENT
    finally:
        os.close(handle)
