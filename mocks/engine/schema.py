"""Checks messages against the schemas of an OpenAPI file, for the part of JSON Schema that the contracts use."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from mocks.engine.fitting import TYPES, Compiler


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule of the contract that a message breaks: the JSON pointer and the keyword of the schema."""

    pointer: str
    keyword: str

    def __str__(self) -> str:
        return f"{self.pointer or '/'}: {self.keyword}"


class Contract:
    """The schemas of one OpenAPI file."""

    __slots__ = ("_compiler", "_schemas", "paths")

    def __init__(self, text: str) -> None:
        document = parsed(text)
        self._schemas: Mapping[str, Any] = document["components"]["schemas"]
        self._compiler = Compiler(self._schemas)
        self.paths: Mapping[str, Any] = document["paths"]

    def question(self, operation: str) -> Mapping[str, Any]:
        """Returns the schema of the request body of *operation*."""
        posts = (path["post"] for path in self.paths.values())
        found = next(post for post in posts if post["operationId"] == operation)
        schema: Mapping[str, Any] = next(iter(found["requestBody"]["content"].values()))["schema"]
        return schema

    def named(self, name: str) -> Mapping[str, Any]:
        """Returns the schema of this name."""
        schema: Mapping[str, Any] = self._schemas[name]
        return schema

    def resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        """Returns *schema*, or the schema that its `$ref` points to."""
        while (reference := schema.get("$ref")) is not None:
            schema = self._schemas[reference.rpartition("/")[2]]
        return schema

    def fits(self, schema: Mapping[str, Any], value: object) -> bool:
        """Returns True when *value* has no breach of *schema*: `breaches` says which, and takes five times as long."""
        return self._compiler.compiled(schema)(value)

    def breaches(self, schema: Mapping[str, Any], value: object, pointer: str = "") -> Iterator[Breach]:
        """Yields all breaches of *schema* by *value*, outermost first."""
        if (reference := schema.get("$ref")) is not None:
            yield from self.breaches(self._schemas[reference.rpartition("/")[2]], value, pointer)
        for part in schema.get("allOf", ()):
            yield from self.breaches(part, value, pointer)
        wanted = schema.get("type")
        if wanted is not None and not _is(value, wanted):
            yield Breach(pointer, "type")
            return
        yield from _plain(schema, value, pointer)
        if isinstance(value, dict):
            yield from self._object(schema, value, pointer)
        elif isinstance(value, list):
            if len(value) < schema.get("minItems", 0):
                yield Breach(pointer, "minItems")
            for index, item in enumerate(value if "items" in schema else ()):
                yield from self.breaches(schema["items"], item, f"{pointer}/{index}")
        if "if" in schema and not any(self.breaches(schema["if"], value)):
            yield from self.breaches(schema["then"], value, pointer)

    def _object(self, schema: Mapping[str, Any], value: Mapping[str, object], pointer: str) -> Iterator[Breach]:
        for name in schema.get("required", ()):
            if name not in value:
                yield Breach(f"{pointer}/{name}", "required")
        known = schema.get("properties", {})
        if schema.get("additionalProperties") is False:
            for name in value.keys() - known.keys():
                yield Breach(f"{pointer}/{name}", "additionalProperties")
        for name, inner in known.items():
            if name in value:
                yield from self.breaches(inner, value[name], f"{pointer}/{name}")


def _is(value: object, wanted: str | list[str]) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, TYPES[name]) for name in names)


def _plain(schema: Mapping[str, Any], value: object, pointer: str) -> Iterator[Breach]:
    if "const" in schema and value != schema["const"]:
        yield Breach(pointer, "const")
    if "enum" in schema and value not in schema["enum"]:
        yield Breach(pointer, "enum")
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0):
            yield Breach(pointer, "minLength")
        elif "pattern" in schema and re.search(schema["pattern"], value) is None:
            yield Breach(pointer, "pattern")
        if len(value) > schema.get("maxLength", len(value)):
            yield Breach(pointer, "maxLength")
    if isinstance(value, int) and value < schema.get("minimum", value):
        yield Breach(pointer, "minimum")


@cache
def parsed(text: str) -> dict[str, Any]:
    """Parses a contract's YAML once; a reset uses the cached result."""
    found: dict[str, Any] = yaml.safe_load(text)
    return found
