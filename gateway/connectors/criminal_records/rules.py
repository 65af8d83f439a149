"""The rules between the fields of an application, which no field breaks alone; all breaches are told at once.

They refuse what can't be so, and leave the judgment of what is unusual to the source: gaps and overlaps of residences,
young applicants and old papers are not refused.
"""

from __future__ import annotations

import base64
import re
from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from pydantic import BaseModel

from gateway.connectors.criminal_records.model import (
    Applicant,
    ApplicationOrder,
    Attachment,
    Coded,
    IdentityDocument,
    IdentityKind,
    Mandatee,
    MediaType,
    OrderedSex,
    Residence,
)
from gateway.core.canonical import PartialDate
from gateway.core.days import YEARS
from gateway.core.mistakes import YEAR_RANGE, Mistake
from gateway.core.problems import FieldError

EARLIEST_BIRTH: Final = 1900
"""Year; nobody who is alive was born before it [S]."""

_DUE_FIRST: Final = Mistake("due_before_received", "is before received_on", "sớm hơn received_on")
_RECEIVED_FIRST: Final = Mistake(
    "received_before_birth", "is before the applicant's birth date", "trước ngày sinh của người được cấp Phiếu"
)
_ENDS_FIRST: Final = Mistake("end_before_start", "end is before start", "end sớm hơn start")
_FUTURE: Final = Mistake("in_the_future", "is after today", "sau ngày hôm nay")
_TOO_OLD: Final = Mistake(
    "birth_too_early",
    f"is before {EARLIEST_BIRTH}; look for a mistyped year",
    f"trước năm {EARLIEST_BIRTH}; xem lại năm",
)
_ISSUED_FIRST: Final = Mistake(
    "issued_before_birth", "the document is issued before its holder's birth", "giấy tờ được cấp trước ngày sinh"
)
_SIGNED_LATE: Final = Mistake(
    "signed_after_received",
    "the mandate is signed after received_on",
    "văn bản ủy quyền được ký sau ngày tiếp nhận (received_on)",
)
_PARENT_YOUNGER: Final = Mistake(
    "parent_not_older", "is not before the applicant's birth date", "không trước ngày sinh của người được cấp Phiếu"
)
_BEFORE_BIRTH: Final = Mistake(
    "residence_before_birth", "is before the applicant's birth date", "trước ngày sinh của người được cấp Phiếu"
)
_NO_MANDATE: Final = Mistake(
    "form_2_by_mandate",
    "nobody can apply for form 2 in another's name (Law 28/2009/QH12, Article 46); leave the mandatee out",
    "không được ủy quyền làm thủ tục yêu cầu cấp Phiếu số 2 (Luật 28/2009/QH12, Điều 46); hãy bỏ người được ủy quyền",
)
_OWN_MANDATE: Final = Mistake(
    "mandatee_is_applicant", "is the applicant's own document", "là giấy tờ của chính người được cấp Phiếu"
)
_CARD_BIRTH: Final = Mistake(
    "card_birth_year",
    "does not belong to this birth year; look for a mistyped digit",
    "không khớp với năm sinh; xem có chữ số nào gõ nhầm không",
)
_CARD_SEX: Final = Mistake(
    "card_sex",
    "does not belong to this sex; look for a mistyped digit",
    "không khớp với giới tính; xem có chữ số nào gõ nhầm không",
)
_CARD_PLACE: Final = Mistake(
    "card_place",
    "does not begin with the code of a province or a country",
    "không bắt đầu bằng mã tỉnh, thành phố hoặc mã quốc gia",
)
_CODE_FORM: Final = Mistake(
    "dossier_code_form",
    "is not a dossier code; expected <agency>-YYMMDD-<number> or a number of the one-stop shop",
    "không phải là mã hồ sơ; cần dạng <mã cơ quan>-YYMMDD-<số> hoặc số hồ sơ của bộ phận một cửa",
)


def mistakes(order: ApplicationOrder, today: date) -> list[FieldError]:
    """Everything that is wrong with *order* on *today*, the day in Vietnam, in the order of its fields."""
    return [FieldError(pointer, mistake) for pointer, mistake in _all(order, today)]


_Found = Iterator[tuple[str, Mistake]]


