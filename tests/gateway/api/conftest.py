"""What tests of the console may ask for."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.console import Console, whole_console
from tests.support.national import National


@pytest.fixture
async def console(national: National, database: str, tmp_path: Path) -> AsyncIterator[Console]:
    """The console of a gateway with a store, loaded, in Vietnamese."""
    async with whole_console(national, database, tmp_path) as found:
        yield found
