"""The short form of ``python -m tests.proof.dossiers``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.proof.dossiers import run
from tests.proof.processes import address
from tests.support import postgres

SEED = 20261127


@pytest.mark.timeout(240)
async def test_each_dossier_is_sent_once_and_each_step_once_and_in_order(
    tmp_path: Path, postgres_server: postgres.Server
) -> None:
    """Through a flaky portal, its outage, and three deaths of the gateway; nothing is parked."""
    async with postgres_server.empty() as url:
        seen = await run(30, SEED, tmp_path, address(url))

    assert seen.sound, [*seen.report.lines(), seen.lanes]
    assert seen.report.taken > 30 * 3
