"""Translates between the health insurance gateway and the uniform API, without I/O."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, TypeAlias

from gateway.connectors.social_insurance.model import CardReason, HealthCard, HealthCardQuery, number_on
from gateway.connectors.social_insurance.translate import agree
from gateway.connectors.social_insurance.vss.wire import WireCard, read_result
from gateway.core.canonical import PartialDate, Sex
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.mistakes import Mistake
from gateway.core.problems import Failing, FieldError, InvalidRequest, OffContract, Refused
from gateway.core.unread import Unread, read
from gateway.core.upstream import Officer
from gateway.core.vietnamese import same_name

VERIFY: Final = "KQNhanLichSuKCB2024"

SEXES: Final[Mapping[str, Sex]] = {
    "nam": "male",
    "1": "male",
    "nữ": "female",
    "2": "female",
    "khác": "other",
    "3": "other",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """The meaning of a code for the card. *dated*: whether the dates that come with it can be trusted."""

    valid: bool | None
    reason: CardReason
    dated: bool = False


def _wrong_card(code: str, en: str, vi: str) -> Callable[[], InvalidRequest]:
    mistake = Mistake(code, en, vi)
    return lambda: InvalidRequest(errors=[FieldError("/card_number", mistake)])


def _wrong_officer(detail: str) -> Callable[[], Refused]:
    return lambda: Refused(detail, reason="officer")


def _their_failure() -> Failing:
    return Failing("The source reports a failure of its own database or server.", reason="upstream_error")


ResultMeaning: TypeAlias = Meaning | Callable[[], Outcome]

RESULTS: Final[Mapping[str, ResultMeaning]] = {
    "000": Meaning(True, "valid", dated=True),
    "001": Meaning(None, "check_papers"),
    "002": Meaning(None, "check_papers"),
    "003": Meaning(False, "reissued", dated=True),
    "004": Meaning(True, "reissued", dated=True),
    "010": Meaning(False, "expired", dated=True),
    "050": lambda: ReplyKind.NO_RECORD,
    "051": _wrong_card(
        "card_malformed",
        "the source says that it is malformed; compare it with the card",
        "nguồn báo số thẻ sai định dạng; đối chiếu với thẻ",
    ),
    "052": _wrong_card(
        "card_province",
        "characters 4 and 5 are not the code of a province that issues cards; compare them with the card",
        "ký tự 4 và 5 không phải là mã tỉnh phát hành thẻ; đối chiếu với thẻ",
    ),
    "053": _wrong_card(
        "card_entitlement",
        "character 3 is not an entitlement of this kind of card; compare it with the card",
        "ký tự 3 không phải là mức hưởng của loại thẻ này; đối chiếu với thẻ",
    ),
    "054": _wrong_officer("The officer's citizen number is not registered with Social Security; register it there."),
    "055": _wrong_officer("The officer's name is not the one registered with Social Security; correct it."),
    "060": Meaning(False, "name_differs"),
    "061": Meaning(False, "name_differs"),
    "070": Meaning(False, "birth_date_differs"),
    "100": _their_failure,
    "101": _their_failure,
    "110": Meaning(False, "revoked"),
    "120": Meaning(False, "decreased"),
    "121": Meaning(False, "decreased"),
    "122": Meaning(False, "decreased"),
    "123": Meaning(False, "decreased"),
    "124": Meaning(False, "decreased"),
    "130": Meaning(None, "child_without_card"),
    "205": lambda: OffContract("The source says that a parameter of the gateway is malformed.", reason="off_contract"),
    "401": lambda: ReplyKind.LOGIN_EXPIRED,
    "500": _their_failure,
}
"""``maKetQua`` [G]: the whole table."""


OTHER_HOLDER: Final[frozenset[CardReason]] = frozenset({"name_differs", "birth_date_differs"})


def card_question(query: HealthCardQuery, officer: Officer) -> Rest:
    """``KQNhanLichSuKCB2024`` in the officer's name [G]."""
    return Rest(
        name=VERIFY,
        path=f"api/egw/{VERIFY}",
        json={
            "maThe": query.card_number,
            "hoTen": query.full_name,
            "ngaySinh": _born(query.birth_date),
            "hoTenCb": officer.full_name,
            "cccdCb": officer.citizen_id,
        },
    )


def _born(day: PartialDate) -> str:
    return "/".join(reversed(day.value.split("-")))


def is_asked_card(query: HealthCardQuery, wire: WireCard) -> bool:
    """Whether the answer is about the asked card and person, by every field of them that it carries.

    The card may be its predecessor or its successor. A result with dates has to carry number, name and birth date, and
    another one that says yes or no has to carry the number, or else both; where the source finds that the person
    differs it need not say who that is.
    """
    meaning = RESULTS[wire.maKetQua]
    assert isinstance(meaning, Meaning), "classify lets no other code through"
    seen = _shows_number(query.card_number, wire)
    if seen is False or meaning.reason in OTHER_HOLDER:
        return seen is not False
    if meaning.dated and not any((wire.maThe, wire.maTheCu, wire.maTheMoi, wire.maSoBHXH)):
        return False
    needed = meaning.dated or (seen is None and meaning.valid is not None)
    named = not needed if wire.hoTen is None else bool(wire.hoTen and same_name(wire.hoTen, query.full_name))
    born = not needed if wire.ngaySinh is None else agree(wire.ngaySinh, query.birth_date)
    return named and born


