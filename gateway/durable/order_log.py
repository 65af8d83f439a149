"""Log lines about orders: one when an order is accepted, one when it ends or stops for an operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import structlog

from gateway.core.call import Call
from gateway.core.tracing import log_ids
from gateway.durable.lanes.decisions import Arrived, Park
from gateway.durable.sending import Tried

log: Final = structlog.get_logger("gateway.order")


def log_accepted(call: Call, trace: str, *, repeated: bool) -> None:
    """Logs an order that was accepted, *repeated* where it was known; *trace* is the traceparent of that, if any."""
    log.info(
        "order accepted",
        system=call.connector,
        operation=call.operation.name,
        caller=call.caller,
        request_id=call.request_id,
        repeated=repeated,
        **log_ids(trace),
    )


def log_ended(tried: Sequence[Tried]) -> None:
    """Logs the orders among *tried*, whose results are committed, that have arrived or were parked."""
    for one in tried:
        claimed, decision = one.claimed, one.decision
        facts = {
            "system": claimed.system,
            "operation": claimed.operation,
            "caller": claimed.caller,
            "request_id": claimed.request_id,
            "lane": claimed.lane,
            "seq": claimed.seq,
            "attempts": claimed.attempts,
            **log_ids(one.trace),
        }
        if isinstance(decision, Arrived):
            log.info("order arrived", **facts)
        elif isinstance(decision, Park):
            log.warning("order parked: an operator must decide", **facts, reason=decision.reason)
