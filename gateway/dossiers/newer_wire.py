"""Fields of a dossier that generations after the first have, in their spelling [C].

A value that is not said is an empty text, as of the fields before them [S].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, cast

from gateway.dossiers.model import Document, DossierBody, ResultPaper, Subject
from gateway.dossiers.wire import instant

PLACES: Final[Mapping[str, str]] = {"national_portal": "1", "own_system": "2"}
"""``NoiNopHoSo`` [C]."""
PAYMENTS: Final[Mapping[str, str]] = {"none": "0", "national_platform": "1", "own_platform": "2", "other": "3"}
"""``DuocThanhToanTrucTuyen``: the numbers are [C], what 0 and 3 mean is our assumption [S]."""
REUSES: Final[Mapping[str, str]] = {"no": "0", "reused": "1", "from_result": "2"}
"""``DuocTaiSuDung``: the numbers are [C], what they mean is our assumption [S]."""
IDENTITIES: Final[Mapping[str, str]] = {"citizen_id": "1", "old_identity_card": "2"}
"""``LoaiDinhDanh`` [C]."""


def with_newer_fields(fields: Mapping[str, object], dossier: DossierBody) -> dict[str, object]:
    """*fields*, which are those of the first generation for *dossier*, and the newer ones."""
    subject = dossier.subject or Subject()
    return {
        **fields,
        "SoGiayToChuHoSo": subject.document_number or "",
        "DinhDanhCHS": [
            {"LoaiDinhDanh": IDENTITIES[identity.kind], "SoDinhDanh": identity.number}
            for identity in subject.identities
        ],
        "NoiNopHoSo": _of(PLACES, dossier.submitted_to),
        "HoSoCoThanhPhanSoHoa": _yes(dossier.digitised),
        "TaiKhoanDuocXacThucVoiVNeID": _yes(dossier.vneid_verified),
        "DuocThanhToanTrucTuyen": _of(PAYMENTS, dossier.online_payment),
        "NgayTuChoi": instant(dossier.refused_at),
        "NgayNopHoSo": instant(dossier.submitted_at),
        "DSKetNoiCSDL": [{"MaCSDL": code} for code in dossier.databases],
        "TaiLieuNop": _beside(fields["TaiLieuNop"], list(map(_document, dossier.documents))),
        "DanhSachGiayToKetQua": _beside(fields["DanhSachGiayToKetQua"], list(map(_result, dossier.results))),
    }


def _document(file: Document) -> dict[str, str]:
    return {
        "DuocSoHoa": _yes(file.digitised),
        "DuocTaiSuDung": _of(REUSES, file.reuse),
        "DuocLayTuKhoDMQG": _yes(file.from_national_store),
        "MaKetQuaThayThe": file.replaced_by or "",
    }


def _result(paper: ResultPaper) -> dict[str, str]:
    return {"MaGiayToKetQua": paper.code or ""}


def _beside(rows: object, more: Sequence[Mapping[str, str]]) -> list[dict[str, object]]:
    """Each row with its newer fields."""
    known = cast("list[Mapping[str, object]]", rows)
    return [{**row, **newer} for row, newer in zip(known, more, strict=True)]


def _of(table: Mapping[str, str], said: str | None) -> str:
    return "" if said is None else table[said]


def _yes(said: bool | None) -> str:
    return "" if said is None else str(int(said))
