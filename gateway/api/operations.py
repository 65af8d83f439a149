"""The handler of every operation: rights, body, purpose, then the operation's ring."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from aiohttp import hdrs, web

from gateway.api.auth import Caller, Keyring
from gateway.api.compression import packed
from gateway.api.files import send_file
from gateway.api.preferences import accepts_gzip
from gateway.api.replay import HitReplay, is_plain
from gateway.api.request import (
    IDEMPOTENCY_KEY,
    TIMEOUT,
    cache_wish,
    fields_of_query,
    pointer,
    purpose_of,
    query_from_json,
    query_from_text,
    read_object,
    timeout_of,
)
from gateway.api.response import START, Envelope, to_response
from gateway.api.routes import Request
from gateway.core.call import LARGE, Answer, CacheWish, Call, Packed, Priority, Purpose, Rendered, Trace
from gateway.core.canonical import Canonical, Content, personal_fields
from gateway.core.clock import Clock
from gateway.core.connector import Offer
from gateway.core.mistakes import IN_BODY, IN_PATH, OTHER_THAN_DOSSIER, OTHER_THAN_PATH
from gateway.core.operation import Operation
from gateway.core.problems import FieldError, Forbidden, InvalidRequest, PurposeRequired

_KEY_LENGTH: Final = 255


@dataclass(frozen=True, slots=True)
class OperationHandler:
    """Answers one operation over HTTP."""

    offer: Offer
    name: str
    envelope: Envelope
    keys: Keyring
    clock: Clock
    replay: HitReplay
    answer_has_marks: bool

    @classmethod
    def of(cls, offer: Offer, keys: Keyring, clock: Clock, replay: HitReplay) -> OperationHandler:
        return cls(offer, offer.name, Envelope.of(offer), keys, clock, replay, has_marks(offer))

    async def __call__(self, request: Request) -> web.StreamResponse:
        caller = self.admit(request)
        if self.offer.operation.has_body():
            return await self._answer(request, self._call(request, caller, await self._query_of_body(request)))
        return await self._answer(request, self.call_of_url(request, caller, fields_of_query(request.query_string)))

    def admit(self, request: Request) -> Caller:
        """The caller, who has the right to ask.

        Raises:
            Unauthenticated: The key is not accepted.
            Forbidden: The caller may not ask this operation.
        """
        offer = self.offer
        request.system, request.operation = offer.connector.name, offer.operation.name
        request.write = offer.operation.effect == "write"
        caller = self.keys.caller(request.http.headers.get(hdrs.AUTHORIZATION))
        request.caller = caller.name
        if self.name not in caller.operations:
            raise Forbidden
        return caller

    def call_of_url(self, request: Request, caller: Caller, fields: Mapping[str, str]) -> Call:
        """The call of a request without a body, with *fields* of its query string.

        Raises:
            InvalidRequest: The query is not valid.
            PurposeRequired: The question is about a person and has no purpose.
        """
        return self._call(request, caller, self._query_of_url(request, fields))

    def _call(self, request: Request, caller: Caller, query: Canonical) -> Call:
        offer = self.offer
        headers = request.http.headers
        return make_call(
            offer,
            query,
            caller,
            purpose_for(offer.operation, query, headers),
            request_id=request.request_id,
            started=request.started,
            timeout=timeout_of(headers.get(TIMEOUT)),
            wish=cache_wish(headers.get(hdrs.CACHE_CONTROL)),
            marks=self.answer_has_marks,
            idempotency_key=idempotency_key(headers.get(IDEMPOTENCY_KEY), demanded=offer.operation.idempotency_key),
        )

    async def _answer(self, request: Request, call: Call) -> web.StreamResponse:
        offer, headers = self.offer, request.http.headers
        request.trace = call.trace
        answer = await offer.run(call)
        if isinstance(answer.value, Content):
            return await send_file(request, answer, answer.value, clock=self.clock, until=call.expires_at)
        pack = await start_of(answer, headers.get(hdrs.ACCEPT_ENCODING))
        if answer.hit_key is not None and is_plain(headers):
            self.replay.remember(request.http.raw_path, call.caller, self.envelope, answer, pack)
        total = self.clock.monotonic() - request.started
        return to_response(self.envelope, call, answer, headers, total=total, date=request.date, packed=pack)

    async def _query_of_body(self, request: Request) -> Canonical:
        operation = self.offer.operation
        body = await read_object(request.http, operation.body_limit)
        for name in fields_of_query(request.query_string):
            raise InvalidRequest(errors=[FieldError(pointer(name), IN_BODY)])
        return query_from_json(operation.query, merge(body, request.path_values))

    def _query_of_url(self, request: Request, fields: Mapping[str, str]) -> Canonical:
        for name in fields.keys() & request.path_values.keys():
            raise InvalidRequest(errors=[FieldError(pointer(name), IN_PATH)])
        return query_from_text(self.offer.operation.query, {**fields, **request.path_values})


async def start_of(answer: Answer, accept: str | None) -> Packed | None:
    """The compressed start of a large answer's body, where the caller accepts gzip."""
    if not isinstance(answer.value, Rendered) or len(answer.value.data) <= LARGE or not accepts_gzip(accept):
        return None
    return await packed(START + answer.value.data)


