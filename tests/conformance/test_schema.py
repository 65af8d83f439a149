"""The verdict is jsonschema's, and each breach says where and what."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conformance.openapi import read_openapi
from conformance.schema import ContractError, Schemas
from conformance.suite import discover

CONTRACTS: Final = Path(__file__).parents[2] / "contracts"
DOCUMENTS: Final = sorted(
    contract.folder / suite.openapi
    for contract in discover(CONTRACTS).values()
    for suite in contract.suite.services.values()
    if suite.openapi is not None
)
NAMES: Final = st.sampled_from(["a", "b", "c"])
SCALARS: Final = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "0", "ab", "01/02/2026"])
VALUES: Final = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3), max_leaves=8
)
TYPES: Final = st.sampled_from(["object", "array", "string", "integer", "number", "boolean", "null"])


def schemas() -> st.SearchStrategy[Any]:
    """Schemas of every keyword that the contracts use."""

    def of(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        choices = st.lists(st.booleans() | inner, min_size=1, max_size=3)
        return st.fixed_dictionaries(
            {},
            optional={
                "type": TYPES | st.lists(TYPES, min_size=1, max_size=3, unique=True),
                "properties": st.dictionaries(NAMES, st.booleans() | inner, max_size=3),
                "required": st.lists(NAMES, max_size=2, unique=True),
                "additionalProperties": st.booleans() | inner,
                "unevaluatedProperties": st.booleans(),
                "propertyNames": st.just({"pattern": "^[ab]$"}),
                "items": inner,
                "minItems": st.integers(0, 2),
                "maxProperties": st.integers(0, 2),
                "minimum": st.integers(-1, 1),
                "maxLength": st.integers(0, 2),
                "pattern": st.sampled_from(["^a", r"^\d"]),
                "const": SCALARS,
                "enum": st.lists(SCALARS, min_size=1, max_size=3),
                "allOf": choices,
                "anyOf": choices,
                "oneOf": choices,
                "not": inner,
                "if": inner,
                "then": inner,
                "else": inner,
            },
        )

    return st.recursive(st.just({}), of, max_leaves=4)


@given(schemas(), VALUES)
def test_holds_where_jsonschema_says_so(schema: dict[str, Any], value: object) -> None:
    """Over any schema of the known keywords and any value, the verdict is the reference implementation's."""
    breaches = Schemas({}).compiled(schema).breaches(value)

    assert (not breaches) == Draft202012Validator(schema).is_valid(value), breaches


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_contract_is_known_wholly(path: Path) -> None:
    """No schema of a contract has a keyword that would be read over, or a reference that leads nowhere."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    schemas_of = Schemas(document)

    def visit(node: Any) -> None:
        if isinstance(node, dict):
            if isinstance(reference := node.get("$ref"), str):
                assert schemas_of.resolve(reference) is not None
            if "schema" in node:
                schemas_of.compiled(node["schema"]).breaches({})
            for inner in node.values():
                visit(inner)
        elif isinstance(node, list):
            for inner in node:
                visit(inner)

    visit(document)
    for schema in document["components"]["schemas"].values():
        for value in ({}, [], "", 0, None):
            schemas_of.compiled(schema).breaches(value)
        visit_properties(schemas_of, schema)
    assert read_openapi(path).operations


def visit_properties(schemas_of: Schemas, schema: Any) -> None:
    """Asks every schema below *schema*, so that a keyword deep inside is met."""
    for inner in schema.get("properties", {}).values():
        schemas_of.compiled(inner).breaches(None)
        visit_properties(schemas_of, inner)
    if isinstance(items := schema.get("items"), dict):
        schemas_of.compiled(items).breaches(None)
        visit_properties(schemas_of, items)


@pytest.mark.parametrize(
    ("schema", "value", "found"),
    [
        ({"properties": {"a": {"type": "integer"}}}, {"a": "1"}, [("/a", "type", "integer")]),
        ({"items": {"required": ["b"]}}, [{"b": 1}, {}], [("/1/b", "required", "a value")]),
        ({"oneOf": [{"type": "integer"}, {"minimum": 0}]}, 1, [("", "oneOf", "exactly one of the shapes")]),
        ({"properties": {"a/b": {"maxLength": 1}}}, {"a/b": "xyz"}, [("/a~1b", "maxLength", "maxLength 1")]),
        ({"contentEncoding": "base64"}, "no base64!", [("", "contentEncoding", "base64")]),
        ({"type": "integer"}, True, [("", "type", "integer")]),
        ({"properties": {"a": False}}, {"a": 1}, [("/a", "false", "nothing here")]),
    ],
)
def test_a_breach_says_where_and_what(schema: Any, value: object, found: list[tuple[str, str, str]]) -> None:
    """The pointer is a JSON pointer, and the keyword and the expectation are the schema's."""
    breaches = Schemas({}).compiled(schema).breaches(value)

    assert [(one.pointer, one.keyword, one.expected) for one in breaches] == found


