"""One made-up population behind all systems: same seed, same people, on any machine and in any process.

Nobody here exists: identifiers come from the ranges that the manifest names. Records are made when first asked for.
"""

from __future__ import annotations

from mocks.population.documents import Documents, LegalDocument, Provision, Reference
from mocks.population.enterprises import Enterprise, Enterprises, Unit
from mocks.population.insurance import Contribution, HealthCard, Insurance, Visit
from mocks.population.people import Household, People, Person, Residence
from mocks.population.places import Address, Place
from mocks.population.population import Population
from mocks.population.registrations import Registration

__all__ = [
    "Address",
    "Contribution",
    "Documents",
    "Enterprise",
    "Enterprises",
    "HealthCard",
    "Household",
    "Insurance",
    "LegalDocument",
    "People",
    "Person",
    "Place",
    "Population",
    "Provision",
    "Reference",
    "Registration",
    "Residence",
    "Unit",
    "Visit",
]
