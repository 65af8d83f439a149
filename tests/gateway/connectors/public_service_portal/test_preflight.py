"""The points of a dossier before it is sent."""

from __future__ import annotations

import pytest

from gateway.connectors.public_service_portal.ngsp import calls
from gateway.connectors.public_service_portal.ngsp.login import NgspSettings
from gateway.core.problems import InvalidRequest
from tests.gateway.connectors.public_service_portal.support import ACCOUNT, dossier, portal


async def test_lost_points_are_named_and_nobody_is_asked() -> None:
    """A dossier at the counter is not one that was filed online."""
    up = portal({})

    found = await calls.preflight(dossier(channel="counter"), up)

    verdicts = {point.name: point for point in found.points}
    assert found.lost > 0
    assert not found.complete
    assert verdicts["online"].verdict == "lost"
    assert "/channel" in verdicts["online"].fields
    assert up.rest == []


async def test_local_status_counts_as_the_status_that_it_stands_for() -> None:
    """The table of the configuration says which."""
    settings = NgspSettings.model_validate({**ACCOUNT, "codes": {"statuses": {"XONG": "finished"}}})

    ours = await calls.preflight(dossier(status="XONG"), portal({}, settings=settings))
    theirs = await calls.preflight(dossier(status="finished"), portal({}))

    assert ours.points == theirs.points


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [({"status": "da_nhan"}, "/status"), ({"due_at": "2025-01-08T17:00:00+07:00"}, "/due_at")],
)
async def test_dossier_that_cannot_be_so_is_refused(changes: dict[str, object], pointer: str) -> None:
    """With the pointer of the field."""
    with pytest.raises(InvalidRequest) as met:
        await calls.preflight(dossier(**changes), portal({}))
    assert [error.pointer for error in met.value.errors] == [pointer]


async def test_fields_that_this_generation_does_not_carry_may_be_given() -> None:
    """They cost nothing to look at, and tell what a newer generation would count."""
    found = await calls.preflight(dossier(vneid_verified=True), portal({}))

    assert {point.name: point.verdict for point in found.points}["identified"] == "kept"
