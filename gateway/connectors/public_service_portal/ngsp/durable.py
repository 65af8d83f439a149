"""Orders of this dialect from a store.

A dossier has one of two forms, which is kept before any byte leaves: ``new`` (``isUpdating`` "False") and ``update``
("True", only for what ``TraCuuHoSo`` knows) [C]. What a second "False" or an equal step does is an assumption [S]: the
first is refused, the second changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gateway.connectors.public_service_portal import orders
from gateway.connectors.public_service_portal.model import StatusReport
from gateway.connectors.public_service_portal.ngsp import translate
from gateway.connectors.public_service_portal.ngsp.calls import (
    check_dossier,
    check_report,
    check_step,
    is_known,
    looked_up,
    send_dossier,
    send_report,
    send_step,
)
from gateway.connectors.public_service_portal.ngsp.login import NgspSettings
from gateway.connectors.public_service_portal.translate import sent_status, taken, told
from gateway.core.canonical import Canonical
from gateway.core.durable import DurableDialect, Look, NotThere, SentBefore, There
from gateway.core.problems import GatewayError
from gateway.core.upstream import Upstream
from gateway.dossiers.answers import WireAnswer
from gateway.dossiers.model import DossierBody, DossierSync, StepBody

NEW: Final = "new"
UPDATE: Final = "update"


# ---- dossiers


def first_form(settings: NgspSettings) -> str | None:
    """Of a dossier of which nothing was ever sent: new, unless another system may have sent it."""
    return None if settings.others_send else NEW


async def prepare(dossier: DossierBody, up: Upstream[NgspSettings], before: SentBefore) -> str:
    """``TraCuuHoSo`` decides; it is not asked where nobody but this gateway sends, and nothing was ever sent."""
    if before.nothing_sent and (form := first_form(up.settings)) is not None:
        return form
    return UPDATE if await is_known(dossier.dossier_code, up) else NEW


async def send(dossier: DossierBody, up: Upstream[NgspSettings]) -> DossierSync:
    """``DongBoHoSoMC`` in the form that was chosen."""
    form = up.call.form
    updating = await is_known(dossier.dossier_code, up) if form is None else form == UPDATE
    return await send_dossier(dossier, up, updating=updating)


async def send_dossiers(
    dossiers: Sequence[DossierBody], up: Upstream[NgspSettings]
) -> Sequence[Canonical | GatewayError]:
    """``DongBoHoSoMC`` with several dossiers of one form; it is taken wholly or not at all [S]."""
    message = translate.sync_message(dossiers, up.settings, updating=up.call.form == UPDATE)
    await up.ask(message, WireAnswer)
    return [taken(dossier, up.settings.codes) for dossier in dossiers]


async def ask(dossier: DossierBody, up: Upstream[NgspSettings]) -> Look:
    """Reads the dossier back: it is there where nothing of what was sent differs."""
    found = await looked_up(dossier.dossier_code, up, before_order=True)
    if found is None or not translate.has_all_of(found, dossier, up.settings):
        return NotThere()
    return There(translate.to_sync(found))


# ---- steps and statuses


async def send_steps(steps: Sequence[StepBody], up: Upstream[NgspSettings]) -> Sequence[Canonical | GatewayError]:
    """``CapNhatTienDoHoSoMC`` with one step of each of several dossiers; taken wholly or not at all [S]."""
    await up.ask(translate.progress_message(steps, up.settings), WireAnswer)
    return [told(step.dossier_code, sent_status(step.status, up.settings.codes)) for step in steps]


async def ask_step(step: StepBody, up: Upstream[NgspSettings]) -> Look:
    """Looks for the step in ``TienDo`` [S]."""
    found = await looked_up(step.dossier_code, up, before_order=True)
    if found is None or not translate.has_step(found, step, up.settings):
        return NotThere()
    return There(translate.to_sync(found))


async def ask_report(_report: StatusReport, _up: Upstream[NgspSettings]) -> Look:
    """Asks nobody, since no service tells: an equal status changes nothing [S], so it is sent again."""
    return NotThere(asked=False)


def _most_in_list(settings: NgspSettings) -> int:
    return settings.most_in_list


def _replaces(settings: NgspSettings) -> bool:
    return settings.newer_replaces


DURABLE: Final = DurableDialect(
    orders=(
        orders.sync_order(
            check=check_dossier,
            prepare=prepare,
            first_form=first_form,
            send=send,
            send_many=send_dossiers,
            most_in_list=_most_in_list,
            ask=ask,
            repeat="overwrites",
            repeat_by_form={NEW: "refused"},
            replaces=_replaces,
        ),
        orders.progress_order(
            check=check_step,
            send=send_step,
            send_many=send_steps,
            most_in_list=_most_in_list,
            ask=ask_step,
            repeat="same",
        ),
        orders.status_order(
            check=check_report,
            send=send_report,
            ask=ask_report,
            repeat="same",
        ),
    ),
    following=orders.following(),
)
