"""The short form of ``make proof``: a gateway that dies, and one that is stopped past its lease, double nothing."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Final

import pytest

from tests.proof.drill import Round, run_round
from tests.proof.processes import address
from tests.support import postgres

SEED: Final = 20261127
ROUNDS: Final = random.Random(SEED).sample(
    [
        Round(point, deed)
        for point in ("accept.committed", "send.marked", "send.bytes_left", "send.answered")
        for deed in ("crash", "stop")
    ],
    2,
)


KILLED: Final = Round("send.answered", "crash", gateways=2, applications=6, store="embedded", killed=True, seed=SEED)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("wanted", ROUNDS, ids=lambda one: one.title)
async def test_no_order_is_lost_or_doubled(wanted: Round, tmp_path: Path, postgres_server: postgres.Server) -> None:
    """Each application is accepted once by the ministry, and each citizen has one certificate."""
    async with postgres_server.empty() as url:
        result = await run_round(wanted, tmp_path, {"LGSP_STORE__URL": address(url)})

    assert result.sound, [*result.report.lines(), *result.notes]
    assert result.passed_point


@pytest.mark.timeout(180)
async def test_no_order_is_lost_or_doubled_while_postgresql_dies(tmp_path: Path) -> None:
    """The same with two gateways on the embedded PostgreSQL, which is killed every few seconds."""
    result = await run_round(KILLED, tmp_path, {})

    assert result.sound, [*result.report.lines(), *result.notes]
    assert result.passed_point
    assert result.kills > 0
