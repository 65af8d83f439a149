"""Secrets of the configuration, by reference: ``env:NAME`` or ``file:/path``."""

from __future__ import annotations

import os
import stat
import string
from typing import Annotated, Final

from pydantic import BeforeValidator, SecretStr

MOST_SECRET_BYTES: Final = 64 * 1024


def read_reference(value: object) -> object:
    """The secret behind ``env:NAME`` or ``file:/path``; raises :class:`ValueError` for a literal or a missing one."""
    if not isinstance(value, str):
        return value
    kind, _, name = value.partition(":")
    if kind == "env" and name:
        found = os.environ.get(name)
        if not found:
            raise ValueError(f"the environment variable {name} is not set")
        return found
    if kind == "file" and name:
        found = _read_small_file(name).strip(string.whitespace)
        if not found:
            raise ValueError(f"the secret file {name} is empty")
        return found
    raise ValueError("a secret must be a reference: env:NAME or file:/path")


def _read_small_file(name: str) -> str:
    """The text of a secret file; a device or a pipe might never end, or never begin."""
    try:
        # Not to wait for the other end of a pipe.
        handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise ValueError(f"the secret file {name} is not a regular file")
            found = os.read(handle, MOST_SECRET_BYTES + 1)
        finally:
            os.close(handle)
    except OSError as error:
        raise ValueError(f"the secret file {name} could not be read ({error.strerror})") from None
    if len(found) > MOST_SECRET_BYTES:
        raise ValueError(f"the secret file {name} is larger than {MOST_SECRET_BYTES // 1024} KB")
    try:
        return found.decode("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"the secret file {name} is not UTF-8") from None


Secret = Annotated[SecretStr, BeforeValidator(read_reference)]
