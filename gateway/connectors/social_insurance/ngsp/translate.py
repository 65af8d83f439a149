"""Translates between the NGSP and the uniform API, without I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

from gateway.connectors.social_insurance.model import (
    AskedSex,
    Contribution,
    ContributionPage,
    Household,
    HouseholdQuery,
    Participant,
    ParticipantQuery,
    ParticipantStatus,
    Scheme,
    number_on,
)
from gateway.connectors.social_insurance.ngsp.wire import (
    WireContribution,
    WireContributions,
    WireHousehold,
    WireMember,
    WireParticipant,
    facts_of,
)
from gateway.connectors.social_insurance.translate import agree, born
from gateway.core.canonical import PartialDate, Sex
from gateway.core.lenient import table_code, text
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.no_record import speaks, unless_failed
from gateway.core.problems import Failing, OffContract
from gateway.core.unread import UNREAD, Unread, read, read_rows
from gateway.core.vietnamese import cleaned, same_name

FIND_NUMBER: Final = "getMaSoBhxhTheoTieuChi"
FIND_PARTICIPANT: Final = "getTraCuuTtHgdByMaSoBhxh"
FIND_HOUSEHOLD: Final = "getTraCuuThongTinHgd"
FIND_CONTRIBUTIONS: Final = "getQuaTrinhDong"

SEXES: Final[Mapping[str, Sex]] = {"1": "male", "2": "female", "3": "other"}
SEX_CODES: Final[Mapping[AskedSex, str]] = {"male": "1", "female": "2", "other": "3"}
STATUSES: Final[Mapping[str, ParticipantStatus]] = {
    "1": "participating",
    "2": "reserved",
    "3": "on_benefit",
    "4": "ended",
}
SCHEMES: Final[Mapping[str, Scheme]] = {"BB": "compulsory", "TN": "voluntary"}
_IS_BIRTH: Final = {"birth": "1", "household": "0"}
DATE_KINDS: Final = {"day": "0", "year": "1", "month": "2"}
_LENGTH_OF_KIND: Final = {"0": 10, "1": 4, "2": 7}

ERROR_CODES: Final[Mapping[str, Callable[[], Outcome]]] = {
    "00": lambda: ReplyKind.ANSWER,
    "01": lambda: ReplyKind.NO_RECORD,
    "02": lambda: OffContract("The source says that a parameter of the gateway is malformed.", reason="off_contract"),
    "99": lambda: Failing("The source reports a failure of its own system.", reason="upstream_error"),
}
"""``errorCode`` [S: the guide names the field, not its values]."""

PROOF_OF_RECORD: Final = {FIND_NUMBER: "maSoBhxh", FIND_PARTICIPANT: "hoTen", FIND_HOUSEHOLD: "maSo"}
"""The field that is empty where there is no such record; one that is missing among others is a changed contract."""


# ---- questions


def number_question(query: ParticipantQuery) -> Rest:
    """``getMaSoBhxhTheoTieuChi`` [G]; codes that were not given are sent empty."""
    assert query.full_name is not None
    assert query.birth_date is not None
    assert query.sex is not None
    assert query.province_code is not None
    return _post(
        FIND_NUMBER,
        {
            "hoTen": query.full_name,
            **_born(query.birth_date),
            "gioiTinh": SEX_CODES[query.sex],
            "maTinhKs": query.province_code,
            "maHuyenKs": query.district_code or "",
            "maXaKs": query.ward_code or "",
            "isKs": _IS_BIRTH[query.place],
        },
    )


def participant_question(number: str) -> Rest:
    """``getTraCuuTtHgdByMaSoBhxh`` [G]."""
    return _post(FIND_PARTICIPANT, {"maSoBhxh": number})


def household_question(query: HouseholdQuery) -> Rest:
    """``getTraCuuThongTinHgd`` [G]; fields that were not given are sent empty."""
    return _post(
        FIND_HOUSEHOLD,
        {
            "maTinh": query.province_code,
            "hoTen": query.full_name or "",
            **_born(query.birth_date),
            "gioiTinh": SEX_CODES[query.sex] if query.sex else "",
            "soSo": query.insurance_number or "",
            "maThe": query.card_number or "",
            "isKs": _IS_BIRTH[query.place],
        },
    )


def contributions_question(number: str) -> Rest:
    """``getQuaTrinhDong`` [S]."""
    return _post(FIND_CONTRIBUTIONS, {"maSoBhxh": number})


def _post(name: str, body: Mapping[str, str]) -> Rest:
    return Rest(name=name, path=f"apiBHXH/{name}", json=body)


def _born(day: PartialDate | None) -> dict[str, str]:
    if day is None:
        return {"ngaySinh": "", "loaiNgaySinh": ""}
    return {"ngaySinh": day.value.replace("-", ""), "loaiNgaySinh": DATE_KINDS[day.precision]}


# ---- does the answer belong to the question?


def is_asked_person(query: ParticipantQuery, number: str, wire: WireParticipant) -> bool:
    """Whether the found person has the asked name and birth date, and *number* where the answer repeats it."""
    if wire.maSoBhxh not in {None, number}:
        return False
    return query.full_name is None or (
        same_name(wire.hoTen, query.full_name) and agree(birth_date(wire), query.birth_date)
    )


def asked_members(query: HouseholdQuery, wire: WireHousehold) -> list[WireMember]:
    """The members that match the person of the question in every given field but the sex."""
    numbers = {query.insurance_number, query.card_number and number_on(query.card_number)} - {None}
    return [
        member
        for member in filter(None, wire.thanhVien)
        if (not numbers or member.maSo in numbers)
        and (query.full_name is None or same_name(member.hoTen, query.full_name))
        and (query.birth_date is None or agree(birth_date(member), query.birth_date))
    ]


def sex_differs(asked: AskedSex | None, code: str | Unread | None) -> bool:
    """Whether the source has another sex than asked for; the source's search by name hardly considers the sex."""
    return asked is not None and SEXES.get(code or "", asked) != asked


