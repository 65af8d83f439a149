"""The portal's second generation, dialect `gen2`: three addresses, a bare list each, sentences that decide [C].

It has the same dossiers as the first generation. Nobody logs in; the road lets callers in.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final, cast

from mocks.engine.decisions import Decision, fingerprint
from mocks.engine.schema import Contract
from mocks.engine.service import Answer, Call, Reply, Request, World, json_reply
from mocks.one_stop_shop.answers import OFF_CONTRACT, Refusal
from mocks.one_stop_shop.fields import OF_DOSSIER
from mocks.one_stop_shop.ledger import Ledger
from mocks.one_stop_shop.records import Dossier, Step
from mocks.one_stop_shop.sessions import AGENCY

ADDED: Final = "Thêm mới hồ sơ thành công"
UPDATED: Final = unicodedata.normalize("NFD", "Cập nhật hồ sơ Thành Công")
"""With capitals and in parts: a reader that compares letter by letter does not find "thành công" in it."""
REPORTED: Final = "Cập nhật tiến trình thành công"
HAD: Final = "Hồ sơ đã tồn tại trên hệ thống"
NOT_FIRST: Final = "Tiến trình đầu tiên phải là tiếp nhận hồ sơ"
TOO_MANY: Final = "Danh sách vượt quá 10 tiến trình"
WELL: Final = "0"
REFUSED: Final = "3"
WRONG: Final = "-3"
MOST_STEPS: Final = 10
FIRST_STATUS: Final = "2"
GEN2_FIELDS: Final = frozenset({"error_code", "message", "MaHoSo"})
NEWER: Final = frozenset({
    "SoGiayToChuHoSo", "DinhDanhCHS", "NoiNopHoSo", "HoSoCoThanhPhanSoHoa", "TaiKhoanDuocXacThucVoiVNeID",
    "DuocThanhToanTrucTuyen", "NgayTuChoi", "NgayNopHoSo", "DSKetNoiCSDL",
})  # fmt: skip
"""Fields of a dossier that the first generation does not have [C]; within its rows there are more."""
_NEWER_IN_ROWS: Final = frozenset({
    "DuocSoHoa", "DuocTaiSuDung", "DuocLayTuKhoDMQG", "MaKetQuaThayThe", "MaGiayToKetQua",
})  # fmt: skip
_CODED: Final = "its answer is a sentence that does not name the record"
_SHOWN: Final = frozenset({"MaHoSo", "MaTTHC", "TrangThaiHoSo", "TrangThai"})


def first_generation(dossier: Mapping[str, object]) -> Dossier:
    """Returns a dossier as the first generation shows it: without the newer fields."""
    found: Dossier = {name: dossier[name] for name in OF_DOSSIER if name in dossier}
    for name, value in found.items():
        if isinstance(value, list):
            found[name] = [{field: said for field, said in row.items() if field not in _NEWER_IN_ROWS} for row in value]
    return found


class Gen2:
    """The three addresses over the ledger of the portal."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._contract = Contract(world.contract("public_service_portal/gen2.yaml"))
        self._ledger = ledger

    def calls(self) -> Iterator[Call]:
        """Yields the calls; names and paths are our assumption [S]."""
        for name, path, answer, repeat in (
            ("ThemMoiHoSo", "them-moi", self._add, "refused"),
            ("CapNhatHoSo", "cap-nhat", self._update, "overwrites"),
            ("DongBoTienTrinh", "dong-bo-tien-trinh", self._progress, "same"),
        ):
            yield Call(
                name=name,
                method="POST",
                path=f"gen2/{path}",
                answer=cast("Answer", answer),
                repeat=repeat,  # type: ignore[arg-type]
                why_no_another=_CODED,
                shown=_SHOWN,
                fields=GEN2_FIELDS,
            )

    def _add(self, request: Request) -> Reply:
        return self._synced(request, updating=False)

    def _update(self, request: Request) -> Reply:
        return self._synced(request, updating=True)

    def _synced(self, request: Request, *, updating: bool) -> Reply:
        wrong = self._breach(request, "DanhSachHoSo")
        if wrong is not None:
            return wrong
        dossiers = cast("list[Dossier]", request.json)
        ruling = self._ledger.sync(dossiers, updating=updating, mode=request.repeat)
        request.decisions += ruling.decisions
        if ruling.refusal is None:
            return _said(WELL, UPDATED if updating else ADDED)
        request.breach(ruling.refusal.breach)
        return _said(REFUSED, HAD if self._had(dossiers, updating=updating) else ruling.refusal.message)

    def _had(self, dossiers: list[Dossier], *, updating: bool) -> bool:
        return not updating and any(dossier["MaHoSo"] in self._ledger for dossier in dossiers)

    def _progress(self, request: Request) -> Reply:
        """Takes each step by itself, and answers each [S]."""
        wrong = self._breach(request, "DanhSachTienTrinh")
        if wrong is not None:
            return wrong
        steps = cast("list[Step]", request.json)
        if len(steps) > MOST_STEPS:
            request.breach(f"body: {len(steps)} steps, at most {MOST_STEPS}")
            return _said(WRONG, TOO_MANY)
        return json_reply([self._reported(request, step) for step in steps])

    def _reported(self, request: Request, step: Step) -> dict[str, object]:
        code = str(step["MaHoSo"])
        refusal = self._too_early(code, step)
        if refusal is not None:
            request.decisions += (Decision("refused", code, None, fingerprint(step), REFUSED),)
        else:
            ruling = self._ledger.progress([step], mode=request.repeat)
            request.decisions += ruling.decisions
            refusal = ruling.refusal
        if refusal is None:
            return {"MaHoSo": code, "error_code": WELL, "message": REPORTED}
        request.breach(refusal.breach)
        return {"MaHoSo": code, "error_code": REFUSED, "message": refusal.message}

    def _too_early(self, code: str, step: Step) -> Refusal | None:
        """The first step says that the dossier was received [C]; that another is refused is our assumption [S]."""
        if code not in self._ledger or self._ledger.steps(code) or step["TrangThai"] == FIRST_STATUS:
            return None
        return Refusal(OFF_CONTRACT, NOT_FIRST, f"TrangThai: the first step of {code} is not {FIRST_STATUS}")

    def _breach(self, request: Request, name: str) -> Reply | None:
        schema = self._contract.named(name)
        found = [str(breach) for breach in self._contract.breaches(schema, request.json)]
        rows = request.json if isinstance(request.json, list) else []
        codes = [str(row.get("MaHoSo")) for row in rows if isinstance(row, dict)]
        foreign = [code for code in codes if not AGENCY.match(code)]
        if not found and not foreign:
            return None
        for breach in found or [f"MaHoSo: {foreign[0]} does not begin with an agency of the province"]:
            request.breach(breach)
        return _said(WRONG, f"Dữ liệu không hợp lệ: {found[0]}" if found else "Mã hồ sơ không thuộc đơn vị")


def _said(code: str, message: str) -> Reply:
    return json_reply({"error_code": code, "message": message})
