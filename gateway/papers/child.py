"""The process that reads one PDF: bytes on standard input, JSON on standard output, within limits of time and memory.

``python -m gateway.papers.child MEMORY_BYTES CPU_SECONDS``. A PDF is a program of sorts: what it does to its reader
it does here, in a process that has no secret in its environment, no file to write and an end that is near.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from io import BytesIO
from typing import Final

from pypdf import PdfReader
from pypdf.errors import PyPdfError

MOST_PAGES: Final = 20
"""Pages whose text is read; a certificate has one or two."""
MOST_TEXT: Final = 100_000
"""Characters."""


def read(content: bytes) -> dict[str, object]:
    """Pages and text of *content*, or the word for why it can't be read."""
    try:
        reader = PdfReader(BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"error": "encrypted"}
        pages = len(reader.pages)
        found: list[str] = []
        for number in range(min(pages, MOST_PAGES)):
            found.append(reader.pages[number].extract_text())
            if sum(map(len, found)) > MOST_TEXT:
                break
    except MemoryError:
        return {"error": "too_costly"}
    except (PyPdfError, RecursionError, Exception):  # noqa: BLE001  # a hostile file makes its reader fail in any way
        return {"error": "unreadable"}
    return {"pages": pages, "text": "\n".join(found)[:MOST_TEXT]} if pages else {"error": "unreadable"}


def confine(memory: int, seconds: int) -> None:
    """Sets the limits of this process: *memory* bytes of address space, *seconds* of its own work, no file written."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Reads one PDF and says what is in it."""
    confine(int(sys.argv[1]), int(sys.argv[2]))
    logging.disable()  # pypdf would tell parts of the text
    sys.stdout.write(json.dumps(read(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
