"""Checks one paper: its bytes, then its text as a process of its own reads it."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from typing import Final

from gateway.core.papers import Expected, PaperFinding, PaperResult
from gateway.papers.decision import whose

MIB: Final = 1024 * 1024
_BEGIN: Final = b"%PDF-"
_BEGIN_WITHIN: Final = 1024
"""Bytes before the header that readers forgive (PDF 1.7, implementation note 13)."""
_END: Final = b"%%EOF"
_END_WITHIN: Final = 4096
_ERRORS: Final[dict[str, PaperResult]] = {
    "encrypted": "encrypted",
    "unreadable": "unreadable",
    "too_costly": "too_costly",
}


@dataclass(frozen=True, slots=True)
class PaperLimits:
    """Limits of reading one paper."""

    most_bytes: int = 16 * MIB
    memory_bytes: int = 512 * MIB
    """Address space of the process, the interpreter with it."""
    cpu_s: int = 10
    wall_s: float = 30.0


@dataclass(frozen=True, slots=True)
class PaperCheck:
    """Checks papers, one at a time: a certificate more waits its turn rather than take another core."""

    limits: PaperLimits = field(default_factory=PaperLimits)
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def __call__(self, pdf: bytes, expected: Expected) -> PaperFinding:
        """The finding about *pdf*, whatever it is.

        Raises:
            OSError: This machine could start no process, or gave it no time; that says nothing about the paper.
        """
        digest = hashlib.sha256(pdf).hexdigest()
        if (wrong := shape(pdf, self.limits.most_bytes)) is not None:
            return PaperFinding(wrong, digest)
        async with self._turn:
            read = await asyncio.to_thread(_read, pdf, self.limits)
        if isinstance(read, str):
            return PaperFinding(read, digest)
        pages, text = read
        result, compared = whose(text, expected)
        return PaperFinding(result, digest, pages, compared)


def shape(pdf: bytes, most_bytes: int) -> PaperResult | None:
    """The fault of *pdf* that its bytes show before anybody reads it."""
    if len(pdf) > most_bytes:
        return "too_large"
    if _BEGIN not in pdf[:_BEGIN_WITHIN]:
        return "not_pdf"
    return None if _END in pdf[-_END_WITHIN:] else "truncated"


def _read(pdf: bytes, limits: PaperLimits) -> tuple[int, str] | PaperResult:
    """Pages and text, by a process that ends with its limits. Blocks: call it in a thread.

    Raises:
        OSError: As :class:`PaperCheck` says.
    """
    command = [sys.executable, "-m", "gateway.papers.child", str(limits.memory_bytes), str(limits.cpu_s)]
    # Of the environment nothing but where the code is: the gateway's may hold secrets.
    environment = {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    try:
        ran = subprocess.run(  # noqa: S603  # our own module
            command, input=pdf, capture_output=True, timeout=limits.wall_s, check=False, env=environment
        )
        told = json.loads(ran.stdout) if ran.returncode == 0 else {"error": "too_costly"}
    except subprocess.TimeoutExpired:
        # A paper that costs too much ends by its CPU time, which is less: the machine is busy, or stood still.
        raise TimeoutError from None
    except ValueError:
        return "unreadable"
    if (error := told.get("error")) is not None:
        return _ERRORS.get(error, "unreadable")
    return int(told["pages"]), str(told["text"])
