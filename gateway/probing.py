"""Asks a system its cheapest question about nobody, or logs in where each question is about a person."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from typing import Final, Literal

import structlog

from gateway.core.call import Call, Trace
from gateway.core.canonical import NO_GAPS, Canonical
from gateway.core.clock import Clock
from gateway.core.events import DriftSeen, Observer, silence
from gateway.core.probe import PROBE, Nothing
from gateway.core.problems import GatewayError, OffContract
from gateway.core.unread import gaps_of
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.operation.call_connector import BoundUpstream
from gateway.registry import UpstreamPlan

Means = Literal["question", "login", "nothing"]
"""How a system is tried: ``nothing`` where it has no login, and each of its questions is about a person."""
CALLER: Final = "gateway"
log = structlog.get_logger("gateway.warm_up")


def means_of(up: UpstreamPlan, ring: UpstreamRing) -> Means:
    """How the system of *up* can be tried without a person."""
    if up.dialect.probe is not None:
        return "question"
    return "login" if ring.token is not None else "nothing"


async def ask(up: UpstreamPlan, ring: UpstreamRing, clock: Clock, observer: Observer = silence) -> None:
    """Asks the question of the dialect through *ring*; whatever record is found, or none, is well.

    *observer* is told where a part of the answer could not be read.

    Raises:
        GatewayError: The answer could not be had.
    """
    assert up.dialect.probe is not None, "see means_of"
    began = clock.monotonic()
    call = Call(
        connector=up.connector,
        operation=PROBE,
        query=Nothing(),
        caller=CALLER,
        request_id="",
        expires_at=began + PROBE.deadline_s,
        trace=Trace(began),
        priority="batch",
    )
    upstream = BoundUpstream(up.settings, call, None, ring.run, clock)
    try:
        value = await up.dialect.probe(upstream)
    except OffContract as error:
        if error not in upstream.met:
            ring.untranslatable()
        raise
    except ValueError:
        ring.untranslatable()
        # pydantic's error repeats its input: neither its text nor its cause may go on.
        raise OffContract("The answer has a value that could not be read.", reason="malformed") from None
    if isinstance(value, Canonical) and gaps_of(value) is not NO_GAPS:
        observer(DriftSeen(up.connector, up.name, "unreadable"))


async def warm_up(
    upstreams: Iterable[UpstreamPlan], rings: Mapping[tuple[str, str], UpstreamRing], clock: Clock
) -> None:
    """Tries the systems of *upstreams* once, all at the same time."""
    await asyncio.gather(*(_warm_up(up, rings[up.connector, up.name], clock) for up in upstreams))


async def _warm_up(up: UpstreamPlan, ring: UpstreamRing, clock: Clock) -> None:
    """Tries the system of *up* once and says in the log how it went; a failure changes nothing else."""
    means = means_of(up, ring)
    names = {"connector": up.connector, "upstream": up.name, "by": means}
    if means == "nothing":
        log.info("not warmed up: the system has no login, and each question is about a person", **names)
        return
    began = clock.monotonic()
    try:
        if means == "question":
            await ask(up, ring, clock)
        elif ring.token is not None:
            await ring.token.current()
    except GatewayError as error:
        log.warning(
            "not warmed up: the first caller is answered as the system then is",
            **names,
            reason=error.reason or error.code,
            detail=str(error),
        )
        return
    log.info("warmed up", **names, seconds=round(clock.monotonic() - began, 3))
