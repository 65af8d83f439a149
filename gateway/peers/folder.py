"""Files in which the processes of one machine count together: each change under a lock, whole or not at all."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import structlog
from pydantic import BaseModel, ValidationError

M = TypeVar("M", bound=BaseModel)
T = TypeVar("T")
log = structlog.get_logger("gateway.peers")


class SharedFile:
    """One JSON file of *model*, changed by several processes. Its methods block: call them in a thread.

    Without *durable* it need not outlive the machine.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        self._path = path
        self._durable = durable

    def change(self, model: type[M], change: Callable[[M], tuple[M, T]]) -> T:
        """Reads the file, writes what *change* makes of it, and returns what *change* says beside it.

        Raises:
            OSError: It could not be read or written; it is as it was.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            before = self._read(model)
            after, said = change(before)
            if after != before:
                self._write(after)
            return said

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _read(self, model: type[M]) -> M:
        try:
            return model.model_validate_json(self._path.read_bytes())
        except FileNotFoundError:
            return model()
        except ValidationError:
            aside = self._path.with_suffix(".unreadable")
            log.warning("a file of shared counts could not be read; it is put aside", file=str(aside))
            self._path.replace(aside)
            return model()

    def _write(self, value: BaseModel) -> None:
        new = self._path.with_suffix(".new")
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, value.model_dump_json().encode())
            if self._durable:
                os.fdatasync(descriptor)
        finally:
            os.close(descriptor)
        new.replace(self._path)
