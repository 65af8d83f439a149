"""What the gateway says of itself is true: a valid document, the committed one, and no answer outside of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import pytest
import schemathesis
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from gateway.api.openapi import BATCH_EXAMPLE, describe
from gateway.api.schemas import Problem
from gateway.cli.describe import configuration_schema, to_yaml
from gateway.routing import VERSION
from tests.support.connectors import OPERATIONS
from tests.support.laptop import LAPTOP, ROOT
from tests.support.national import National
from tests.support.pair import Pair, running_pair
from tests.support.portal import KEY, PURPOSE, Portal

DOCUMENT: Final[dict[str, Any]] = json.loads(json.dumps(describe(list(OPERATIONS.values()), VERSION)))
DESCRIBED: Final = [
    (path, method, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]


def resolved(part: dict[str, Any]) -> dict[str, Any]:
    """*part*, or what it refers to."""
    where = part.get("$ref")
    if where is None:
        return part
    found: Any = DOCUMENT
    for name in where.removeprefix("#/").split("/"):
        found = found[name]
    assert isinstance(found, dict)
    return found


def every(part: Any) -> Iterator[dict[str, Any]]:
    """All objects of the document."""
    if isinstance(part, dict):
        yield part
    inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    for value in inner:
        yield from every(value)


# ---- the document


def test_document_is_openapi() -> None:
    """The description is valid OpenAPI 3.1."""
    validate(DOCUMENT)

    assert DOCUMENT["openapi"].startswith("3.1")


def test_committed_document_is_the_declared_one() -> None:
    """``contracts/gateway/openapi.yaml`` is what the connectors declare; `make generate` renews it."""
    committed = (ROOT / "contracts" / "gateway" / "openapi.yaml").read_text("utf-8")

    assert committed == to_yaml(DOCUMENT), "the API has changed: run `make generate` and look at the difference"


def test_no_question_has_a_default_that_a_client_would_send() -> None:
    """Generated clients send a ``default`` unasked, or demand the field; what holds is said in the description."""
    schemas = DOCUMENT["components"]["schemas"]
    bodies = [operation["requestBody"] for _, _, operation in DESCRIBED if "requestBody" in operation]
    waiting = [part["$ref"] for body in bodies for part in every(body) if "$ref" in part]
    seen: set[str] = set()
    while waiting:
        name = waiting.pop().rpartition("/")[2]
        if name not in seen:
            seen.add(name)
            waiting += [part["$ref"] for part in every(schemas[name]) if "$ref" in part]

    assert {"ParticipantQuery", "ApplicationOrder", "BatchPart", "BirthPlace"} <= seen
    assert [name for name in sorted(seen) for part in every(schemas[name]) if "default" in part] == []


def test_what_an_answer_leaves_out_has_no_default() -> None:
    """A generated client would believe that it is always there."""
    schemas = DOCUMENT["components"]["schemas"]

    assert [
        name for name in ("Meta", "PageMeta", "Problem") for part in every(schemas[name]) if "default" in part
    ] == []


def test_bytes_are_the_first_type_of_a_file_with_many() -> None:
    """Generated clients read a file as the first type that they know, and a PDF is no text."""
    content = DOCUMENT["paths"]["/v1/legal-documents/documents/{document_id}/content"]["get"]["responses"]["200"]

    assert next(iter(content["content"])) == "application/octet-stream"


def test_committed_configuration_schema_is_the_declared_one() -> None:
    """``config/schema.json`` knows every key of every connector; `make generate` renews it."""
    committed = json.loads((ROOT / "config" / "schema.json").read_text("utf-8"))

    assert committed == json.loads(json.dumps(configuration_schema())), "run `make generate`"


def test_laptop_file_keeps_the_schema() -> None:
    """The shipped configuration has no key that an editor would underline."""
    schema = json.loads((ROOT / "config" / "schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    wrong = Draft202012Validator(schema).iter_errors(yaml.safe_load(LAPTOP.read_text("utf-8")))

    assert [f"{'/'.join(map(str, error.path))}: {error.message}" for error in wrong] == []


@pytest.mark.parametrize("text", ["conectors: {}", "connectors: {nowhere: {}}", "listen: {port: many}",
                                  "connectors: {business_registry: {upstreams: {ngsp: {ulr: x}}}}"])  # fmt: skip
def test_schema_underlines_mistakes(text: str) -> None:
    """An editor with the schema sees what the start would refuse."""
    schema = json.loads((ROOT / "config" / "schema.json").read_text("utf-8"))

    assert list(Draft202012Validator(schema).iter_errors(yaml.safe_load(text)))


async def test_running_gateway_describes_what_it_offers(portal: Portal) -> None:
    """``/openapi.json`` of a gateway that offers everything is the committed document, without the inbox where it has
    no store, and needs no key.
    """
    without_inbox = json.loads(json.dumps(describe(list(OPERATIONS.values()), VERSION, inbox=False)))
    answered = await portal.ask("GET", "/openapi.json", key=None)

    assert answered.media_type == "application/json"
    assert answered.json == without_inbox


@pytest.mark.parametrize(
    ("path", "method", "operation"), DESCRIBED, ids=[entry[2]["operationId"] for entry in DESCRIBED]
)
def test_operation_is_described_whole(path: str, method: str, operation: dict[str, Any]) -> None:
    """Summary, success, a problem for each refusal, and a schema for each body."""
    assert operation["summary"]
    assert {"401", "500", "503"} <= set(operation["responses"])
    assert any(status.startswith("2") for status in operation["responses"])
    for status, said in operation["responses"].items():
        response = resolved(said)
        assert response["description"]
        assert response["headers"]
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
            Problem.model_validate(response["content"]["application/problem+json"]["example"])
            assert response["content"]["application/problem+json"]["example"]["status"] == int(status)
    for parameter in operation.get("parameters", ()):
        assert parameter["schema"]
        assert parameter["in"] != "path" or (parameter["required"] and f"{{{parameter['name']}}}" in path)


def test_nothing_is_null_by_default() -> None:
    """A field that may be left out is not one that has to be sent as null."""
    assert [part for part in every(DOCUMENT["paths"]) if "default" in part and part["default"] is None] == []
    assert [part for part in every(DOCUMENT["components"]) if "default" in part and part["default"] is None] == []


def test_closed_words_are_enumerations() -> None:
    """A generated client knows the words that a client decides by."""
    schemas = DOCUMENT["components"]["schemas"]

    assert set(schemas["Meta"]["properties"]["freshness"]["enum"]) == {"live", "cached", "stale"}
    assert set(schemas["Problem"]["properties"]["outcome"]["enum"]) == {"done", "not_done", "unknown"}
    assert set(schemas["Problem"]["properties"]["fault"]["enum"]) == {"caller", "gateway", "upstream"}
    assert set(schemas["CatalogueUpstream"]["properties"]["state"]["enum"]) == {"unknown", "up", "failing", "isolated"}


def test_files_have_their_media_types() -> None:
    """No file is ``*/*``."""
    files = [
        list(operation["responses"]["200"]["content"])
        for _, _, operation in DESCRIBED
        if "The file" in operation["responses"].get("200", {}).get("description", "")
    ]

    assert ["application/pdf"] in files
    assert not any("*/*" in types for types in files)
    assert all(files)


