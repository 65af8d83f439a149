"""The innermost step: classifies a reply as an answer, a fact or an error, before breaker and retry see it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import ClassVar, Final

from pydantic import ValidationError

from gateway.core.canonical import Wire
from gateway.core.clock import Clock
from gateway.core.events import DriftSeen, Observer
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, SoapFault
from gateway.core.problems import (
    CutOff,
    Failing,
    GatewayError,
    OffContract,
    Refused,
    Throttled,
    TimedOut,
    UpstreamError,
    Withheld,
)
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.upstream.unknown_fields import decode

Send = Callable[[Exchange], Awaitable[Reply]]

RETRY_AFTER_S: Final = 30.0
"""Seconds that a caller is told to wait where the source does not say."""
LONGEST_RETRY_AFTER_S: Final = 86_400.0
_OUR_FAULTS: Final = frozenset({"Client", "Sender", "VersionMismatch", "MustUnderstand"})


class TokenSpent(Refused):
    """The upstream does not accept our token; the token step renews it once."""

    def __init__(self) -> None:
        super().__init__(
            "The upstream does not accept the gateway's credentials.", reason="credentials", may_have_arrived=False
        )


def retry_after(reply: Reply, now: datetime) -> float | None:
    """Seconds of ``Retry-After`` (RFC 9110 section 10.2.3), both forms; None where absent, negative or unreadable.

    A past date is 0; anything longer than a day is a day.
    """
    value = reply.headers.get("retry-after", "").strip()
    if not value:
        return None
    if value.isascii() and value.isdigit():
        return min(float(value), LONGEST_RETRY_AFTER_S)
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=UTC)
    return min(max((when - now).total_seconds(), 0.0), LONGEST_RETRY_AFTER_S)


def by_status(reply: Reply, now: datetime) -> GatewayError | ReplyKind:
    """The meaning of a reply that the connector's table does not know, by the API's table of upstream answers."""
    if isinstance(reply.body, SoapFault):
        if reply.body.code.rpartition(":")[2].partition(".")[0] in _OUR_FAULTS:
            return OffContract("The upstream says that the gateway's message is wrong.", reason="off_contract")
        return Failing("The upstream answered with a fault of its own.", reason="upstream_error")
    match reply.status:
        case 200 | 201 | 202 | 204:
            return reply.defect or ReplyKind.ANSWER
        case 401 | 403:
            return ReplyKind.LOGIN_EXPIRED
        case 429:
            wait = retry_after(reply, now)
            if wait is None:
                return Withheld("The upstream's quota is spent.", reason="quota_spent", retry_after=RETRY_AFTER_S)
            return Throttled("The upstream asks the gateway to wait.", reason="quota_spent", retry_after=wait)
        case 504:
            return TimedOut(
                "The upstream's own gateway timed out.", reason="attempt", retry_after=retry_after(reply, now)
            )
        case status if status >= 500:
            return Failing(
                "The upstream answered with a server error.",
                reason="upstream_error",
                retry_after=retry_after(reply, now),
            )
        case _:
            return OffContract(
                "The upstream answered with a status that its contract does not foresee.", reason="off_contract"
            )


def of_write(error: GatewayError) -> GatewayError:
    """*error* of a write; a write whose bytes left and whose answer is incomplete has an unknown outcome."""
    if isinstance(error, Failing) and error.may_have_arrived and error.reason in {"unreachable", "cut_off"}:
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
        except UpstreamError as error:
            raise (of_write(error) if request.effect == "write" else error) from error.__cause__
        outcome = self._outcome(request.exchange, reply)
        if isinstance(outcome, GatewayError):
            if outcome.reason == "off_contract":
                self.observer(DriftSeen(self.connector, self.upstream, "unknown_code"))
            raise outcome.replace(upstream_status=reply.status)
        match outcome:
            case ReplyKind.NO_RECORD:
                return None
            case ReplyKind.LOGIN_EXPIRED:
                raise TokenSpent
            case ReplyKind.ANSWER:
                return self._decode(request, reply)

    def _outcome(self, exchange: Exchange, reply: Reply) -> GatewayError | ReplyKind:
        if reply.defect is not None and reply.body is None:
            return by_status(reply, self.clock.now())
        try:
            found = self.classify(exchange, reply)
        except (KeyError, TypeError, ValueError, AttributeError, IndexError):
            found = OffContract(
                "The upstream's answer has a shape that its contract does not foresee.", reason="malformed"
            )
        return by_status(reply, self.clock.now()) if found is None else found

    def _decode(self, request: UpstreamRequest, reply: Reply) -> Wire:
        try:
            wire, news = decode(request.into, reply.body)
        except ValidationError as error:
            self.observer(DriftSeen(self.connector, self.upstream, "schema"))
            where = sorted({"/".join(str(part) for part in item["loc"]) for item in error.errors(include_input=False)})
            raise OffContract(
                f"The upstream's answer breaks its contract at {', '.join(where[:5])}.", reason="malformed"
            ) from None
        if news:
            self.observer(DriftSeen(self.connector, self.upstream, "unknown_field"))
            request.call.trace.notes.append(f"unknown_fields={news}")
        if request.same is not None and not request.same(wire):
            raise OffContract("The upstream answered about another record than asked.", reason="inconsistent_response")
        return wire
