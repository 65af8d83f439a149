"""A national system as its folder declares it, and an operation as a deployment offers it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from gateway.core.call import Answer, Call, HitMemory
from gateway.core.durable import DurableDialect
from gateway.core.feeds import FeedSource
from gateway.core.inbound import InboundPull
from gateway.core.message import Exchange, Login, Outcome, Reply, UsernameToken
from gateway.core.operation import Operation, Q, R
from gateway.core.settings import S, UpstreamSettings
from gateway.core.upstream import Upstream


@dataclass(frozen=True, slots=True)
class Binding:
    """An operation and the function of a dialect that answers it."""

    operation: Operation[Any, Any]
    run: Callable[[Any, Any], Awaitable[Any]]


def answers(operation: Operation[Q, R], run: Callable[[Q, Upstream[S]], Awaitable[R | None]]) -> Binding:
    """Ties a dialect's function to the operation it answers; the types must meet."""
    return Binding(operation, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One generation of a national system's service: ``connectors/<name>/<dialect>/__init__.py``."""

    name: str
    adapter: Literal["rest", "soap"]
    settings: type[UpstreamSettings]
    classify: Callable[[Exchange, Reply], Outcome]
    """The table of their codes; None leaves it to the HTTP status."""
    calls: tuple[Binding, ...]
    login: Login[Any] | None = None
    wsdl: str | None = None
    """Path of the pinned WSDL below ``contracts/``, for SOAP."""
    username_token: Callable[[Any], UsernameToken] | None = None
    """Gets the upstream's settings; the account in the WS-Security header of each SOAP message."""
    known_again: bool = False
    """An order sent twice is answered with "we have it" (:class:`Conflict`), so one of unknown outcome may be sent
    again under its key: the dialect's function reads that answer as success where ``call.may_have_arrived``."""
    keyed_writes: bool = False
    """Whether the source does an order with a known Idempotency-Key only once, so that it may be sent again."""
    durable: DurableDialect | None = None
    """Orders that a store accepts and a worker sends; None: each is asked at once."""
    inbound_file: Binding | None = None
    """Answers :data:`gateway.core.inbound.FETCH_FILE`: fetches the files of pushed messages; None: they have none by an
    address."""
    inbound_pull: InboundPull | None = None
    """How its messages to the province are asked for; None: it pushes them, or has none."""
    probe: Callable[[Any], Awaitable[object]] | None = None
    """Gets the upstream, and asks the cheapest question about nobody (None is an answer too); None: every question of
    the source is about a person."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """Policies that suit this source (``attempt_timeout_s``, ``bulkhead``…), where configuration says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A national system's identity card: ``connectors/<name>/__init__.py`` ends in ``CONNECTOR = Connector(…)``."""

    name: str
    title: str
    operations: tuple[Operation[Any, Any], ...]
    dialects: tuple[Dialect, ...]

    @property
    def slug(self) -> str:
        """The name in routes: ``business-registry``."""
        return self.name.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An operation as this deployment offers it: with configuration's numbers, and the ring that answers it."""

    connector: Connector
    operation: Operation[Any, Any]
    upstream: str
    run: Callable[[Call], Awaitable[Answer]]
    hits: HitMemory | None = None
    """Where fresh hits may be replayed; None where nothing is cached, or where a step must see every request."""
    feed: FeedSource | None = None
    """Gives the events of what the operation answers about; None where none are kept."""

    @property
    def name(self) -> str:
        return f"{self.connector.name}.{self.operation.name}"

    @property
    def path(self) -> str:
        return f"/v1/{self.connector.slug}/{self.operation.path}"
