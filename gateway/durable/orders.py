"""An order as it is kept, and the lines on which orders go: operation, declaration, and the way to the system."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

import msgspec
import orjson

from gateway.core.call import Purpose
from gateway.core.canonical import Canonical
from gateway.core.durable import DurableOrder, Following
from gateway.core.message import Gate
from gateway.core.operation import Operation
from gateway.core.upstream import Upstream


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One question or order that the worker brings to a system, outside any request of the portal."""

    operation: Operation[Any, Any]
    query: Canonical
    caller: str
    request_id: str
    purpose: Purpose | None
    seconds: float
    """The time that it has."""
    gate: Gate | None = None
    may_have_arrived: bool = False
    token: str | None = None
    """The same for each copy of an order, and no other order's."""
    form: str | None = None
    """As the dialect's ``prepare`` chose it."""


class Road(Protocol):
    """The way to one upstream, through its ring."""

    def upstream(self, errand: Errand) -> Upstream[Any]:
        """The upstream as *errand* sees it."""
        ...

    def room(self) -> int:
        """How many exchanges may be under way now: 0 while its breaker is open or its quota spent."""
        ...

    def daily_quota(self) -> tuple[int | None, float]:
        """Exchanges that are left today (None: no quota), and the seconds until there are new ones."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One durable operation of this deployment."""

    system: str
    """The lanes' system: the connector's name, ``ministry_portals.<ministry>`` of a ministry."""
    upstream: str
    order: DurableOrder
    following: Following | None
    road: Road
    settings: Any
    """The upstream's, as the dialect's functions expect them."""
    deadline_s: float
    """The operation's in this deployment: the time that one try has."""
    connector: str | None = None
    """The connector's name, where it is not the system's; a pause of its operation is one of all its systems."""

    @property
    def operation(self) -> str:
        """``system.operation``."""
        return f"{self.system}.{self.order.operation.name}"

    @property
    def targets(self) -> frozenset[str]:
        """The pauses that stop it: of its system, its operation or its upstream, and of all its connector's systems."""
        connector = self.connector or self.system
        named = f"{connector}.{self.order.operation.name}"
        return frozenset({self.system, connector, self.operation, named, f"{connector}/{self.upstream}"})


@dataclass(frozen=True, slots=True)
class Body:
    """The sealed part of a message."""

    query: bytes = field(repr=False)
    """JSON of the operation's query, by the names of the API."""
    dossier: str | None
    user: str | None
    trace: str = ""
    """The traceparent of its acceptance, where it was traced."""

    @property
    def purpose(self) -> Purpose | None:
        """For which dossier, by which officer."""
        return None if self.dossier is None or self.user is None else Purpose(self.dossier, self.user)

    def dump(self) -> bytes:
        """The bytes to be sealed."""
        kept = {"query": orjson.Fragment(self.query), "dossier": self.dossier, "user": self.user}
        return orjson.dumps({**kept, "trace": self.trace} if self.trace else kept)


class _Kept(msgspec.Struct):
    """A message as it is kept; *query* stays as its bytes."""

    query: msgspec.Raw
    dossier: str | None
    user: str | None
    trace: str = ""


_KEPT: Final = msgspec.json.Decoder(_Kept)


def load_body(plain: bytes) -> Body:
    """The message in *plain*, as :meth:`Body.dump` gave it."""
    found = _KEPT.decode(plain)
    return Body(bytes(found.query), found.dossier, found.user, found.trace)


def query_of(operation: Operation[Any, Any], body: Body) -> Canonical:
    """The query in *body*; it was valid when it was accepted."""
    query: Canonical = operation.query.model_validate_json(body.query)
    return query


@dataclass(frozen=True, slots=True)
class Accepted:
    """The first answer; *repeated* where it was given before, or to an equal order."""

    answer: bytes
    repeated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """An order that waits to be accepted."""

    line: Line
    query: Canonical
    key: str
    caller: str
    request_id: str
    sealed: bytes
    """The message as it is kept."""
    body_hash: bytes
    idempotency_key: str | None
    answer: bytes
    """The JSON of the first answer's ``data``."""
    due_at: datetime | None
    done: asyncio.Future[Accepted] = field(repr=False)
    held_answer: bytes | None = None
    """The same where the order is held; None: no other."""
    sort: str | None = None
    """Its place among the orders of its operation and key."""
    same: bytes | None = None
    """Equal for equal orders."""
    trace: str = ""
    """The traceparent of its acceptance, where it is traced."""

    @property
    def known_as(self) -> tuple[str, str, str]:
        """Its name in the table of keys."""
        return self.caller, self.line.operation, self.idempotency_key or ""
