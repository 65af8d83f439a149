"""Facts that gateways of one deployment know of each other: small, few, each with an end, and sealed.

A fact has a kind and a name; the newest of a name holds. On Redis they are fields of one hash a kind, in a store rows
of one table, among the workers of a machine lines of one file. Nobody reads them without the secret, and nobody else
can write one that is believed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, TypeAlias

from cryptography.exceptions import InvalidTag
from pydantic import BaseModel, ConfigDict

from gateway.core.clock import Clock
from gateway.core.facts import FactsAway, FactStore
from gateway.peers.folder import SharedFile
from gateway.pipeline.cache.shared.encryption import CipherKey

MOST: Final = 2_000
"""Facts of one kind; of more, those that end first are left out."""
_STAMP: Final = 13
_NONCE: Final = 12
_KEY_ID: Final = 4
FILE: Final = "facts.json"


class Facts:
    """Sealed facts with an end. *secrets*: the first seals, all open."""

    def __init__(self, store: FactStore, secrets: Sequence[str], clock: Clock) -> None:
        keys = [CipherKey.of(secret.encode()) for secret in secrets]
        self._key = keys[0]
        self._keys = {key.id: key for key in keys}
        self._store = store
        self._clock = clock
        self.hashes = self._key.hashes

    async def put(self, kind: str, name: str, value: bytes, seconds: float) -> None:
        """Keeps *value* for so many seconds; raises :class:`FactsAway`."""
        await self.put_all(kind, {name: value}, seconds)

    async def put_all(self, kind: str, values: Mapping[str, bytes], seconds: float) -> None:
        """As :meth:`put`, of many."""
        ends = self._now_ms() + round(seconds * 1000)
        await self._store.put(kind, {name: self._sealed(kind, name, value, ends) for name, value in values.items()})

    async def find(self, kind: str, name: str) -> bytes | None:
        """The value of one fact that has not ended; raises :class:`FactsAway`."""
        sealed = await self._store.find(kind, name)
        return None if sealed is None else self._opened(kind, name, sealed)

    async def all(self, kind: str) -> dict[str, bytes]:
        """The values of the facts of *kind* that have not ended; others are forgotten. Raises :class:`FactsAway`."""
        found: dict[str, bytes] = {}
        gone: list[str] = []
        for name, sealed in (await self._store.all(kind)).items():
            value = self._opened(kind, name, sealed)
            if value is None:
                gone.append(name)
            elif len(found) < MOST:
                found[name] = value
        if gone:
            await self._store.drop(kind, gone)
        return found

    def _sealed(self, kind: str, name: str, value: bytes, ends: int) -> bytes:
        nonce, head = os.urandom(_NONCE), b"%b%013d" % (self._key.id, ends)
        return head + nonce + self._key.cipher.encrypt(nonce, value, head + f"{kind}\0{name}".encode())

    def _opened(self, kind: str, name: str, sealed: bytes) -> bytes | None:
        end = _KEY_ID + _STAMP
        key, head, nonce = self._keys.get(sealed[:_KEY_ID]), sealed[:end], sealed[end : end + _NONCE]
        if key is None:
            return None
        try:
            if int(head[_KEY_ID:]) <= self._now_ms():
                return None
            return key.cipher.decrypt(nonce, sealed[end + _NONCE :], head + f"{kind}\0{name}".encode())
        except (InvalidTag, ValueError):
            return None

    def _now_ms(self) -> int:
        return round(self._clock.now().timestamp() * 1000)


_Change: TypeAlias = Callable[[Mapping[str, str]], Mapping[str, str]]


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    facts: Mapping[str, Mapping[str, str]] = {}


class FolderFacts:
    """The facts of the workers of one machine, in a folder that does not outlive them."""

    def __init__(self, folder: Path) -> None:
        self._file = SharedFile(folder / FILE, durable=False)

    async def put(self, kind: str, facts: Mapping[str, bytes]) -> None:
        """See :class:`gateway.core.facts.FactStore`."""
        new = {name: value.hex() for name, value in facts.items()}
        await self._change(kind, lambda held: {**held, **new})

    async def find(self, kind: str, name: str) -> bytes | None:
        """See :class:`gateway.core.facts.FactStore`."""
        return (await self.all(kind)).get(name)

    async def all(self, kind: str) -> Mapping[str, bytes]:
        """See :class:`gateway.core.facts.FactStore`."""
        held = await self._change(kind, lambda held: held)
        return {name: bytes.fromhex(value) for name, value in held.items()}

    async def drop(self, kind: str, names: Sequence[str]) -> None:
        """See :class:`gateway.core.facts.FactStore`."""
        gone = frozenset(names)
        await self._change(kind, lambda held: {name: value for name, value in held.items() if name not in gone})

    async def _change(self, kind: str, change: _Change) -> Mapping[str, str]:
        def changed(kept: _Kept) -> tuple[_Kept, Mapping[str, str]]:
            before = kept.facts.get(kind, {})
            after = change(before)
            if after == before:
                return kept, before
            return _Kept(facts={**kept.facts, kind: after}), after

        try:
            return await asyncio.to_thread(self._file.change, _Kept, changed)
        except OSError as error:
            raise FactsAway(error.strerror) from None
