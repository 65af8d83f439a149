"""One population for all tests of it: it does not change."""

from __future__ import annotations

import pytest

from mocks.population import Population


@pytest.fixture(scope="session")
def population() -> Population:
    return Population(1)
