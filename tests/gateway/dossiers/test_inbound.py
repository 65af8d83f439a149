"""What portals push becomes the uniform model, or a list of the fields that are wrong."""

from __future__ import annotations

import copy
from datetime import UTC, date, datetime
from typing import Any, Final

import pytest
from pydantic import ValidationError

from gateway.core.inbound import InboundKind
from gateway.dossiers.inbound import DOSSIER, RESULT, SUPPLEMENT, TAX_NOTICE
from tests.support.pusher import PDF, encoded, new_dossier, supplement, tax_notice

RESULT_SENT: Final = {"MaHoSo": "K-1", "TrangThaiHoSo": 9, "DanhSachGiayToKetQua": [{"TenTepDinhKem": "a.pdf"}]}
FULL_NOTICE: Final = tax_notice(HanNop="31/12/2026", TaiLieuNop=[{"DuongDan": "/a"}])
KINDS: Final[list[tuple[InboundKind, dict[str, Any]]]] = [
    (DOSSIER, new_dossier(Email="", DiaChi=None)),
    (SUPPLEMENT, supplement(MaHoSo="A-1", TenTepDangKy="t.pdf", URLTepDangKy="/t")),
    (TAX_NOTICE, FULL_NOTICE),
    (RESULT, RESULT_SENT),
]
ODD: Final[tuple[Any, ...]] = (
    *(None, "", " ", 0, -1, 1.5, 1e300, 10**40, True, [], [[]], [None], [1], {}, {"a": 1}, "x" * 20_000, "\u0110"),
    *("0" * 14, "99999999999999", "2026-13-45", "0001-01-01", "-5", "1,5", "null"),
    *([{}], [{"Base64": 5}], [{"Base64": "\u00e9"}]),
)


def fields(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The places of all members."""
    found = []
    if isinstance(value, dict):
        for name, inner in value.items():
            found += [(*at, name), *fields(inner, (*at, name))]
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += [(*at, index), *fields(inner, (*at, index))]
    return found


def refusal(kind: InboundKind, sent: dict[str, Any]) -> str:
    """The first finding about *sent*; empty where it is read."""
    try:
        kind.read(sent)
    except ValidationError as error:
        return error.errors()[0]["type"]
    return ""


@pytest.mark.parametrize(("kind", "sent"), KINDS, ids=lambda value: getattr(value, "name", ""))
def test_odd_values_are_read_or_refused(kind: InboundKind, sent: dict[str, Any]) -> None:
    """Whatever stands in any field, and whichever field is missing: never an error of another kind."""
    for place in fields(sent):
        for odd in ODD:
            changed = copy.deepcopy(sent)
            inside: Any = changed
            for step in place[:-1]:
                inside = inside[step]
            inside[place[-1]] = odd
            refusal(kind, changed)
        if isinstance(place[-1], str):
            del inside[place[-1]]
            assert refusal(kind, changed) in {"", "missing"}


def test_a_dossier_in_the_words_of_the_api() -> None:
    """Instants in UTC, the subject's kind by its code, files decoded, other fields as they came."""
    read = DOSSIER.read(new_dossier(LoaiDoiTuong=2, Rieng={"a": [1]}))

    assert read.code == new_dossier()["MaHoSo"]
    assert read.data.submitted_at == datetime(2026, 11, 27, 1, 15, tzinfo=UTC)
    assert (read.data.subject.kind, read.data.subject.source_code) == ("enterprise", "2")
    assert read.data.other_fields == {"Rieng": {"a": [1]}}
    assert [(file.name, file.content, file.address) for file in read.files] == [("to-khai.pdf", PDF, None)]


def test_an_unknown_kind_of_subject_keeps_its_code() -> None:
    """Nothing is guessed."""
    read = DOSSIER.read(new_dossier(LoaiDoiTuong="7"))

    assert (read.data.subject.kind, read.data.subject.source_code) == ("unknown", "7")


def test_a_supplement_names_the_file_to_fetch() -> None:
    """By its address; both codes are read."""
    read = SUPPLEMENT.read(supplement(MaHoSo="A-1", TenTepDangKy="t.pdf", URLTepDangKy="/t"))

    assert (read.data.dossier_code, read.data.updating) == ("A-1", True)
    assert [(file.name, file.address) for file in read.files] == [("t.pdf", "/t")]


@pytest.mark.parametrize(
    ("sent", "amount"),
    [
        ("1500000", 1_500_000),
        ("1.500.000", 1_500_000),
        ("1,500,000 đ", 1_500_000),
        (1500000.0, 1_500_000),
        (0, 0),
        ("", None),
    ],
)
def test_amounts(sent: object, amount: int | None) -> None:
    """Whole đồng, however they are grouped; nothing said is not zero."""
    assert TAX_NOTICE.read(tax_notice(SoTien=sent)).data.amount == amount


@pytest.mark.parametrize("sent", ["1.5", "1,50", "15 triệu", "-1", -1, 1.5, True, "1.500.00"])
def test_an_amount_that_is_not_whole_is_refused(sent: object) -> None:
    """It could be a thousand times as much."""
    with pytest.raises(ValidationError):
        TAX_NOTICE.read(tax_notice(SoTien=sent))


def test_days_of_a_notice() -> None:
    """In the spellings of offices."""
    assert TAX_NOTICE.read(FULL_NOTICE).data.due_on == date(2026, 12, 31)


@pytest.mark.parametrize(
    "text",
    [encoded(PDF), encoded(PDF)[:20] + "\r\n" + encoded(PDF)[20:], "data:application/pdf;base64," + encoded(PDF)],
)
def test_base64_in_the_forms_of_senders(text: str) -> None:
    """With broken lines, and as a data URL."""
    [file] = DOSSIER.read(new_dossier(TaiLieuNop={"TenTepDinhKem": "a.pdf", "Base64": text})).files

    assert file.content == PDF
