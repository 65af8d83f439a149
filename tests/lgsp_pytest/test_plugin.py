"""The plugin as another project meets it: in a pytest of its own, by the entry point alone."""

from __future__ import annotations

import re
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "mocks.md"


def test_the_package_brings_the_plugin() -> None:
    """pytest finds it by the entry point, so nobody has to name it."""
    assert ("mock_country", "lgsp_pytest.plugin") in {
        (point.name, point.value) for point in entry_points(group="pytest11")
    }


def test_the_example_of_the_documentation_works(pytester: pytest.Pytester) -> None:
    """As it stands there, word for word."""
    (example,) = re.findall(r"```python\n(# test_portal\.py\n.*?)```", DOCUMENTATION.read_text("utf-8"), re.DOTALL)
    pytester.makepyfile(test_portal=example)

    pytester.runpytest_subprocess("-q").assert_outcomes(passed=3)


def test_each_test_finds_the_country_as_on_its_first_day(pytester: pytest.Pytester) -> None:
    """What one test puts, advances and asks is gone in the next; the process is the same."""
    pytester.makepyfile(
        """
        from urllib.request import urlopen
        import pytest
        seen = []

        @pytest.mark.parametrize("again", [1, 2])
        def test_fresh(mock_country, again):
            assert mock_country.faults() == []
            assert mock_country.arrivals() == 0
            assert (mock_country.advance("P1D") - mock_country.now()).total_seconds() < 60
            mock_country.scenario("flaky")
            mock_country.legal_documents.fault("hang")
            with urlopen(mock_country.legal_documents.url + "/ws?wsdl"):
                pass
            assert mock_country.arrivals() == 1
            seen.append(mock_country.url)
            assert len(set(seen)) == 1
        """
    )

    pytester.runpytest_subprocess("-q").assert_outcomes(passed=2)


def test_the_seed_is_configuration(pytester: pytest.Pytester) -> None:
    """Another seed, another country."""
    pytester.makeini("[pytest]\nmock_country_seed = 7\n")
    pytester.makepyfile(
        """
        def test_seed(mock_country_session):
            assert mock_country_session.ask("GET", "manifest")["seed"] == 7
        """
    )

    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_a_seed_that_is_no_number_is_said_to_be_wrong(pytester: pytest.Pytester) -> None:
    """With the name of the setting."""
    pytester.makeini("[pytest]\nmock_country_seed = one\n")
    pytester.makepyfile("def test_seed(mock_country): pass")

    result = pytester.runpytest_subprocess("-q")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*mock_country_seed: use a whole number, not 'one'*"])


def test_a_repository_with_folders_of_the_same_names_runs(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its own `mocks` and `gateway` are imported by its tests, and the country still starts, also under PYTHONPATH."""
    for name in ("mocks", "gateway"):
        folder = pytester.mkpydir(name)
        (folder / "__init__.py").write_text(f"OURS = {name!r}\n")
        (folder / "__main__.py").write_text("raise SystemExit('the wrong package was started')\n")
    monkeypatch.setenv("PYTHONPATH", str(pytester.path))
    pytester.makepyfile(
        """
        import gateway, mocks

        def test_both(mock_country):
            assert (mocks.OURS, gateway.OURS) == ("mocks", "gateway")
            assert mock_country.business_registry.samples("enterprise")
        """
    )

    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)
