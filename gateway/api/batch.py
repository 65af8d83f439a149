"""``POST /v1/batch``: up to 50 reads for one dossier, concurrent but bounded, under one deadline."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import orjson
from aiohttp import web
from pydantic import Field

from gateway.api import problems
from gateway.api.auth import Caller, Keyring
from gateway.api.operations import has_marks, make_call
from gateway.api.preferences import language_of
from gateway.api.request import cache_wish, purpose_of, query_from_json, read_object, timeout_of
from gateway.api.response import JSON, Envelope, rate_headers
from gateway.api.routes import Request
from gateway.core.call import Rendered
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.core.connector import Offer
from gateway.core.mistakes import NOT_A_READ
from gateway.core.problems import FieldError, Forbidden, GatewayError, InvalidRequest, NotFound

MOST: Final = 50
AT_ONCE: Final = 8
BODY_LIMIT: Final = 262_144


class BatchPart(Canonical):
    """One read: *query* has all fields of the operation's query, also those of its path."""

    operation: str = Field(description="connector.operation", max_length=100, examples=["business_registry.enterprise"])
    query: dict[str, Any] = Field(default={}, description="All fields of the operation's query model")


class BatchQuery(Canonical):
    """The reads, answered in the order asked."""

    requests: Annotated[tuple[BatchPart, ...], Field(min_length=1, max_length=MOST)]


@dataclass(frozen=True, slots=True)
class Target:
    """An operation that a batch may ask."""

    offer: Offer
    envelope: Envelope
    marks: bool


class BatchHandler:
    """Answers a batch; the failure of one part does not affect the others."""

    def __init__(self, offers: Mapping[str, Offer], keys: Keyring, clock: Clock) -> None:
        self._targets = {
            name: Target(offer, Envelope.of(offer), has_marks(offer))
            for name, offer in offers.items()
            if offer.operation.effect == "read" and not offer.operation.streams()
        }
        self._keys = keys
        self._clock = clock

    async def __call__(self, request: Request) -> web.StreamResponse:
        caller = self._keys.caller(request.http.headers.get("Authorization"))
        request.caller = caller.name
        asked = query_from_json(BatchQuery, await read_object(request.http, BODY_LIMIT))
        assert isinstance(asked, BatchQuery)
        purpose_of(request.http.headers)
        timeout_of(request.http.headers.get("X-Request-Timeout"))
        gate = asyncio.Semaphore(AT_ONCE)

        async def bounded(index: int, part: BatchPart) -> bytes:
            async with gate:
                return await self._part(request, caller, index, part)

        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(bounded(index, part)) for index, part in enumerate(asked.requests)]
        body = b'{"data":[%b],"meta":{"request_id":"%b"}}' % (
            b",".join(task.result() for task in tasks),
            request.request_id.encode(),
        )
        headers = {
            "Content-Type": JSON,
            "X-Request-Id": request.request_id,
            "Cache-Control": "private, no-store",
            **rate_headers(request.trace),
        }
        return web.Response(body=body, headers=headers)

    async def _part(self, request: Request, caller: Caller, index: int, part: BatchPart) -> bytes:
        headers = request.http.headers
        system, _, operation = part.operation.partition(".")
        request_id = f"{request.request_id}.{index}"[-64:]
        try:
            target = self._target(part.operation, caller)
            call = make_call(
                target.offer,
                query_from_json(target.offer.operation.query, part.query),
                caller,
                purpose_of(headers),
                request_id=request_id,
                started=request.started,
                timeout=timeout_of(headers.get("X-Request-Timeout")),
                wish=cache_wish(headers.get("Cache-Control")),
                marks=target.marks,
                priority="batch",
            )
            request.trace = call.trace
            answer = await target.offer.run(call)
            if answer.value is None:
                raise NotFound(reason="no_record")
            assert isinstance(answer.value, Rendered)
            return b'{"status":200,%b' % target.envelope.body(answer, answer.value, request_id)[1:]
        except GatewayError as error:
            language = language_of(headers.get("Accept-Language"))
            known = part.operation in self._targets
            asked = problems.Asked(request_id, language, system if known else None, operation if known else None)
            return orjson.dumps({"status": error.status, "problem": problems.problem(error, asked)})

    def _target(self, name: str, caller: Caller) -> Target:
        target = self._targets.get(name)
        if target is None:
            raise InvalidRequest(errors=[FieldError("/operation", NOT_A_READ)])
        if name not in caller.operations:
            raise Forbidden
        return target
