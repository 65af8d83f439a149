"""Pytest fixtures of the mock country for other projects; `pip install "lgsp-gateway[mocks]"` installs them.

Each test process (also each worker of pytest-xdist) starts its own country when a test first asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lgsp_pytest.client import MockCountry


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the option `mock_country_seed`, the seed of the made-up country."""
    parser.addini("mock_country_seed", "seed of the mock country's population (default 1)", default="1")


@pytest.fixture(scope="session")
def mock_country_session(pytestconfig: pytest.Config) -> Iterator[MockCountry]:
    """Gives one country for the whole session; later tests see the changes of earlier ones."""
    from lgsp_pytest.client import MockCountryError, running

    text = pytestconfig.getini("mock_country_seed")
    if not text.lstrip("-").isdigit():
        raise pytest.UsageError(f"mock_country_seed: use a whole number, not {text!r}")
    with ExitStack() as stack:
        try:
            country = stack.enter_context(running(seed=int(text)))
        except MockCountryError as error:
            pytest.fail(str(error), pytrace=False)
        yield country


@pytest.fixture
def mock_country(mock_country_session: MockCountry) -> Iterator[MockCountry]:
    """Gives a test a country in its start state; faults that the test leaves are removed after it."""
    mock_country_session.reset()
    yield mock_country_session
    mock_country_session.clear_faults()
