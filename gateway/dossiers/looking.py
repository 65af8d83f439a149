"""Asks a portal of the national one's shape for one dossier (``TraCuuHoSo``)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from gateway.core.canonical import Wire
from gateway.core.message import Exchange
from gateway.core.problems import GatewayError
from gateway.core.upstream import Upstream


async def looked_up(dossier_code: str, question: Exchange, into: type[Wire], up: Upstream[Any]) -> Any | None:
    """The row of the dossier, None where there is none; an answer about another dossier is refused.

    Raises:
        ValueError: Not one row can be read.
    """
    wire: Any = await up.ask(
        question,
        into,
        same=lambda found: all(row is None or row.MaHoSo == dossier_code for row in found.result),
        effect="read",
    )
    if wire is None:
        return None
    row = next(filter(None, wire.result), None)
    if row is None:
        raise ValueError("not one row can be read")
    return row


async def is_known(look: Awaitable[object | None], up: Upstream[Any]) -> bool:
    """Whether *look* finds the dossier that is to be sent; where that can't be had, nothing is sent."""
    try:
        return await look is not None
    except GatewayError as error:
        raise error.replace(may_have_arrived=up.call.may_have_arrived) from error.__cause__
