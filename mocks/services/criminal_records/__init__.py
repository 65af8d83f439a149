"""Cấp Phiếu lý lịch tư pháp: dialects `lltp2024` [C], `ngsp` [G] and `ws` [S], over one register of applications."""

from __future__ import annotations

from functools import partial
from typing import Final

from mocks.engine.schema import parsed
from mocks.engine.service import Call, Reply, Request, Service, World, json_reply
from mocks.engine.tokens import TokenDesk
from mocks.services.criminal_records import certificate, lltp2024, ngsp, ws
from mocks.services.criminal_records.desk import desks
from mocks.services.criminal_records.register import Register
from mocks.services.criminal_records.samples import samples
from mocks.services.criminal_records.tries import tries

_SYSTEM: Final = "criminal_records"
_SUBMITTED: Final = "its answer is a sentence that does not name the record"


def open_service(world: World) -> Service:
    """Opens the system with the applications known from the start; applications sent to it are removed."""
    certificate.warm_up()
    desk = TokenDesk(world, _SYSTEM)
    register = Register(world)
    newer = lltp2024.Lltp2024(world, register)
    older = ngsp.Ngsp(world, register)
    received = frozenset({"idReceivedDec", "infoType", "declarationId"})
    port = ws.port(world, older, received)

    def unmatched(request: Request) -> Reply | None:
        return port.unmatched(request) if request.path == f"/criminal-records/{ws.PATH}" else None

    return Service(
        name=_SYSTEM,
        title="Cấp Phiếu lý lịch tư pháp",
        samples=partial(samples, world, register),
        tries=tries(world),
        calls=(
            *_newer_calls(newer),
            desk.call(),
            *(
                desk.guarded(
                    name=name,
                    method="POST",
                    path=f"apiLyLichTuPhap/{name}",
                    answer=answer,
                    why_no_another=why,
                    shown=received,
                    fields=fields,
                    repeat="refused" if name == ngsp.SUBMIT else None,
                )
                for name, answer, fields, why in older.calls()
            ),
            *port.calls(),
            _document(world, "lltp2024", "lltp2024/openapi.json"),
            _document(world, "ngsp", "apiLyLichTuPhap/openapi.json"),
        ),
        desks=desks(register),
        unmatched=unmatched,
    )


def _newer_calls(newer: lltp2024.Lltp2024) -> tuple[Call, ...]:
    dossier = frozenset({"maHoSoMCDT", "maTinh"})
    return (
        Call(
            name="guiHoSo",
            method="POST",
            path="lltp2024/guiHoSo",
            answer=newer.submit,
            why_no_another=_SUBMITTED,
            repeat="refused",
            shown=dossier,
            fields=lltp2024.SUBMIT_FIELDS,
        ),
        Call(
            name="nhanTrangThai",
            method="POST",
            path="lltp2024/nhanTrangThai",
            answer=newer.status,
            another=newer.another_status,
            papers=frozenset({"phieuLLTP"}),
            shown=dossier,
            fields=lltp2024.STATUS_FIELDS,
        ),
    )


def _document(world: World, dialect: str, path: str) -> Call:
    described = json_reply(parsed(world.contract(f"{_SYSTEM}/{dialect}.yaml")))

    def answer(_: Request) -> Reply:
        return described

    return Call(name="openapi", path=path, kind="document", answer=answer)
