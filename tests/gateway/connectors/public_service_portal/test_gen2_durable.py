"""Orders of the second generation from a store: which address first, lists of ten, and nothing to ask."""

from __future__ import annotations

import pytest
from msgspec.structs import replace
from pydantic import ValidationError

from gateway.connectors.public_service_portal.gen2 import GEN2, durable
from gateway.connectors.public_service_portal.gen2.translate import Gen2Settings
from gateway.connectors.public_service_portal.operations import REPORT_PROGRESS, REPORT_STATUS, SYNC_DOSSIER
from gateway.core.call import Call
from gateway.core.durable import NotThere, SentBefore
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
