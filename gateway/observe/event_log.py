"""Logs what an operator asks for at three in the morning: which system, since when, why; one line a change, not one a
request.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import structlog

from gateway.core.clock import Clock
from gateway.core.events import (
    QUOTA_UNKNOWN,
    START,
    Attempted,
    BreakerMoved,
    CredentialsRefused,
    Event,
    MachineFailed,
    NotAsked,
    Purged,
    QuotaMoved,
    SharedCacheMoved,
    TokenRenewed,
)

AGAIN_S: Final = 60.0
"""A lack of this machine that goes on is told once in so many seconds."""
SCARCE: Final = 0.1
"""Share of a day's quota below which its end is near."""
WELL: Final = frozenset({"ok", "no_record"})
_BREAKER: Final[dict[str, str]] = {
    "open": "breaker opened: the system is not asked for a while",
    "half_open": "breaker half open: one question tries the system",
    "closed": "breaker closed: the system is asked again",
    "isolated": "system isolated by an operator",
}


class EventLog:
    """Logs changes of systems, breakers, credentials, tokens, quotas, Redis, caches and of this machine.

    Each state is told when it begins and when it ends, with the reason and, below it, the cause.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._log = structlog.get_logger("gateway.event")
        self._failing: dict[tuple[str, str], tuple[str, float]] = {}
        self._refused: set[tuple[str, str, str]] = set()
        self._tokens: dict[tuple[str, str], str] = {}
        self._scarce: dict[tuple[str, str], str] = {}
        self._redis_up: bool | None = None
        self._machine: dict[str, float] = {}
        self._uncounted: dict[tuple[str, str], float] = {}
        self._handlers: Mapping[type[Any], Callable[[Any], None]] = {
            Attempted: self._attempted,
            BreakerMoved: self._breaker,
            CredentialsRefused: self._credentials,
            TokenRenewed: self._token,
            QuotaMoved: self._quota,
            SharedCacheMoved: self._shared_cache,
            MachineFailed: self._machine_failed,
            NotAsked: self._not_asked,
            Purged: self._purged,
        }

    def receive(self, events: Sequence[Event], /) -> None:
        """Logs the changes among *events*."""
        handlers = self._handlers
        for event in events:
            handler = handlers.get(type(event))
            if handler is not None:
                handler(event)

    def _attempted(self, event: Attempted) -> None:
        names = (event.connector, event.upstream)
        if event.failed:
            if names not in self._failing or self._failing[names][0] != event.outcome:
                since = self._failing[names][1] if names in self._failing else self._clock.monotonic()
                self._failing[names] = (event.outcome, since)
                self._log.warning(
                    "system fails", **_of(names), reason=event.outcome, cause=event.cause, operation=event.operation
                )
        elif event.outcome in WELL:
            self._refused = {refused for refused in self._refused if refused[:2] != names} if self._refused else set()
            if (failed := self._failing.pop(names, None)) is not None:
                seconds = round(self._clock.monotonic() - failed[1], 1)
                self._log.info("system answers again", **_of(names), failed_for_s=seconds, reason=failed[0])

    def _breaker(self, event: BreakerMoved) -> None:
        if event.why == START:
            return
        log = self._log.info if event.state in {"closed", "half_open"} else self._log.warning
        names = (event.connector, event.upstream)
        seconds = None if event.seconds is None else round(event.seconds, 1)
        # An operator's words may name a person: they are in the record of actions.
        told = {} if event.state == "isolated" else {"reason": event.why}
        log(_BREAKER[event.state], **_of(names), state=event.state, **told, seconds=seconds)

    def _credentials(self, event: CredentialsRefused) -> None:
        refused = (event.connector, event.upstream, event.reason)
        if refused not in self._refused:
            self._refused.add(refused)
            self._log.error(
                "system refuses this gateway: its operator must act", **_of(refused[:2]), reason=event.reason
            )

    def _token(self, event: TokenRenewed) -> None:
        names = (event.connector, event.upstream)
        before = self._tokens.get(names)
        if event.outcome == "ok":
            if self._tokens.pop(names, None) is not None:
                self._log.info("token given again", **_of(names), reason=before)
        elif event.outcome not in {"cancelled", before}:
            self._tokens[names] = event.outcome
            self._log.warning("token not given", **_of(names), reason=event.outcome, cause=event.cause)

    def _quota(self, event: QuotaMoved) -> None:
        names = (event.connector, event.upstream)
        state = "spent" if event.remaining <= 0 else "scarce" if event.remaining < event.per_day * SCARCE else ""
        if state == self._scarce.get(names, ""):
            return
        self._scarce[names] = state
        if state:
            self._log.warning(f"day's quota is {state}", **_of(names), remaining=event.remaining, per_day=event.per_day)

    def _shared_cache(self, event: SharedCacheMoved) -> None:
        if event.up == self._redis_up:
            return
        self._redis_up = event.up
        if not event.up:
            self._log.warning("Redis down: answers are not shared until it is back", cause=event.cause)
        else:
            self._log.info("Redis up")

    def _machine_failed(self, event: MachineFailed) -> None:
        now = self._clock.monotonic()
        if now - self._machine.get(event.reason, float("-inf")) >= AGAIN_S:
            self._machine[event.reason] = now
            self._log.error("this machine could not open a connection", reason=event.reason)

    def _not_asked(self, event: NotAsked) -> None:
        if event.reason != QUOTA_UNKNOWN:
            return
        names, now = (event.connector, event.upstream), self._clock.monotonic()
        if now - self._uncounted.get(names, float("-inf")) >= AGAIN_S:
            self._uncounted[names] = now
            self._log.error(
                "requests refused by this gateway's own trouble: it can't count the day's quota",
                **_of(names),
                reason=event.reason,
            )

    def _purged(self, event: Purged) -> None:
        if event.what != "write":
            self._log.info("cached answers purged", what=event.what)


def _of(names: tuple[str, ...]) -> dict[str, str]:
    return {"connector": names[0], "upstream": names[1]}
