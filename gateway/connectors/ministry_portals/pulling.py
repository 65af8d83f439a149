"""How the gateway asks ministries by the clock for what they have for the province: the operations of the API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from gateway.connectors.ministry_portals.model import (
    HeldMessage,
    IncomingMessage,
    IncomingPage,
    IncomingQuery,
    MessageReceipt,
)
from gateway.connectors.ministry_portals.settings import MinistrySettings
from gateway.core.inbound import InboundMessage, InboundPull, Pulled, PulledPage, PullPace, PullQuestion
from gateway.core.upstream import Upstream

Incoming: TypeAlias = Callable[[IncomingQuery, Upstream[Any]], Awaitable[IncomingPage]]
Acknowledge: TypeAlias = Callable[[MessageReceipt, Upstream[Any]], Awaitable[object]]
Whole: TypeAlias = Callable[[IncomingMessage, Upstream[Any]], Awaitable[InboundMessage | None]]


def pace_of(settings: MinistrySettings) -> PullPace | None:
    """How often the ministry is asked."""
    return settings.pull


def ministry_of(system: str) -> str:
    """The entry of the configuration behind a name in the inbox."""
    return system.rpartition(".")[2].replace("_", "-")


def pull(
    incoming: Incoming, acknowledge: Acknowledge | None = None, *, by_days: bool = False, whole: Whole | None = None
) -> InboundPull:
    """The declaration of a dialect.

    Args:
        incoming: Answers the operation of this name.
        acknowledge: Answers the operation of this name; None: the ministry is not told.
        by_days: Whether *incoming* takes a period.
        whole: Asks for a message of which the list has only the code; None where it cannot be read.
    """

    async def page(question: PullQuestion, up: Upstream[Any]) -> PulledPage:
        days = {"from": question.first, "to": question.last} if by_days else {}
        asked = {"ministry": ministry_of(question.system), "page_token": question.page_token, **days}
        found = await incoming(IncomingQuery.model_validate(asked), up)
        if whole is None:
            messages = [_held(message) for message in found.items]
            more = found.total is not None and found.total > len(found.items)
        else:
            messages, more = await _each(found, whole, up)
        read = tuple(one for one in messages if one is not None)
        return PulledPage(read, found.next_page_token, more, found.rows_left_out + len(messages) - len(read))

    if acknowledge is None:
        return InboundPull(pace=pace_of, page=page)
    told = acknowledge

    async def confirm(receipts: Sequence[str], system: str, up: Upstream[Any]) -> object:
        return await told(MessageReceipt(ministry=ministry_of(system), message_ids=tuple(receipts)), up)

    return InboundPull(pace=pace_of, page=page, confirm=confirm)


def _held(message: IncomingMessage) -> Pulled | None:
    held = message.held if isinstance(message, HeldMessage) else None
    return None if held is None else Pulled(message.message_id, message.kind, held)


MOST_WHOLE = 5
"""Messages of a page that are asked for one by one, since each comes with its files."""


async def _each(found: IncomingPage, whole: Whole, up: Upstream[Any]) -> tuple[list[Pulled | None], bool]:
    """The first messages that can be read, and None for each before them that can't; whether there are more."""
    messages: list[Pulled | None] = []
    read = 0
    for message in found.items:
        if read == MOST_WHOLE:
            return messages, True
        held = await whole(message, up)
        read += held is not None
        messages.append(None if held is None else Pulled(message.message_id, message.kind, held))
    return messages, False
