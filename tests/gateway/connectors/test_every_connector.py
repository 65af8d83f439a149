"""The rules that every connector keeps, checked on each that is found: a new folder is covered as it is added."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final, get_args

import pytest
import yaml
from pydantic import ValidationError

from gateway.core.canonical import Canonical, PartialDate, inner_models, personal_fields
from gateway.core.connector import Connector
from gateway.core.operation import Operation
from gateway.registry import breaches
from tests.support.connectors import answers, every_connector, every_operation, folder, models_of, names_in
from tests.support.laptop import ROOT

RULES: Final = {
    "error_table_whole",
    "personal_marked",
    "same_record_checked",
    "drift_tolerant",
    "dates_partial",
    "dialects_agree",
    "contract_samples",
    "mock_service",
    "property_tests",
}

COMPUTED: Final = {"Effect.in_force"}
"""Fields that are worked out here, so that no source has a code for them."""

# ---- the folder


@every_connector
def test_folder_has_the_same_names_as_every_other(connector: Connector) -> None:
    """Who knows one connector finds their way in all: the same files, and one folder a dialect."""
    dialects = {dialect.name for dialect in connector.dialects}
    found = names_in(folder(connector))

    assert {"__init__.py", "model.py", "operations.py", "quality.yaml"} | dialects <= found
    more = {"orders.py", "rules.py"} if any(dialect.durable for dialect in connector.dialects) else set()
    if any(operation.upstream_from is not None for operation in connector.operations):
        more |= {"settings.py"}  # what makes an entry of the configuration one of its systems
    if any(dialect.inbound_pull is not None for dialect in connector.dialects):
        more |= {"pulling.py"}  # what its dialects have in common when they fetch what waits
    assert found <= {"__init__.py", "model.py", "operations.py", "quality.yaml", "translate.py"} | dialects | more


@every_connector
def test_connector_breaks_no_rule(connector: Connector) -> None:
    """What is checked at start holds for the connectors that ship."""
    assert breaches(connector) == []


# ---- quality.yaml


def quality(connector: Connector) -> Mapping[str, Any]:
    """What the connector says of itself."""
    found: Mapping[str, Any] = yaml.safe_load((folder(connector) / "quality.yaml").read_text("utf-8"))
    return found


@every_connector
def test_every_rule_is_done_or_exempt_with_its_reason(connector: Connector) -> None:
    """No rule is forgotten, and none is waived without a word why on its line."""
    lines = (folder(connector) / "quality.yaml").read_text("utf-8").splitlines()
    rules = quality(connector)["rules"]

    assert set(rules) == RULES
    assert set(rules.values()) <= {"done", "exempt"}
    for name in (name for name, state in rules.items() if state == "exempt"):
        (line,) = (line for line in lines if line.strip().startswith(f"{name}:"))
        assert "#" in line, f"{name} is exempt without a reason"


@every_connector
def test_missing_fields_are_fields_that_a_dialect_lacks(connector: Connector) -> None:
    """What a dialect can't give is listed by the names of the answers, so that the list can be believed."""
    missing = quality(connector)["fields_missing"]

    assert set(missing) == {dialect.name for dialect in connector.dialects}
    for paths in missing.values():
        for path in paths or ():
            name, *rest = path.split(".")
            models = answers(next(op for op in connector.operations if op.name == name))
            for step in rest:
                holders = [model for model in models if step in model.model_fields]
                assert holders, f"{path}: no answer has {step}"
                models = [
                    m for h in holders for i in inner_models(h.model_fields[step].annotation) for m in models_of(i)
                ]


@every_connector
def test_contract_says_of_its_facts_how_sure_they_are(connector: Connector) -> None:
    """Nobody mistakes an assumption for a fact: the contract's page marks them."""
    page = (ROOT / "contracts" / connector.name / "README.md").read_text("utf-8")

    assert re.search(r"\[[GCS]\]", page)


# ---- models


@every_operation
def test_every_field_says_what_it_is(connector: Connector, operation: Operation[Any, Any]) -> None:
    """The description of each field is what a portal developer reads, with the official term."""
    silent = [
        f"{model.__name__}.{name}"
        for model in (*models_of(operation.query), *answers(operation))
        if model.__module__.startswith("gateway.connectors.")
        for name, info in model.model_fields.items()
        if not info.description and not any(inner.__doc__ for inner in inner_models(info.annotation))
    ]

    assert silent == []


