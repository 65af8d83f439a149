"""The operations of this dialect."""

from __future__ import annotations

from typing import Final

from gateway.connectors.social_insurance.model import (
    ContributionPage,
    ContributionsQuery,
    Household,
    HouseholdQuery,
    Participant,
    ParticipantQuery,
)
from gateway.connectors.social_insurance.ngsp.translate import (
    asked_members,
    contributions_question,
    household_question,
    is_asked_person,
    number_question,
    participant_question,
    sex_differs,
    to_contributions,
    to_household,
    to_participant,
)
from gateway.connectors.social_insurance.ngsp.wire import WireContributions, WireHousehold, WireNumber, WireParticipant
from gateway.connectors.social_insurance.operations import CONTRIBUTIONS, HOUSEHOLD, PARTICIPANT
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.settings import UpstreamSettings
from gateway.core.upstream import Upstream


async def participant(query: ParticipantQuery, up: Upstream[UpstreamSettings]) -> Participant | None:
    """``getTraCuuTtHgdByMaSoBhxh``, after ``getMaSoBhxhTheoTieuChi`` where the number is not known."""
    number = query.insurance_number
    if number is None:
        found = await up.ask(number_question(query), WireNumber)
        if found is None:
            return None
        number = found.maSoBhxh
    wire = await up.ask(
        participant_question(number), WireParticipant, same=lambda it: is_asked_person(query, number, it)
    )
    if wire is None or sex_differs(query.sex, wire.gioiTinh):
        return None
    return to_participant(number, wire, day_in_vietnam(up.clock.now()))


async def household(query: HouseholdQuery, up: Upstream[UpstreamSettings]) -> Household | None:
    """``getTraCuuThongTinHgd``."""
    wire = await up.ask(household_question(query), WireHousehold, same=lambda it: bool(asked_members(query, it)))
    if wire is None or all(sex_differs(query.sex, member.gioiTinh) for member in asked_members(query, wire)):
        return None
    return to_household(wire, day_in_vietnam(up.clock.now()))


async def contributions(query: ContributionsQuery, up: Upstream[UpstreamSettings]) -> ContributionPage | None:
    """``getQuaTrinhDong``."""
    number = query.insurance_number
    wire = await up.ask(contributions_question(number), WireContributions, same=lambda it: it.maSoBhxh == number)
    return None if wire is None else to_contributions(wire)


CALLS: Final = (
    answers(PARTICIPANT, participant),
    answers(HOUSEHOLD, household),
    answers(CONTRIBUTIONS, contributions),
)
