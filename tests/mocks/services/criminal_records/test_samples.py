"""What the mock offers to try, and that it is the same on any day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from mocks.engine import working_days
from mocks.engine.clock import HANOI
from mocks.engine.country import Country
from mocks.services.criminal_records import open_service
from mocks.services.criminal_records.applications import seeded
from mocks.services.criminal_records.register import Register
from tests.mocks.services.criminal_records.support import System


def country_on(day: datetime) -> Country:
    """The system as it starts on that day."""
    return Country(services=[open_service], wall=lambda: day)


async def test_lookups_have_enough_of_both(system: System) -> None:
    """At least five that exist and two that do not, the last one plain."""
    _, listed = await system.admin("GET", "samples")

    for operation in ("criminal_records.application", "criminal_records.certificate"):
        there = [sample for sample in listed[operation] if sample.get("exists", True)]
        absent = [sample for sample in listed[operation] if not sample.get("exists", True)]
        assert len(there) >= 5
        assert len(absent) >= 2
        assert listed[operation][-1].get("exists", True)


async def test_there_is_an_application_in_every_state(system: System) -> None:
    """All ten states can be looked at from the first moment."""
    states = {await system.state(found.code) for found in Register(system.country.world)}

    assert states == set(range(1, 11))


async def test_whole_applications_are_unused(system: System) -> None:
    """Each body to send has a dossier code of its own that nobody has sent, and a key."""
    _, listed = await system.admin("GET", "samples")
    bodies: list[dict[str, Any]] = [sample["body"] for sample in listed["criminal_records.apply"]]
    codes = [body["dossier_code"] for body in bodies]

    assert len(set(codes)) == len(codes) >= 3
    assert [code for code in codes if (await system.status(code))["value"]] == []
    assert all(sample["headers"]["Idempotency-Key"] for sample in listed["criminal_records.apply"])


@pytest.mark.parametrize("day", [2, 3, 7, 16, 20, 24])
def test_states_stand_on_any_day(day: int) -> None:
    """On working days, at weekends and in the Tết holidays of February 2026 the seeded states are the same ten."""
    country = country_on(datetime(2026, 2, day, 0, 30, tzinfo=HANOI))
    register = Register(country.world)

    assert {register.state(found) for found in register} == set(range(1, 11))


def test_applications_are_the_same_on_any_day() -> None:
    """Codes, people and outcomes do not depend on the day that the country starts."""
    one, other = (country_on(datetime(2026, month, 3, 9, tzinfo=UTC)) for month in (3, 9))

    firsts = [(found.code, found.holder, found.form, found.convicted) for found in seeded(one.world)]

    assert firsts == [(found.code, found.holder, found.form, found.convicted) for found in seeded(other.world)]


def test_oldest_of_those_sent_are_forgotten() -> None:
    """The register does not grow without end, and never forgets what it started with."""
    register = Register(country_on(datetime(2026, 3, 3, 9, tzinfo=UTC)).world, most=2)
    started = len(list(register))
    holder = next(iter(register)).holder

    for number in range(3):
        register.submit(f"S-{number}", holder, 1, online=True)

    assert register.find("S-0") is None
    assert register.find("S-2") is not None
    assert len(list(register)) == started + 2


def test_working_days_skip_holidays() -> None:
    """From the eve of Tết 2026 the next working day is a week away."""
    eve = datetime(2026, 2, 13, 15, tzinfo=HANOI)

    assert working_days.after(eve, 1) == datetime(2026, 2, 23, tzinfo=HANOI)
