"""JSON Schema 2020-12 by the library jsonschema: each of its errors becomes a breach with its place.

An unknown keyword is an error of the contract; it is never ignored.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import UnknownType, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend
from referencing.jsonschema import DRAFT202012

Schema = Mapping[str, Any] | bool

#: Keywords for readers, and those that the library reads together with another keyword.
_OTHER_KEYWORDS: Final = frozenset(
    {"$anchor", "$comment", "$defs", "$dynamicAnchor", "$id", "contentEncoding", "contentMediaType", "default"}
    | {"deprecated", "description", "discriminator", "else", "example", "examples", "externalDocs", "maxContains"}
    | {"minContains", "readOnly", "then", "title", "writeOnly", "xml"}
)
_KNOWN: Final = (Draft202012Validator.VALIDATORS.keys() | _OTHER_KEYWORDS) - {"$dynamicRef"}
_SIZES: Final = frozenset({"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"})
_BOUNDS: Final = frozenset({"minimum", "maximum"})
_EXTRA: Final = frozenset({"additionalProperties", "unevaluatedProperties"})


class ContractError(ValueError):
    """A contract can't be used; the text gives the place and the reason."""


@dataclass(frozen=True, slots=True)
class Breach:
    """One rule that a value breaks: JSON pointer, keyword, the expected value and the value found."""

    pointer: str
    keyword: str
    expected: str
    met: object = None

    @property
    def place(self) -> str:
        """The pointer with `*` for each index: rows that break the same rule are one finding."""
        return re.sub(r"/\d+(?=/|$)", "/*", self.pointer)


class Schemas:
    """The schemas of one document, whose `$ref` point into it."""

    __slots__ = ("_document", "_validator")

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self._validator = _validator_class(self._fields)

    def compiled(self, schema: Schema) -> CompiledSchema:
        """Returns *schema*, compiled for validation.

        Raises:
            ContractError: the schema has a keyword that is not known here, or a reference that leads nowhere.
        """
        self._check(schema)
        # The whole document is the root, so that `#/components/…` can be resolved; its other keys have no effect there.
        return CompiledSchema(self._validator({**self._document, "allOf": [schema]}))

    def check(self) -> None:
        """Checks all named schemas of the document.

        Raises:
            ContractError: one has a keyword that is not known here, or a reference that leads nowhere.
        """
        for schema in self._document.get("components", {}).get("schemas", {}).values():
            self._check(schema)

    def resolve(self, reference: str) -> Any:
        """Returns the target of `#/…`.

        Raises:
            ContractError: the reference has no target.
        """
        found: Any = self._document
        for step in reference.removeprefix("#/").split("/"):
            name = step.replace("~1", "/").replace("~0", "~")
            if not reference.startswith("#/") or not isinstance(found, Mapping) or name not in found:
                raise ContractError(f"$ref {reference} leads nowhere")
            found = found[name]
        return found

    def _check(self, schema: Schema) -> None:
        if isinstance(schema, Mapping):
            for keyword in schema:
                if keyword not in _KNOWN and not keyword.startswith("x-"):
                    raise ContractError(f"the keyword {keyword} is not known to this check")
            if (encoding := schema.get("contentEncoding", "base64")) != "base64":
                raise ContractError(f"the contentEncoding {encoding} is not known to this check")
            if "$ref" in schema:
                self.resolve(schema["$ref"])
        for inner in DRAFT202012.create_resource(schema).subresources():
            self._check(inner.contents)

    def _fields(self, schema: Schema) -> Iterator[str]:
        """Yields the fields that *schema* and its parts name for their object."""
        if isinstance(schema, Mapping):
            yield from schema.get("properties", ())
            parts = [schema[keyword] for keyword in ("if", "then", "else") if keyword in schema]
            parts += [part for keyword in ("allOf", "anyOf", "oneOf") for part in schema.get(keyword, ())]
            if "$ref" in schema:
                parts.append(self.resolve(schema["$ref"]))
            for part in parts:
                yield from self._fields(part)


@dataclass(frozen=True, slots=True)
class CompiledSchema:
    """A schema that validates values."""

    _validator: Validator

    def breaches(self, value: object) -> tuple[Breach, ...]:
        """Returns all breaches of the schema by *value*.

        Raises:
            ContractError: the schema has an unknown type, or a pattern that can't be read.
        """
        try:
            return self._breaches(self._validator.iter_errors(value))
        except UnknownType as error:
            raise ContractError(f"the type {error.type} is not known to this check") from error
        except re.error as error:
            raise ContractError(f"the pattern {error.pattern!r} can't be used: {error}") from error

    def _breaches(self, errors: Iterable[ValidationError]) -> tuple[Breach, ...]:
        return tuple(breach for error in _telling(list(errors)) for breach in self._of(error))

    def _of(self, error: ValidationError) -> tuple[Breach, ...]:
        pointer = _pointer(error)
        if error.validator in {"anyOf", "oneOf"} and error.context:
            options: dict[object, list[ValidationError]] = {}
            for one in error.context:
                options.setdefault(next(iter(one.relative_schema_path), None), []).append(one)
            each = (self._breaches(option) for option in options.values())
            # The breaches of the closest shape say more than "no shape fits".
            return min(each, key=lambda breaches: _distance(breaches, pointer))
        if error.validator == "oneOf":
            fitting = sum(self._validator.evolve(schema=one).is_valid(error.instance) for one in error.validator_value)
            return (Breach(pointer, "oneOf", "exactly one of the shapes", f"{fitting} shapes fit"),)
        return (_breach(error, pointer),)


