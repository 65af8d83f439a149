"""Drives a mock country from tests: pytest fixtures and a client.

The package has a name of its own and starts the country as a process, so a project with a folder `mocks` can use it.
"""
