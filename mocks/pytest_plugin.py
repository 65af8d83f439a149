"""The plugin under its former name, for environments that were installed before it had a package of its own."""

from lgsp_pytest.plugin import mock_country, mock_country_session, pytest_addoption

__all__ = ["mock_country", "mock_country_session", "pytest_addoption"]
