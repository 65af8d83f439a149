"""Complete dossiers to send, steps to report, and dossiers that the portal knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from mocks.engine.clock import HANOI
from mocks.engine.service import Sample, World
from mocks.one_stop_shop.dossiers import applicants, dossier, instant, procedure_for, seeded, step
from mocks.one_stop_shop.procedures import procedures
from mocks.one_stop_shop.records import Dossier, Step
from mocks.one_stop_shop.uniform import dossier_body, progress_body, status_body
from mocks.services.public_service_portal.portal import FIRST_SEEDED
from mocks.services.public_service_portal.statuses import PUSHED_BEFORE

_FRESH: Final = "000.00.04.H58-260106-{:04d}"
_UNKNOWN: Final = ("000.00.04.H58-260105-9901", "000.00.04.H58-260105-9902")
_RECEIVED: Final = datetime(2026, 1, 6, 9, 15, tzinfo=HANOI)


def samples(world: World) -> dict[str, list[Sample]]:
    """Returns the samples by gateway operation; the same on every day."""
    known = list(seeded(world, FIRST_SEEDED))
    return {
        "public_service_portal.sync_dossier": [
            {
                "path": {"dossier_code": code},
                "body": dossier_body(sent),
                "headers": {"Idempotency-Key": f"sample-{code}"},
                "note": "a citizen's" if sent["LoaiDoiTuong"] == "1" else "an enterprise's",
            }
            for code, sent in orders(world).items()
        ],
        "public_service_portal.preflight": [
            {"path": {"dossier_code": code}, "body": dossier_body(sent), "note": "its points, before it is sent"}
            for code, sent in orders(world).items()
        ],
        "public_service_portal.report_progress": [
            {
                "path": {"dossier_code": code},
                "body": progress_body(done),
                "headers": {"Idempotency-Key": f"sample-{code}-1"},
                "note": "the portal knows the dossier",
            }
            for code, done in known_steps(world).items()
        ],
        "public_service_portal.report_status": [
            {
                "path": {"dossier_code": code},
                "body": status_body(status),
                "headers": {"Idempotency-Key": f"sample-{code}-status"},
                "note": "the portal had pushed the dossier",
            }
            for code, status in statuses().items()
        ],
        "public_service_portal.dossier_sync": [
            *(_lookup(held["MaHoSo"], f"state {held['TrangThaiHoSo']}") for held in known),
            *({**_lookup(code, "never sent"), "exists": False} for code in _UNKNOWN),
            _lookup(known[3]["MaHoSo"], "plain"),
        ],
        "public_service_portal.procedures": [
            {"query": {}, "note": "all published procedures"},
            {"query": {"q": "dang ky"}, "note": "by words, without diacritics"},
            {"query": {"code": procedures()[7].code}, "note": "one, with all that is said of it"},
        ],
    }


def orders(world: World) -> dict[str, Dossier]:
    """Returns dossiers that were not sent yet, by code."""
    found = {}
    for number, applicant in enumerate(islice(applicants(world), 20, 26), 9101):
        code = _FRESH.format(number)
        found[code] = dossier(code, applicant, procedure_for(applicant, number), "2", _RECEIVED)
    return found


def known_steps(world: World) -> dict[str, Step]:
    """Returns a next step for some dossiers that the portal knows, by code."""
    known = islice(seeded(world, FIRST_SEEDED), 5)
    return {str(held["MaHoSo"]): step(held, _RECEIVED + timedelta(days=30), "4") for held in known}


def statuses() -> dict[str, dict[str, object]]:
    """Returns a status for each dossier that the portal had pushed, by the province's code."""
    return {
        _FRESH.format(number): {
            "MaHoSo": national,
            "MaHoSoDonVi": _FRESH.format(number),
            "TrangThai": "4",
            "MaDoiTuong": "",
            "NoiDung": "Đang xử lý hồ sơ",
            "NgayXuLy": instant(_RECEIVED),
            "TaiLieuXuLy": [],
        }
        for number, national in enumerate(PUSHED_BEFORE, 9201)
    }


def _lookup(code: object, note: str) -> Sample:
    return {"path": {"dossier_code": code}, "note": note}