def merge(body: Mapping[str, Any], path_values: Mapping[str, str]) -> dict[str, Any]:
    """Body and path as one set of fields; a field that is in both must have the same value."""
    for name, value in path_values.items():
        if body.get(name, value) != value:
            raise InvalidRequest(errors=[FieldError(pointer(name), OTHER_THAN_PATH)])
    return {**body, **path_values}


def purpose_for(operation: Operation[Any, Any], query: Canonical, headers: Mapping[str, str]) -> Purpose | None:
    """The purpose of the request; the dossier of an order that names its own is that one.

    Raises:
        InvalidRequest: ``X-Dossier-Id`` names another dossier than the order.
    """
    if operation.purpose_from is None:
        return purpose_of(headers)
    own = str(getattr(query, operation.purpose_from))
    purpose = purpose_of(headers, own)
    if purpose is not None and purpose.dossier_id != own:
        raise InvalidRequest(errors=[FieldError(pointer(operation.purpose_from), OTHER_THAN_DOSSIER)])
    return purpose


def has_marks(offer: Offer) -> bool:
    """Whether the answer holds fields that a caller without purpose must not see."""
    answer = offer.operation.answer
    return answer is not Content and not offer.operation.needs_purpose() and bool(personal_fields(answer))


def idempotency_key(given: str | None, *, demanded: bool) -> str | None:
    """The ``Idempotency-Key`` as *given*, without the quotes of its structured form.

    Raises:
        InvalidRequest: The operation requires one and it is missing, or it is too long or not printable.
    """
    value = given.strip().strip('"').strip() if given else None
    if not value:
        if demanded:
            raise InvalidRequest("An Idempotency-Key is required.", reason="idempotency_key_required")
        return None
    if len(value) > _KEY_LENGTH or not (value.isascii() and value.isprintable()):
        raise InvalidRequest("The Idempotency-Key is not printable ASCII or too long.", reason="idempotency_key_format")
    return value


def make_call(
    offer: Offer,
    query: Canonical,
    caller: Caller,
    purpose: Purpose | None,
    *,
    request_id: str,
    started: float,
    timeout: float | None,
    wish: CacheWish,
    marks: bool,
    idempotency_key: str | None = None,
    priority: Priority = "interactive",
) -> Call:
    """The call for the ring.

    Raises:
        PurposeRequired: The question is about a person and has no purpose.
        Forbidden: The caller may not ask in the name of this officer.
    """
    operation = offer.operation
    if purpose is None and operation.needs_purpose():
        raise PurposeRequired
    if purpose is not None and caller.officers is not None and purpose.user_id not in caller.officers:
        raise Forbidden(reason="officer_not_allowed")
    sees_marks = not marks or (purpose is not None and offer.name in caller.personal)
    allowed = operation.deadline_s if timeout is None else min(timeout, operation.deadline_s)
    return Call(
        connector=offer.connector.name,
        operation=operation,
        query=query,
        caller=caller.name,
        request_id=request_id,
        expires_at=started + allowed,
        trace=Trace(started),
        purpose=purpose,
        view="full" if sees_marks else "public",
        idempotency_key=idempotency_key,
        priority=priority,
        cache=wish,
    )
