"""Operations that the tests of every connector leave out, each with the reason."""

from __future__ import annotations

from typing import Final

from gateway.connectors.criminal_records.operations import CANCEL
from gateway.connectors.public_service_portal.operations import PREFLIGHT

UNHEARD: Final = (CANCEL, PREFLIGHT)
"""What was sent can't be cancelled, so the answer is an error; for a preflight nobody is asked."""
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
    "social_insurance.ngsp.participant": "asked by number alone: the answer does not repeat the number [G]",
}
"""Operations whose answers carry nothing that could be compared with the question."""
