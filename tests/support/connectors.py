"""All connectors, operations and dialects that are found, for tests that go through all of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pytest
from pydantic import BaseModel

from gateway.core.canonical import Content, inner_models
from gateway.core.connector import Connector, Dialect
from gateway.core.operation import Operation
from gateway.pipeline.operation.choose_upstream import slug_of
from gateway.registry import scan
from tests.support.laptop import ROOT

CONNECTORS: Final = scan()
OPERATIONS: Final = {
    f"{connector.name}.{operation.name}": (connector, operation)
    for connector in CONNECTORS.values()
    for operation in connector.operations
}
DIALECTS: Final = {
    f"{connector.name}.{dialect.name}": (connector, dialect)
    for connector in CONNECTORS.values()
    for dialect in connector.dialects
}
every_connector = pytest.mark.parametrize("connector", CONNECTORS.values(), ids=CONNECTORS)
every_operation = pytest.mark.parametrize(("connector", "operation"), OPERATIONS.values(), ids=OPERATIONS)
every_dialect = pytest.mark.parametrize(("connector", "dialect"), DIALECTS.values(), ids=DIALECTS)


def folder(connector: Connector, dialect: Dialect | None = None) -> Path:
    """Where it stands."""
    here = ROOT / "gateway" / "connectors" / connector.name
    return here / dialect.name if dialect else here


def names_in(path: Path) -> set[str]:
    """Names of the files, and of the folders with code."""
    return {entry.name for entry in path.iterdir() if entry.name != "__pycache__"}


def models_of(model: type[BaseModel], seen: set[type[BaseModel]] | None = None) -> Iterator[type[BaseModel]]:
    """*model* and all models within it, once each."""
    seen = seen if seen is not None else set()
    if model in seen:
        return
    seen.add(model)
    yield model
    for info in model.model_fields.values():
        for inner in inner_models(info.annotation):
            yield from models_of(inner, seen)


def own_samples(operation: Operation[Any, Any], upstream: str, samples: Sequence[Any]) -> list[Any]:
    """Of *samples* those that *upstream* answers: of an operation whose path names the upstream, its own."""
    field = operation.upstream_from
    return [one for one in samples if field is None or one["path"][field] == slug_of(upstream)]


def answers(operation: Operation[Any, Any]) -> list[type[BaseModel]]:
    """The models that an answer is made of; none for a file."""
    return [] if operation.answer is Content else list(models_of(operation.answer))
