"""``/v1/inbox``: the province's own system takes what was pushed to it, and acknowledges it."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import orjson
from aiohttp import hdrs, web

from gateway.api.auth import Caller, Keyring
from gateway.api.files import send_file
from gateway.api.inbox_schemas import Acknowledgement, FileQuery, InboxQuery, MessageQuery
from gateway.api.request import fields_of_query, pointer, query_from_json, query_from_text, read_object
from gateway.api.response import JSON, instant
from gateway.api.routes import Request, Routes
from gateway.core.call import Answer
from gateway.core.canonical import Canonical, Content
from gateway.core.clock import Clock
from gateway.core.events import LookUp, Observer, RequestFinished
from gateway.core.inbound import SCOPE
from gateway.core.mistakes import IN_BODY, IN_PATH
from gateway.core.problems import FieldError, Forbidden, InvalidRequest, Overloaded
from gateway.core.tracing import traceparent_now
from gateway.durable.in_time import in_time
from gateway.durable.inbox_reading import Entry, InboxReading, Wish
from gateway.durable.store import StoreUnavailable

BODY_LIMIT: Final = 4_096
STORE_S: Final = 10.0
"""Seconds for one look at the store, which may read a hundred messages or a large file."""
T = TypeVar("T")
M = TypeVar("M", bound=Canonical)


@dataclass(frozen=True, slots=True)
class InboxApi:
    """The handlers of the inbox on the public port. *clock* is the machine's."""

    reading: InboxReading
    keys: Keyring
    clock: Clock
    observer: Observer

    def add_to(self, routes: Routes) -> None:
        """Adds the routes."""
        routes.add("GET", "/v1/inbox", self.listing)
        routes.add("GET", "/v1/inbox/{id}", self.one)
        routes.add("POST", "/v1/inbox/{id}/ack", self.acknowledge)
        routes.add("GET", "/v1/inbox/{id}/files/{number}", self.file)

    async def listing(self, request: Request) -> web.StreamResponse:
        """A page."""
        caller = self._admit(request, "list")
        wish = query_from_text(InboxQuery, fields_of_query(request.query_string))
        assert isinstance(wish, InboxQuery)
        found = await self._in_time(self.reading.page(Wish(wish.after, wish.limit, wish.state == "all", wish.code)))
        last = found[-1].id if found else wish.after
        self._tell(request, caller, [entry.id for entry in found])
        return _answer(b"[%b]" % b",".join(map(_rendered, found)), request, {"next_after": last})

    async def one(self, request: Request) -> web.StreamResponse:
        """A message."""
        caller = self._admit(request, "message")
        found = await self._in_time(self.reading.one(_of_path(MessageQuery, request).id))
        self._tell(request, caller, [found.id])
        return _answer(_rendered(found), request)

    async def acknowledge(self, request: Request) -> web.StreamResponse:
        """Acknowledges a message; again it changes nothing."""
        caller = self._admit(request, "ack")
        request.write = True
        number = _of_path(MessageQuery, request).id
        body = await read_object(request.http, BODY_LIMIT) if request.http.body_exists else {}
        for name in fields_of_query(request.query_string):
            raise InvalidRequest(errors=[FieldError(pointer(name), IN_BODY)])
        wanted = query_from_json(Acknowledgement, body)
        assert isinstance(wanted, Acknowledgement)
        found = await self._in_time(self.reading.acknowledge(number, caller.name, wanted.dossier_code))
        self._tell(request, caller, [found.id])
        return _answer(_rendered(found), request)

    async def file(self, request: Request) -> web.StreamResponse:
        """A file of a message."""
        caller = self._admit(request, "file")
        wanted = _of_path(FileQuery, request)
        found = await self._in_time(self.reading.file(wanted.id, wanted.number))
        self._tell(request, caller, [wanted.id])
        content = Content(found.media_type, found.name, _chunks(found.content), body=found.content)
        answer = Answer(value=content, fetched_at=self.clock.now())
        return await send_file(request, answer, content, clock=self.clock, until=math.inf)

    async def _in_time(self, work: Coroutine[Any, Any, T]) -> T:
        """The result of *work*; raises :class:`Overloaded` where the store takes it and does not answer."""
        try:
            return await in_time(self.clock, work, STORE_S)
        except StoreUnavailable as error:
            raise Overloaded("The store does not answer.", reason="store") from error

    def _admit(self, request: Request, operation: str) -> Caller:
        """The caller, who has the scope ``inbox``; raises :class:`Unauthenticated` or :class:`Forbidden`."""
        request.system, request.operation = SCOPE, operation
        caller = self.keys.caller(request.http.headers.get(hdrs.AUTHORIZATION))
        request.caller = caller.name
        if SCOPE not in caller.operations:
            raise Forbidden
        return caller

    def _tell(self, request: Request, caller: Caller, numbers: list[int]) -> None:
        """One line of the log, and one of the record of look-ups, which names the messages by their numbers."""
        told = f"inbox:{numbers[0]}-{numbers[-1]}" if numbers else ""
        look_up = LookUp(dossier=told, user=caller.name, subject="") if told else None
        self.observer(
            RequestFinished(
                SCOPE,
                request.operation or "",
                caller.name,
                "ok",
                self.clock.monotonic() - request.started,
                0.0,
                request_id=request.request_id,
                look_up=look_up,
                trace=traceparent_now(),
            )
        )


async def _chunks(content: bytes) -> AsyncIterator[bytes]:
    yield content


def _of_path(model: type[M], request: Request) -> M:
    if request.http.method in {hdrs.METH_GET, hdrs.METH_HEAD}:
        for name in fields_of_query(request.query_string):
            raise InvalidRequest(errors=[FieldError(pointer(name), IN_PATH)])
    found = query_from_text(model, request.path_values)
    assert isinstance(found, model)
    return found


def _rendered(entry: Entry) -> bytes:
    return orjson.dumps(
        {
            "id": entry.id,
            "system": entry.system,
            "kind": entry.kind,
            "national_code": entry.code,
            "dossier_code": entry.dossier_code,
            "revision": entry.revision,
            "received_at": instant(entry.received_at),
            "acknowledged_at": None if entry.acknowledged_at is None else instant(entry.acknowledged_at),
            "data": orjson.Fragment(entry.data),
            "files": entry.files,
        }
    )


def _answer(data: bytes, request: Request, meta: dict[str, object] | None = None) -> web.Response:
    told = orjson.dumps({**(meta or {}), "request_id": request.request_id})
    headers = {"Content-Type": JSON, "X-Request-Id": request.request_id, "Cache-Control": "private, no-store"}
    return web.Response(body=b'{"data":%b,"meta":%b}' % (data, told), headers=headers)
