"""Upstreams of the portal, whole dossiers and steps, and answers about them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from gateway.connectors.public_service_portal.ngsp import NGSP
from gateway.connectors.public_service_portal.ngsp.login import NgspSettings
from gateway.connectors.public_service_portal.operations import DOSSIER, STEP
from gateway.core.call import Call
from gateway.dossiers.model import DossierBody, StepBody
from gateway.testing import FakeClock, FakeUpstream
from gateway.testing.upstream import Script

CODE: Final = str(DOSSIER["dossier_code"])
NOW: Final = datetime(2026, 11, 27, 3, tzinfo=UTC)
ACCOUNT: Final[dict[str, Any]] = {
    "url": "http://portal.test",
    "username": "tinh",
    "password": "published",
    "agency": "000.00.01.H58",
    "dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider",
}
SETTINGS: Final = NgspSettings.model_validate(ACCOUNT)
WELL: Final = {"error_code": "00", "message": "Thành công"}
NONE: Final = {"error_code": 0, "message": "Thành công", "result": []}


def portal(script: Script, *, call: Call | None = None, settings: NgspSettings = SETTINGS) -> FakeUpstream:
    """The portal, which answers what *script* says."""
    return FakeUpstream(NGSP, settings, script, call=call, clock=FakeClock(NOW))


def dossier(**changes: object) -> DossierBody:
    """A whole dossier with *changes*, as it comes by JSON."""
    return DossierBody.model_validate_json(json.dumps({**DOSSIER, **changes}), strict=True)


def step(**changes: object) -> StepBody:
    """The same of a step."""
    return StepBody.model_validate_json(json.dumps({**STEP, "dossier_code": CODE, **changes}), strict=True)


def known(*rows: dict[str, Any], **changes: object) -> dict[str, Any]:
    """The portal's answer about the dossier, with its steps *rows*."""
    found = {"MaHoSo": CODE, "MaTTHC": "9.000101.000.00.00.H58", "TrangThaiHoSo": "2", "TienDo": list(rows), **changes}
    return {"error_code": 0, "message": "Thành công", "result": [found]}


def services(up: FakeUpstream) -> Sequence[object]:
    """The services that were called, in order."""
    return [exchange.json["service"] for exchange in up.rest if isinstance(exchange.json, dict)]
