"""Secrets of the configuration, by reference: ``env:NAME`` or ``file:/path``; and which files were read for it."""

from __future__ import annotations

import os
import stat
import string
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Final

from pydantic import BeforeValidator, SecretStr

from gateway.settings.errors import RuleError

MOST_SECRET_BYTES: Final = 64 * 1024
UNREADABLE: Final = "unreadable-secret"
_READ: ContextVar[set[str] | None] = ContextVar("files of a configuration", default=None)


@contextmanager
def files_read() -> Iterator[set[str]]:
    """Gathers the paths of all files that a configuration names, while the block reads it in this thread."""
    found: set[str] = set()
    token = _READ.set(found)
    try:
        yield found
    finally:
        _READ.reset(token)


def note_file(path: str) -> None:
    """Tells that the configuration names the file *path*."""
    if (found := _READ.get()) is not None:
        found.add(path)


def read_reference(value: object) -> object:
    """The secret behind ``env:NAME`` or ``file:/path``; raises :class:`ValueError` for a literal or a missing one."""
    if not isinstance(value, str):
        return value
    kind, _, name = value.partition(":")
    if kind == "env" and name:
        found = os.environ.get(name)
        if not found:
            raise RuleError(f"the environment variable {name} is not set", rule=UNREADABLE)
        return found
    if kind == "file" and name:
        found = _read_small_file(name).strip(string.whitespace)
        if not found:
            raise RuleError(f"the secret file {name} is empty", rule=UNREADABLE)
        return found
    raise RuleError("a secret must be a reference: env:NAME or file:/path", rule="secret-in-clear")


def _read_small_file(name: str) -> str:
    """The text of a secret file; a device or a pipe might never end, or never begin."""
    note_file(name)
    try:
        # Not to wait for the other end of a pipe.
        handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise RuleError(f"the secret file {name} is not a regular file", rule=UNREADABLE)
            found = os.read(handle, MOST_SECRET_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise RuleError(f"the secret file {name} could not be read ({error.strerror})", rule=UNREADABLE) from None
    if len(found) > MOST_SECRET_BYTES:
        raise RuleError(f"the secret file {name} is larger than {MOST_SECRET_BYTES // 1024} KB", rule=UNREADABLE)
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        raise RuleError(f"the secret file {name} is not UTF-8", rule=UNREADABLE) from None


Secret = Annotated[SecretStr, BeforeValidator(read_reference)]
