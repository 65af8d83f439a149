"""Compiles a schema into a function that accepts sound messages quickly.

It accepts a message exactly where `Contract.breaches` finds no breach; one that it refuses is read again for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

Fits = Callable[[object], bool]
Schema = Mapping[str, Any]

TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}


class Compiler:
    """The compiled schemas of one OpenAPI file; each is compiled at first use."""

    __slots__ = ("_compiled", "_schemas")

    def __init__(self, schemas: Mapping[str, Any]) -> None:
        self._schemas = schemas
        self._compiled: dict[int, tuple[Schema, Fits]] = {}

    def compiled(self, schema: Schema) -> Fits:
        """Returns the function for *schema*; schemas may refer to themselves."""
        known = self._compiled.get(id(schema))
        if known is not None:
            return known[1]
        checks: list[Fits] = []
        # Before the checks are made: a schema that refers to itself finds this function.
        self._compiled[id(schema)] = schema, _all_of(checks)
        checks += self._checks(schema)
        if len(checks) == 1:
            self._compiled[id(schema)] = schema, checks[0]
        return self._compiled[id(schema)][1]

    def _checks(self, schema: Schema) -> list[Fits]:
        checks: list[Fits] = []
        if (reference := schema.get("$ref")) is not None:
            checks.append(self.compiled(self._schemas[reference.rpartition("/")[2]]))
        checks += map(self.compiled, schema.get("allOf", ()))
        wanted = schema.get("type")
        if wanted == "string":
            checks.append(_text(schema))
        elif wanted is not None:
            checks.append(_of_type(wanted))
        if "const" in schema:
            checks.append(_equal_to(schema["const"]))
        if "enum" in schema:
            checks.append(_one_of(schema["enum"]))
        if wanted != "string" and schema.keys() & {"minLength", "pattern", "maxLength"}:
            checks.append(_if_text(_text(schema)))
        if "minimum" in schema:
            checks.append(_at_least(schema["minimum"]))
        if schema.keys() & {"required", "properties", "additionalProperties"}:
            checks.append(self._object(schema))
        if schema.keys() & {"minItems", "items"}:
            checks.append(self._array(schema))
        if "if" in schema:
            checks.append(_either(self.compiled(schema["if"]), self.compiled(schema["then"])))
        return checks

    def _object(self, schema: Schema) -> Fits:
        required = frozenset(schema.get("required", ()))
        closed = schema.get("additionalProperties") is False
        known = {name: self.compiled(inner) for name, inner in schema.get("properties", {}).items()}

        def fits(value: object) -> bool:
            if not isinstance(value, dict):
                return True
            if not required <= value.keys():
                return False
            for name, inner in value.items():
                check = known.get(name)
                if check is None:
                    if closed:
                        return False
                elif not check(inner):
                    return False
            return True

        return fits

    def _array(self, schema: Schema) -> Fits:
        fewest = schema.get("minItems", 0)
        check = self.compiled(schema["items"]) if "items" in schema else None

        def fits(value: object) -> bool:
            if not isinstance(value, list):
                return True
            return len(value) >= fewest and (check is None or all(map(check, value)))

        return fits


def _all_of(checks: Sequence[Fits]) -> Fits:
    def fits(value: object) -> bool:
        for check in checks:  # noqa: SIM110  # a generator would cost more than most checks
            if not check(value):
                return False
        return True

    return fits


def _either(condition: Fits, consequence: Fits) -> Fits:
    return lambda value: not condition(value) or consequence(value)


def _of_type(wanted: str | list[str]) -> Fits:
    names = [wanted] if isinstance(wanted, str) else wanted
    with_bool = "boolean" in names
    flat = (part for name in names for part in _parts(TYPES[name]))
    kinds = tuple(kind for kind in flat if kind is not bool)
    return lambda value: with_bool if isinstance(value, bool) else isinstance(value, kinds)


def _parts(kind: type | tuple[type, ...]) -> tuple[type, ...]:
    return kind if isinstance(kind, tuple) else (kind,)


def _equal_to(const: object) -> Fits:
    return lambda value: value == const


def _one_of(enum: Sequence[object]) -> Fits:
    texts = frozenset(choice for choice in enum if isinstance(choice, str))
    return lambda value: value in texts if isinstance(value, str) else value in enum


def _if_text(check: Fits) -> Fits:
    return lambda value: not isinstance(value, str) or check(value)


def _text(schema: Schema) -> Fits:
    """Accepts texts alone: most fields are no more than that, and one function for a field is twice as quick as two."""
    shortest, longest = schema.get("minLength", 0), schema.get("maxLength")
    search = re.compile(schema["pattern"]).search if "pattern" in schema else None

    def fits(value: object) -> bool:
        if not isinstance(value, str):
            return False
        if len(value) < shortest or (longest is not None and len(value) > longest):
            return False
        return search is None or search(value) is not None

    return fits


def _at_least(minimum: int) -> Fits:
    return lambda value: not isinstance(value, int) or value >= minimum
