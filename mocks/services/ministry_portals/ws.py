"""Dialect `ws`: the same calls as SOAP 1.2 with WS-Security, with the national portal's field names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final, cast

from mocks.engine.decisions import Mode
from mocks.engine.schema import Contract
from mocks.engine.service import Request, World
from mocks.engine.soap12 import Message, Operation, Port
from mocks.engine.wssecurity import UsernameTokens
from mocks.one_stop_shop.answers import DONE, OFF_CONTRACT, WELL, WRONG_AGENCY, Refusal
from mocks.one_stop_shop.ledger import Ruling
from mocks.one_stop_shop.records import Dossier, Step
from mocks.one_stop_shop.sessions import AGENCY
from mocks.services.ministry_portals.ministry import Ministry
from mocks.services.ministry_portals.rest import PAGE

_NAMESPACE: Final = "urn:vn:gov:moh:dvc:ws:1"
_TEXT: Final[Mapping[str, Any]] = {"type": "string", "minLength": 1}
REPEATS: Final[Mapping[str, Mode]] = {"DongBoHoSoMC": "refused", "CapNhatTienDoHoSoMC": "same"}
"""The effect of a repeated message, by operation [S]."""
_CODED: Final = "its answer is a code that does not name the record"
_MANY: Final = "it answers with the waiting messages, not about one record"


def _message(required: tuple[str, ...] = (), **properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        "type": "object",
        "required": ("madonvi", *required),
        "properties": {"madonvi": _TEXT, **properties},
    }


def _rows_of(name: str) -> Mapping[str, Any]:
    return {"type": "array", "minItems": 1, "items": {"$ref": f"#/components/schemas/{name}"}}


ASKED: Final[Mapping[str, Mapping[str, Any]]] = {
    "TraCuuHoSo": _message(("mahoso",), mahoso=_TEXT),
    "DongBoHoSoMC": _message(
        ("isUpdating", "data"), isUpdating={"type": "string", "enum": ("True", "False")}, data=_rows_of("HoSo")
    ),
    "CapNhatTienDoHoSoMC": _message(("data",), data=_rows_of("TienDo")),
    "LayHoSoGuiTinh": _message(soLuong={"type": "string", "pattern": "^([1-9][0-9]?|100)$"}),
    "XacNhanHoSoGuiTinh": _message(("MaThongDiep",), MaThongDiep={"type": "array", "minItems": 1, "items": _TEXT}),
}
"""The schema of each message; dossiers and steps are those of the national portal's contract."""


def port(world: World, ministry: Ministry, fields: frozenset[str]) -> Port:
    """Returns the port; faults and journal name its operations `<ministry>.<operation>`."""
    slug = ministry.entry.slug
    contract = Contract(world.contract("public_service_portal/openapi.yaml"))
    rules = _Rules(ministry, contract)
    answers: Mapping[str, Callable[[Request, Message], Message]] = {
        "TraCuuHoSo": rules.find,
        "DongBoHoSoMC": rules.sync,
        "CapNhatTienDoHoSoMC": rules.progress,
        "LayHoSoGuiTinh": rules.waiting,
        "XacNhanHoSoGuiTinh": rules.acknowledge,
    }
    return Port(
        world=world,
        folder="ministry_portals",
        prefix="/ministry-portals",
        path=f"{slug}/ws",
        namespace=_NAMESPACE,
        tokens=UsernameTokens(world, "ministry_portals", account=f"{slug}_"),
        contract=contract,
        named=f"{slug}.",
        operations=tuple(
            Operation(
                name=name,
                asked=ASKED[name],
                answer=partial(rules.held, name, answer),
                repeat=REPEATS.get(name),
                another=rules.another if name == "TraCuuHoSo" else None,
                why_no_another=_MANY if name == "LayHoSoGuiTinh" else _CODED,
                shown=frozenset({"madonvi", "isUpdating", "mahoso", "soLuong", "MaHoSo", "MaTTHC", "MaThongDiep"}),
                fields=fields,
            )
            for name, answer in answers.items()
        ),
    )


class _Rules:
    """The functions that answer the operations."""

    def __init__(self, ministry: Ministry, contract: Contract) -> None:
        self._ministry = ministry
        self._contract = contract

    def held(
        self, name: str, answer: Callable[[Request, Message], Message], request: Request, message: Message
    ) -> Message:
        if not self._contract.fits(ASKED[name], message):
            found = [str(breach) for breach in self._contract.breaches(ASKED[name], message)]
            for breach in found[1:]:
                request.breach(breach)
            return _coded(request, Refusal(OFF_CONTRACT, f"Dữ liệu không hợp lệ: {found[0]}", found[0]))
        if not AGENCY.fullmatch(str(message["madonvi"])):
            return _coded(
                request, Refusal(WRONG_AGENCY, "Mã đơn vị không hợp lệ", "/madonvi: not an agency of this account")
            )
        return answer(request, message)

    def find(self, _: Request, message: Message) -> Message:
        return {**_well(), "result": self._ministry.find(message["mahoso"])}

    def another(self, _: Request, message: Message) -> Message:
        return {**_well(), "result": self._ministry.another(message.get("mahoso"))}

    def sync(self, request: Request, message: Message) -> Message:
        dossiers = cast("list[Dossier]", message["data"])
        updating = message["isUpdating"] == "True"
        return _ruled(request, self._ministry.sync(dossiers, updating=updating, mode=request.repeat))

    def progress(self, request: Request, message: Message) -> Message:
        return _ruled(request, self._ministry.progress(cast("list[Step]", message["data"]), mode=request.repeat))

    def waiting(self, _: Request, message: Message) -> Message:
        found, more = self._ministry.waiting(int(str(message.get("soLuong", PAGE))))
        return {**_well(), "result": [notice.written() for notice in found], "ConLai": more}

    def acknowledge(self, request: Request, message: Message) -> Message:
        return _coded(request, self._ministry.acknowledge(cast("list[object]", message["MaThongDiep"])))


def _well() -> Message:
    return {"error_code": f"{WELL:02d}", "message": DONE}


def _ruled(request: Request, ruling: Ruling) -> Message:
    request.decisions += ruling.decisions
    return _coded(request, ruling.refusal)


def _coded(request: Request, refusal: Refusal | None) -> Message:
    if refusal is None:
        return _well()
    request.breach(refusal.breach)
    return {"error_code": f"{refusal.code:02d}", "message": refusal.message}
