"""The portal's answers: a message is checked against the contract first, then against the portal's data."""

from __future__ import annotations

from typing import Final, cast

from mocks.engine.schema import Contract
from mocks.engine.service import Reply, Request, World, json_reply
from mocks.one_stop_shop.answers import (
    DONE,
    NO_SUCH_SERVICE,
    OFF_CONTRACT,
    WELL,
    WRONG_AGENCY,
    Refusal,
    refused,
    told,
)
from mocks.one_stop_shop.dossiers import first_step, seeded
from mocks.one_stop_shop.fields import OF_ANSWER
from mocks.one_stop_shop.ledger import Ledger
from mocks.one_stop_shop.records import Dossier, Step
from mocks.one_stop_shop.sessions import AGENCY
from mocks.services.public_service_portal.gen2 import first_generation
from mocks.services.public_service_portal.published import Published

FIRST_SEEDED: Final = "000.00.04.H58-260105-9001"
_ENVELOPE: Final = frozenset({"error_code", "message"})
WRITTEN_FIELDS: Final = _ENVELOPE
PROCEDURE_FIELDS: Final = _ENVELOPE | {
    "result", "MATTHC", "TENTTHC", "LINHVUCTHUCHIEN", "MALINHVUC", "TENLINHVUC", "COQUANTHUCHIEN", "MADONVI",
    "TENDONVI", "TRANGTHAI", "MAPHILEPHI", "TENMAUDON", "URL",
    "TRINHTUTHUCHIEN", "TRUONGHOP", "TRINHTU", "TENTRINHTU", "CACHTHUCTHUCHIEN", "KENH", "THOIGIAN",
    "THOIGIANGIAIQUYET", "DONVITINH", "MOTA", "PHILEPHI", "SOTIEN", "DONVI", "THANHPHANHOSO", "GIAYTO", "MAGIAYTO",
    "TENGIAYTO", "SOBANCHINH", "SOBANSAO", "YEUCAU", "MOTADOITUONGTHUCHIEN", "KETQUATHUCHIEN", "MAKETQUA",
    "TENKETQUA", "CANCUPHAPLY", "SOVANBAN", "TENVANBAN",
}  # fmt: skip
DOSSIER_FIELDS: Final = OF_ANSWER


