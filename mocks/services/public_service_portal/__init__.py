"""Cổng Dịch vụ công quốc gia: dialects `ngsp`, `gen2`, `page`, and a province's own address for `DongBoHoSoMC` [C]."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from mocks.engine.decisions import Mode
from mocks.engine.matching import ByField
from mocks.engine.service import Answer, Call, Service, World
from mocks.one_stop_shop.desk import counting
from mocks.one_stop_shop.pushes import Outbox
from mocks.one_stop_shop.sessions import Sessions, spent_session
from mocks.services.public_service_portal.catalogues import catalogues
from mocks.services.public_service_portal.files import get_file
from mocks.services.public_service_portal.gen2 import Gen2
from mocks.services.public_service_portal.page import page
from mocks.services.public_service_portal.portal import DOSSIER_FIELDS, PROCEDURE_FIELDS, WRITTEN_FIELDS, Portal
from mocks.services.public_service_portal.published import Published
from mocks.services.public_service_portal.samples import samples
from mocks.services.public_service_portal.statuses import Statuses
from mocks.services.public_service_portal.tries import tries

_SYSTEM: Final = "public_service_portal"
_CODED: Final = "its answer is a code that does not name the record"
_SHOWN: Final = frozenset({"service", "madonvi", "isUpdating", "mahoso", "maTTHC", "MaHoSo", "MaTTHC", "MaDinhDanhDV"})


def open_service(world: World) -> Service:
    """Opens the portal in its start state: its own dossiers, no sessions, no received messages."""
    published = Published()
    portal = Portal(world, published)
    sessions = Sessions(world, _SYSTEM)
    outbox = Outbox(world, agency="000.00.00.G22", key=world.credential(_SYSTEM, "push_key"))
    statuses = Statuses(world, outbox)
    return Service(
        name=_SYSTEM,
        title="Cổng Dịch vụ công quốc gia",
        samples=partial(samples, world),
        tries=tries(world, portal, sessions),
        calls=(
            sessions.call("login", "auth"),
            *_reads(portal, sessions),
            *_writes(portal, sessions),
            *catalogues(world, sessions),
            statuses.call(sessions),
            get_file(world, outbox, sessions),
            page(world, published),
            *Gen2(world, portal.ledger).calls(),
            Call(
                name="SynsTTHCC.DongBoHoSoMC",
                method="POST",
                path="api/SynsTTHCC/DongBoHoSoMC",
                answer=portal.sync_by_province,
                repeat="refused",
                why_no_another=_CODED,
                shown=_SHOWN,
                fields=WRITTEN_FIELDS,
            ),
        ),
        desks={"dossiers": {"GET": counting(portal.counts)}, "procedures": published.desk()},
        pushes={kind: make for kind, make in outbox.pushes().items() if kind != "result"},
        unmatched=portal.unmatched,
    )


def _reads(portal: Portal, sessions: Sessions) -> Iterator[Call]:
    read = partial(
        Call,
        method="POST",
        authenticate=sessions.guard(as_text=False),
        spent=spent_session(as_text=False),
        shown=_SHOWN,
    )
    for path in ("share", "integration"):
        yield read(
            name="LayDanhSachTTHC",
            path=path,
            match=ByField("service", "LayDanhSachTTHC"),
            answer=portal.list_procedures,
            why_no_another="a list does not identify one record",
            fields=PROCEDURE_FIELDS,
        )
        yield read(
            name="LayThuTuc",
            path=path,
            match=ByField("service", "LayThuTuc"),
            answer=portal.procedure,
            another=portal.another_procedure,
            fields=PROCEDURE_FIELDS,
        )
    yield read(
        name="TraCuuHoSo",
        path="integration",
        match=ByField("service", "TraCuuHoSo"),
        answer=portal.dossier,
        another=portal.another_dossier,
        fields=DOSSIER_FIELDS,
    )


def _writes(portal: Portal, sessions: Sessions) -> Iterator[Call]:
    writes: tuple[tuple[str, Answer, Mode], ...] = (
        ("DongBoHoSoMC", portal.sync, "refused"),
        ("CapNhatTienDoHoSoMC", portal.progress, "same"),
    )
    for name, answer, repeat in writes:
        yield Call(
            name=name,
            method="POST",
            path="integration",
            match=ByField("service", name),
            authenticate=sessions.guard(as_text=True),
            spent=spent_session(as_text=True),
            answer=answer,
            repeat=repeat,
            why_no_another=_CODED,
            shown=_SHOWN,
            fields=WRITTEN_FIELDS,
        )
