"""The mock country in other projects' tests: `pip install "lgsp-gateway[mocks]"`, and the fixtures are there.

Each test process (each worker of pytest-xdist too) starts a country of its own when a test first asks for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from mocks.client import MockCountry


def pytest_addoption(parser: pytest.Parser) -> None:
    """`mock_country_seed` in the configuration: another made-up country."""
    parser.addini("mock_country_seed", "seed of the mock country's population (default 1)", default="1")


@pytest.fixture(scope="session")
def mock_country_session(pytestconfig: pytest.Config) -> Iterator[MockCountry]:
    """A country for the whole session; what one test does to it the next one sees."""
    from mocks.client import running
    from mocks.libraries import missing_libraries

    if (missing := missing_libraries()) is not None:
        pytest.fail(missing, pytrace=False)
    text = pytestconfig.getini("mock_country_seed")
    if not text.lstrip("-").isdigit():
        raise pytest.UsageError(f"mock_country_seed: a whole number, not {text!r}")
    with running(seed=int(text)) as country:
        yield country


@pytest.fixture
def mock_country(mock_country_session: MockCountry) -> Iterator[MockCountry]:
    """A country as on its first day, for one test; faults that the test leaves keep nobody waiting after it."""
    mock_country_session.reset()
    yield mock_country_session
    mock_country_session.clear_faults()
