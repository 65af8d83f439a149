"""Turns a sample into a request for the page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mocks.engine.service import Ask, Try, World, json_ask
from mocks.one_stop_shop.sessions import Sessions
from mocks.services.public_service_portal.portal import Portal
from mocks.services.public_service_portal.samples import known_steps, orders, statuses


def tries(world: World, portal: Portal, sessions: Sessions) -> Mapping[str, Try]:
    """Returns the functions by gateway operation; each request gets a new session."""
    dossiers, steps, reports = orders(world), known_steps(world), statuses()

    def ask(service: str, path: str = "integration", **more: object) -> Ask:
        envelope = {"session": sessions.open(), "madonvi": "000.00.01.H58", "service": service}
        return json_ask(path, {**envelope, **more}, headers={})

    def sync(sample: Mapping[str, Any]) -> Ask:
        code = sample["path"]["dossier_code"]
        return ask("DongBoHoSoMC", isUpdating=str(portal.knows(code)), data=[dossiers[code]])

    return {
        "public_service_portal.sync_dossier": sync,
        "public_service_portal.report_progress": lambda sample: ask(
            "CapNhatTienDoHoSoMC", data=[steps[sample["path"]["dossier_code"]]]
        ),
        "public_service_portal.report_status": lambda sample: ask(
            "DongBoTrangThaiHoSo", type="2", data=[reports[sample["path"]["dossier_code"]]]
        ),
        "public_service_portal.dossier_sync": lambda sample: ask("TraCuuHoSo", mahoso=sample["path"]["dossier_code"]),
        "public_service_portal.procedures": lambda sample: (
            ask("LayThuTuc", path="share", maTTHC=sample["query"]["code"])
            if "code" in sample["query"]
            else ask("LayDanhSachTTHC", path="share")
        ),
    }
