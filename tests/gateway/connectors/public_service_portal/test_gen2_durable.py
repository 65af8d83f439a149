"""Orders of the second generation from a store: which address first, lists of ten, and nothing to ask."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from gateway.connectors.public_service_portal.gen2 import GEN2, durable, translate
from gateway.connectors.public_service_portal.gen2.translate import Gen2Settings
from gateway.connectors.public_service_portal.operations import REPORT_PROGRESS, REPORT_STATUS, SYNC_DOSSIER
from gateway.core.call import Call
from gateway.core.durable import CaseView, Hold, NotThere, SentBefore
from gateway.core.problems import Conflict
from gateway.dossiers.codes import LocalCodes
from gateway.dossiers.model import StepBody
from gateway.testing import FakeClock, FakeUpstream, make_call
from tests.gateway.connectors.public_service_portal.support import NOW, dossier, step
from tests.gateway.connectors.public_service_portal.test_gen2 import (
    ACCOUNT,
    ADDED,
    HAD,
    SETTINGS,
    UPDATED,
    gen2,
    names,
)


def of_form(form: str | None) -> Call:
    """A call from the store with a message of *form*."""
    return replace(make_call(SYNC_DOSSIER, dossier()), form=form)


@pytest.mark.parametrize(("nothing_sent", "form"), [(True, "new"), (False, "update")])
async def test_form_follows_the_store_and_nobody_is_asked(nothing_sent: bool, form: str) -> None:
    """There is no look-up; a wrong guess costs one exchange, which the portal answers with "already exists"."""
    up = gen2({})

    assert await durable.prepare(dossier(), up, SentBefore(nothing_sent=nothing_sent)) == form
    assert up.rest == []


@pytest.mark.parametrize(
    ("form", "script", "asked"),
    [
        ("new", {"ThemMoiHoSo": ADDED}, ["ThemMoiHoSo"]),
        ("new", {"ThemMoiHoSo": HAD, "CapNhatHoSo": UPDATED}, ["ThemMoiHoSo", "CapNhatHoSo"]),
        ("update", {"CapNhatHoSo": UPDATED}, ["CapNhatHoSo"]),
        (None, {"ThemMoiHoSo": HAD, "CapNhatHoSo": UPDATED}, ["ThemMoiHoSo", "CapNhatHoSo"]),
    ],
)
async def test_form_says_which_address_is_tried_first(
    form: str | None, script: dict[str, object], asked: list[str]
) -> None:
    """Also for a copy of a message that may have arrived: "already exists" is then the first's, and is sent on."""
    up = FakeUpstream(GEN2, SETTINGS, script, call=of_form(form), clock=FakeClock(NOW))

    assert (await durable.send(dossier(), up)).state == "synced"
    assert names(up) == asked


async def test_nobody_can_be_asked_so_the_message_goes_again() -> None:
    """Which proves nothing about the portal: a comparison says "can't tell" and not "missing"."""
    for order in (dossier(), step()):
        look = await durable.ask(order, gen2({}))

        assert look == NotThere(asked=False)


@pytest.mark.parametrize(
    ("status", "minutes", "others", "reason"),
    [
        ("in_process", 5, [("finished", 4)], "after_last_step"),
        ("finished", 5, [("finished", 4)], "after_last_step"),
        ("finished", 3, [("in_process", 4)], "after_last_step"),
        ("in_process", 4, [("finished", 4)], None),
        ("finished", 4, [("in_process", 4)], None),
        ("in_process", 3, [("finished", 4)], None),
        ("finished", 5, [("received", 1), ("in_process", 4)], None),
    ],
)
def test_no_step_comes_after_the_last_one(
    status: str, minutes: int, others: list[tuple[str, int]], reason: str | None
) -> None:
    """Whichever of the two came first; nothing has left yet, and of one second the last step goes last."""
    places = tuple(durable.place_of(at_minute(*one), SETTINGS) for one in others)
    said = durable.fits(at_minute(status, minutes), places, SETTINGS)

    assert (said.reason if isinstance(said, Conflict) else said) == reason


def at_minute(status: str, minutes: int) -> StepBody:
    """A step of that minute."""
    return step(status=status, processed_at=(NOW + timedelta(minutes=minutes)).isoformat())


def test_step_before_one_that_has_left_comes_too_late() -> None:
    """As with the first generation; without its dossier it is held."""
    case = CaseView("caller", "synced", 0, last_order=durable.place_of(at_minute("finished", 4), SETTINGS))
    declared = durable.DURABLE.order_of(REPORT_PROGRESS)
    assert declared is not None

    late = declared.admit(at_minute("in_process", 3), case, SETTINGS)

    assert isinstance(late, Conflict)
    assert late.reason == "later_step_sent"
    assert declared.admit(at_minute("in_process", 3), None, SETTINGS) == Hold("dossier_not_sent")


@pytest.mark.parametrize("status", ["handed_over", "TRA-KQ"])
def test_handing_over_is_told_by_the_dossier_alone(status: str) -> None:
    """The last step that is sent has status 9, also of a dossier with 10 [C]."""
    settings = SETTINGS.model_copy(update={"codes": LocalCodes(statuses={"TRA-KQ": "handed_over"})})

    found = list(translate.unsendable_step(step(status=status), settings))

    assert [(pointer, mistake.code) for pointer, mistake in found] == [("/status", "no_step_at_source")]


def test_each_order_is_declared() -> None:
    """A dossier overwrites, a step is the same step; of a status this generation knows nothing."""
    declared = {
        operation.name: durable.DURABLE.order_of(operation)
        for operation in (SYNC_DOSSIER, REPORT_PROGRESS, REPORT_STATUS)
    }

    assert {
        name: order and (order.opens_case, order.repeat, order.send_many is not None)
        for name, order in declared.items()
    } == {
        "sync_dossier": (True, "overwrites", False),
        "report_progress": (False, "same", True),
        "report_status": None,
    }


def test_lists_are_of_ten_and_never_longer() -> None:
    """As public code cuts them."""
    order = durable.DURABLE.order_of(REPORT_PROGRESS)
    assert order is not None

    assert order.most_in_list(SETTINGS) == 10
    assert order.most_in_list(Gen2Settings.model_validate({**ACCOUNT, "most_in_list": 3})) == 3
    with pytest.raises(ValidationError):
        Gen2Settings.model_validate({**ACCOUNT, "most_in_list": 11})
