"""How the gateway asks ministries by the clock for what they have for the province: the operations of the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from gateway.connectors.ministry_portals.model import MessageReceipt
from gateway.connectors.ministry_portals.settings import MinistrySettings
from gateway.core.inbound import InboundPull, PulledPage, PullPace, PullQuestion
from gateway.core.upstream import Upstream

GivePage: TypeAlias = Callable[[PullQuestion, Upstream[Any]], Awaitable[PulledPage]]
Acknowledge: TypeAlias = Callable[[MessageReceipt, Upstream[Any]], Awaitable[object]]


def pace_of(settings: MinistrySettings) -> PullPace | None:
    """How often the ministry is asked."""
    return settings.pull


def ministry_of(system: str) -> str:
    """The entry of the configuration behind a name in the inbox."""
    return system.rpartition(".")[2].replace("_", "-")


def pull(page: GivePage, acknowledge: Acknowledge | None = None) -> InboundPull:
    """A dialect's declaration; *acknowledge* answers the operation of this name; None: the ministry is not told."""
    if acknowledge is None:
        return InboundPull(pace=pace_of, page=page)
    told = acknowledge

    async def confirm(receipts: Sequence[str], system: str, up: Upstream[Any]) -> object:
        # Not checked as an order's are: they are the ministry's own, and go back as they came.
        order = MessageReceipt.model_construct(ministry=ministry_of(system), message_ids=tuple(receipts))
        return await told(order, up)

    return InboundPull(pace=pace_of, page=page, confirm=confirm)