# ---- answers


def birth_date(wire: WireParticipant | WireMember) -> PartialDate | Unread | None:
    """The date, cut to what ``loaiNgaySinh`` says is known of it; unread under a kind that the table does not have.

    Without a kind it is as precise as it is written [S].
    """
    if not wire.ngaySinh:
        return wire.ngaySinh
    kind = wire.loaiNgaySinh
    length = 10 if kind is None else _LENGTH_OF_KIND.get((kind.lstrip("0") or "0") if kind else "")
    if length is None:
        return UNREAD
    parts = [int(part) for part in wire.ngaySinh.value[:length].split("-")]
    return PartialDate.of(*parts)


def to_participant(number: str, wire: WireParticipant, today: date) -> Participant:
    return read(
        Participant,
        {
            "insurance_number": number,
            "full_name": _name(wire.hoTen),
            "birth_date": born(birth_date(wire), today),
            "sex": SEXES.get(wire.gioiTinh or "", "unknown"),
            "sex_source_code": wire.gioiTinh,
            "old_book_number": wire.soSoCu,
            "birth_place": _place(wire),
            "status": STATUSES.get(wire.trangThai or "", "unknown"),
            "source_code": wire.trangThai,
        },
    )


def to_household(wire: WireHousehold, today: date) -> Household:
    """The household; its number is left open where the source mixes several."""
    numbers = {member.maHo for member in wire.thanhVien if member}
    return read(
        Household,
        {
            "household_number": numbers.pop() if len(numbers) == 1 else None,
            "members": [_member(member, today) if member else None for member in wire.thanhVien],
        },
    )


def to_contributions(wire: WireContributions) -> ContributionPage:
    spans, left_out = read_rows(Contribution, (_contribution(span) if span else None for span in wire.quaTrinhDong))
    return ContributionPage(items=spans, total=len(spans) + left_out, rows_left_out=left_out)


def _member(wire: WireMember, today: date) -> dict[str, object]:
    return {
        "insurance_number": wire.maSo,
        "full_name": _name(wire.hoTen),
        "birth_date": born(birth_date(wire), today),
        "sex": SEXES.get(wire.gioiTinh or "", "unknown"),
        "sex_source_code": wire.gioiTinh,
        "address": {"full_text": wire.diaChi} if wire.diaChi is not None else None,
        "status": STATUSES.get(wire.trangThai or "", "unknown"),
        "source_code": wire.trangThai,
    }


