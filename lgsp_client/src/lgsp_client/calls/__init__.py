"""The national systems that the clients ask. Generated from the declared operations: make generate."""

from __future__ import annotations

from lgsp_client.calls.business_registry import AsyncBusinessRegistry, BusinessRegistry
from lgsp_client.calls.criminal_records import AsyncCriminalRecords, CriminalRecords
from lgsp_client.calls.legal_documents import AsyncLegalDocuments, LegalDocuments
from lgsp_client.calls.ministry_portals import AsyncMinistryPortals, MinistryPortals
from lgsp_client.calls.public_service_portal import AsyncPublicServicePortal, PublicServicePortal
from lgsp_client.calls.social_insurance import AsyncSocialInsurance, SocialInsurance
from lgsp_client.sender import AsyncSender, Sender


class Connectors:
    """The national systems, one attribute each."""

    def __init__(self, sender: Sender) -> None:
        self.business_registry = BusinessRegistry(sender)
        self.criminal_records = CriminalRecords(sender)
        self.legal_documents = LegalDocuments(sender)
        self.ministry_portals = MinistryPortals(sender)
        self.public_service_portal = PublicServicePortal(sender)
        self.social_insurance = SocialInsurance(sender)


class AsyncConnectors:
    """The national systems, one attribute each."""

    def __init__(self, sender: AsyncSender) -> None:
        self.business_registry = AsyncBusinessRegistry(sender)
        self.criminal_records = AsyncCriminalRecords(sender)
        self.legal_documents = AsyncLegalDocuments(sender)
        self.ministry_portals = AsyncMinistryPortals(sender)
        self.public_service_portal = AsyncPublicServicePortal(sender)
        self.social_insurance = AsyncSocialInsurance(sender)
