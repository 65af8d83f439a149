"""``lgsp explain``: the rings that apply here, with every number and who said it."""

from __future__ import annotations

from typing import Final

import pytest

from gateway.cli.describe import as_lines
from gateway.registry import OperationPlan, plan
from gateway.settings import Settings
from tests.support.laptop import laptop_settings

ENTERPRISE: Final = "business_registry.enterprise"
UPSTREAMS: Final = {"breaker": {"open_s": 12}, "bulkhead": {"queue": 7}, "quota_per_day": 500}


@pytest.fixture
def settings() -> Settings:
    """The laptop, with some numbers of its own."""
    return laptop_settings("http://127.0.0.1:9", upstreams=UPSTREAMS)


def explained(settings: Settings, name: str) -> list[str]:
    """What is printed of the operation *name*."""
    found: dict[str, OperationPlan] = {
        f"{item.connector.name}.{item.operation.name}": item for item in plan(settings).operations
    }
    return [line.strip() for line in as_lines(settings, [found[name]])]


def test_the_rings_are_those_that_would_run(settings: Settings) -> None:
    """Outermost first, without what is not configured."""
    said = explained(settings, ENTERPRISE)

    assert "operation ring: observe requests → cache → call connector" in said
    assert (
        "upstream ring: observe refusals → retry → breaker → bulkhead → deadline → daily quota → observe attempts "
        "→ attempt timeout → token → classify reply" in said
    )


def test_each_number_says_who_said_it(settings: Settings) -> None:
    """The file's key, the dialect's, or the default: key by key, also within one block."""
    registry = explained(settings, ENTERPRISE)
    records = explained(settings, "criminal_records.application")

    assert "breaker.open_s = 12.0  (configuration)" in registry
    assert "breaker.consecutive_failures = 5  (default)" in registry
    assert "attempt_timeout_s = 4.0  (connector)" in registry
    assert "fresh_s = 86400  (operation)" in registry
    assert "quota_per_day = 500  (configuration)" in registry
    # Saying one key of a block does not undo what the dialect says of the others.
    assert "bulkhead.queue = 7  (configuration)" in records
    assert "bulkhead.limit = 5  (connector)" in records
    assert "breaker.slow_s = 6.0  (connector)" in records
