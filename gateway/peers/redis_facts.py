"""Facts in the Redis that gateways share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.core.facts import FactsAway
from gateway.peers.redis_link import LinkAway, RedisLink

KEPT_S: Final = 8 * 86_400
"""A kind of which nothing is written for so long is gone."""


class RedisFacts:
    """See :class:`gateway.core.facts.FactStore`."""

    def __init__(self, link: RedisLink) -> None:
        self._link = link

    def _key(self, kind: str) -> bytes:
        return b"%bfacts:%b" % (self._link.prefix, kind.encode())

    async def put(self, kind: str, facts: Mapping[str, bytes]) -> None:
        """See :class:`gateway.core.facts.FactStore`."""
        key = self._key(kind)
        try:
            values: dict[Any, Any] = dict(facts)
            await self._link.ask(lambda client: client.hset(key, mapping=values))
            await self._link.ask(lambda client: client.expire(key, KEPT_S))
        except LinkAway as error:
            raise FactsAway(str(error)) from None

    async def find(self, kind: str, name: str) -> bytes | None:
        """See :class:`gateway.core.facts.FactStore`."""
        try:
            found = await self._link.ask(lambda client: client.hget(self._key(kind), name))
        except LinkAway as error:
            raise FactsAway(str(error)) from None
        return found if isinstance(found, bytes) else None

    async def all(self, kind: str) -> Mapping[str, bytes]:
        """See :class:`gateway.core.facts.FactStore`."""
        try:
            found = await self._link.ask(lambda client: client.hgetall(self._key(kind)))
        except LinkAway as error:
            raise FactsAway(str(error)) from None
        return {
            name.decode(errors="replace"): value
            for name, value in found.items()
            if isinstance(name, bytes) and isinstance(value, bytes)
        }

    async def drop(self, kind: str, names: Sequence[str]) -> None:
        """See :class:`gateway.core.facts.FactStore`."""
        try:
            await self._link.ask(lambda client: client.hdel(self._key(kind), *names))
        except LinkAway as error:
            raise FactsAway(str(error)) from None
