"""Dossiers to send to ministries, steps to report, and dossiers that the ministries know."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from mocks.engine.clock import HANOI
from mocks.engine.service import Sample, World
from mocks.one_stop_shop.dossiers import applicants, dossier, procedure_for, seeded, step
from mocks.one_stop_shop.records import Dossier, Step
from mocks.one_stop_shop.uniform import dossier_body, progress_body
from mocks.services.ministry_portals.ministry import Entry

_RECEIVED: Final = datetime(2026, 1, 6, 9, 15, tzinfo=HANOI)


def samples(world: World, ministries: Sequence[Entry]) -> dict[str, list[Sample]]:
    """Returns the samples by gateway operation; the same on every day."""
    lookups: list[Sample] = []
    absent: list[Sample] = []
    steps: list[Sample] = []
    for entry in ministries:
        known = list(seeded(world, entry.first_seeded))
        lookups += [{"path": _path(entry, held), "note": f"state {held['TrangThaiHoSo']}"} for held in known[:10]]
        absent.append(
            {
                "path": {"ministry": entry.slug, "dossier_code": f"000.00.04.H58-260105-99{len(absent) + 11}"},
                "exists": False,
                "note": "never sent",
            }
        )
        steps += [
            {
                "path": _path(entry, done),
                "body": progress_body(done),
                "headers": {"Idempotency-Key": f"sample-{code}-1"},
                "note": entry.dialect,
            }
            for code, done in known_steps(world, entry).items()
        ]
    return {
        "ministry_portals.send_dossier": [
            {
                "path": _path(entry, sent),
                "body": dossier_body(sent),
                "headers": {"Idempotency-Key": f"sample-{sent['MaHoSo']}"},
                "note": entry.dialect,
            }
            for entry in ministries
            for sent in orders(world, entry).values()
        ],
        "ministry_portals.report_progress": steps,
        "ministry_portals.dossier": [*lookups[1:], *absent, lookups[0]],
        "ministry_portals.acknowledge": [
            {"path": {"ministry": entry.slug}, "body": {"message_ids": [f"HOSO-{entry.agency}-260105-0001"]}}
            for entry in ministries
        ],
        "ministry_portals.incoming": [
            {"path": {"ministry": entry.slug}, "note": "what was not acknowledged"} for entry in ministries
        ],
    }


def orders(world: World, entry: Entry) -> Mapping[str, Dossier]:
    """Returns dossiers that were not sent yet, by code."""
    first = int(entry.first_seeded.rpartition("-")[2]) + 50
    found = {}
    for number, applicant in enumerate(islice(applicants(world), 30, 33), first):
        code = f"000.00.04.H58-260106-{number}"
        found[code] = dossier(code, applicant, procedure_for(applicant, number), "2", _RECEIVED)
    return found


def known_steps(world: World, entry: Entry) -> Mapping[str, Step]:
    """Returns a next step for some dossiers that the ministry knows, by code."""
    known = islice(seeded(world, entry.first_seeded), 3)
    return {str(held["MaHoSo"]): step(held, _RECEIVED + timedelta(days=30), "4") for held in known}


def _path(entry: Entry, held: Mapping[str, object]) -> dict[str, object]:
    return {"ministry": entry.slug, "dossier_code": held["MaHoSo"]}
