"""The part of JSON Schema 2020-12 that the contracts use, with every breach said as a difference.

A keyword that is not known is an error of the contract, never a rule that quietly holds.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

Schema = Mapping[str, Any]

_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "null": type(None),
}
_ANNOTATIONS: Final = frozenset(
    {"$comment", "contentMediaType", "default", "deprecated", "description", "discriminator", "example", "examples"}
    | {"format", "readOnly", "title", "writeOnly"}
)
_PARTS: Final = frozenset({"allOf", "anyOf", "oneOf", "if", "then", "else", "not", "$ref"})
_OBJECT: Final = frozenset({"required", "properties", "additionalProperties", "unevaluatedProperties", "propertyNames"})
_PLAIN: Final = frozenset(
    {"type", "const", "enum", "pattern", "minLength", "maxLength", "contentEncoding", "minimum", "maximum"}
    | {"minItems", "maxItems", "items", "minProperties", "maxProperties"}
)
_KNOWN: Final = _ANNOTATIONS | _PARTS | _OBJECT | _PLAIN


class ContractError(ValueError):
    """A contract can't be used as it stands; the text says where and why."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that a value breaks: where (JSON pointer), which keyword, what it asks for and what was met."""

    pointer: str
    keyword: str
    expected: str
    met: object = None

    @property
    def place(self) -> str:
        """The pointer with every index made equal: rows that break the same rule are one finding."""
        return re.sub(r"/\d+(?=/|$)", "/*", self.pointer)


@dataclass(frozen=True, slots=True)
class _Found:
    breaches: tuple[Breach, ...]
    evaluated: frozenset[str] = frozenset()


class Schemas:
    """Validates against the schemas of one document, whose `$ref` point into it."""

    __slots__ = ("_document",)

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def breaches(self, schema: Schema | bool, value: object, pointer: str = "") -> tuple[Breach, ...]:
        """All breaches of *schema* by *value*, outside in.

        Raises:
            ContractError: the schema has a keyword that is not known here, or a reference that leads nowhere.
        """
        return self._evaluate(schema, value, pointer).breaches

    def resolve(self, reference: str) -> Any:
        """What `#/…` points at.

        Raises:
            ContractError: nothing stands there.
        """
        found: Any = self._document
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not reference.startswith("#/") or not isinstance(found, Mapping) or name not in found:
                raise ContractError(f"$ref {reference} leads nowhere")
            found = found[name]
        return found

    def _evaluate(self, schema: Schema | bool, value: object, pointer: str) -> _Found:
        if isinstance(schema, bool):
            return _Found(() if schema else (Breach(pointer, "false", "nothing here", value),))
        for keyword in schema:
            if keyword not in _KNOWN and not keyword.startswith("x-"):
                raise ContractError(f"the keyword {keyword} is not known to this check")
        breaches: list[Breach] = []
        evaluated: set[str] = set()
        for found in self._parts(schema, value, pointer):
            breaches += found.breaches
            evaluated |= found.evaluated
        if "type" in schema and not _is(value, schema["type"]):
            return _Found((Breach(pointer, "type", _words(schema["type"]), _kind(value)),))
        breaches += _plain(schema, value, pointer)
        if isinstance(value, dict):
            own = self._object(schema, value, pointer)
            breaches += own.breaches
            evaluated |= own.evaluated
            if "unevaluatedProperties" in schema:
                rest = {name: value[name] for name in value if name not in evaluated}
                breaches += self._extras(schema["unevaluatedProperties"], "unevaluatedProperties", rest, pointer)
                evaluated |= rest.keys()
        elif isinstance(value, list) and "items" in schema:
            for index, item in enumerate(value):
                breaches += self._evaluate(schema["items"], item, f"{pointer}/{index}").breaches
        return _Found(tuple(breaches), frozenset(evaluated))

    def _parts(self, schema: Schema, value: object, pointer: str) -> Iterator[_Found]:
        if "$ref" in schema:
            yield self._evaluate(self.resolve(schema["$ref"]), value, pointer)
        for part in schema.get("allOf", ()):
            yield self._evaluate(part, value, pointer)
        for keyword in ("anyOf", "oneOf"):
            if keyword in schema:
                yield self._choice(keyword, schema[keyword], value, pointer)
        if "not" in schema and not self._evaluate(schema["not"], value, pointer).breaches:
            yield _Found((Breach(pointer, "not", "what the contract does not exclude", value),))
        if "if" in schema:
            condition = self._evaluate(schema["if"], value, pointer)
            if condition.breaches:
                yield self._evaluate(schema.get("else", True), value, pointer)
            else:
                yield condition
                yield self._evaluate(schema.get("then", True), value, pointer)

    def _choice(self, keyword: str, options: list[Schema], value: object, pointer: str) -> _Found:
        found = [self._evaluate(option, value, pointer) for option in options]
        fitting = [one for one in found if not one.breaches]
        if keyword == "oneOf" and len(fitting) > 1:
            return _Found((Breach(pointer, "oneOf", "exactly one of the shapes", f"{len(fitting)} shapes fit"),))
        if fitting:
            return _Found((), frozenset().union(*(one.evaluated for one in fitting)))
        # The shape that was meant is the one that fits best; its breaches say more than "none fits".
        return min(found, key=lambda one: _distance(one.breaches, pointer))

    def _object(self, schema: Schema, value: Mapping[str, object], pointer: str) -> _Found:
        breaches = [
            Breach(f"{pointer}/{_escaped(name)}", "required", "a value", "nothing")
            for name in schema.get("required", ())
            if name not in value
        ]
        known: Schema = schema.get("properties", {})
        for name in known.keys() & value.keys():
            breaches += self._evaluate(known[name], value[name], f"{pointer}/{_escaped(name)}").breaches
        if "propertyNames" in schema:
            for name in value:
                breaches += self._evaluate(schema["propertyNames"], name, f"{pointer}/{_escaped(name)}").breaches
        evaluated = frozenset(known.keys() & value.keys())
        if "additionalProperties" in schema:
            rest = {name: value[name] for name in value if name not in known}
            breaches += self._extras(schema["additionalProperties"], "additionalProperties", rest, pointer)
            evaluated |= rest.keys()
        return _Found(tuple(breaches), evaluated)

    def _extras(self, schema: Schema | bool, keyword: str, rest: Mapping[str, object], pointer: str) -> list[Breach]:
        if schema is False:
            return [Breach(f"{pointer}/{_escaped(name)}", keyword, "no such field", "a field") for name in rest]
        found = [self._evaluate(schema, value, f"{pointer}/{_escaped(name)}") for name, value in rest.items()]
        return [breach for one in found for breach in one.breaches]


