"""The routes of the inbox in the description of the API."""

from __future__ import annotations

from typing import Any, Final

from pydantic import BaseModel

from gateway.api import openapi_responses as shared
from gateway.api.inbox_schemas import MOST, Acknowledgement, InboxOne, InboxPage, ResultFileBody, ResultLinkOne
from gateway.api.openapi_defaults import SCHEMAS
from gateway.api.openapi_headers import HEADERS
from gateway.core.file_types import MEDIA_TYPES

Schema = dict[str, Any]
ANSWERS: Final[tuple[type[BaseModel], ...]] = (InboxPage, InboxOne, ResultLinkOne)
QUESTIONS: Final[tuple[type[BaseModel], ...]] = (Acknowledgement, ResultFileBody)
TAG: Final = "inbox"
_STATUSES: Final = frozenset({400, 401, 403, 500, 503})
_WHOLE: Final[Schema] = {"type": "integer", "minimum": 1}
_LANGUAGE: Final[Schema] = {"name": "Accept-Language", "in": "header", "required": False, **HEADERS["Accept-Language"]}
_NUMBER: Final[Schema] = {
    "name": "id",
    "in": "path",
    "required": True,
    "description": "The number of the message",
    "schema": _WHOLE,
}


def inbox_paths() -> dict[str, Schema]:
    """The routes."""
    listing = _described(
        "inbox.list",
        "What national systems pushed to the province, oldest first (hồ sơ, bổ sung, thông báo thuế)",
        "Ask with the last number that you have; acknowledge what you have kept. "
        "The webhook event inbox.received says when to ask.",
        [_after(), _limit(), _state(), _code(), _LANGUAGE],
        InboxPage,
    )
    one = _described("inbox.message", "One message of the inbox", "", [_NUMBER, _LANGUAGE], InboxOne, 404)
    acknowledge = _described(
        "inbox.ack",
        "Says that the province's system has the message",
        "It may name the province's own code of the dossier, which is kept beside the sender's. "
        "A repetition changes nothing.",
        [_NUMBER, _LANGUAGE],
        InboxOne,
        *(404, 409, 413, 415),
    )
    acknowledge["requestBody"] = {
        "required": False,
        "content": {"application/json": {"schema": {"$ref": f"{SCHEMAS}{Acknowledgement.__name__}"}}},
    }
    place = {**_NUMBER, "name": "number", "description": "The place of the file in the message"}
    file = _described("inbox.file", "A file of a message", "", [_NUMBER, place, _LANGUAGE], None, 404, 416)
    return {
        "/v1/inbox": {"get": listing},
        "/v1/inbox/{id}": {"get": one},
        "/v1/inbox/{id}/ack": {"post": acknowledge},
        "/v1/inbox/{id}/files/{number}": {"get": file},
        "/v1/result-files": {"post": _result()},
    }


def _result() -> Schema:
    found = _described(
        "inbox.result_file",
        "Keeps a result (kết quả) and gives the link at which another system fetches it",
        "Send the link as the url of a result; it is valid for inbound.result_days. "
        "The same file of the same dossier again has the same link.",
        [_LANGUAGE],
        ResultLinkOne,
        *(413, 415),
    )
    responses = found["responses"]
    found["responses"] = {"201": responses.pop("200"), **responses}
    body = {"schema": {"$ref": f"{SCHEMAS}{ResultFileBody.__name__}"}}
    return {**found, "requestBody": {"required": True, "content": {"application/json": body}}}


def _described(
    name: str,
    summary: str,
    description: str,
    parameters: list[Schema],
    answer: type[BaseModel] | None,
    *statuses: int,
) -> Schema:
    found: Schema = {
        "operationId": name,
        "tags": [TAG],
        "summary": summary,
        "parameters": parameters,
        "responses": {"200": _answer(answer), **shared.problem_refs(_STATUSES | set(statuses))},
    }
    return {**found, "description": description} if description else found


def _answer(model: type[BaseModel] | None) -> Schema:
    if model is None:
        content: Schema = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in MEDIA_TYPES}
        return {"description": "The file", "headers": shared.headers(shared.FILE), "content": content}
    return {
        "description": "The answer",
        "headers": shared.headers((*shared.ALWAYS, "Cache-Control")),
        "content": {"application/json": {"schema": {"$ref": f"{SCHEMAS}{model.__name__}"}}},
    }


def _query(name: str, description: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _after() -> Schema:
    return _query("after", "The number of the last message that you have", {"type": "integer", "minimum": 0})


def _limit() -> Schema:
    return _query("limit", "Messages of the page at most; 50 unless said", {**_WHOLE, "maximum": MOST})


def _state() -> Schema:
    text = "waiting: those that were not acknowledged, unless said; all: the others too"
    return _query("state", text, {"type": "string", "enum": ["waiting", "all"]})


def _code() -> Schema:
    pattern = Acknowledgement.model_json_schema()["properties"]["dossier_code"]["anyOf"][0]["pattern"]
    return _query("code", "Of the dossier: the sender's, or the province's own", {"type": "string", "pattern": pattern})
