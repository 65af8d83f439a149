"""The tokens of national systems, shared by gateways with the same credential: sealed, and named by a keyed hash."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.core.clock import Clock
from gateway.core.facts import FactsAway
from gateway.core.message import Token
from gateway.peers import tasks
from gateway.peers.facts import Facts

TOKEN: Final = "token"  # noqa: S105  # a kind of facts
LONGEST_S: Final = 86_400.0
"""A token without an end is told for so long."""


class _Told(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    value: str = Field(repr=False)
    expires_at: datetime | None
    more: Mapping[str, str] = Field(default={}, repr=False)


class SharedTokens:
    """See :class:`gateway.pipeline.upstream.token.TokenShelf`."""

    def __init__(self, facts: Facts, clock: Clock) -> None:
        self._facts = facts
        self._clock = clock
        self._telling: set[asyncio.Task[None]] = set()

    async def find(self, credential: bytes) -> Token | None:
        """See :meth:`gateway.pipeline.upstream.token.TokenShelf.find`."""
        try:
            found = await self._facts.find(TOKEN, self._name(credential))
            told = None if found is None else _Told.model_validate_json(found)
        except (FactsAway, ValidationError):
            return None
        return None if told is None else Token(told.value, told.expires_at, dict(told.more))

    def put(self, credential: bytes, token: Token) -> None:
        """See :meth:`gateway.pipeline.upstream.token.TokenShelf.put`."""
        telling = asyncio.create_task(self._tell(credential, token), name="tell of a token")
        self._telling.add(telling)
        telling.add_done_callback(self._telling.discard)

    async def close(self) -> None:
        """Ends what is under way."""
        await tasks.end(self._telling)

    async def _tell(self, credential: bytes, token: Token) -> None:
        told = _Told(value=token.value, expires_at=token.expires_at, more=token.more)
        left = LONGEST_S
        if token.expires_at is not None:
            left = min(left, (token.expires_at - self._clock.now()).total_seconds())
        if left <= 0:
            return
        try:
            await self._facts.put(TOKEN, self._name(credential), told.model_dump_json().encode(), left)
        except FactsAway:
            return

    def _name(self, credential: bytes) -> str:
        return self._facts.hashes.of(TOKEN, credential).hex()
