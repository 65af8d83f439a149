"""Questions as values, for `batch` and `ask`. Generated from the declared operations: make generate."""

from lgsp_client.questions import (
    business_registry,
    criminal_records,
    legal_documents,
    ministry_portals,
    public_service_portal,
    social_insurance,
)

__all__ = [
    "business_registry",
    "criminal_records",
    "legal_documents",
    "ministry_portals",
    "public_service_portal",
    "social_insurance",
]