def _all(order: ApplicationOrder, today: date) -> _Found:
    if not is_dossier_code(order.dossier_code):
        yield "/dossier_code", _CODE_FORM
    if order.received_on > today:
        yield "/received_on", _FUTURE
    elif order.received_on < first_day(order.applicant.birth_date):
        yield "/received_on", _RECEIVED_FIRST
    if order.due_on is not None and order.due_on < order.received_on:
        yield "/due_on", _DUE_FIRST
    elif order.due_on is not None and order.due_on.year not in YEARS:
        yield "/due_on", YEAR_RANGE
    yield from _applicant(order.applicant, today)
    born = order.applicant.birth_date
    for name, parent in (("father", order.father), ("mother", order.mother)):
        if parent is not None and parent.birth_date is not None:
            yield from _born(f"/{name}/birth_date", parent.birth_date, today)
            if first_day(parent.birth_date) >= last_day(born):
                yield f"/{name}/birth_date", _PARENT_YOUNGER
    if order.spouse is not None and order.spouse.birth_date is not None:
        yield from _born("/spouse/birth_date", order.spouse.birth_date, today)
    if order.mandatee is not None:
        yield from _mandatee(order.mandatee, order, today)
    yield from _residences(order.residences, born, today)
    yield from _attachments(order.attachments)
    yield from _texts("", order)


def _applicant(who: Applicant, today: date) -> _Found:
    yield from _born("/applicant/birth_date", who.birth_date, today)
    yield from _paper("/applicant/identity_document", who.identity_document, who.birth_date, who.sex, today)


def _mandatee(who: Mandatee, order: ApplicationOrder, today: date) -> _Found:
    if order.certificate_form == 2:
        yield "/mandatee", _NO_MANDATE
    yield from _born("/mandatee/birth_date", who.birth_date, today)
    yield from _paper("/mandatee/identity_document", who.identity_document, who.birth_date, who.sex, today)
    own = order.applicant.identity_document
    if (who.identity_document.kind, who.identity_document.number) == (own.kind, own.number):
        yield "/mandatee/identity_document/number", _OWN_MANDATE
    if who.signed_on is not None:
        if who.signed_on > today:
            yield "/mandatee/signed_on", _FUTURE
        elif who.signed_on > order.received_on:
            yield "/mandatee/signed_on", _SIGNED_LATE


def _born(pointer: str, born: PartialDate, today: date) -> _Found:
    if first_day(born) > today:
        yield pointer, _FUTURE
    elif last_day(born).year < EARLIEST_BIRTH:
        yield pointer, _TOO_OLD


# ---- papers

_DIGITS: Final[dict[IdentityKind, int]] = {"citizen_card": 12, "identity_card": 9}
_PROVINCES: Final = frozenset({
    1, 2, 4, 6, 8, 10, 11, 12, 14, 15, 17, 19, 20, 22, 24, 25, 26, 27, 30, 31, 33, 34, 35, 36, 37, 38, 40, 42, 44, 45,
    46, 48, 49, 51, 52, 54, 56, 58, 60, 62, 64, 66, 67, 68, 70, 72, 74, 75, 77, 79, 80, 82, 83, 84, 86, 87, 89, 91, 92,
    93, 94, 95, 96,
})  # fmt: skip
"""The first three digits: where a birth in Vietnam was registered, before the mergers of 2025 (Circular
59/2021/TT-BCA); from 100 on they are countries."""
_CENTURIES: Final = {"0": (19, "male"), "1": (19, "female"), "2": (20, "male"), "3": (20, "female")}
"""The fourth digit: century of birth and sex (Circular 59/2021/TT-BCA); 4 to 9 are for births from 2100 on.

A person whose sex or birth year is corrected gets another number, so they always fit."""


def _paper(pointer: str, paper: IdentityDocument, born: PartialDate, sex: OrderedSex, today: date) -> _Found:
    wanted = _DIGITS.get(paper.kind)
    if wanted is not None and not (paper.number.isdigit() and len(paper.number) == wanted):
        yield (
            f"{pointer}/number",
            Mistake(
                "document_number",
                f"the number of a {paper.kind} must have {wanted} digits",
                f"số giấy tờ loại {paper.kind} phải có {wanted} chữ số",
            ),
        )
    elif paper.kind == "citizen_card":
        yield from ((f"{pointer}/number", wrong) for wrong in _card(paper.number, born, sex))
    if paper.issued_on is not None:
        if paper.issued_on > today:
            yield f"{pointer}/issued_on", _FUTURE
        elif paper.issued_on < first_day(born):
            yield f"{pointer}/issued_on", _ISSUED_FIRST


def _card(number: str, born: PartialDate, sex: OrderedSex) -> Iterator[Mistake]:
    """The digits of a citizen card that contradict its holder."""
    if int(number[:3]) < 100 and int(number[:3]) not in _PROVINCES:
        yield _CARD_PLACE
    century, of_sex = _CENTURIES.get(number[3], (None, None))
    if born.value[:4] != f"{century}{number[4:6]}":
        yield _CARD_BIRTH
    if of_sex is not None and of_sex != sex:
        yield _CARD_SEX


# ---- a life


def _residences(stages: Iterable[Residence], born: PartialDate, today: date) -> _Found:
    for index, stage in enumerate(stages):
        pointer = f"/residences/{index}"
        if last_day(stage.start) < first_day(born):
            yield f"{pointer}/start", _BEFORE_BIRTH
        if last_day(stage.end) < first_day(stage.start):
            yield f"{pointer}/end", _ENDS_FIRST
        for name, value in (("start", stage.start), ("end", stage.end)):
            if first_day(value) > today:
                yield f"{pointer}/{name}", _FUTURE


