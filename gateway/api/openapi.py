"""The description of the API, derived from the declared operations alone (OpenAPI 3.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from inspect import cleandoc
from typing import Any, Final, get_args

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from gateway.api import openapi_responses as shared
from gateway.api.batch import BatchQuery
from gateway.api.openapi_defaults import SCHEMAS as _SCHEMAS
from gateway.api.openapi_defaults import answers_without_defaults, questions_without_defaults
from gateway.api.openapi_headers import HEADERS as _HEADERS
from gateway.api.openapi_headers import ID as _ID
from gateway.api.openapi_inbox import ANSWERS, QUESTIONS, TAG, inbox_paths
from gateway.api.openapi_texts import TEXT, questions_without_controls
from gateway.api.schemas import SCHEMAS, BatchAnswer, Catalogue, CatalogueOne, Meta, PageMeta
from gateway.core.canonical import Canonical, Content, Page
from gateway.core.connector import Connector
from gateway.core.operation import Operation

Declared = tuple[Connector, Operation[Any, Any]]
Schema = dict[str, Any]
_ID_OR_NONE: Final = f"^({_ID[1:-1]})?$"
"""An empty header counts as not sent."""
_READ_STATUSES: Final = frozenset({400, 401, 403, 404, 429, 500, 502, 503, 504})


def describe(declared: Sequence[Declared], version: str, *, inbox: bool = True) -> Schema:
    """The whole document for *declared* operations, and for the *inbox* of a deployment with a store."""
    components = _components(declared, inbox=inbox)
    paths: dict[str, Schema] = {}
    for connector, operation in declared:
        path = f"/v1/{connector.slug}/{operation.path}"
        paths.setdefault(path, {})[operation.method.lower()] = _operation(connector, operation, components)
        if operation.events:
            paths[f"{path}/events"] = {"get": _events(connector, operation, components)}
    paths.update(_own_paths())
    if inbox:
        paths.update(inbox_paths())
    # The queries of operations without a body are described as parameters.
    asked = {operation.query.__name__ for _, operation in declared if not operation.has_body()}
    schemas = {name: schema for name, schema in components.items() if name not in asked}
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
        "tags": [
            *({"name": c.slug, "description": c.title} for c in _unique(c for c, _ in declared)),
            {"name": "gateway", "description": "The batch and the catalogue"},
            *([{"name": TAG, "description": "What national systems push to the province"}] if inbox else []),
        ],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "responses": shared.problem_responses(),
            "headers": dict(shared.HEADERS),
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


# ---- schemas


def _components(declared: Sequence[Declared], *, inbox: bool) -> dict[str, Schema]:
    """Every schema by name: the models of questions and answers, the envelopes, and the gateway's own."""
    own = (*SCHEMAS, *ANSWERS) if inbox else SCHEMAS
    models: set[tuple[type[BaseModel], JsonSchemaMode]] = {(model, "serialization") for model in own}
    asked_by_hand: tuple[type[BaseModel], ...] = (BatchQuery, *QUESTIONS) if inbox else (BatchQuery,)
    models |= {(model, "validation") for model in asked_by_hand}
    for _, operation in declared:
        models.add((operation.query, "validation"))
        if (answer := answer_model(operation)) is not None:
            models.add((answer, "serialization"))
    ordered = sorted(models, key=lambda pair: (pair[0].__name__, pair[1]))
    names, definitions = models_json_schema(ordered, by_alias=True, ref_template=_SCHEMAS + "{model}")
    found: dict[str, Schema] = {name: _plain(schema) for name, schema in definitions.get("$defs", {}).items()}
    asked = [names[pair]["$ref"].removeprefix(_SCHEMAS) for pair in ordered if pair[1] == "validation"]
    found |= questions_without_defaults(asked, found)
    found |= questions_without_controls(asked, found)
    found |= answers_without_defaults((model.__name__ for model in own), found)
    for _, operation in declared:
        model = answer_model(operation)
        if (body := _body_name(operation)) != (whole := operation.query.__name__):
            found[body] = _without_path(found[whole], body, operation.path_fields())
        if model is not None:
            data = names[(model, "serialization")]
            found[_envelope(operation, model)] = _enveloped(operation, model, data)
    return found


def _body_name(operation: Operation[Any, Any]) -> str:
    """The schema of the body: that of the query, unless the path has fields of it, which the body may leave out."""
    name = operation.query.__name__
    return f"{name}Body" if operation.has_body() and operation.path_fields() else name


def _without_path(query: Schema, title: str, inside: Sequence[str]) -> Schema:
    required = [name for name in query.get("required", ()) if name not in inside]
    return {**query, "title": title, "required": required}