def test_a_place_has_one_default() -> None:
    """Wherever a place is asked for, it is the same one unless said."""
    schemas = DOCUMENT["components"]["schemas"]
    said = {name: part["properties"]["place"]["description"].rpartition(". Default: ")[2]
            for name, part in schemas.items()
            if ". Default: " in part.get("properties", {}).get("place", {}).get("description", "")}  # fmt: skip

    assert said == {"ParticipantQuery": "household", "HouseholdQuery": "household"}


async def test_every_example_can_be_tried(portal: Portal) -> None:
    """What the documentation fills in exists in the mock country, for each operation and for the batch."""
    for connector, operation in OPERATIONS.values():
        inside = {name: operation.example[name] for name in operation.path_fields()}
        fields = {name: value for name, value in operation.example.items() if name not in inside}
        sample = {"path": inside, "body" if operation.has_body() else "query": fields}
        answered = await portal.look_up(f"{connector.name}.{operation.name}", sample)
        wanted = 409 if operation.method == "DELETE" else operation.success  # what was sent is not cancelled

        assert answered.status == wanted, (operation.name, answered.body)
    batch = await portal.ask("POST", "/v1/batch", body=BATCH_EXAMPLE)

    assert [part["status"] for part in batch.json["data"]] == [200, 200]
    assert batch.json["data"][1]["data"]


def test_every_operation_is_described() -> None:
    """Nothing that a connector declares is missing."""
    assert set(OPERATIONS) <= {operation["operationId"] for _, _, operation in DESCRIBED}


# ---- every answer is one that the document foresees


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    """Mocks and gateway as a user starts them."""
    with running_pair(ROOT) as found:
        yield found


SCHEMA: Final = schemathesis.openapi.from_dict(DOCUMENT)
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


# Not `SCHEMA.parametrize()`: it makes thousands of cases while tests are collected, and gives all operations one node
# id, of which pytest-xdist runs one.
@pytest.mark.parametrize(
    ("path", "method"), [entry[:2] for entry in DESCRIBED], ids=[f"{method} {path}" for path, method, _ in DESCRIBED]
)
def test_answers_keep_the_description(path: str, method: str, pair: Pair) -> None:
    """Whatever is asked, the answer has a status, a content type and a shape that the description foresees."""
    operation = SCHEMA[path][method.upper()]
    headers = {"Authorization": f"Bearer {KEY}", **PURPOSE}

    @given(st.one_of([operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode]))
    @settings(
        max_examples=25,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def ask(case: schemathesis.Case) -> None:
        # A deadline of a tenth of a second, or nothing but what is cached, would make the answer depend on the machine.
        for name in ("X-Request-Timeout", "Cache-Control"):
            case.headers.pop(name, None)
        case.validate_response(case.call(base_url=pair.gateway, headers=headers), checks=CHECKS)

    ask()


async def test_real_answers_keep_the_description(portal: Portal, national: National) -> None:
    """Every sample of the country, known and unknown, is answered as described."""
    shapes = {operation["operationId"]: operation["responses"] for _, _, operation in DESCRIBED}
    store = {"components": DOCUMENT["components"]}
    for operation, samples in (await national.all_samples()).items():
        if operation not in shapes:
            continue
        for sample in samples:
            headers = {"Idempotency-Key": str(hash(json.dumps(sample, default=str)))}
            answered = await portal.look_up(operation, sample, headers)
            content = resolved(shapes[operation][str(answered.status)])["content"]
            assert answered.media_type in content
            if "json" not in answered.media_type:
                continue
            schema = {**content[answered.media_type]["schema"], **store}
            wrong = [
                f"{list(e.path)}: {e.message[:200]}" for e in Draft202012Validator(schema).iter_errors(answered.json)
            ]

            assert wrong == [], operation
