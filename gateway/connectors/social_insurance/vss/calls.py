"""The operation of this dialect."""

from __future__ import annotations

from typing import Final

from gateway.connectors.social_insurance.model import HealthCard, HealthCardQuery
from gateway.connectors.social_insurance.operations import HEALTH_CARD
from gateway.connectors.social_insurance.vss.login import VssSettings
from gateway.connectors.social_insurance.vss.translate import card_question, is_asked_card, to_health_card
from gateway.connectors.social_insurance.vss.wire import WireCard
from gateway.core.connector import answers
from gateway.core.days import day_in_vietnam
from gateway.core.problems import Refused
from gateway.core.upstream import Upstream


async def health_card(query: HealthCardQuery, up: Upstream[VssSettings]) -> HealthCard | None:
    """``KQNhanLichSuKCB2024``.

    Raises:
        Refused: The configuration has no officer for the call (``officer``); the source was not asked.
    """
    if up.officer is None:
        raise Refused(
            "The source requires an officer's registered name and citizen number; "
            "add the officer of X-User-Id, or a service officer, to the configuration.",
            reason="officer",
            may_have_arrived=False,
        )
    wire = await up.ask(card_question(query, up.officer), WireCard, same=lambda it: is_asked_card(query, it))
    return None if wire is None else to_health_card(query, wire, day_in_vietnam(up.clock.now()))


CALLS: Final = (answers(HEALTH_CARD, health_card),)