@every_operation
def test_every_text_of_a_question_is_bounded(connector: Connector, operation: Operation[Any, Any]) -> None:
    """No question is as long as its sender likes: each text has a length, a pattern or a list of values."""
    boundless = []

    def look(schema: Mapping[str, Any], where: str) -> None:
        bounds = {"maxLength", "pattern", "enum", "const", "format"}
        if schema.get("type") == "string" and not bounds & schema.keys():
            boundless.append(where)
        if schema.get("type") == "array" and "items" in schema and "maxItems" not in schema:
            boundless.append(where)
        for key, inner in schema.items():
            for index, entry in enumerate(inner if isinstance(inner, list) else [inner]):
                if isinstance(entry, dict):
                    for name, deeper in entry.items() if key in {"properties", "$defs"} else [("", entry)]:
                        look(deeper, f"{where}/{name or key}{index or ''}")

    look(operation.query.model_json_schema(), "")

    assert boundless == []


@every_operation
def test_day_in_a_question_is_a_day(connector: Connector, operation: Operation[Any, Any]) -> None:
    """Seconds since 1970 are no day, whatever a parser thinks of them."""
    for model in models_of(operation.query):
        if model is PartialDate:
            continue
        for name, schema in model.model_json_schema()["properties"].items():
            if "date" not in {schema.get("format"), *(option.get("format") for option in schema.get("anyOf", ()))}:
                continue
            with pytest.raises(ValidationError) as refused:
                model.model_validate_json(f'{{"{name}": "0"}}', strict=True)
            assert name in {item["loc"][0] for item in refused.value.errors()}, f"{model.__name__}.{name} takes seconds"


@every_operation
def test_no_personal_field_stands_in_a_url(connector: Connector, operation: Operation[Any, Any]) -> None:
    """What is personal is asked by body, so a GET has none, and no path holds one."""
    personal = {pointer.lstrip("/") for pointer in personal_fields(operation.query)}

    assert not personal & set(operation.path_fields())
    assert operation.method != "GET" or not personal


@every_operation
def test_models_are_canonical(connector: Connector, operation: Operation[Any, Any]) -> None:
    """Questions and answers are frozen and closed, whatever they hold."""
    assert all(issubclass(model, Canonical) for model in (*models_of(operation.query), *answers(operation)))


@every_operation
def test_unknown_codes_stay_visible(connector: Connector, operation: Operation[Any, Any]) -> None:
    """A value that may be "unknown" has the source's own code beside it."""
    for model in answers(operation):
        for name, info in model.model_fields.items():
            if "unknown" in _literals(info.annotation) and f"{model.__name__}.{name}" not in COMPUTED:
                beside = {other for other in model.model_fields if other.endswith("source_code")}
                assert beside, f"{model.__name__}.{name} has no source code beside it"


def _literals(annotation: Any) -> set[str]:
    found: set[str] = set()
    for argument in get_args(annotation):
        found |= {argument} if isinstance(argument, str) else _literals(argument)
    return found


# ---- operations


@every_operation
def test_freshness_is_law(connector: Connector, operation: Operation[Any, Any]) -> None:
    """How old an answer may be is said for each; what is never kept is never old, and orders and files are not kept."""
    if operation.effect == "write" or operation.streams():
        assert (operation.fresh_s, operation.stale_s, operation.swr_s) == (0, 0, 0)
    if not operation.fresh_s:
        assert (operation.stale_s, operation.swr_s, operation.soft_timeout_s) == (0, 0, 0)
    assert operation.fresh_s >= 0
    assert 0 < operation.deadline_s <= 120


@every_connector
def test_criminal_records_are_never_old(connector: Connector) -> None:
    """Nothing about a criminal record is kept, and nothing stands in for the source."""
    if connector.name == "criminal_records":
        assert all((op.fresh_s, op.stale_s, op.swr_s) == (0, 0, 0) for op in connector.operations)


@every_operation
def test_order_is_accepted_and_found_again(connector: Connector, operation: Operation[Any, Any]) -> None:
    """An order is no GET; where it is merely accepted its answer says where it will stand."""
    if operation.effect == "write":
        assert operation.method != "GET"
        assert (operation.success == 202) == (operation.location is not None)


@every_operation
def test_summary_is_one_sentence_with_the_official_term(connector: Connector, operation: Operation[Any, Any]) -> None:
    """Documentation and command line show it."""
    assert 10 <= len(operation.summary) <= 200
    assert "\n" not in operation.summary
    assert "(" in operation.summary


@every_operation
def test_operation_is_answered_by_some_dialect(connector: Connector, operation: Operation[Any, Any]) -> None:
    """Nothing is declared that nobody answers."""
    assert any(call.operation == operation for dialect in connector.dialects for call in dialect.calls)