class Portal:
    """Catalogue and ledger; sessions are checked before a call gets here."""

    def __init__(self, world: World, published: Published) -> None:
        self._contract = Contract(world.contract("public_service_portal/openapi.yaml"))
        self._procedures = published
        known = tuple(seeded(world, FIRST_SEEDED))
        self._ledger = Ledger(known, map(first_step, known), procedures=self._procedures)

    @property
    def ledger(self) -> Ledger:
        """Returns the dossiers and steps, which both generations have."""
        return self._ledger

    def knows(self, code: str) -> bool:
        """Returns True when the dossier was ever sent."""
        return self._ledger.find(code) is not None

    def counts(self, code: str) -> dict[str, int] | None:
        """Returns how many dossiers there are under this code, and how many messages changed something or nothing."""
        return self._ledger.counts(code)

    def list_procedures(self, request: Request) -> Reply:
        """`LayDanhSachTTHC`: all published procedures, in short form."""
        if (breach := self._breach(request, "LayDanhSachTTHC")) is not None:
            return refused(request, breach, as_text=False)
        return _read([known.brief() for known in self._procedures.all()])

    def procedure(self, request: Request) -> Reply:
        """`LayThuTuc`: one procedure by its code; an unknown code gives an empty list."""
        if (breach := self._breach(request, "LayThuTuc")) is not None:
            return refused(request, breach, as_text=False)
        known = self._procedures.find(str(request.fields["maTTHC"]))
        return _read([] if known is None else [known.whole()])

    def another_procedure(self, request: Request) -> Reply:
        """Answers about another procedure."""
        return _read([next(p.whole() for p in self._procedures.all() if p.code != request.fields.get("maTTHC"))])

    def dossier(self, request: Request) -> Reply:
        """`TraCuuHoSo`: the dossier in its last accepted form, with its steps; empty when it was never sent [C]."""
        if (breach := self._breach(request, "TraCuuHoSo")) is not None:
            return refused(request, breach, as_text=False)
        found = self._ledger.find(request.fields["mahoso"])
        return _read([] if found is None else [self._shown(found)])

    def another_dossier(self, request: Request) -> Reply:
        """Answers about another dossier."""
        return _read([self._shown(self._ledger.another(request.fields.get("mahoso")))])

    def sync(self, request: Request) -> Reply:
        """`DongBoHoSoMC`."""
        breach = self._breach(request, "DongBoHoSoMC")
        return self._synced(request, breach, request.fields.get("data"), str(request.fields.get("isUpdating")))

    def sync_by_province(self, request: Request) -> Reply:
        """`DongBoHoSoMC` at a province's own address: the body is the list, the other values are in the query [C]."""
        if not AGENCY.fullmatch(request.query.get("MaDinhDanhDV", "")):
            wrong = Refusal(WRONG_AGENCY, "Mã đơn vị không hợp lệ", "query MaDinhDanhDV: not an agency of the province")
            return refused(request, wrong, as_text=True)
        updating = request.query.get("isUpdating", "")
        if updating not in {"True", "False"}:
            wrong = Refusal(OFF_CONTRACT, "Tham số isUpdating không hợp lệ", "query isUpdating: not True or False")
            return refused(request, wrong, as_text=True)
        return self._synced(request, self._breach_of(request, "DanhSachHoSo", request.json), request.json, updating)

    def progress(self, request: Request) -> Reply:
        """`CapNhatTienDoHoSoMC`."""
        refusal = self._breach(request, "CapNhatTienDoHoSoMC")
        if refusal is None:
            ruling = self._ledger.progress(cast("list[Step]", request.fields["data"]), mode=request.repeat)
            request.decisions += ruling.decisions
            refusal = ruling.refusal
        return told(WELL, DONE, as_text=True) if refusal is None else refused(request, refusal, as_text=True)

    def unmatched(self, request: Request) -> Reply:
        """Answers a request for an unknown address or `service`."""
        if request.path.rpartition("/")[2] in {"integration", "share"} and request.method == "POST":
            wrong = Refusal(NO_SUCH_SERVICE, "Dịch vụ không tồn tại", "/service: unknown at this address")
            return refused(request, wrong, as_text=False)
        return json_reply({"error_code": NO_SUCH_SERVICE, "message": "Không tìm thấy đường dẫn"}, status=404)

    def _synced(self, request: Request, refusal: Refusal | None, data: object, updating: str) -> Reply:
        if refusal is None:
            dossiers = cast("list[Dossier]", data)
            ruling = self._ledger.sync(dossiers, updating=updating == "True", mode=request.repeat)
            request.decisions += ruling.decisions
            refusal = ruling.refusal
        return told(WELL, DONE, as_text=True) if refusal is None else refused(request, refusal, as_text=True)

    def _breach(self, request: Request, name: str) -> Refusal | None:
        return self._breach_of(request, name, request.fields)

    def _breach_of(self, request: Request, name: str, message: object) -> Refusal | None:
        schema = self._contract.named(name)
        if self._contract.fits(schema, message):
            return None
        found = [str(breach) for breach in self._contract.breaches(schema, message)]
        for breach in found[1:]:
            request.breach(breach)
        return Refusal(OFF_CONTRACT, f"Dữ liệu không hợp lệ: {found[0]}", found[0])

    def _shown(self, found: Dossier) -> dict[str, object]:
        return {**first_generation(found), "TienDo": list(self._ledger.steps(str(found["MaHoSo"])))}


def _read(result: list[dict[str, object]]) -> Reply:
    return told(WELL, DONE, as_text=False, result=result)