def first_day(value: PartialDate) -> date:
    """The first day that *value* can mean."""
    return date.fromisoformat(f"{value.value}-01-01"[:10])


def last_day(value: PartialDate) -> date:
    """The last day that *value* can mean."""
    if value.precision == "day":
        return date.fromisoformat(value.value)
    year, month = (*map(int, value.value.split("-")), 12)[:2]
    return date(year, month, monthrange(year, month)[1])


# ---- scans

_SIGNATURES: Final[dict[MediaType, bytes]] = {
    "application/pdf": b"%PDF-",
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
}


def _attachments(files: Iterable[Attachment]) -> _Found:
    for index, file in enumerate(files):
        if not base64.b64decode(file.content[:16]).startswith(_SIGNATURES[file.media_type]):
            yield (
                f"/attachments/{index}/content",
                Mistake(
                    "media_type",
                    f"the content does not have the media type {file.media_type}",
                    f"nội dung không thuộc loại tệp {file.media_type}",
                ),
            )


# ---- what is typed

_BLANK: Final = Mistake(
    "blank",
    "contains nothing but blanks; give a text, or leave out a field that is not required",
    "chỉ có khoảng trắng; hãy ghi nội dung, hoặc bỏ trường không bắt buộc",
)
_NO_LETTER: Final = Mistake("no_letter", "a name has at least one letter", "tên phải có ít nhất một chữ cái")
_LINES: Final = Mistake(
    "several_lines",
    "contains a line end or a tab; write it on one line",
    "có ký tự xuống dòng hoặc tab; hãy viết trên một dòng",
)
_FILE_NAME: Final = Mistake("file_name", "is not the name of a file", "không phải là tên tệp")
_UNIT_CODE: Final = Mistake(
    "unit_code",
    "is not a code of an administrative unit: a province has 2 digits, a district 3, a commune 5",
    "không phải là mã đơn vị hành chính: tỉnh có 2 chữ số, huyện 3, xã 5",
)
_UNITS: Final = {
    "province": re.compile("|".join(f"{code:02}" for code in (*sorted(_PROVINCES), 28))),
    "district": re.compile(r"[0-9]{3}"),
    "ward": re.compile(r"[0-9]{5}"),
}
"""Codes of the General Statistics Office, before and after the mergers of 2025; 28 was Hà Tây until 2008."""


def _texts(pointer: str, part: BaseModel) -> list[tuple[str, Mistake]]:
    """The mistakes of texts and of codes of places, wherever they are in *part*.

    No place is written out before something is wrong there: an application has a hundred texts, and most are right.
    """
    found: list[tuple[str, Mistake]] = []
    for name, value in vars(part).items():
        if value is None:
            continue
        if isinstance(value, str):
            if wrong := _text(name, value):
                found += [(f"{pointer}/{name}", one) for one in wrong]
        elif isinstance(value, tuple):
            for index, one in enumerate(value):
                found += _texts(f"{pointer}/{name}/{index}", one)
        elif isinstance(value, Coded) and name in _UNITS and not _UNITS[name].fullmatch(value.code):
            found.append((f"{pointer}/{name}/code", _UNIT_CODE))
        elif isinstance(value, BaseModel):
            found += _texts(f"{pointer}/{name}", value)
    return found


def _text(name: str, value: str) -> Sequence[Mistake]:
    if value.isspace():
        return (_BLANK,)
    if name == "file_name" and not value.strip(". "):
        return (_FILE_NAME,)
    if name not in {"full_name", "other_name"}:
        return ()
    letters = any(map(str.isalpha, value))
    lines = any(mark in value for mark in "\n\r\t")
    return [*([] if letters else [_NO_LETTER]), *([_LINES] if lines else [])]


# ---- codes

_NATIONAL: Final = re.compile(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*-([0-9]{6})-[0-9]{3,}", re.ASCII)
"""Agency, day, number (Circular 01/2018/TT-VPCP); the agency by Decision 20/2020/QĐ-TTg or a local one's."""
_LOCAL: Final = re.compile(r"[A-Za-z0-9._-]*[0-9]{4}[A-Za-z0-9._-]*", re.ASCII)
"""A number of a one-stop shop's own: its forms are many, and all have a year or a serial number [S]."""


def is_dossier_code(code: str) -> bool:
    """Whether *code* has a form in which dossiers are numbered; a day in it is one of the calendar."""
    found = _NATIONAL.fullmatch(code)
    if found is None:
        return _LOCAL.fullmatch(code) is not None
    year, month, day = (int(found[1][at : at + 2]) for at in (0, 2, 4))
    try:
        date(2000 + year, month, day)
    except ValueError:
        return False
    return True
