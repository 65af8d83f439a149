"""Complete dossiers to send, steps to report, and dossiers that the portal knows."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from mocks.engine.clock import HANOI
from mocks.engine.service import Sample, World
from mocks.one_stop_shop.dossiers import applicants, dossier, procedure_for, seeded, step
from mocks.one_stop_shop.records import Dossier, Step
from mocks.one_stop_shop.uniform import dossier_body, progress_body
from mocks.services.public_service_portal.portal import FIRST_SEEDED

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
        "public_service_portal.report_progress": [
            {
                "path": {"dossier_code": code},
                "body": progress_body(done),
                "headers": {"Idempotency-Key": f"sample-{code}-1"},
                "note": "the portal knows the dossier",
            }
            for code, done in known_steps(world).items()
        ],
        "public_service_portal.dossier_sync": [
            *(_lookup(held["MaHoSo"], f"state {held['TrangThaiHoSo']}") for held in known),
            *({**_lookup(code, "never sent"), "exists": False} for code in _UNKNOWN),
            _lookup(known[3]["MaHoSo"], "plain"),
        ],
        "public_service_portal.procedures": [{"query": {}, "note": "all published procedures"}],
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


def _lookup(code: object, note: str) -> Sample:
    return {"path": {"dossier_code": code}, "note": note}
