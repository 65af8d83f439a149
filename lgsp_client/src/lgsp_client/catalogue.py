"""The systems that the gateway connects, and their state."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from lgsp_client.values import Answered

State = Literal["up", "failing", "isolated", "unknown"]


class UpstreamState(Answered):
    """One way to a national system."""

    upstream: str
    state: State | str
    since: datetime
    why: str | None = None


class Maintenance(Answered):
    """A span in which a national system is not asked."""

    upstream: str
    start: datetime = Field(validation_alias="from")
    until: datetime | None = None
    why: str | None = None


class OfferedOperation(Answered):
    """An operation of a connector."""

    operation: str
    """``connector.operation``."""
    summary: str
    method: str
    path: str
    offered: bool
    """Whether this gateway is configured to answer it."""
    upstream: str | None = None


class Connector(Answered):
    """A national system as the gateway sees it."""

    name: str
    title: str
    state: State | str
    upstreams: tuple[UpstreamState, ...] = ()
    planned_maintenance: tuple[Maintenance, ...] = ()
    operations: tuple[OfferedOperation, ...] = ()
