"""One made-up population for all systems: the same seed gives the same people on any machine and in any process.

All persons are fictitious: identifiers come from the test ranges in the manifest. Records are made at first use.
"""

from __future__ import annotations

from mocks.population.documents import Documents, LegalDocument, Provision, Reference
from mocks.population.enterprises import Enterprise, Enterprises, Unit
from mocks.population.insurance import Contribution, HealthCard, Insurance, Visit
from mocks.population.people import Household, People, Person, Residence
from mocks.population.places import Address, Place
from mocks.population.population import Population, population_of
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
    "population_of",
]
