"""The declarations of a system about its messages to the province: kinds, how each is read, how they are asked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Any, Final

from pydantic import Field

from gateway.core.canonical import PERSONAL, Canonical, Content
from gateway.core.operation import Operation
from gateway.core.settings import Frozen
from gateway.core.upstream import Upstream

SCOPE: Final = "inbox"
"""Of who takes what systems push to the province."""


class FileAddress(Canonical):
    """The address at which the sender of a message gives a file of it."""

    address: Annotated[str, PERSONAL]


FETCH_FILE: Final = Operation(
    name="inbound_file",
    query=FileAddress,
    answer=Content,
    path="",
    method="POST",
    summary="Fetches a file that a pushed message named",
    deadline_s=30.0,
)
"""Answered by the dialects of systems that give files by an address; no portal asks it."""


@dataclass(frozen=True, slots=True)
class InboundFile:
    """A file of a message: its *content*, or the *address* at which the sender gives it."""

    name: str
    component_code: str | None = None
    """Mã thành phần hồ sơ: for which part of the dossier it is."""
    content: bytes | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class InboundMessage:
    """A message that was read.

    *code* is the dossier's, as the sender names it (Mã hồ sơ quốc gia, of a ministry its own).
    """

    code: str
    data: Canonical = field(repr=False)
    files: tuple[InboundFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundKind:
    """One kind of message; *name* in the inbox, with hyphens in the route."""

    name: str
    title: str
    data: type[Canonical]
    """The model of what it says, in the words of the uniform API."""
    read: Callable[[Mapping[str, Any]], InboundMessage]
    """Gets the JSON object, its texts in NFC.

    Raises :class:`pydantic.ValidationError` at the sender's names of the fields, or :class:`InvalidRequest`.
    """

    @property
    def slug(self) -> str:
        """The name in routes: ``tax-notice``."""
        return self.name.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundSystem:
    """A connector's messages; *by_ministry*: the route names the ministry, and so does the inbox."""

    connector: str
    kinds: tuple[InboundKind, ...]
    by_ministry: bool = False

    @property
    def slug(self) -> str:
        """The name in routes: ``public-service-portal``."""
        return self.connector.replace("_", "-")


# ---- systems that are asked for their messages


class PullPace(Frozen):
    """How often a system is asked for what it has for the province, and about which days."""

    every_s: float = Field(default=900, ge=60, le=7_200, description="seconds between two turns")
    days: int = Field(
        default=3, ge=1, le=31, description="days that each turn asks about, today among them; after a gap, those too"
    )


class PullQuestion(Canonical):
    """The question for one page of the messages of *system*; *first* and *last* are days in Vietnam."""

    system: str
    first: date
    last: date
    page_token: str | None = None


class PullReceipt(Canonical):
    """The messages of *system* that are on disk."""

    system: str
    receipts: tuple[str, ...]


UNKNOWN: Final = "unknown"
"""The kind of a message that a system gave and that nobody can read: it is kept as it came."""


@dataclass(frozen=True, slots=True)
class Pulled:
    """A message that a system gave; *receipt* confirms it. *kind*: one of the connector's, or :data:`UNKNOWN`."""

    receipt: str
    kind: str
    message: InboundMessage


@dataclass(frozen=True, slots=True)
class PulledPage:
    """Messages of one page; *left_out*: those of which nothing could be had, and which are not confirmed."""

    messages: tuple[Pulled, ...]
    next_page_token: str | None = None
    more: bool = False
    """More messages follow when these are confirmed."""
    left_out: int = 0
    unread: tuple[Pulled, ...] = ()
    """Messages off their contract, as they came. They are left with the system, which may mend them; where more wait
    behind them, they are kept and confirmed like the others, so that they hold up nothing.
    """


PULL: Final = Operation(
    name="inbound_pull",
    query=PullQuestion,
    answer=PullQuestion,
    path="",
    summary="Asks a system for what it has for the province",
    deadline_s=60.0,
)
CONFIRM: Final = Operation(
    name="inbound_confirm",
    query=PullReceipt,
    answer=PullReceipt,
    path="",
    method="POST",
    effect="write",
    summary="Tells a system that its messages are on disk",
    deadline_s=30.0,
)
"""Both are asked by the gateway itself; no portal asks them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundPull:
    """How a dialect gives what waits for the province. *pace* gets the upstream's settings; None: it is not asked."""

    pace: Callable[[Any], PullPace | None]
    page: Callable[[PullQuestion, Upstream[Any]], Awaitable[PulledPage]]
    confirm: Callable[[Sequence[str], str, Upstream[Any]], Awaitable[object]] | None = None
    """Gets the receipts and the system; a repeated confirmation changes nothing there."""
