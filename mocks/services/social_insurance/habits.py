"""Writes values as Social Security does; each record has its own irregularities, always the same."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

from mocks.engine.service import Request
from mocks.population import Person

#: `loaiNgaySinh` [G] by the precision of the birth date.
BIRTH_KINDS: Final = {"date": "0", "year": "1", "month": "2"}
SEX_CODES: Final = {"male": "1", "female": "2"}
SEX_WORDS: Final = {"male": "Nam", "female": "Nữ"}


def as_typed(text: str, index: int) -> str:
    """Returns the text as typed: for some records in decomposed letters, for some with trailing blanks."""
    if index % 11 == 7:
        text = unicodedata.normalize("NFD", text)
    return text + "  " if index % 9 == 4 else text


def folded(name: str) -> str:
    """Returns a name in the form that the register compares: one Unicode form, one case, single blanks."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def compact_birth(person: Person) -> str:
    """Returns `ngaySinh`: yyyyMMdd as in the guide [G]; a few old records have other formats."""
    born = person.birth_date
    match person.birth_precision:
        case "year":
            return f"{born.year}" if person.index % 2 else f"{born.year}0101"
        case "month":
            return f"{born:%Y%m}" if person.index % 2 else f"{born:%Y%m}01"
        case "date":
            forms = {3: "%d/%m/%Y", 7: "%Y-%m-%d"}
            return born.strftime(forms.get(person.index % 17, "%Y%m%d"))


def slashed_birth(person: Person) -> str:
    """Returns the birth date on a card: dd/MM/yyyy, or only the year; cards never have year and month."""
    return slashed(person.birth_date) if person.birth_precision == "date" else f"{person.birth_date.year}"


def slashed(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def sex_code(person: Person) -> str | int:
    """Returns `gioiTinh`: text, or a number in some records."""
    code = SEX_CODES[person.sex]
    return int(code) if person.index % 8 == 3 else code


def was_born(person: Person, asked: str) -> bool:
    """Returns True when a date yyyy, yyyyMM or yyyyMMdd fits the person's, in the parts that both have."""
    known = f"{person.birth_date:%Y%m%d}"[: {"date": 8, "month": 6, "year": 4}[person.birth_precision]]
    common = min(len(known), len(asked))
    return known[:common] == asked[:common]


def breaks(request: Request, rules: Mapping[str, re.Pattern[str]]) -> bool:
    """Returns True when the body breaks a rule of the contract, and records the rule for the journal."""
    broken = [name for name, rule in rules.items() if not _fits(request.fields.get(name), rule)]
    for name in broken:
        request.breach(f"body {name}: {rules[name].pattern}" if name in request.fields else f"body {name}: missing")
    if request.fields.keys() - rules.keys():
        request.breach("body: fields that are not in the contract")
    return bool(broken)


def _fits(value: object, rule: re.Pattern[str]) -> bool:
    return isinstance(value, str) and rule.fullmatch(value.strip()) is not None
