"""Cổng Dịch vụ công quốc gia, dialect `ngsp` [C], and a province's own address for `DongBoHoSoMC` [C]."""

from __future__ import annotations

from functools import partial
from typing import Final

from mocks.engine.service import Call, Request, Service, World
from mocks.one_stop_shop.sessions import Sessions, spent_session
from mocks.services.public_service_portal.portal import DOSSIER_FIELDS, PROCEDURE_FIELDS, WRITTEN_FIELDS, Portal
from mocks.services.public_service_portal.samples import samples
from mocks.services.public_service_portal.tries import tries

_SYSTEM: Final = "public_service_portal"
_CODED: Final = "its answer is a code, which names no record"
_SHOWN: Final = frozenset({"service", "madonvi", "isUpdating", "mahoso", "maTTHC", "MaHoSo", "MaTTHC", "MaDinhDanhDV"})


def open_service(world: World) -> Service:
    """The portal with the dossiers that it knows from the start; sessions and what was sent to it are gone."""
    portal = Portal(world)
    sessions = Sessions(world, _SYSTEM)
    post = partial(Call, method="POST", shown=_SHOWN)
    reads = partial(post, authenticate=sessions.guard(as_text=False), spent=spent_session(as_text=False))
    writes = partial(
        post,
        authenticate=sessions.guard(as_text=True),
        spent=spent_session(as_text=True),
        path="integration",
        why_no_another=_CODED,
        fields=WRITTEN_FIELDS,
    )
    catalogue = [
        call
        for path in ("share", "integration")
        for call in (
            reads(
                name="LayDanhSachTTHC",
                path=path,
                match=_asks("LayDanhSachTTHC"),
                answer=portal.list_procedures,
                why_no_another="a list carries nothing by which another's would show",
                fields=PROCEDURE_FIELDS,
            ),
            reads(
                name="LayThuTuc",
                path=path,
                match=_asks("LayThuTuc"),
                answer=portal.procedure,
                another=portal.another_procedure,
                fields=PROCEDURE_FIELDS,
            ),
        )
    ]
    return Service(
        name=_SYSTEM,
        title="Cổng Dịch vụ công quốc gia",
        samples=partial(samples, world),
        tries=tries(world, portal, sessions),
        calls=(
            sessions.call("login", "auth"),
            *catalogue,
            reads(
                name="TraCuuHoSo",
                path="integration",
                match=_asks("TraCuuHoSo"),
                answer=portal.dossier,
                another=portal.another_dossier,
                fields=DOSSIER_FIELDS,
            ),
            writes(name="DongBoHoSoMC", match=_asks("DongBoHoSoMC"), answer=portal.sync),
            writes(name="CapNhatTienDoHoSoMC", match=_asks("CapNhatTienDoHoSoMC"), answer=portal.progress),
            post(
                name="SynsTTHCC.DongBoHoSoMC",
                path="api/SynsTTHCC/DongBoHoSoMC",
                answer=portal.sync_by_province,
                why_no_another=_CODED,
                fields=WRITTEN_FIELDS,
            ),
        ),
        unmatched=portal.unmatched,
    )


def _asks(service: str) -> partial[bool]:
    return partial(_is_for, service)


def _is_for(service: str, request: Request) -> bool:
    return request.fields.get("service") == service
