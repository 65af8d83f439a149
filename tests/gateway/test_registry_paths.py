"""Operations whose path names the upstream: every entry of the configuration whose dialect can answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from gateway.core.connector import Connector
from gateway.registry import Plan, breaches, plan
from gateway.settings import ConfigurationError, Settings
from tests.gateway.test_registry import NEW, OLD, OTHER, THING, dialect

BY_PATH = replace(THING, name="by_path", path="{code}/things", upstream_from="code")
MANY = Connector(
    name="toy",
    title="Toy",
    operations=(BY_PATH, OTHER),
    dialects=(dialect("new", BY_PATH), dialect("old", BY_PATH, OTHER), dialect("third", OTHER)),
)


def planned_by_path(upstreams: Mapping[str, Any], operations: Mapping[str, Any] | None = None) -> Plan:
    """The plan of a deployment whose operation names its upstream in its path."""
    block = {"upstreams": upstreams, "operations": operations or {"other": {"upstream": "old"}}}
    return plan(Settings(connectors={"toy": block}), {"toy": MANY})


def test_every_upstream_that_can_answers_where_the_path_names_it() -> None:
    """Upstreams are entries of the configuration, as many as there are; one that can't is left out."""
    found = planned_by_path({"old": OLD, "two": {**NEW, "dialect": "new"}, "third": NEW})

    assert [item.upstream.name for item in found.operations if item.operation is BY_PATH] == ["old", "two"]
    assert [len(group) for group in found.by_operation()] == [2, 1]


@pytest.mark.parametrize(
    ("upstreams", "operations", "said"),
    [
        (
            {"old": OLD},
            {"by_path": {"upstream": "old"}},
            "connectors.toy.operations.by_path.upstream must be removed: the path of each request names its code",
        ),
        (
            {"Old": {**OLD, "dialect": "old"}},
            {},
            "connectors.toy.upstreams.Old: the name is part of addresses; use a-z, 0-9, and - or _ between them",
        ),
        (
            {"a_b": {**OLD, "dialect": "old"}, "a-b": {**OLD, "dialect": "new"}},
            {},
            "connectors.toy.upstreams.a-b and a_b are the same name in addresses; rename one of them",
        ),
    ],
)
def test_a_wrong_entry_is_refused_where_the_path_names_it(
    upstreams: Mapping[str, Any], operations: Mapping[str, Any], said: str
) -> None:
    """One sentence that names the key to change."""
    with pytest.raises(ConfigurationError) as refused:
        planned_by_path(upstreams, operations or {"other": {"upstream": next(iter(upstreams))}})

    assert str(refused.value) == said


def test_the_upstream_is_named_by_the_path() -> None:
    """A name from a body would not be known before the body is read, so it must be in the path."""
    broken = replace(MANY, operations=(replace(BY_PATH, path="things"), OTHER), dialects=())

    assert breaches(broken) == ["operation by_path: its upstream is named by code, which its path does not have"]
