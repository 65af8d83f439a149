"""Orders of all dialects: which operation each is, and how a dossier is told from the store."""

from __future__ import annotations

from functools import partial

from gateway.connectors.ministry_portals.operations import DOSSIER_STATE, REPORT_PROGRESS, SEND_DOSSIER
from gateway.dossiers import orders

dossier_order = partial(orders.dossier_order, operation=SEND_DOSSIER)
"""The declaration of a dossier, but for the dialect's own parts."""
progress_order = partial(orders.progress_order, operation=REPORT_PROGRESS)
"""The declaration of a step, but for the dialect's own parts."""
state_order = partial(orders.progress_order, operation=REPORT_PROGRESS, held=None, opens_case=True)
"""The declaration of a step of a dossier that was filed with the ministry, which knows it without being told."""
following = partial(orders.following, operation=DOSSIER_STATE)
"""How a dossier is told."""
