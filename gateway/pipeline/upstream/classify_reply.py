"""The innermost step: classifies a reply as an answer, a fact or an error, before breaker and retry see it.

A large file is classified by its first bytes; the step ends when the rest has gone on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from msgspec.structs import replace
from pydantic import ValidationError

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import DriftSeen, Observer
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, SoapFault
from gateway.core.problems import (
    CutOff,
    Effect,
    Failing,
    GatewayError,
    OffContract,
    Overloaded,
    Refused,
    Throttled,
    TimedOut,
    UpstreamError,
    Withheld,
)
from gateway.core.retry_after import RETRY_AFTER_S, read_retry_after
from gateway.core.transfer import FileStart
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.upstream.unknown_fields import Decoded, decode_fairly, respelt

Send = Callable[[Exchange], Awaitable[Reply]]

_SUCCESS: Final = frozenset({200, 201, 202, 204})
_OF_FAULTS: Final = _SUCCESS | {400, 500}
"""Statuses under which a Fault's code says what happened; any other status says more than a Fault."""
_REFUSALS: Final = frozenset({401, 403})
_FINAL: Final = frozenset({429, 503, 504})
"""Statuses that no body can make into something else."""
_TOLD: Final = 100
_BREACHES: Final = frozenset({"forbidden_xml", "response_too_large"})
_OUR_FAULTS: Final = frozenset({"Client", "Sender", "VersionMismatch", "MustUnderstand", "DataEncodingUnknown"})


class TokenSpent(Refused):
    """The upstream does not accept our token; the token step renews it once."""

    def __init__(self) -> None:
        super().__init__(
            "The upstream does not accept the gateway's credentials.", reason="credentials", may_have_arrived=False
        )


def by_status(reply: Reply, now: datetime, effect: Effect = "read") -> GatewayError | ReplyKind:
    """The meaning of a reply that the connector's table does not know, by the API's table of upstream answers.

    The status comes before the body: a page, a Fault or an empty body under 401 is a 401.
    """
    status, defect = reply.status, reply.defect
    if isinstance(reply.body, SoapFault) and status in _OF_FAULTS:
        return _of_fault(reply.body)
    if status in _SUCCESS:
        return defect or ReplyKind.ANSWER
    wait = read_retry_after(reply.headers, now)
    match status:
        case 401 | 403:
            return ReplyKind.LOGIN_EXPIRED
        case 413 if effect == "write":
            return Refused(
                "The upstream does not take an order of this size.", reason="too_large", may_have_arrived=False
            )
        case 429 if wait is None:
            return Withheld("The upstream's quota is spent.", reason="quota_spent", retry_after=RETRY_AFTER_S)
        case 429:
            return Throttled("The upstream asks the gateway to wait.", reason="quota_spent", retry_after=wait)
        case 504:
            return TimedOut("The upstream's own gateway timed out.", reason="attempt", retry_after=wait)
        case _ if defect is not None and defect.reason in _BREACHES and status not in _FINAL:
            return defect
        case _ if status >= 500 and defect is not None and defect.reason == "maintenance":
            return Failing("The upstream answered with a page for people.", reason="maintenance", retry_after=wait)
        case _ if status >= 500:
            return Failing("The upstream answered with a server error.", reason="upstream_error", retry_after=wait)
        case _:
            return OffContract(
                "The upstream answered with a status that its contract does not foresee.", reason="off_contract"
            )


def _of_fault(fault: SoapFault) -> GatewayError:
    """The meaning of a Fault that no table knows, by the classes of SOAP."""
    if _OUR_FAULTS.isdisjoint((fault.code, *fault.wider)):
        return Failing("The upstream answered with a fault of its own.", reason="upstream_error")
    return OffContract("The upstream says that the gateway's message is wrong.", reason="off_contract")


def may_say(request: UpstreamRequest, reply: Reply, said: GatewayError | ReplyKind) -> bool:
    """Whether a dialect's table may give *reply* this meaning: never one that its status rules out.

    An answer comes with success; under a refusal (401, 403, a write's 413) a table can only tell the kind of refusal;
    "no such record" is not said by a redirect, nor by a proxy that fails (501 and above), nor, where an order goes out
    on that word, by an empty 404.
    """
    status, effect = reply.status, request.effect
    if said is ReplyKind.ANSWER:
        return 200 <= status < 300
    if status in _REFUSALS or (status == 413 and effect == "write"):
        return said is ReplyKind.LOGIN_EXPIRED or isinstance(said, Refused)
    if said is ReplyKind.NO_RECORD:
        return not (300 <= status < 400 or status > 500 or (reply.bare_404 and request.exchange.before_order))
    return True