def test_the_shape_that_was_meant_is_complained_of() -> None:
    """Of several shapes the one that fits best is taken, however many rows break it."""
    row = {"type": "object", "required": ["code"], "properties": {"code": {"enum": ["1"]}}}
    rows = {"type": "object", "required": ["rows"], "properties": {"rows": {"type": "array", "items": row}}}
    failed = {"type": "object", "required": ["error", "status"]}

    breaches = (
        Schemas({}).compiled({"oneOf": [rows, failed, {"type": "array"}]}).breaches({"rows": [{"code": "2"}] * 9})
    )

    assert {one.place for one in breaches} == {"/rows/*/code"}


def test_an_unknown_keyword_is_an_error_of_the_contract() -> None:
    """A rule that is not understood never counts as held."""
    with pytest.raises(ContractError, match="multipleOff"):
        Schemas({}).compiled({"properties": {"a": {"items": {"multipleOff": 2}}}})


def test_a_reference_that_leads_nowhere_is_an_error_of_the_contract() -> None:
    """It is named."""
    with pytest.raises(ContractError, match="#/components/schemas/Nobody leads nowhere"):
        Schemas({}).compiled({"$ref": "#/components/schemas/Nobody"})


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "date"}, "the type date is not known"),
        ({"pattern": "("}, "the pattern '\\(' can't be used"),
        ({"contentEncoding": "gzip"}, "the contentEncoding gzip is not known"),
    ],
)
def test_a_rule_that_cannot_be_held_is_an_error_of_the_contract(schema: dict[str, Any], told: str) -> None:
    """It is named, and no value passes by it."""
    with pytest.raises(ContractError, match=told):
        Schemas({}).compiled(schema).breaches("text")


def test_a_field_of_a_part_that_does_not_hold_is_not_extra() -> None:
    """Only the fields that the schema names nowhere are told as extra, beside what is wrong in the part."""
    schema = {"allOf": [{"properties": {"a": {"type": "integer"}}}], "unevaluatedProperties": False}

    breaches = Schemas({}).compiled(schema).breaches({"a": "1", "b": 2})

    assert {(one.pointer, one.keyword) for one in breaches} == {("/a", "type"), ("/b", "unevaluatedProperties")}


@pytest.mark.parametrize("keyword", ["multipleOf", "exclusiveMinimum", "uniqueItems", "contains", "dependentRequired"])
def test_no_breach_shows_a_value_that_a_report_would_not_mask(keyword: str) -> None:
    """Of keywords beyond those of the contracts today, the kind of the value is told and never the value."""
    wanted = {"multipleOf": 7, "exclusiveMinimum": 9, "uniqueItems": True, "contains": False}
    value = {"multipleOf": 8, "exclusiveMinimum": 8, "uniqueItems": [8, 8], "contains": [8]}
    schema = {keyword: wanted.get(keyword, {"a": ["b"]})}

    (breach,) = Schemas({}).compiled(schema).breaches(value.get(keyword, {"a": 8}))

    assert breach.met in {"integer", "array", "object"}
