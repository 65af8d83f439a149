"""Encrypts what is personal before it reaches the database: AES-256-GCM, the key's number before the bytes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from hashlib import blake2b
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_VERSION: Final = b"\x01"
_ID: Final = 8
_NONCE: Final = 12
_HEAD: Final = len(_VERSION) + _ID + _NONCE


class CipherError(Exception):
    """None of the keys opens these bytes, or they were changed."""


class RowCipher:
    """Encrypts with *key* and decrypts with it or one of *previous*; each is any secret text."""

    def __init__(self, key: str, previous: Sequence[str] = ()) -> None:
        self._ring = {_key_id(secret): AESGCM(_derived(secret)) for secret in (key, *previous)}
        self.key_id = _key_id(key)
        self._own = self._ring[self.key_id]

    def encrypt(self, plain: bytes, where: bytes) -> bytes:
        """*plain*, sealed; *where* (table.column) must be the same when it is opened."""
        nonce = os.urandom(_NONCE)
        return _VERSION + self.key_id + nonce + self._own.encrypt(nonce, plain, where)

    def decrypt(self, sealed: bytes, where: bytes) -> bytes:
        """The bytes as they were; raises :class:`CipherError`."""
        key = self._ring.get(sealed[1 : 1 + _ID]) if sealed[:1] == _VERSION else None
        if key is None:
            raise CipherError("sealed with a key that this gateway does not have")
        try:
            return key.decrypt(sealed[1 + _ID : _HEAD], sealed[_HEAD:], where)
        except InvalidTag:
            raise CipherError("the sealed bytes were changed") from None

    def is_current(self, sealed: bytes) -> bool:
        """Whether *sealed* needs no rotation."""
        return sealed[1 : 1 + _ID] == self.key_id


def _derived(secret: str) -> bytes:
    return blake2b(secret.encode(), digest_size=32, person=b"lgsp store seal").digest()


def _key_id(secret: str) -> bytes:
    return blake2b(secret.encode(), digest_size=_ID, person=b"lgsp store id").digest()