def of_write(error: GatewayError) -> GatewayError:
    """*error* of a write; a write whose bytes left and whose answer is incomplete has an unknown outcome."""
    unread = isinstance(error, Overloaded) or (
        isinstance(error, Failing) and error.reason in {"unreachable", "cut_off"}
    )
    if unread and error.may_have_arrived:
        return CutOff("The upstream's answer to the order is incomplete.", reason="cut_off", may_have_arrived=True)
    return error


@dataclass(frozen=True, slots=True)
class ClassifyReply:
    """Sends, classifies, decodes and compares.

    Raises, when called, the :class:`GatewayError` of the answer.
    """

    name: ClassVar[str] = "classify reply"

    send: Send
    classify: Callable[[Exchange, Reply], Outcome]
    clock: Clock
    observer: Observer
    connector: str
    upstream: str

    async def __call__(self, request: UpstreamRequest) -> Wire | None:
        request.progress.may_have_arrived = True
        try:
            reply = await self.send(request.exchange)
        except (UpstreamError, Overloaded) as error:
            raise (of_write(error) if request.effect == "write" else error) from error.__cause__
        if reply.rest is None:
            return await self._classified(request, reply)
        try:
            start = await self._classified(request, reply)
            if start is not None:
                assert isinstance(start, FileStart)
                assert request.transfer is not None, "ask for a file by fetch()"
                request.progress.handed_over = True
                await request.transfer.pour(start, reply.rest)
            return start
        finally:
            await reply.rest.close()

    async def _classified(self, request: UpstreamRequest, reply: Reply) -> Wire | None:
        outcome, decoded = await self._look(request, reply)
        if isinstance(outcome, GatewayError):
            if outcome.reason == "off_contract":
                self.observer(DriftSeen(self.connector, self.upstream, "unknown_code"))
            raise outcome.replace(upstream_status=reply.status)
        match outcome:
            case ReplyKind.NO_RECORD:
                return None
            case ReplyKind.LOGIN_EXPIRED:
                raise TokenSpent().replace(upstream_status=reply.status)
            case ReplyKind.ANSWER:
                return self._told(request, decoded or await self._decode(request, reply))

    async def _look(self, request: UpstreamRequest, reply: Reply) -> tuple[GatewayError | ReplyKind, Decoded | None]:
        """The outcome of *reply*; by keys as the contract spells them, where they came otherwise and hid a code."""
        outcome = self._outcome(request, reply)
        decoded = await self._decode(request, reply) if outcome is ReplyKind.ANSWER else None
        body = decoded.respelt if decoded is not None else respelt(request.into, reply.body)
        if body is not None:
            outcome = self._outcome(request, replace(reply, body=body))
        return outcome, decoded

    def _outcome(self, request: UpstreamRequest, reply: Reply) -> GatewayError | ReplyKind:
        """The table's meaning where it can read the reply and the status allows it; else that of the status."""
        unreadable = reply.defect is not None and reply.body is None and not reply.bare_404
        if not unreadable and reply.status not in _FINAL:
            try:
                found = self.classify(request.exchange, reply)
            except (KeyError, TypeError, ValueError, AttributeError, IndexError):
                found = OffContract(
                    "The upstream's answer has a shape that its contract does not foresee.", reason="malformed"
                )
            if found is not None and may_say(request, reply, found):
                return found
        return by_status(reply, self.clock.now(), request.effect)

    async def _decode(self, request: UpstreamRequest, reply: Reply) -> Decoded:
        try:
            return await decode_fairly(request.into, reply.body, large=reply.large)
        except ValidationError as error:
            places = _places(error)
        # Raised out here, the error does not hold pydantic's, which holds the answer.
        self.observer(DriftSeen(self.connector, self.upstream, "schema"))
        raise OffContract(f"The upstream's answer breaks its contract at {places}.", reason="malformed")

    def _told(self, request: UpstreamRequest, decoded: Decoded) -> Wire:
        """The answer, once it is found to be about the question; what is odd in it is counted."""
        if decoded.odd:
            self.observer(DriftSeen(self.connector, self.upstream, "unknown_field"))
            request.call.trace.notes.append(f"unknown_fields={decoded.odd}")
        if request.same is not None and not request.same(decoded.wire):
            raise OffContract("The upstream answered about another record than asked.", reason="inconsistent_response")
        return decoded.wire


def _places(error: ValidationError) -> str:
    """Where the answer breaks its contract; in a few words, however often it does."""
    if error.error_count() > _TOLD:
        return f"{error.error_count()} places"
    where = sorted({"/".join(map(str, item["loc"])) for item in error.errors(include_url=False, include_input=False)})
    return ", ".join(where[:5])
