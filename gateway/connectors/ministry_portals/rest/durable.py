"""Orders of this dialect from a store, and those that ``ws`` has in common with it.

A dossier has one of two forms, which is kept before any byte leaves: ``new`` (``isUpdating`` "False") and ``update``
("True"). What a second "False" or an equal step does is an assumption [S]: the first is refused, the second changes
nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

from gateway.connectors.ministry_portals import orders
from gateway.connectors.ministry_portals.rest import translate
from gateway.connectors.ministry_portals.rest.calls import (
    MakeExchange,
    check_dossier,
    check_step,
    is_known,
    looked_up,
    sent_dossier,
    sent_step,
    write,
)
from gateway.connectors.ministry_portals.rest.translate import PROGRESS, SYNC, exchange_of
from gateway.connectors.ministry_portals.settings import PortalSettings
from gateway.core.canonical import Canonical
from gateway.core.durable import DurableDialect, Look, NotThere, SentBefore, There
from gateway.core.problems import GatewayError
from gateway.core.upstream import Upstream
from gateway.dossiers.model import DossierBody, DossierSync, StepBody

NEW: Final = "new"
UPDATE: Final = "update"


def first_form(settings: PortalSettings) -> str | None:
    """Of a dossier of which nothing was ever sent: new, unless another system may have sent it."""
    return None if settings.others_send else NEW


async def prepare(make: MakeExchange, dossier: DossierBody, up: Upstream[Any], before: SentBefore) -> str:
    """``TraCuuHoSo`` decides; it is not asked where nobody but this gateway sends, and nothing was ever sent."""
    if before.nothing_sent and (form := first_form(up.settings)) is not None:
        return form
    return UPDATE if await is_known(dossier.dossier_code, up, make) else NEW


async def send(make: MakeExchange, dossier: DossierBody, up: Upstream[Any]) -> DossierSync:
    """``DongBoHoSoMC`` in the form that was chosen."""
    form = up.call.form
    updating = await is_known(dossier.dossier_code, up, make) if form is None else form == UPDATE
    return await sent_dossier(dossier, up, make, updating=updating)


async def send_many(
    make: MakeExchange, dossiers: Sequence[DossierBody], up: Upstream[Any]
) -> Sequence[Canonical | GatewayError]:
    """``DongBoHoSoMC`` with several dossiers of one form; it is taken wholly or not at all [S]."""
    fields = translate.sync_fields(dossiers, up.settings, updating=up.call.form == UPDATE)
    await write(up, make(SYNC, fields, up.settings))
    return [translate.taken(dossier, up.settings) for dossier in dossiers]


async def ask(make: MakeExchange, dossier: DossierBody, up: Upstream[Any]) -> Look:
    """Reads the dossier back: it is there where nothing of what was sent differs."""
    found = await looked_up(dossier.dossier_code, up, make, before_order=True)
    if found is None or not translate.has_all_of(found, dossier, up.settings):
        return NotThere()
    return There(translate.to_sync(found, up.settings))


async def send_step(make: MakeExchange, step: StepBody, up: Upstream[Any]) -> DossierSync:
    """``CapNhatTienDoHoSoMC`` with one step."""
    return await sent_step(step, up, make)


async def send_steps(
    make: MakeExchange, steps: Sequence[StepBody], up: Upstream[Any]
) -> Sequence[Canonical | GatewayError]:
    """``CapNhatTienDoHoSoMC`` with one step of each of several dossiers; taken wholly or not at all [S]."""
    await write(up, make(PROGRESS, translate.progress_message(steps, up.settings), up.settings))
    return [translate.taken(step, up.settings) for step in steps]


async def ask_step(make: MakeExchange, step: StepBody, up: Upstream[Any]) -> Look:
    """Looks for the step in ``TienDo`` [S]."""
    found = await looked_up(step.dossier_code, up, make, before_order=True)
    if found is None or not translate.has_step(found, step, up.settings):
        return NotThere()
    return There(translate.to_sync(found, up.settings))


def _most_in_list(settings: PortalSettings) -> int:
    return settings.most_in_list


def _replaces(settings: PortalSettings) -> bool:
    return settings.newer_replaces


def durable(make: MakeExchange, *, fresh_s: float | None = None) -> DurableDialect:
    """The declarations for a dialect whose calls *make* makes and whose messages are taken for *fresh_s*."""
    return DurableDialect(
        orders=(
            orders.dossier_order(
                check=check_dossier,
                prepare=partial(prepare, make),
                first_form=first_form,
                send=partial(send, make),
                send_many=partial(send_many, make),
                most_in_list=_most_in_list,
                ask=partial(ask, make),
                repeat="overwrites",
                repeat_by_form={NEW: "refused"},
                replaces=_replaces,
                fresh_s=fresh_s,
            ),
            orders.progress_order(
                check=check_step,
                send=partial(send_step, make),
                send_many=partial(send_steps, make),
                most_in_list=_most_in_list,
                ask=partial(ask_step, make),
                repeat="same",
                fresh_s=fresh_s,
            ),
        ),
        following=orders.following(),
    )


DURABLE: Final = durable(exchange_of)
