"""Ministries that answer what a test says."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gateway.connectors.ministry_portals.birth_death import BIRTH_DEATH
from gateway.connectors.ministry_portals.birth_death.login import BirthDeathSettings
from gateway.connectors.ministry_portals.model import MinistryDossier, MinistryStep
from gateway.connectors.ministry_portals.operations import DOSSIER, STEP
from gateway.connectors.ministry_portals.rest import REST
from gateway.connectors.ministry_portals.rest.login import RestSettings
from gateway.connectors.ministry_portals.transport import TRANSPORT
from gateway.connectors.ministry_portals.transport.translate import TransportSettings
from gateway.testing import FakeClock, FakeUpstream

NOW: Final = datetime(2026, 3, 2, 3, 0, tzinfo=UTC)
CODE: Final = "000.00.04.H58-260106-9351"
ACCOUNT: Final[Mapping[str, Any]] = {
    "url": "https://ministry.example",
    "username": "tinh",
    "password": "published",
    "agency": "000.00.01.H58",
}
OWN_NAMES: Final = {"MaDoiTuong": "SoDinhDanh", "NguoiXuLy": "CanBoThuLy", "TrangThaiHoSo": "TinhTrang"}
WELL: Final = {"error_code": "00", "message": "Thành công"}
NONE: Final = {"error_code": 0, "message": "Thành công", "result": []}


def portal(script: Any, **more: Any) -> FakeUpstream:
    """A ministry of dialect ``rest``."""
    return FakeUpstream(REST, RestSettings.model_validate({**ACCOUNT, **more}), script, clock=FakeClock(NOW))


def transport(script: Any, **more: Any) -> FakeUpstream:
    """The transport ministry."""
    account = {"url": "https://ministry.example", "access_key": "the-key", "agency": "000.00.01.H58", **more}
    return FakeUpstream(TRANSPORT, TransportSettings.model_validate(account), script, clock=FakeClock(NOW))


def births(script: Any, **more: Any) -> FakeUpstream:
    """The joint service for births and deaths."""
    return FakeUpstream(
        BIRTH_DEATH, BirthDeathSettings.model_validate({**ACCOUNT, **more}), script, clock=FakeClock(NOW)
    )


def dossier(**changes: object) -> MinistryDossier:
    """A whole dossier with *changes*, as it comes by JSON."""
    return MinistryDossier.model_validate_json(json.dumps({**DOSSIER, **changes}), strict=True)


def step(**changes: object) -> MinistryStep:
    """The same of a step."""
    return MinistryStep.model_validate_json(json.dumps({**STEP, "dossier_code": CODE, **changes}), strict=True)


def sent(up: FakeUpstream, place: int = -1) -> dict[str, Any]:
    """The body that was sent."""
    found = up.rest[place].json
    assert isinstance(found, dict)
    return found
