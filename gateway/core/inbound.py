"""The declarations of a system about what it pushes to the province: its kinds of messages, and how each is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final

from gateway.core.canonical import PERSONAL, Canonical, Content
from gateway.core.operation import Operation

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