def _plain(schema: Any) -> Any:
    """*schema* without ``default: null``, which says of a field that may be left out what nobody has to send."""
    if isinstance(schema, dict):
        return {key: _plain(value) for key, value in schema.items() if not (key == "default" and value is None)}
    return [_plain(inner) for inner in schema] if isinstance(schema, list) else schema


def _envelope(operation: Operation[Any, Any], model: type[Canonical]) -> str:
    return f"{model.__name__}{'List' if issubclass(operation.answer, Page) else 'Answer'}"


def _enveloped(operation: Operation[Any, Any], model: type[Canonical], data: Schema) -> Schema:
    paged = issubclass(operation.answer, Page)
    meta = PageMeta if paged else Meta
    return {
        "title": _envelope(operation, model),
        "description": f"{cleandoc(model.__doc__ or '')}\n\nWith where it is from.",
        "type": "object",
        "required": ["data", "meta"],
        "properties": {"data": {"type": "array", "items": data} if paged else data, "meta": _ref(meta.__name__)},
        "additionalProperties": False,
    }


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _SCHEMAS + name}


def _unique(connectors: Iterable[Connector]) -> list[Connector]:
    """*connectors* once each, in an order that does not depend on the configuration's."""
    return sorted({connector.name: connector for connector in connectors}.values(), key=lambda found: found.name)


# ---- operations


def _operation(connector: Connector, operation: Operation[Any, Any], components: Mapping[str, Schema]) -> Schema:
    query = components[operation.query.__name__]
    inside = set(operation.path_fields())
    parameters: list[Schema] = []
    for name, schema in query.get("properties", {}).items():
        if name in inside or not operation.has_body():
            where = "path" if name in inside else "query"
            parameters.append(_parameter(name, schema, query, operation.example, where=where))
    parameters.extend(_header_parameters(operation))
    found: Schema = {
        "operationId": f"{connector.name}.{operation.name}",
        "tags": [connector.slug],
        "summary": operation.summary,
        "description": cleandoc(operation.query.__doc__ or ""),
        "parameters": parameters,
        "responses": _responses(operation),
    }
    if operation.has_body():
        body = {name: value for name, value in operation.example.items() if name not in inside}
        media: Schema = {"schema": _ref(_body_name(operation))}
        found["requestBody"] = {
            "required": True,
            "content": {"application/json": {**media, "example": body} if body else media},
        }
    return found


def _events(connector: Connector, operation: Operation[Any, Any], components: Mapping[str, Schema]) -> Schema:
    """The stream of events of what *operation* answers about."""
    asked = _operation(connector, operation, components)
    kept = [one for one in asked["parameters"] if one["name"] not in {"If-None-Match", "Cache-Control"}]
    number: Schema = {"type": "string", "pattern": "^[0-9]{0,18}$"}
    last = "The id of the last event that the client has: those after it are told; without it, all from the first"
    return {
        **asked,
        "operationId": f"{connector.name}.{operation.name}.events",
        "summary": f"What happens to it, as it happens (Server-Sent Events): {operation.summary}",
        "description": EVENTS,
        "parameters": [
            *kept,
            {"name": "Last-Event-ID", "in": "header", "required": False, "description": last, "schema": number},
            {"name": "last_event_id", "in": "query", "required": False, "description": last, "schema": number},
        ],
        "responses": {
            "200": {
                "description": "Events without end; the gateway ends the stream when it leaves",
                "headers": shared.headers(shared.EVENTS),
                "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EVENT_EXAMPLE}},
            },
            **shared.problem_refs(_READ_STATUSES),
        },
    }


def _parameter(name: str, schema: Schema, query: Schema, example: Mapping[str, object], *, where: str) -> Schema:
    inner = {key: value for key, value in schema.items() if key not in {"title", "description", "default", "examples"}}
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
    if name in example:
        found["example"] = example[name]
    return found


def _header_parameters(operation: Operation[Any, Any]) -> list[Schema]:
    needed = {"X-Dossier-Id", "X-User-Id"} if operation.needs_purpose() else set()
    if operation.purpose_from is not None:
        needed.discard("X-Dossier-Id")
    if operation.idempotency_key:
        needed.add("Idempotency-Key")
    names = ["X-Request-Timeout", "X-Dossier-Id", "X-User-Id", "Accept-Language"]
    names += ["Cache-Control"] if operation.effect == "read" and operation.fresh_s else []
    names += ["If-None-Match"] if operation.method == "GET" else []
    names += ["Range", "If-Range"] if operation.streams() else []
    names += ["Idempotency-Key"] if operation.has_body() and operation.effect == "write" else []
    found = _headers(names, needed)
    if (own := operation.purpose_from) is not None:
        told = f"Mã hồ sơ: may be left out, because {own} names the dossier; where it is sent, it is equal to {own}"
        found = [{**one, "description": told} if one["name"] == "X-Dossier-Id" else one for one in found]
    return found


