"""Joins webhooks with the store and with HTTP: where each goes, how it is signed, and when it is left alone."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.adapters.session import RawReply, UpstreamSession
from gateway.core import standard_webhooks
from gateway.core.clock import Clock
from gateway.core.problems import Failing, GatewayError, InvalidRequest, OffContract, Throttled, TimedOut
from gateway.core.settings import AnswerLimits, UpstreamSettings
from gateway.durable import crash_points
from gateway.durable.orders import Errand, Line
from gateway.durable.webhooks import DEADLINE_S, Webhook, WebhookMessage, WebhookReceipt, line_to
from gateway.settings.webhooks import WebhookSettings

ROOM: Final = 16
"""Messages that are under way to a webhook at once."""
TOLERATED: Final = 5
"""Failures in a row after which a webhook is asked by one message at a time."""
LONGEST_REST_S: Final = 60.0
MOST_BYTES: Final = 64 * 1024
"""Bytes of an answer; nobody reads it."""
REDIRECTS: Final = "webhook_redirects"
"""Operators read it at the lane, as ``webhook_410``; no caller is told."""
_AGAIN: Final = frozenset({408, 425, 429})


class WebhookRoad:
    """The way to one webhook."""

    def __init__(self, settings: WebhookSettings, session: UpstreamSession, clock: Clock) -> None:
        self._url = settings.url
        self._keys = settings.signing_keys
        self._session = session
        self._clock = clock
        self._failures = 0
        self._rests_until = 0.0

    def upstream(self, errand: Errand) -> Any:
        """See :class:`gateway.durable.orders.Road`."""
        return _Delivery(self, errand)

    def room(self) -> int:
        """See :class:`gateway.durable.orders.Road`: one message tries a webhook that has failed for a while."""
        if self._failures < TOLERATED:
            return ROOM
        return 1 if self._clock.monotonic() >= self._rests_until else 0

    def daily_quota(self) -> tuple[int | None, float]:
        """See :class:`gateway.durable.orders.Road`."""
        return None, 86_400.0

    async def deliver(self, message: WebhookMessage, errand: Errand) -> WebhookReceipt:
        """Sends *message*.

        Raises:
            InvalidRequest: The receiver refused it for good.
            GatewayError: It did not take it now. A repetition has the same id, so that it can't do harm.
        """
        crash_points.reach("webhook.sending")
        body = message.body.encode()
        signed = standard_webhooks.headers(self._keys, message.id, int(self._clock.now().timestamp()), body)
        try:
            async with self._clock.timeout_at(self._clock.monotonic() + errand.seconds):
                status, headers = await self._session.carry(
                    "POST",
                    self._url,
                    {**signed, "Content-Type": "application/json"},
                    body,
                    read=_status_of,
                    gate=errand.gate,
                )
        except TimeoutError:
            self._failed()
            raise TimedOut("The webhook did not answer in time.", reason="attempt", may_have_arrived=False) from None
        except GatewayError as error:
            if errand.gate is None or errand.gate.refused is None:
                self._failed()
            raise error.replace(may_have_arrived=False) from None
        if 200 <= status < 300:
            self._failures = 0
            return WebhookReceipt(id=message.id)
        raise self._refusal(status, headers)

    def _refusal(self, status: int, headers: Mapping[str, str]) -> GatewayError:
        if 400 <= status < 500 and status not in _AGAIN:
            self._failures = 0  # it answers
            why = f"webhook_{status}"
            return InvalidRequest(f"The webhook refused the message ({status}).", reason=why)
        self._failed()
        if status in _AGAIN:
            waits = headers.get("retry-after", "")
            seconds = float(waits) if waits.isascii() and waits.isdigit() else LONGEST_REST_S
            return Throttled(
                "The webhook asks to wait.", reason="quota_spent", retry_after=seconds, may_have_arrived=False
            )
        if status < 400:
            return OffContract("The webhook redirects.", reason=REDIRECTS, may_have_arrived=False)
        return Failing("The webhook failed.", reason="upstream_error", may_have_arrived=False)

    def _failed(self) -> None:
        self._failures += 1
        rest = min(LONGEST_REST_S, 2.0 ** min(self._failures - TOLERATED, 10))
        self._rests_until = self._clock.monotonic() + rest


@dataclass(frozen=True, slots=True)
class _Delivery:
    road: WebhookRoad
    errand: Errand

    async def deliver(self, message: WebhookMessage) -> WebhookReceipt:
        return await self.road.deliver(message, self.errand)


def _status_of(found: RawReply) -> tuple[int, Mapping[str, str]]:
    return found.status, found.headers


@dataclass(frozen=True, slots=True)
class WebhookWay:
    """One webhook with its line; *trust* is the hash of the authorities that are trusted there."""

    settings: WebhookSettings
    trust: bytes | None
    deadline_s: float
    session: UpstreamSession
    webhook: Webhook
    line: Line


@dataclass(frozen=True, slots=True)
class WebhookWays:
    """The webhooks of one configuration, by name."""

    by_name: Mapping[str, WebhookWay]

    @property
    def entries(self) -> Sequence[tuple[Webhook, Line]]:
        """Each with its line."""
        return [(way.webhook, way.line) for way in self.by_name.values()]

    async def close(self, heirs: Iterable[WebhookWays] = ()) -> None:
        """Closes the connections, but those that one of *heirs* has."""
        kept = {id(way.session) for heir in heirs for way in heir.by_name.values()}
        own = [way.session for way in self.by_name.values() if id(way.session) not in kept]
        await asyncio.gather(*(session.close() for session in own))


async def open_webhooks(
    webhooks: Mapping[str, WebhookSettings],
    clock: Clock,
    *,
    longest_s: float = DEADLINE_S,
    before: WebhookWays | None = None,
) -> WebhookWays:
    """The line of each webhook of the configuration; one that is as *before* goes on. *clock* is the machine's.

    A message has *longest_s* seconds at most: it must end before the lease of its lane does, or it never leaves.
    """
    deadline_s, found = min(DEADLINE_S, longest_s), {}
    for name, settings in webhooks.items():
        trust = await asyncio.to_thread(_trust_of, settings)
        known = None if before is None else before.by_name.get(name)
        if known is not None and (known.settings, known.trust, known.deadline_s) == (settings, trust, deadline_s):
            found[name] = known
            continue
        session = UpstreamSession(
            UpstreamSettings(
                url=settings.url,
                allow_private=settings.allow_private,
                ca_file=settings.ca_file,
                limits=AnswerLimits(body_bytes=MOST_BYTES, decoded_bytes=MOST_BYTES),
            )
        )
        await session.open()
        webhook = Webhook(name=name, events=settings.events, caller=settings.caller)
        line = line_to(webhook, WebhookRoad(settings, session, clock), deadline_s)
        found[name] = WebhookWay(settings, trust, deadline_s, session, webhook, line)
    return WebhookWays(found)


def _trust_of(settings: WebhookSettings) -> bytes | None:
    return None if settings.ca_file is None else hashlib.sha256(Path(settings.ca_file).read_bytes()).digest()
