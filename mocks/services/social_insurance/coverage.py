"""Social Security's data of a person: state of participation, health card and its state."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from mocks.population import Person

#: Entitlement (character 3) by object code (characters 1 and 2): Decision 1351/QĐ-BHXH of 2015.
ENTITLEMENTS: Final = {
    code: level
    for level, codes in {
        "1": "CC TE",
        "2": "CK CB KC HN DT DK XD BT TS",
        "3": "HT TC CN",
        "4": "DN HX CH NN TK HC XK TB NO CT XB TN CS XN MS HD TQ TA TY HG LS PV HS SV GB GD",
        "5": "QN CA CY",
    }.items()
    for code in codes.split()
}
#: Irregular cards by the person's index: each code of `maKetQua` that a card can give has some cards.
CODE_EVERY: Final = 97
ODD_CARDS: Final = {
    3: "001", 5: "002", 8: "003", 11: "004", 14: "010", 17: "110",
    20: "120", 23: "121", 26: "122", 29: "123", 32: "124", 35: "100", 38: "101", 41: "500",
}  # fmt: skip
_YEAR: Final = 365


@dataclass(frozen=True, slots=True)
class Period:
    number: str
    starts: date
    ends: date | None


@dataclass(frozen=True, slots=True)
class Card:
    """A health card (thẻ BHYT) in its state on a day."""

    result: str
    """`maKetQua` when all other fields of the request are right."""
    now: Period
    old_number: str | None
    successor: Period | None


def participant_status(person: Person) -> str | int:
    """Returns `trangThai` [S]: 1 participating, 2 reserved, 3 on benefit, 4 ended; one in 89 has an unknown code."""
    if person.index % 89 == 17:
        return "9"
    if person.occupation == "Hưu trí":
        return "4" if person.index % 10 == 0 else "3"
    code = "2" if person.employer_index is None and person.index % 5 == 0 else "1"
    return int(code) if person.index % 6 == 2 else code


def card_number(person: Person, today: date) -> str:
    """Returns the 15 characters printed on the card of *person* on *today*."""
    return card_of(person, today).now.number


def card_of(person: Person, today: date) -> Card:
    """Returns the card of *person* on *today*; most cards are renewed each year."""
    odd = ODD_CARDS.get(person.index % CODE_EVERY, "000")
    kind = {"001": "QN", "002": "CA"}.get(odd) or _kind(person, today)
    if odd == "000" and kind == "TE" and person.index % 3 == 0:
        odd = "130"
    starts = _anniversary(person, today)
    period = Period(_number(kind, person), starts, starts + timedelta(days=_YEAR - 1))
    card = Card(odd, period, None, None)
    match odd:
        case "000" if person.index % 5 == 1:
            return replace(card, old_number=_number("GD" if kind != "GD" else "DN", person))
        case "000" if kind == "HT":
            return replace(card, now=replace(period, ends=None))
        case "003" | "010":
            past = replace(period, starts=starts - timedelta(days=_YEAR), ends=starts - timedelta(days=1))
            new = Period(_number(_other(kind), person), starts, starts + timedelta(days=_YEAR - 1))
            return replace(card, now=past, successor=new if odd == "003" else None)
        case "004":
            begins = starts + timedelta(days=_YEAR)
            new = Period(_number(_other(kind), person), begins, begins + timedelta(days=_YEAR - 1))
            return replace(card, successor=new)
        case _:
            return card


def _kind(person: Person, today: date) -> str:
    if today.year - person.birth_date.year < 6:
        return "TE"
    if person.occupation in {"Học sinh", "Trẻ em"}:
        return "HS"
    if person.employer_index is not None:
        return "DN"
    if person.occupation == "Hưu trí":
        return "HT"
    return ("GD", "HN", "GD", "DT")[person.index % 4]


def _other(kind: str) -> str:
    return "GD" if kind != "GD" else "DN"


def _number(kind: str, person: Person) -> str:
    return f"{kind}{ENTITLEMENTS[kind]}{person.address.place.province_code}{person.social_insurance_number}"


def _anniversary(person: Person, today: date) -> date:
    """Returns the last day on which the card was renewed."""
    this_year = date(today.year, person.index % 12 + 1, person.index % 28 + 1)
    return this_year if this_year <= today else this_year.replace(year=today.year - 1)
