"""Tells the C library what to do with memory that the process has freed; without glibc these do nothing."""

from __future__ import annotations

import ctypes
from typing import Final

_MMAP_THRESHOLD: Final = -3
_ARENA_MAX: Final = -8
"""Parameters of ``mallopt`` (malloc.h of glibc)."""


def keep_little_freed_memory() -> None:
    """Makes the C library (glibc's ``mallopt``) give large blocks back as soon as they are free, and keep two arenas.

    By itself it raises the size from which a block is given back to 32 MiB once such a one was freed.
    """
    change = getattr(ctypes.CDLL(None), "mallopt", None)
    if change is not None:
        change(_MMAP_THRESHOLD, 128 * 1024)
        change(_ARENA_MAX, 2)


def give_back_freed_memory() -> None:
    """Returns freed memory to the operating system, where the C library can (glibc's ``malloc_trim``)."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
