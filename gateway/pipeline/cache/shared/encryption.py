"""Encodes entries as bytes that leave the process: versioned, encrypted, and bound to their name.

::

    lgsp │ version 1 │ key id 4 │ stamp 13 │ nonce 12 │ AES-256-GCM( header, newline, data )

The stamp is when the question was asked, in milliseconds as digits, so that a script in Redis can compare two; it and
all before the nonce are authenticated together with the name. The header is JSON, the data the rendered answer.
Nothing here is ever unpickled.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gateway.core.call import Rendered
from gateway.core.clock import Clock
from gateway.pipeline.cache.cache_key import KeyedHash
from gateway.pipeline.cache.invalidation import SKEW_S, Tag
from gateway.pipeline.cache.store import Entry

MAGIC: Final = b"lgsp"
VERSION: Final = b"\x01"
STAMP_AT: Final = (9, 21)
"""Position of the stamp: first and last byte."""
_KEY_ID: Final = slice(5, 9)
_STAMP_END: Final = 22
_NONCE_END: Final = 34
_YEAR_2286_MS: Final = 9_999_999_999_999

Milliseconds = Annotated[int, Field(ge=0, le=_YEAR_2286_MS)]


class Poisoned(Exception):
    """The bytes are not an entry of ours under this name; the message is the reason, one word."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    etag: str
    paged: bool = False
    next_page_token: str | None = None
    total: int | None = None
    location: str | None = None
    withheld: tuple[str, ...] = ()
    incomplete: tuple[str, ...] = ()
    rows_left_out: int = 0


class _Header(BaseModel):
    """The header of an entry. Instants are milliseconds of the wall clock, because monotonic clocks of other processes
    can not be compared.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    fetched_at: Milliseconds
    asked_at: Milliseconds
    stored_at: Milliseconds
    fresh_until: Milliseconds
    keep_until: Milliseconds
    tags: list[str]
    value: _Value | None


@dataclass(frozen=True, slots=True, repr=False)
class CipherKey:
    """The values derived from one secret: its id, the key that encrypts, and the keyed hashes for names."""

    id: bytes
    cipher: AESGCM
    hashes: KeyedHash

    @classmethod
    def of(cls, secret: bytes) -> Self:
        """Derives all parts from *secret* (HKDF-SHA256, RFC 5869), so that none reveals another."""

        def part(name: bytes, length: int) -> bytes:
            return HKDF(SHA256(), length, salt=None, info=b"lgsp cache 1 " + name).derive(secret)

        return cls(part(b"id", 4), AESGCM(part(b"seal", 32)), KeyedHash(part(b"names", 32)))


class EntryCipher:
    """Writes with the first of its keys and reads with all, so that a secret can be rotated."""

    def __init__(self, secrets: Sequence[bytes], clock: Clock) -> None:
        keys = [CipherKey.of(secret) for secret in secrets]
        self._key = keys[0]
        self._keys: Mapping[bytes, CipherKey] = {key.id: key for key in keys}
        self._clock = clock
        self.hashes = tuple(key.hashes for key in keys)

    def seal(self, name: bytes, entry: Entry) -> bytes:
        """*entry* as bytes that can be read under *name* only."""
        value = entry.value
        header = _Header(
            fetched_at=_ms(entry.fetched_at.timestamp()),
            asked_at=_ms(entry.asked_at),
            stored_at=self._to_wall(entry.stored_at),
            fresh_until=self._to_wall(entry.fresh_until),
            keep_until=self._to_wall(entry.keep_until),
            tags=[tag.hex() for tag in entry.tags],
            value=None
            if value is None
            else _Value(
                etag=value.etag,
                paged=value.paged,
                next_page_token=value.next_page_token,
                total=value.total,
                location=value.location,
                withheld=value.withheld,
                incomplete=value.incomplete,
                rows_left_out=value.rows_left_out,
            ),
        )
        # Without defaults: gateways of an older version read all entries but those with gaps.
        plain = (
            header.__pydantic_serializer__.to_json(header, exclude_defaults=True)
            + b"\n"
            + (b"" if value is None else value.data)
        )
        preamble = b"%b%b%b%013d" % (MAGIC, VERSION, self._key.id, header.asked_at)
        nonce = os.urandom(12)
        return preamble + nonce + self._key.cipher.encrypt(nonce, plain, preamble + name)

    def open(self, name: bytes, sealed: bytes) -> Entry:
        """The entry in *sealed*; its *order* is left at 0.

        Raises:
            Poisoned: The bytes are damaged, outdated, of another name, or come from the future.
        """
        if sealed[:4] != MAGIC:
            raise Poisoned("garbage")
        if sealed[4:5] != VERSION:
            raise Poisoned("version")
        key = self._keys.get(sealed[_KEY_ID])
        if key is None:
            raise Poisoned("key")
        preamble, nonce = sealed[:_STAMP_END], sealed[_STAMP_END:_NONCE_END]
        try:
            plain = key.cipher.decrypt(nonce, sealed[_NONCE_END:], preamble + name)
        except (InvalidTag, ValueError):
            raise Poisoned("seal") from None
        head, _, data = plain.partition(b"\n")
        try:
            header = _Header.model_validate_json(head)
            tags = tuple(Tag(bytes.fromhex(tag)) for tag in header.tags)
        except (ValidationError, ValueError):
            raise Poisoned("header") from None
        return self._entry(header, tags, data)

    def _entry(self, header: _Header, tags: tuple[Tag, ...], data: bytes) -> Entry:
        wall, now = self._clock.now().timestamp(), self._clock.monotonic()
        # Clocks of two machines differ a little; an entry from further ahead would outlive its life.
        if max(header.stored_at, header.asked_at) / 1000 > wall + SKEW_S:
            raise Poisoned("future")
        return Entry(
            value=None if header.value is None else Rendered(data, **header.value.model_dump()),
            fetched_at=datetime.fromtimestamp(header.fetched_at / 1000, UTC),
            asked_at=header.asked_at / 1000,
            order=0,
            stored_at=now - max(0.0, wall - header.stored_at / 1000),
            fresh_until=now + header.fresh_until / 1000 - wall,
            keep_until=now + header.keep_until / 1000 - wall,
            tags=tags,
        )

    def _to_wall(self, instant: float) -> int:
        return _ms(self._clock.now().timestamp() + instant - self._clock.monotonic())


def _ms(seconds: float) -> int:
    return min(max(0, round(seconds * 1000)), _YEAR_2286_MS)
