"""`LayDanhMucLinhVuc`, `LayDanhMucCoQuan`, `LayDanhMuc` [C]; what they answer is our assumption [S]."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Final

from mocks.engine.matching import ByField
from mocks.engine.schema import Contract
from mocks.engine.service import Call, Reply, Request, World
from mocks.one_stop_shop.answers import DONE, OFF_CONTRACT, WELL, Refusal, refused, told
from mocks.one_stop_shop.dossiers import CHANNELS, STATUSES
from mocks.one_stop_shop.procedures import procedures
from mocks.one_stop_shop.sessions import Sessions, spent_session

FIELDS: Final = frozenset({
    "error_code", "message", "result", "MALINHVUC", "TENLINHVUC", "MADONVI", "TENDONVI", "MA", "TEN",
})  # fmt: skip
_NAMED: Final[Mapping[str, Mapping[str, str]]] = {
    "TRANGTHAI": STATUSES,
    "KENH": CHANNELS,
    "LOAIDOITUONG": {"1": "citizen", "2": "enterprise"},
}


def catalogues(world: World, sessions: Sessions) -> Iterator[Call]:
    """Yields the calls, at the address of the catalogues."""
    contract = Contract(world.contract("public_service_portal/openapi.yaml"))

    def answer(name: str, request: Request) -> Reply:
        for breach in contract.breaches(contract.named(name), request.fields):
            wrong = Refusal(OFF_CONTRACT, f"Dữ liệu không hợp lệ: {breach}", str(breach))
            return refused(request, wrong, as_text=False)
        return told(WELL, DONE, as_text=False, result=list(_rows(name, request)))

    for name in ("LayDanhMucLinhVuc", "LayDanhMucCoQuan", "LayDanhMuc"):
        yield Call(
            name=name,
            method="POST",
            path="share",
            match=ByField("service", name),
            authenticate=sessions.guard(as_text=False),
            spent=spent_session(as_text=False),
            answer=partial(answer, name),
            why_no_another="a list does not identify one record",
            shown=frozenset({"service", "madonvi", "loaiDanhMuc"}),
            fields=FIELDS,
        )


def _rows(name: str, request: Request) -> Iterator[dict[str, str]]:
    if name == "LayDanhMucLinhVuc":
        for code, field in sorted({(known.field_code, known.field) for known in procedures()}):
            yield {"MALINHVUC": code, "TENLINHVUC": field}
    elif name == "LayDanhMucCoQuan":
        for code, agency in sorted({(known.agency_code, known.agency) for known in procedures()}):
            yield {"MADONVI": code, "TENDONVI": agency}
    else:
        for code, word in _NAMED[str(request.fields["loaiDanhMuc"])].items():
            yield {"MA": code, "TEN": word}
