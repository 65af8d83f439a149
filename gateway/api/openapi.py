"""The description of the API, derived from the declared operations alone (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, get_args

from pydantic import BaseModel, Field
from pydantic.json_schema import models_json_schema

from gateway.api.batch import BatchQuery
from gateway.api.problems import every_error
from gateway.api.reasons import REASONS
from gateway.api.texts import CODES
from gateway.core.canonical import Canonical, Content, Page
from gateway.core.connector import Connector
from gateway.core.operation import Operation

Declared = tuple[Connector, Operation[Any, Any]]
_REF: Final = "#/components/schemas/{model}"


class Meta(BaseModel):
    """The source and the age of an answer."""

    system: str = Field(description="Connector", examples=["business_registry"])
    operation: str = Field(description="Operation", examples=["enterprise"])
    freshness: str = Field(description="live, cached or stale", pattern="^(live|cached|stale)$")
    fetched_at: str = Field(
        description="When the national system gave the data, RFC 3339", examples=["2026-11-24T03:04:05Z"]
    )
    age_seconds: int = Field(description="Seconds since then", ge=0)
    request_id: str = Field(description="Identifies the request in the log and in questions to the operator")
    withheld: list[str] = Field(
        default=[],
        description="JSON pointers into data: personal fields that are left out, because the request has no purpose "
        "(X-Dossier-Id, X-User-Id) or the key no right to them; absent where there are none",
        examples=[["/members/0/identity_number"]],
    )


class PageMeta(Meta):
    """As Meta, for a list."""

    next_page_token: str | None = Field(description="page_token of the next page; null at the end")
    total: int | None = Field(description="Number of all records, where the source says it")


class FieldProblem(BaseModel):
    """One thing wrong with a request."""

    pointer: str = Field(description="JSON pointer (RFC 6901) to the field; empty: the body as a whole")
    code: str = Field(description="Stable word", examples=["required", "check_digit"])
    message: str = Field(description="What is wrong, in the language of Accept-Language")


class Problem(BaseModel):
    """RFC 9457 problem document; decide by code, retryable and outcome, never by text."""

    type: str = Field(description="Address of the code's page", examples=["/problems/upstream-timeout"])
    title: str
    status: int
    detail: str
    code: str = Field(description="Stable word", json_schema_extra={"enum": [*sorted(CODES)]})
    fault: str = Field(pattern="^(caller|gateway|upstream)$")
    retryable: bool
    outcome: str = Field(pattern="^(done|not_done|unknown)$", description="What happened to the thing asked")
    request_id: str
    reason: str | None = Field(
        default=None,
        description="Finer stable word; the page of the code (type) lists its reasons",
        json_schema_extra={"examples": [*sorted(REASONS)]},
    )
    retry_after_seconds: int | None = None
    system: str | None = None
    operation: str | None = None
    errors: list[FieldProblem] | None = None


_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "X-Request-Timeout": {
        "description": "Deadline in seconds, capped by the operation's own",
        "schema": {"type": "number", "minimum": 0.1, "maximum": 120},
    },
    "Cache-Control": {
        "description": "no-cache, max-age, only-if-cached, max-stale (RFC 9111)",
        "schema": {"type": "string", "examples": ["no-cache"]},
    },
    "X-Dossier-Id": {
        "description": "Mã hồ sơ: the dossier that the request belongs to",
        "schema": {
            "type": "string",
            "pattern": "^[A-Za-z0-9._:@/-]{1,128}$",
            "examples": ["000.00.04.H58-261124-0001"],
        },
    },
    "X-User-Id": {
        "description": "The officer (cán bộ) who asks",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._:@/-]{1,128}$", "examples": ["canbo.test"]},
    },
    "Idempotency-Key": {
        "description": "The same value for each repetition of one order",
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,255}$"},
    },
}


def describe(declared: Sequence[Declared], version: str) -> dict[str, Any]:
    """The whole document for *declared* operations."""
    models: set[tuple[type[BaseModel], str]] = {(Problem, "serialization"), (Meta, "serialization")}
    models |= {(PageMeta, "serialization"), (BatchQuery, "validation")}
    for _, operation in declared:
        models.add((operation.query, "validation"))
        if (answer := answer_model(operation)) is not None:
            models.add((answer, "serialization"))
    ordered = sorted(models, key=lambda pair: (pair[0].__name__, pair[1]))
    names, definitions = models_json_schema(ordered, by_alias=True, ref_template=_REF)  # type: ignore[arg-type]
    schemas = {key: names[(model, mode)] for model, mode in ordered for key in [(model, mode)]}  # type: ignore[index]
    components = definitions.get("$defs", {})
    paths: dict[str, dict[str, Any]] = {}
    for connector, operation in declared:
        path = f"/v1/{connector.slug}/{operation.path}"
        paths.setdefault(path, {})[operation.method.lower()] = _operation(connector, operation, schemas, components)
    paths.update(_own_paths(schemas))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "LGSP gateway",
            "version": version,
            "summary": "One API for the national systems that a province's dossiers need",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"key": []}],
        "tags": [{"name": c.slug, "description": c.title} for c in _unique(c for c, _ in declared)],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(components.items())),
            "securitySchemes": {
                "key": {"type": "http", "scheme": "bearer", "description": "API key lgsp_<id>_<secret>"}
            },
        },
    }


def answer_model(operation: Operation[Any, Any]) -> type[Canonical] | None:
    """The model of ``data``, or of its elements; None for a file."""
    if operation.answer is Content:
        return None
    if issubclass(operation.answer, Page):
        item: type[Canonical] = get_args(operation.answer.model_fields["items"].annotation)[0]
        return item
    answer: type[Canonical] = operation.answer
    return answer


def _unique(connectors: Iterable[Connector]) -> list[Connector]:
    return list({connector.name: connector for connector in connectors}.values())


def _operation(
    connector: Connector, operation: Operation[Any, Any], schemas: Mapping[Any, Any], components: Mapping[str, Any]
) -> dict[str, Any]:
    query = _resolved(schemas[(operation.query, "validation")], components)
    inside = set(operation.path_fields())
    parameters: list[dict[str, Any]] = []
    for name, schema in query.get("properties", {}).items():
        if name in inside or operation.method == "GET":
            parameters.append(_parameter(name, schema, query, where="path" if name in inside else "query"))
    parameters.extend(_header_parameters(operation))
    found: dict[str, Any] = {
        "operationId": f"{connector.name}.{operation.name}",
        "tags": [connector.slug],
        "summary": operation.summary,
        "parameters": parameters,
        "responses": _responses(operation, schemas),
    }
    if operation.method != "GET":
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas[(operation.query, "validation")]}},
        }
    return found


def _resolved(schema: Mapping[str, Any], components: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Mapping[str, Any] = components[reference.rpartition("/")[2]]
    return found


def _parameter(name: str, schema: Mapping[str, Any], query: Mapping[str, Any], *, where: str) -> dict[str, Any]:
    inner = {key: value for key, value in schema.items() if key not in {"title", "description", "default"}}
    options = [option for option in inner.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) == 1:
        inner = {**{k: v for k, v in inner.items() if k != "anyOf"}, **options[0]}
    found = {
        "name": name,
        "in": where,
        "schema": inner,
        "required": where == "path" or name in query.get("required", ()),
    }
    if "description" in schema:
        found["description"] = schema["description"]
    return found


def _header_parameters(operation: Operation[Any, Any]) -> list[dict[str, Any]]:
    needed = {"X-Dossier-Id", "X-User-Id"} if operation.needs_purpose() else set()
    if operation.idempotency_key:
        needed.add("Idempotency-Key")
    names = ["X-Request-Timeout", "X-Dossier-Id", "X-User-Id"]
    names += ["Cache-Control"] if operation.effect == "read" and operation.fresh_s else []
    names += ["Idempotency-Key"] if operation.effect == "write" else []
    return [{"name": name, "in": "header", "required": name in needed, **_HEADERS[name]} for name in names]


def _responses(operation: Operation[Any, Any], schemas: Mapping[Any, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    model = answer_model(operation)
    if model is None:
        found["200"] = {
            "description": "The file",
            "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}},
        }
    else:
        data = schemas[(model, "serialization")]
        paged = issubclass(operation.answer, Page)
        meta = schemas[(PageMeta if paged else Meta, "serialization")]
        schema = {
            "type": "object",
            "required": ["data", "meta"],
            "properties": {"data": {"type": "array", "items": data} if paged else data, "meta": meta},
            "additionalProperties": False,
        }
        description = "The order is accepted" if operation.success == 202 else "The answer"
        found[str(operation.success)] = {
            "description": description,
            "content": {"application/json": {"schema": schema}},
        }
        if operation.effect == "read":
            found["304"] = {"description": "The answer that If-None-Match names is still current"}
    body = operation.method != "GET"
    writes = operation.effect == "write"
    statuses = {400, 401, 403, 404, 429, 500, 502, 503, 504} | ({413, 415} if body else set())
    statuses |= {409, 422} if writes else set()
    found.update(_problems(statuses, schemas))
    return found


def _problems(statuses: Iterable[int], schemas: Mapping[Any, Any]) -> dict[str, Any]:
    codes: dict[int, set[str]] = {}
    for error in every_error():
        codes.setdefault(error.status, set()).add(error.code)
    return {
        str(status): {
            "description": ", ".join(sorted(codes.get(status, {"internal"}))),
            "content": {"application/problem+json": {"schema": schemas[(Problem, "serialization")]}},
        }
        for status in sorted(statuses)
    }


def _own_paths(schemas: Mapping[Any, Any]) -> dict[str, Any]:
    result = {
        "type": "object",
        "required": ["status"],
        "properties": {
            "status": {"type": "integer"},
            "data": {},
            "meta": {"type": "object"},
            "problem": schemas[(Problem, "serialization")],
        },
    }
    batch = {
        "operationId": "batch",
        "tags": ["gateway"],
        "summary": "Up to 50 reads for one dossier, answered in the order asked",
        "parameters": [
            {"name": name, "in": "header", "required": False, **_HEADERS[name]}
            for name in ("X-Request-Timeout", "X-Dossier-Id", "X-User-Id", "Cache-Control")
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": schemas[(BatchQuery, "validation")]}},
        },
        "responses": {
            "200": _json("An answer or a problem for each request", {"type": "array", "items": result}),
            **_problems({400, 401, 413, 415, 500, 503}, schemas),
        },
    }
    listing = {
        "operationId": "connectors",
        "tags": ["gateway"],
        "summary": "The connected national systems and their state",
        "responses": {
            "200": _json("All connectors", {"type": "array", "items": {"type": "object"}}),
            **_problems({401, 500, 503}, schemas),
        },
    }
    one = {
        "operationId": "connector",
        "tags": ["gateway"],
        "summary": "One connector",
        "parameters": [{"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {
            "200": _json("The connector", {"type": "object"}),
            **_problems({400, 401, 404, 500, 503}, schemas),
        },
    }
    return {"/v1/batch": {"post": batch}, "/v1/connectors": {"get": listing}, "/v1/connectors/{name}": {"get": one}}


def _json(description: str, data: dict[str, Any]) -> dict[str, Any]:
    schema = {"type": "object", "required": ["data"], "properties": {"data": data, "meta": {"type": "object"}}}
    return {"description": description, "content": {"application/json": {"schema": schema}}}
