"""How Social Security writes what it knows: each record has its own habits, always the same ones."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from typing import Final

from mocks.engine.service import Request
from mocks.population import Person

#: `loaiNgaySinh` [G] by what the register knows.
BIRTH_KINDS: Final = {"date": "0", "year": "1", "month": "2"}
SEX_CODES: Final = {"male": "1", "female": "2"}
SEX_WORDS: Final = {"male": "Nam", "female": "Nữ"}


def as_typed(text: str, index: int) -> str:
    """Some clerks' machines write decomposed letters, some leave blanks behind."""
    if index % 11 == 7:
        text = unicodedata.normalize("NFD", text)
    return text + "  " if index % 9 == 4 else text


def folded(name: str) -> str:
    """A name as the register compares it: letters in either form, capitals or not, blanks made single."""
    return " ".join(unicodedata.normalize("NFC", name).casefold().split())


def compact_birth(person: Person) -> str:
    """`ngaySinh`: yyyyMMdd as the guide says [G]; a few old records in other formats."""
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
    """The birth date of a card: dd/MM/yyyy, or the year alone; cards know no months."""
    return slashed(person.birth_date) if person.birth_precision == "date" else f"{person.birth_date.year}"


def slashed(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def sex_code(person: Person) -> str | int:
    """`gioiTinh`: text, or a number in some records."""
    code = SEX_CODES[person.sex]
    return int(code) if person.index % 8 == 3 else code


def was_born(person: Person, asked: str) -> bool:
    """Whether a date given as yyyy, yyyyMM or yyyyMMdd can be this person's, as far as both are known."""
    known = f"{person.birth_date:%Y%m%d}"[: {"date": 8, "month": 6, "year": 4}[person.birth_precision]]
    common = min(len(known), len(asked))
    return known[:common] == asked[:common]


def breaks(request: Request, rules: Mapping[str, re.Pattern[str]]) -> bool:
    """Whether the body breaks a rule of the contract; the journal is told which."""
    broken = [name for name, rule in rules.items() if not _fits(request.fields.get(name), rule)]
    for name in broken:
        request.breach(f"body {name}: {rules[name].pattern}" if name in request.fields else f"body {name}: missing")
    if request.fields.keys() - rules.keys():
        request.breach("body: fields that the contract does not name")
    return bool(broken)


def _fits(value: object, rule: re.Pattern[str]) -> bool:
    return isinstance(value, str) and rule.fullmatch(value.strip()) is not None
