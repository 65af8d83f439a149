"""Orders of all dialects: which operation each is, and how a dossier is told from the store."""

from __future__ import annotations

from functools import partial

from gateway.connectors.public_service_portal.model import StatusReport
from gateway.connectors.public_service_portal.operations import (
    DOSSIER_SYNC,
    REPORT_PROGRESS,
    REPORT_STATUS,
    SYNC_DOSSIER,
)
from gateway.core.durable import CaseView, DurableOrder
from gateway.core.problems import CallerError
from gateway.dossiers import orders
from gateway.dossiers.wire import instant


def admit_report(report: StatusReport, case: CaseView | None, settings: object) -> CallerError | None:
    """Takes the status of any dossier: that the portal pushed it, the portal knows best."""
    if case is not None and case.last_order is not None and report_order(report, settings) < case.last_order:
        return orders.later_step_sent()
    return None


def report_order(report: StatusReport, _settings: object) -> str:
    """Statuses of a dossier reach the portal in the order of ``NgayXuLy``."""
    return instant(report.processed_at)


sync_order = partial(orders.dossier_order, operation=SYNC_DOSSIER)
"""The declaration of a dossier, but for the dialect's own parts."""
progress_order = partial(orders.progress_order, operation=REPORT_PROGRESS)
"""The declaration of a step, but for the dialect's own parts."""
status_order = partial(
    DurableOrder,
    operation=REPORT_STATUS,
    key_of=orders.key_of,
    admit=admit_report,
    accepted=orders.accepted,
    order_of=report_order,
    same_as=orders.content_hash,
)
"""The declaration of a status, but for the dialect's own parts."""
following = partial(orders.following, operation=DOSSIER_SYNC)
"""How a dossier is told."""