def _breach(error: ValidationError, pointer: str) -> Breach:
    """Returns an error as a breach; *met* is a value only for keywords that the report masks."""
    keyword, wanted, value = error.validator, error.validator_value, error.instance
    if keyword == "type":
        return Breach(pointer, keyword, wanted if isinstance(wanted, str) else " or ".join(wanted), _kind(value))
    if keyword == "required":
        return Breach(pointer, keyword, "a value", "nothing")
    if keyword in _EXTRA:
        return Breach(pointer, keyword, "no such field", "a field")
    if keyword in {None, "properties"}:
        return Breach(pointer, "false", "nothing here", _kind(value))
    if keyword == "const":
        return Breach(pointer, keyword, repr(wanted), value)
    if keyword == "enum":
        return Breach(pointer, keyword, "one of " + ", ".join(repr(one) for one in wanted), value)
    if keyword == "pattern":
        return Breach(pointer, keyword, wanted, value)
    if keyword == "contentEncoding":
        return Breach(pointer, keyword, wanted, "other text")
    if keyword == "not":
        return Breach(pointer, keyword, "a value that the contract does not exclude", value)
    met = len(value) if keyword in _SIZES else value if keyword in _BOUNDS else _kind(value)
    return Breach(pointer, keyword, f"{keyword} {wanted}", met)


def _telling(errors: list[ValidationError]) -> Iterator[ValidationError]:
    """Yields the errors; after a wrong type, the other errors of the same schema are left out."""
    wrong = {_places(error, -1) for error in errors if error.validator == "type"}
    for error in errors:
        above = range(-len(error.absolute_schema_path), 0)
        if error.validator == "type" or not any(_places(error, length) in wrong for length in above):
            yield error


def _places(error: ValidationError, length: int) -> tuple[tuple[str | int, ...], tuple[str | int, ...]]:
    """Returns the paths of the value and of its schema, cut to *length*."""
    return tuple(error.absolute_path), tuple(error.absolute_schema_path)[:length]


def _distance(breaches: tuple[Breach, ...], pointer: str) -> tuple[bool, int]:
    wrong_kind = any(breach.keyword == "type" and breach.pointer == pointer for breach in breaches)
    return wrong_kind, len({(breach.place, breach.keyword) for breach in breaches})


# ---- keywords whose errors jsonschema reports without the field's name, or not at all


def _required(_: Validator, required: list[str], instance: Any, __: Any) -> Iterator[ValidationError]:
    if isinstance(instance, dict):
        yield from (ValidationError("is missing", path=[name]) for name in required if name not in instance)


def _additional(validator: Any, wanted: Schema, instance: Any, schema: Any) -> Iterator[ValidationError]:
    if not isinstance(instance, dict):
        return
    patterns = schema.get("patternProperties", ())
    for name in instance:
        if name not in schema.get("properties", {}) and not any(re.search(pattern, name) for pattern in patterns):
            yield from _field(validator, wanted, instance, name)


def _unevaluated(fields: Callable[[Schema], Iterator[str]]) -> _Keyword:
    """Like jsonschema's, but with one error per field; a field in *fields* only when all other rules hold.

    A part of a schema that does not hold marks no fields as evaluated, so all of them would seem to be extra.
    """
    library = Draft202012Validator.VALIDATORS["unevaluatedProperties"]

    def unevaluated(validator: Any, wanted: Schema, instance: Any, schema: Any) -> Iterator[ValidationError]:
        if next(library(validator, wanted, instance, schema), None) is None:
            return
        rest = {keyword: value for keyword, value in schema.items() if keyword != "unevaluatedProperties"}
        told = set() if validator.evolve(schema=rest).is_valid(instance) else set(fields(rest))
        for name in (one for one in instance if one not in told):
            others = {**schema.get("properties", {}), **dict.fromkeys(instance.keys() - {name}, True)}
            if next(library(validator, wanted, instance, {**schema, "properties": others}), None) is not None:
                yield from _field(validator, wanted, instance, name)

    return unevaluated


def _field(validator: Any, wanted: Schema, instance: Any, name: str) -> Iterator[ValidationError]:
    if wanted is False:  # jsonschema does not report the field
        yield ValidationError("must not be there", instance=instance[name], path=[name])
    else:
        yield from validator.descend(instance[name], wanted, path=name)


def _properties(validator: Any, known: Mapping[str, Schema], instance: Any, _: Any) -> Iterator[ValidationError]:
    for name in known if isinstance(instance, dict) else ():
        if name in instance:
            yield from _field(validator, known[name], instance, name)


def _property_names(validator: Any, wanted: Schema, instance: Any, _: Any) -> Iterator[ValidationError]:
    for name in instance if isinstance(instance, dict) else ():
        yield from validator.descend(name, wanted, path=name)


def _content_encoding(_: Validator, __: str, instance: Any, ___: Any) -> Iterator[ValidationError]:
    if isinstance(instance, str):
        try:
            base64.b64decode(instance, validate=True)
        except (binascii.Error, ValueError):
            yield ValidationError("is not base64")


_Keyword = Callable[[Any, Any, Any, Any], Iterator[ValidationError]]


def _validator_class(fields: Callable[[Schema], Iterator[str]]) -> Any:
    keywords: dict[str, _Keyword] = {
        "properties": _properties,
        "required": _required,
        "additionalProperties": _additional,
        "unevaluatedProperties": _unevaluated(fields),
        "propertyNames": _property_names,
        "contentEncoding": _content_encoding,
    }
    return extend(Draft202012Validator, keywords)


def _pointer(error: ValidationError) -> str:
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in error.absolute_path)


_KINDS: Final[Mapping[type, str]] = {
    dict: "object",
    list: "array",
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
}


def _kind(value: object) -> str:
    return _KINDS.get(type(value), type(value).__name__)
