"""Results that the province gives to other systems by a link: put on the public port, fetched on the inbound one."""

from __future__ import annotations

import asyncio
import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote
from uuid import UUID

import orjson
from aiohttp import hdrs, web

from gateway.api.auth import Keyring
from gateway.api.inbound import BytesInWork
from gateway.api.inbox_schemas import ResultFileBody
from gateway.api.request import fields_of_query, query_from_json, read_object
from gateway.api.response import JSON, instant
from gateway.api.routes import Request, Routes
from gateway.core.canonical import Canonical
from gateway.core.file_types import FileFinding, checked
from gateway.core.inbound import SCOPE
from gateway.core.mistakes import Mistake
from gateway.core.problems import FieldError, Forbidden, InvalidRequest, NotFound
from gateway.durable.result_files import ResultFiles

PUT_AT: Final = "/v1/result-files"
GIVEN_AT: Final = "/inbound/files"
_MORE: Final = 8_192
"""Bytes of a body beside the file."""
_NOT_BASE64: Final = Mistake("not_base64", "is not Base64", "không phải là Base64")
_NOT_TAKEN: Final = {
    "empty": Mistake("empty_file", "is an empty file", "là tệp rỗng"),
    "too_large": Mistake("file_too_large", "is larger than a file may be", "lớn hơn mức cho phép của một tệp"),
    "type_not_allowed": Mistake(
        "file_type", "is not a file of a type that is taken", "không thuộc các loại tệp được chấp nhận"
    ),
    "type_differs": Mistake(
        "file_type_differs", "is a file of another type than file_name says", "khác loại tệp mà file_name nêu"
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultFilesApi:
    """The handlers. *limit*: bytes of a file; *base* gives the address of the inbound port, None where it is closed."""

    results: ResultFiles
    keys: Keyring
    room: BytesInWork
    limit: int
    base: Callable[[], str | None]

    def add_to(self, routes: Routes) -> None:
        """Adds the route of the public port."""
        routes.add("POST", PUT_AT, self.put)

    async def put(self, request: Request) -> web.StreamResponse:
        """Keeps a result, and answers with its link."""
        request.system, request.operation, request.write = SCOPE, "result_file", True
        caller = self.keys.caller(request.http.headers.get(hdrs.AUTHORIZATION))
        request.caller = caller.name
        if SCOPE not in caller.operations:
            raise Forbidden
        limit = self.limit * 4 // 3 + _MORE
        announced = request.http.content_length
        with self.room.taken(limit if announced is None else min(announced, limit)):
            body = await read_object(request.http, limit)
            wanted, content, finding = await asyncio.to_thread(_read, body, self.limit)
            assert finding.media_type is not None, "it is taken"
            link = await self.results.keep(
                caller.name, wanted.dossier_code, wanted.file_name, finding.media_type, content
            )
        path, base = f"{GIVEN_AT}/{link.id}?signature={link.signature}", self.base()
        data = {
            "id": str(link.id),
            "path": path,
            "url": None if base is None else f"{base}{path}",
            "sha256": link.sha256,
            "media_type": finding.media_type,
            "expires_at": instant(link.expires_at),
        }
        told = orjson.dumps({"data": data, "meta": {"request_id": request.request_id}})
        headers = {"Content-Type": JSON, "X-Request-Id": request.request_id, "Cache-Control": "private, no-store"}
        return web.Response(status=201, body=told, headers=headers)


def _read(body: dict[str, Any], limit: int) -> tuple[ResultFileBody, bytes, FileFinding]:
    """The question, the file and its type; raises :class:`InvalidRequest`."""
    wanted: Canonical = query_from_json(ResultFileBody, body)
    assert isinstance(wanted, ResultFileBody)
    try:
        content = base64.b64decode(wanted.content, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRequest(errors=[FieldError("/content", _NOT_BASE64)]) from None
    finding = checked(wanted.file_name, content, limit)
    if finding.refused is not None:
        raise InvalidRequest(errors=[FieldError("/content", _NOT_TAKEN[finding.refused])])
    return wanted, content, finding


@dataclass(frozen=True, slots=True)
class GiveResult:
    """Answers a link on the inbound port: the signature takes the place of a key."""

    results: ResultFiles

    async def answer(self, request: Request) -> web.StreamResponse:
        """Gives the file.

        Raises:
            GatewayError: It can't be given.
        """
        request.operation = "result_file"
        try:
            number = UUID(request.path_values["id"])
        except ValueError:
            raise NotFound(reason="no_result_file") from None
        signature = fields_of_query(request.query_string).get("signature", "")
        found = await self.results.read(number, signature)
        headers = {
            "Content-Type": found.media_type,
            "Content-Disposition": f"attachment; filename*=UTF-8''{quote(found.name, safe='')}",
            "X-Content-Type-Options": "nosniff",
            "X-Request-Id": request.request_id,
            "Cache-Control": "private, no-store",
        }
        return web.Response(body=found.content, headers=headers)
