"""The short form of ``make drill``: a real Prometheus sees the fastest causes, names the right system, sees the end."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.drill.__main__ import run
from tests.drill.machine import STALLS
from tests.drill.prometheus import installed
from tests.drill.systems import CREDENTIALS, SYSTEM_DOWN


@pytest.mark.timeout(300)
@pytest.mark.skipif(not installed(), reason="Prometheus is missing: install the package prometheus")
async def test_alerts_fire_for_their_cause_and_end(tmp_path: Path) -> None:
    """A system is down, another refuses the credentials, the gateway stands still: three alerts."""
    seen = await run({"short": ((SYSTEM_DOWN, CREDENTIALS, STALLS),)}, tmp_path)

    assert [one.line() for one in seen if not one.right] == []
