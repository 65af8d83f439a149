"""Operations that the tests of every connector leave out, each with the reason."""

from __future__ import annotations

from typing import Any, Final

from gateway.connectors.criminal_records.operations import CANCEL
from gateway.connectors.public_service_portal.operations import PREFLIGHT
from gateway.core.operation import Operation

NOBODY_ASKED: Final = (PREFLIGHT,)
"""Operations that a dialect answers by itself."""
UNHEARD: Final = (CANCEL, *NOBODY_ASKED)
"""And whose answer is always an error: what was sent can't be cancelled."""
SILENT: Final = frozenset({"public_service_portal.gen2.dossier_sync"})
"""The same of one dialect alone: it has no look-up, and says so."""
NOT_COMPARED: Final = {
    "business_registry.ngsp.registrations": "a period is asked, and rows carry no day that must lie in it",
    "legal_documents.ws.search": "a search; what is found belongs to many questions",
    "legal_documents.gateway.search": "a search; what is found belongs to many questions",
    "legal_documents.gateway.provisions": "a tree carries no id of the document",
    "criminal_records.lltp2024.apply": "an accepted order is told by a sentence alone",
    "criminal_records.ngsp.apply": "an accepted order is told by a number alone",
    "criminal_records.ngsp.application": "traTrangThaiHs does not say of which dossier it speaks [G]",
    "criminal_records.ws.apply": "an accepted order is told by a number alone",
    "criminal_records.ws.application": "as of ngsp",
    "public_service_portal.ngsp.sync_dossier": "an accepted dossier is told by a code alone",
    "public_service_portal.ngsp.report_progress": "an accepted step is told by a code alone",
    "public_service_portal.ngsp.report_status": "an accepted status is told by a code alone",
    "public_service_portal.ngsp.procedures": "a list; one that is asked by its code is compared",
    **{
        f"ministry_portals.{dialect}.{operation}": why
        for dialect in ("rest", "ws")
        for operation, why in (
            ("send_dossier", "an accepted dossier is told by a code alone"),
            ("report_progress", "an accepted step is told by a code alone"),
            ("incoming", "a list of what waits"),
            ("acknowledge", "told by a code alone"),
        )
    },
    "ministry_portals.transport.incoming": "a list of some days",
    "ministry_portals.birth_death.report_progress": "an accepted state is told by a sentence alone",
    "ministry_portals.birth_death.incoming": "a list of what waits",
    "ministry_portals.birth_death.acknowledge": "told by a sentence alone",
    "public_service_portal.gen2.sync_dossier": "an accepted dossier is told by a sentence alone",
    "public_service_portal.page.procedures": "a list; the one that was asked by its code is picked out of it",
    "social_insurance.ngsp.participant": "asked by number alone: the answer does not repeat the number [G]",
}
"""Operations whose answers carry nothing that could be compared with the question."""


def asks_nobody(dialect: str, operation: Operation[Any, Any]) -> bool:
    """Whether *operation* of *dialect* (``connector.dialect``) is answered without its source."""
    return operation in NOBODY_ASKED or f"{dialect}.{operation.name}" in SILENT


def is_unheard(dialect: str, operation: Operation[Any, Any]) -> bool:
    """And whether there is no answer of the source that could be looked at."""
    return operation in UNHEARD or asks_nobody(dialect, operation)