def _shows_number(asked: str, wire: WireCard) -> bool | None:
    """Whether the answer's numbers are those of the card *asked*; None where none can be compared: old BHXH numbers
    have 10 digits and new ones 12.
    """
    wanted = number_on(asked)
    every = [card.upper() for card in (wire.maThe, wire.maTheCu, wire.maTheMoi) if card]
    cards = [card for card in every if len(number_on(card)) == len(wanted)]
    if cards and not any(_same_card(card, asked) for card in cards):
        return False
    own = wire.maSoBHXH
    if not own:
        return (True if cards else None) if own is None else False
    # A person whose books were merged has the new card's number.
    known = [number for number in (wanted, *map(number_on, every)) if len(number) == len(own)]
    if known and own not in known:
        return False
    return True if cards or len(own) == len(wanted) else None


def _same_card(one: str, other: str) -> bool:
    return one == other if len(one) == len(other) else number_on(one) == number_on(other)


def to_health_card(query: HealthCardQuery, wire: WireCard, today: date) -> HealthCard:
    """The card; where the source finds that its holder is another person than the asked one, nothing of the holder.

    Raises:
        OffContract: The source says that the card is valid, and that it ended before *today*: for that it has 010 [S].
    """
    meaning = RESULTS[wire.maKetQua]
    assert isinstance(meaning, Meaning), "classify lets no other code through"
    if meaning.valid and has_ended(wire, today):
        raise OffContract("The source says that the card is valid, and that it has ended.", reason="off_contract")
    said = {"valid": meaning.valid, "reason": meaning.reason, "source_code": wire.maKetQua, "note": wire.ghiChu}
    if meaning.reason in OTHER_HOLDER:
        return read(HealthCard, said)
    return read(
        HealthCard,
        {
            **said,
            "covers_day": covers(wire, query.on) if meaning.dated and query.on else None,
            "card_number": wire.maThe,
            "insurance_number": wire.maSoBHXH,
            "full_name": " ".join(wire.hoTen.split()) if wire.hoTen else wire.hoTen,
            "birth_date": wire.ngaySinh,
            "sex": SEXES.get((wire.gioiTinh or "").casefold(), "unknown"),
            "sex_source_code": wire.gioiTinh,
            "address": {"full_text": wire.diaChi} if wire.diaChi is not None else None,
            "valid_from": wire.gtTheTu,
            "valid_to": wire.gtTheDen,
            "five_years_on": wire.ngayDu5Nam,
            "facility_code": wire.maDKBD,
            "issuer": wire.cqBHXH,
            "area_code": wire.maKV,
            "old_card_number": wire.maTheCu,
            "new_card": _new_card(wire),
        },
    )


def covers(wire: WireCard, day: date) -> bool | None:
    """Whether the card or its successor covers *day*; None without a period, or where it can't be told.

    A period without an end continues.
    """
    found = [
        _within(start, end, day)
        for start, end in ((wire.gtTheTu, wire.gtTheDen), (wire.gtTheTuMoi, wire.gtTheDenMoi))
        if start is not None
    ]
    if True in found:
        return True
    return None if not found or None in found else False


def has_ended(wire: WireCard, today: date) -> bool:
    """Whether the card, and its successor if there is one, ended before *today*, with a day's grace: around midnight
    the clocks of source and gateway may differ. An end that is missing or can't be read shows nothing.
    """
    ends = [wire.gtTheDen]
    if wire.maTheMoi or wire.gtTheTuMoi is not None or wire.gtTheDenMoi is not None:
        ends.append(wire.gtTheDenMoi)
    return all(end and end < today - timedelta(days=1) for end in ends)


def _within(start: date | Unread, end: date | Unread | None, day: date) -> bool | None:
    """Whether *day* is in a period; None where a day that can't be read would say it."""
    if (end and day > end) or (start and day < start):
        return False
    return None if isinstance(start, Unread) or isinstance(end, Unread) else True


def _new_card(wire: WireCard) -> dict[str, object] | None:
    if not wire.maTheMoi:
        return None
    return {
        "card_number": wire.maTheMoi,
        "valid_from": wire.gtTheTuMoi,
        "valid_to": wire.gtTheDenMoi,
        "facility_code": wire.maDKBDMoi,
        "facility_name": wire.tenDKBDMoi,
    }


def classify(_exchange: Exchange, reply: Reply) -> Outcome:
    """Reads the table, for any status below 500; an answer without ``maKetQua`` is left to the HTTP status.

    An empty 404 is "no such card" [S].
    """
    if reply.bare_404:
        return ReplyKind.NO_RECORD
    body = reply.body
    if reply.status >= 500 or not isinstance(body, dict) or (code := read_result(body.get("maKetQua"))) is None:
        return None
    outcome = RESULTS.get(code)
    if outcome is None:
        return OffContract("The source answered with a maKetQua that is not in its table.", reason="off_contract")
    return ReplyKind.ANSWER if isinstance(outcome, Meaning) else outcome()
