"""The short form of ``python -m tests.proof.restart``: one of two gateways behind nginx is restarted under load."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.proof.processes import address
from tests.proof.restart import proof
from tests.support import postgres
from tests.support.nginx import EXECUTABLE, MISSING

pytestmark = [
    pytest.mark.redis,
    pytest.mark.timeout(300),
    pytest.mark.skipif(EXECUTABLE is None, reason=MISSING),
    pytest.mark.skipif(shutil.which("redis-server") is None, reason="no redis-server on PATH; install it"),
]


async def test_no_request_fails_while_each_of_two_gateways_is_restarted(
    tmp_path: Path, postgres_server: postgres.Server
) -> None:
    """SIGTERM and a new start of one after the other, with the nginx that we ship: questions and orders all succeed,
    and each order reaches the ministry once.
    """
    async with postgres_server.empty() as url:
        seen = await proof(tmp_path / "proof", address(url), restarts=2)

    assert seen.sound, seen.lines()
    assert seen.answered["applications"] > 20
    assert seen.report.taken == seen.answered["applications"]
