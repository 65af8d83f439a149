"""Identifiers to try, chosen so that answers have all shapes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Final

from mocks.engine.service import Sample, World
from mocks.population import Enterprise, Population
from mocks.population.enterprises import with_check_digit

_SHAPES: Final[tuple[tuple[str, Callable[[Enterprise], bool]], ...]] = (
    ("one representative, an object", lambda e: e.status == "1" and len(e.representatives) == 1 and e.index % 13 != 5),
    ("several representatives, a list", lambda e: len(e.representatives) > 1 and e.index % 13 != 5),
    ("representatives only in LEGAL_NAMES", lambda e: e.index % 13 == 5),
    ("in an envelope", lambda e: e.index % 5 == 2),
    ("JSON under text/html", lambda e: e.index % 7 == 6),
    ("name in decomposed letters", lambda e: e.index % 11 == 7),
    ("foreign members", lambda e: any(member.country != "Việt Nam" for member in e.members)),
    ("suspended", lambda e: e.status == "2"),
    ("dissolved", lambda e: e.status == "4"),
    ("long: every business line, many members", lambda e: len(e.business_lines) > 20 or len(e.members) > 20),
    ("tiny: one line, no members", lambda e: len(e.business_lines) == 1 and not e.members),
    ("founded before 2000", lambda e: e.founded_on.year < 2000),
)


def samples(world: World) -> dict[str, list[Sample]]:
    """Returns the samples by gateway operation, for the virtual today."""
    return {
        "business_registry.enterprise": _enterprises(world.population),
        "business_registry.registration": _registrations(world),
        "business_registry.registrations": _periods(world),
    }


def _enterprises(population: Population) -> list[Sample]:
    enterprises = population.enterprises
    everyone = [enterprises[index] for index in range(300)]
    chosen: dict[str, str] = {}
    for note, fits in _SHAPES:
        first = next((e for e in everyone if fits(e) and e.code not in chosen), None)
        if first is not None:
            chosen[first.code] = note
    found: list[Sample] = [_path(code, note) for code, note in chosen.items()]
    parents = (e for e in everyone if e.units)
    parent, other = next(parents), next(parents)
    found.append(_path(f"{parent.code}-001", "a dependent unit"))
    found.append(_path(f"{other.code}001", "a dependent unit, without the hyphen"))
    found += [{**_path(code, "no such enterprise"), "exists": False} for code in _free_codes(population, 3)]
    found.append({**_path(f"{parent.code}-{parent.units + 900:03d}", "no such unit"), "exists": False})
    # Callers use the last sample as an ordinary existing one, so it is a plain one.
    found.append(_path(next(e for e in everyone if e.status == "1" and e.code not in chosen).code, "plain"))
    return found


def _path(code: str, note: str) -> Sample:
    return {"path": {"enterprise_code": code}, "note": note}


def _free_codes(population: Population, count: int) -> Iterator[str]:
    """Yields unused codes of the test range with a valid check digit."""
    serial = 0
    while count:
        stem = f"8299{serial:05d}"
        serial += 1
        code = with_check_digit(stem)
        if code is not None and population.enterprises.by_code(code) is None:
            count -= 1
            yield code


def _registrations(world: World) -> list[Sample]:
    dossiers = world.population.registrations
    yesterday = _working_day_before(world.clock.today())
    older = _working_day_before(yesterday - timedelta(days=20))
    numbers = [dossier.number for day in (yesterday, older) for dossier in dossiers.on(day)[:4]]
    found: list[Sample] = [{"body": {"registration_number": number}} for number in numbers]
    absent = (f"{older:%y%m%d}999999", f"{yesterday:%y%m%d}999998")
    return found + [{"body": {"registration_number": number}, "exists": False} for number in absent]


def _periods(world: World) -> list[Sample]:
    yesterday = _working_day_before(world.clock.today())
    spans = (0, 2, 4, 11, 29)
    periods = [(yesterday - timedelta(days=span), yesterday) for span in spans]
    old = date(2025, 6, 30)
    periods.append((old - timedelta(days=3), old + timedelta(days=3)))
    return [{"query": {"from": first.isoformat(), "to": last.isoformat()}} for first, last in periods]


def _working_day_before(day: date) -> date:
    day -= timedelta(days=1)
    while day.weekday() >= 5:
        day -= timedelta(days=1)
    return day