def _distance(breaches: tuple[Breach, ...], pointer: str) -> tuple[bool, int]:
    wrong_kind = any(breach.keyword == "type" and breach.pointer == pointer for breach in breaches)
    return wrong_kind, len({(breach.place, breach.keyword) for breach in breaches})


def _is(value: object, wanted: str | list[str]) -> bool:
    names = [wanted] if isinstance(wanted, str) else wanted
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, _TYPES[name]) for name in names) or (
        "integer" in names and isinstance(value, float) and value.is_integer()
    )


def _equal(value: object, other: object) -> bool:
    return value == other and isinstance(value, bool) == isinstance(other, bool)


def _plain(schema: Schema, value: object, pointer: str) -> list[Breach]:
    found = []
    if "const" in schema and not _equal(value, schema["const"]):
        found.append(Breach(pointer, "const", repr(schema["const"]), value))
    if "enum" in schema and not any(_equal(value, one) for one in schema["enum"]):
        found.append(Breach(pointer, "enum", "one of " + ", ".join(repr(one) for one in schema["enum"]), value))
    if isinstance(value, str):
        if "pattern" in schema and re.search(schema["pattern"], value) is None:
            found.append(Breach(pointer, "pattern", schema["pattern"], value))
        if schema.get("contentEncoding") == "base64" and not _is_base64(value):
            found.append(Breach(pointer, "contentEncoding", "base64", "other text"))
    for keyword, kind, size in _BOUNDS:
        if keyword in schema and isinstance(value, kind) and not isinstance(value, bool):
            bound, met = schema[keyword], size(value)
            if met < bound if keyword.startswith("min") else met > bound:
                found.append(Breach(pointer, keyword, f"{keyword} {bound}", met))
    return found


def _number(value: Any) -> Any:
    return value


_BOUNDS: Final[tuple[tuple[str, type | tuple[type, ...], Callable[[Any], Any]], ...]] = (
    ("minLength", str, len),
    ("maxLength", str, len),
    ("minimum", (int, float), _number),
    ("maximum", (int, float), _number),
    ("minItems", list, len),
    ("maxItems", list, len),
    ("minProperties", dict, len),
    ("maxProperties", dict, len),
)


def _is_base64(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    return next((name for name, kind in _TYPES.items() if isinstance(value, kind)), type(value).__name__)


def _words(wanted: str | list[str]) -> str:
    return wanted if isinstance(wanted, str) else " or ".join(wanted)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")
