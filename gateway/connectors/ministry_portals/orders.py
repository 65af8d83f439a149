"""Orders of all dialects: which operation each is, and how a dossier is told from the store."""

from __future__ import annotations

from functools import partial

from gateway.connectors.ministry_portals.operations import DOSSIER_STATE, REPORT_PROGRESS, SEND_DOSSIER
from gateway.core.durable import CaseView
from gateway.core.problems import CallerError
from gateway.dossiers import orders
from gateway.dossiers.model import StepBody


def admit_state(step: StepBody, case: CaseView | None) -> CallerError | None:
    """Takes the steps of a dossier that the ministry has by itself; one that comes too late is refused."""
    if case is not None and case.last_order is not None and orders.step_order(step) < case.last_order:
        return orders.later_step_sent()
    return None


dossier_order = partial(orders.dossier_order, operation=SEND_DOSSIER)
"""The declaration of a dossier, but for the dialect's own parts."""
progress_order = partial(orders.progress_order, operation=REPORT_PROGRESS)
"""The declaration of a step, but for the dialect's own parts."""
state_order = partial(orders.progress_order, operation=REPORT_PROGRESS, admit=admit_state, opens_case=True)
"""The declaration of a step of a dossier that was filed with the ministry, which knows it without being told."""
following = partial(orders.following, operation=DOSSIER_STATE)
"""How a dossier is told."""
