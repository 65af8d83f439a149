"""``lgsp mocks``: starts the mocks by module name, because gateway and mocks share contracts and never code."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Sequence


def mocks(arguments: Sequence[str]) -> None:
    """Runs ``python -m mocks`` in this process."""
    sys.argv = ["lgsp mocks", *arguments]
    runpy.run_module("mocks", run_name="__main__", alter_sys=True)
