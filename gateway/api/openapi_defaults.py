"""Defaults of the described schemas, as words.

Generators of clients read ``default`` in two ways: some send it with every request, also beside a field that excludes
it, and others believe that a field with a default is always there. What may be left out is described so, and its
default is said in the description.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

Schema = dict[str, Any]
SCHEMAS: Final = "#/components/schemas/"


def questions_without_defaults(names: Iterable[str], schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """The schemas *names* of questions, and those that they refer to: without ``default``, which their texts say."""
    return {name: _without(schemas[name], told=True) for name in reached(names, schemas)}


def answers_without_defaults(names: Iterable[str], schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """The schemas *names* of answers that leave out fields without a value: without ``default``."""
    return {name: _without(schemas[name], told=False) for name in names}


def reached(names: Iterable[str], schemas: Mapping[str, Schema]) -> set[str]:
    """The schemas *names*, and those that they refer to."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += _references(schemas[name])
    return found


def _references(schema: Any) -> Iterator[str]:
    """The name behind every ``$ref`` in *schema*."""
    if isinstance(schema, dict):
        if isinstance(target := schema.get("$ref"), str):
            yield target.removeprefix(SCHEMAS)
        schema = list(schema.values())
    if isinstance(schema, list):
        for inner in schema:
            yield from _references(inner)


def _without(schema: Schema, *, told: bool) -> Schema:
    if "properties" not in schema:
        return schema
    return {**schema, "properties": {name: _field(field, told=told) for name, field in schema["properties"].items()}}


def _field(field: Schema, *, told: bool) -> Schema:
    found = {key: value for key, value in field.items() if key != "default"}
    default = field.get("default")
    if told and default not in (None, [], {}):
        said = default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
        found["description"] = f"{field['description']}. Default: {said}"
    return found