def _headers(names: Sequence[str], needed: Iterable[str] = ()) -> list[Schema]:
    """Header parameters; an example is given where the request needs the header, so that it can be tried as it is."""
    found = []
    for name in names:
        described = dict(_HEADERS[name])
        example = described.pop("example", None)
        if described["schema"].get("pattern") == _ID and name not in needed:
            described["schema"] = {"type": "string", "pattern": _ID_OR_NONE}
        if example is not None and name in needed:
            described["example"] = example
        found.append({"name": name, "in": "header", "required": name in needed, **described})
    return found


def _responses(operation: Operation[Any, Any]) -> Schema:
    found: Schema = {}
    model = answer_model(operation)
    if model is None:
        binary: Schema = {"schema": {"type": "string", "format": "binary"}}
        found["200"] = {
            "description": "The file",
            "headers": shared.headers(shared.FILE),
            "content": dict.fromkeys(operation.media_types, binary),
        }
        found["206"] = {
            "description": "The part of the file that Range names",
            "headers": shared.headers((*shared.FILE, "Content-Range")),
            "content": dict.fromkeys(operation.media_types, binary),
        }
        found["304"] = {
            "description": "The file that If-None-Match names is still current",
            "headers": shared.headers(shared.FILE),
        }
    else:
        named = (*shared.ANSWER, "Location") if operation.location else shared.ANSWER
        found[str(operation.success)] = {
            "description": "The order is accepted" if operation.success == 202 else "The answer",
            "headers": shared.headers(named),
            "content": {"application/json": {"schema": _ref(_envelope(operation, model))}},
        }
        if operation.method == "GET":
            found["304"] = {
                "description": "The answer that If-None-Match names is still current",
                "headers": shared.headers(shared.NOT_MODIFIED),
            }
    statuses = set(_READ_STATUSES) | ({413, 415} if operation.has_body() else set())
    statuses |= {409, 422} if operation.effect == "write" else set()
    statuses |= {416} if operation.streams() else set()
    found.update(shared.problem_refs(statuses))
    return found


# ---- the gateway's own routes


def _own_paths() -> dict[str, Schema]:
    batch = {
        "operationId": "batch",
        "tags": ["gateway"],
        "summary": "Up to 50 reads for one dossier, answered in the order asked",
        "parameters": _headers(("X-Request-Timeout", "X-Dossier-Id", "X-User-Id", "Accept-Language", "Cache-Control")),
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _ref(BatchQuery.__name__), "example": BATCH_EXAMPLE}},
        },
        "responses": {
            "200": _json("An answer or a problem for each request", BatchAnswer),
            **shared.problem_refs({400, 401, 413, 415, 429, 500, 503}),
        },
    }
    listing = {
        "operationId": "connectors",
        "tags": ["gateway"],
        "summary": "The connected national systems and their state",
        "parameters": _headers(("Accept-Language",)),
        "responses": {"200": _json("All connectors", Catalogue), **shared.problem_refs({400, 401, 500, 503})},
    }
    name = {
        "name": "name",
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": TEXT},
        "description": "Connector, as in routes (business-registry) or as in meta.system (business_registry)",
        "example": "business-registry",
    }
    one = {
        "operationId": "connector",
        "tags": ["gateway"],
        "summary": "One connector",
        "parameters": [name, *_headers(("Accept-Language",))],
        "responses": {"200": _json("The connector", CatalogueOne), **shared.problem_refs({400, 401, 404, 500, 503})},
    }
    return {"/v1/batch": {"post": batch}, "/v1/connectors": {"get": listing}, "/v1/connectors/{name}": {"get": one}}


BATCH_EXAMPLE: Final[Mapping[str, object]] = {
    "requests": [
        {"operation": "business_registry.enterprise", "query": {"enterprise_code": "6799432450"}},
        {"operation": "legal_documents.search", "query": {"number": "68/2014/QH13"}},
    ]
}
"""Both exist in the mock country."""


EVENTS: Final = """Each event has an id, a name (accepted, arrived, reconciling, refused, state, certificate, …) and as
data a JSON object: at (UTC), state (of the record, from this event on) and detail (a stable word, or null). After 15
seconds without an event a comment comes. When the connection has ended, ask again with Last-Event-ID: no event is lost
or repeated."""
EVENT_EXAMPLE: Final = """id: 41
event: state
data: {"at":"2026-11-24T03:04:05Z","state":"processing","detail":null}

"""


def _json(description: str, model: type[BaseModel]) -> Schema:
    return {
        "description": description,
        "headers": shared.headers((*shared.ALWAYS, "Cache-Control", "Content-Encoding")),
        "content": {"application/json": {"schema": _ref(model.__name__)}},
    }
