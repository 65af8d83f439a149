"""A contract in OpenAPI 3.1: its operations by operationId, and the documented answers of each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from conformance.masking import coded_names, known_names, personal_names
from conformance.schema import CompiledSchema, ContractError, Schemas

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_METHODS: Final = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; references to its answers are resolved."""

    name: str
    method: str
    path: str
    answers: Mapping[str, Mapping[str, CompiledSchema | None]]
    """Schema by status and content type."""

    def types(self, status: int) -> frozenset[str]:
        """Returns the documented content types of this status; empty when it documents no content."""
        return frozenset(self.answers.get(str(status), {}))

    def schema(self, status: int, content_type: str) -> CompiledSchema | None:
        """Returns the schema for this status; with several content types, the one of the answer."""
        documented = self.answers.get(str(status), {})
        return documented.get(content_type) or documented.get("application/json")


@dataclass(frozen=True, slots=True)
class OpenApi:
    """One OpenAPI file."""

    operations: Mapping[str, Operation]
    schemas: Schemas
    personal: frozenset[str]
    known: frozenset[str]
    coded: frozenset[str]
    """Fields whose values the contract lists."""


def read_openapi(path: Path) -> OpenApi:
    """Reads a contract.

    Raises:
        ContractError: the file is not OpenAPI, a reference has no target, or a schema has an unknown keyword.
    """
    try:
        document = yaml.load(path.read_bytes(), _LOADER)  # noqa: S506 - a safe loader, in C if available
    except (OSError, yaml.YAMLError) as error:
        raise ContractError(f"{path} can't be read: {error}") from error
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict):
        raise ContractError(f"{path} is not an OpenAPI description: paths is missing")
    schemas = Schemas(document)
    schemas.check()
    operations = {operation.name: operation for operation in _operations(document, schemas)}
    names = (frozenset(names_of(document)) for names_of in (personal_names, known_names, coded_names))
    return OpenApi(operations, schemas, *names)


def _operations(document: Mapping[str, Any], schemas: Schemas) -> Iterator[Operation]:
    for path, item in document["paths"].items():
        for method in _METHODS:
            if method in item:
                operation = item[method]
                answers = {status: _content(one, schemas) for status, one in operation["responses"].items()}
                yield Operation(operation["operationId"], method.upper(), path, answers)


def _content(response: Mapping[str, Any], schemas: Schemas) -> dict[str, CompiledSchema | None]:
    if "$ref" in response:
        response = schemas.resolve(response["$ref"])
    return {
        media: schemas.compiled(one["schema"]) if "schema" in one else None
        for media, one in response.get("content", {}).items()
    }
