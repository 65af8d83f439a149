"""How old an answer may be is law where the code says so: configuration that would break it is refused."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest

from gateway.connectors.criminal_records import CONNECTOR as CRIMINAL_RECORDS
from gateway.pipeline.cache.answer_cache import cacheable
from gateway.registry import breaches, plan
from gateway.settings import ConfigurationError, Settings

UPSTREAM: Final = {"url": "http://127.0.0.1:9", "allow_private": True}


def planned(operation: dict[str, Any]) -> Any:
    """The plan of a deployment that changes the state of an application by *operation*."""
    upstream = {**UPSTREAM, "ministry_justice_id": 82}
    block = {"upstreams": {"ngsp": upstream}, "operations": {"application": operation}}
    return plan(Settings.model_validate({"connectors": {"criminal_records": block}}))


@pytest.mark.parametrize("key", ["stale_s", "swr_s"])
def test_a_criminal_record_can_not_be_made_stale(key: str) -> None:
    """No deployment may show an old criminal record: the rule and the key are named."""
    with pytest.raises(ConfigurationError) as caught:
        planned({"fresh_s": 60, key: 1})

    assert str(caught.value) == (
        f"never-stale: connectors.criminal_records.operations.application.{key} must stay 0: "
        "an old answer is never shown for this operation"
    )


def test_a_criminal_record_may_be_kept_while_it_is_fresh() -> None:
    """A deployment may spare the source for a minute; nothing is kept unless it says so."""
    (kept,) = [item.operation for item in planned({"fresh_s": 60}).operations if item.operation.name == "application"]
    declared = next(operation for operation in CRIMINAL_RECORDS.operations if operation.name == "application")

    assert (kept.fresh_s, cacheable(kept), cacheable(declared)) == (60, True, False)


def test_a_soft_timeout_needs_something_that_may_stand_in() -> None:
    """Without ``stale_s`` a soft timeout would do nothing; a deployment that hopes for it is told so."""
    block = {"upstreams": {"ngsp": UPSTREAM}, "operations": {"enterprise": {"stale_s": 0, "soft_timeout_s": 0.3}}}

    with pytest.raises(ConfigurationError, match=r"^soft-timeout-without-stale: .*enterprise\.soft_timeout_s"):
        plan(Settings.model_validate({"connectors": {"business_registry": block}}))


def test_a_subject_is_a_field_of_the_query() -> None:
    """An operation that names a subject which its query does not have is refused at start."""
    wrong = replace(CRIMINAL_RECORDS.operations[0], subject=("dossier",))
    connector = replace(CRIMINAL_RECORDS, operations=(wrong,), dialects=())

    assert breaches(connector) == ["operation apply: its subject has dossier, which its query does not have"]


def test_an_order_and_the_state_that_it_changes_have_the_same_subject() -> None:
    """The dossier code of an application is the id of its state: a supplement makes the kept state forgotten."""
    by_name = {operation.name: operation for operation in CRIMINAL_RECORDS.operations}

    assert by_name["apply"].subject_fields() == ("dossier_code",)
    assert by_name["application"].subject_fields() == ("application_id",)