def _contribution(wire: WireContribution) -> dict[str, object]:
    return {
        "start": wire.tuThang,
        "end": wire.denThang,
        "employer_code": wire.maDonVi,
        "employer": wire.tenDonVi,
        "position": wire.chucDanh,
        "wage": _dong(wire.mucDong),
        "scheme": SCHEMES.get(wire.loaiDong or "", "unknown"),
        "source_code": wire.loaiDong,
    }


def _dong(amount: Decimal | Unread | None) -> Decimal | Unread | None:
    """*amount* without zero decimals: the đồng has no smaller unit."""
    if not amount:
        return amount
    whole = amount.to_integral_value()
    return whole if whole == amount else amount


def _name(value: str) -> str:
    return " ".join(cleaned(value).split())


def _place(wire: WireParticipant) -> dict[str, object] | None:
    codes = {"ward": wire.maXaKs, "district": wire.maHuyenKs, "province": wire.maTinhKs}
    found: dict[str, object] = {unit: {"code": code} for unit, code in codes.items() if code is not None}
    return found or None


# ---- faults


_WELL: Final = {"errorCode": frozenset({"0", "00"})}
"""The code beside emptiness that is a fact."""


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """The outcome of an answer: by ``errorCode``, in the frame or in the facts, or by emptiness beside which nothing
    speaks of a failure; an empty 404 is "no such record", but not of a list [S]. The rest is left to the HTTP status.
    """
    of_a_list = exchange.name == FIND_CONTRIBUTIONS
    if reply.bare_404:
        return None if of_a_list else ReplyKind.NO_RECORD
    if reply.status != 200:
        return None
    facts = facts_of(reply.body)
    frames = [frame for frame in (_frame(reply.body), facts) if isinstance(frame, dict)]
    for frame in frames:
        if (said := _of_code(frame.get("errorCode"))) is not ReplyKind.ANSWER:
            contradicts = said is ReplyKind.NO_RECORD and not _is_blank(_proof(exchange, facts))
            return OffContract(_CONTRADICTION, reason="off_contract") if contradicts else said
    match facts:
        case {"quaTrinhDong": rows} if of_a_list and not rows:
            return unless_failed(ReplyKind.ANSWER, frames, _WELL)
        case dict():
            return ReplyKind.ANSWER if of_a_list else _of_facts(exchange, facts, frames)
        case None | [] | "" if not of_a_list:
            return unless_failed(ReplyKind.NO_RECORD, frames, _WELL)
        case _:
            return None


_CONTRADICTION: Final = "The source says that there is no such record, and gives one."


def _frame(body: object) -> object:
    """The fields beside the ``data`` of an answer that has one."""
    if not isinstance(body, dict) or "data" not in body:
        return None
    return {str(key).strip(): value for key, value in body.items() if key != "data"}


def _of_code(code: object) -> Outcome:
    if (said := table_code(code)) is None:
        return ReplyKind.ANSWER
    meaning = ERROR_CODES.get(f"{int(said):02}" if said.isdecimal() else said)
    if meaning is None:
        return OffContract("The source answered with an errorCode that is not in its table.", reason="off_contract")
    return meaning()


def _of_facts(exchange: Exchange, facts: Mapping[str, object], frames: Sequence[object]) -> Outcome:
    """The outcome of an object: a person, nobody, or neither, where a person's fields come without the person."""
    if not _is_blank(_proof(exchange, facts)):
        return ReplyKind.ANSWER
    if any(not _is_blank(value) and not speaks(key) for key, value in facts.items()):
        if PROOF_OF_RECORD[exchange.name] not in facts:
            return ReplyKind.ANSWER
        if exchange.name != FIND_NUMBER:
            return OffContract("The source's answer has facts about nobody.", reason="off_contract")
    return unless_failed(ReplyKind.NO_RECORD, frames, _WELL)


def _proof(exchange: Exchange, facts: object) -> object:
    """The value that only a record has: of its own field, or the rows themselves."""
    return facts.get(PROOF_OF_RECORD.get(exchange.name, "quaTrinhDong")) if isinstance(facts, dict) else facts


def _is_blank(value: object) -> bool:
    return value in ([], {}) or text(value) is None
