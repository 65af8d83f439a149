"""Keeps results that the province gives to other systems by a link: an id and a signature that only the link has."""

from __future__ import annotations

import asyncio
import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, LiteralString
from uuid import UUID, uuid4

import psycopg

from gateway.core.clock import Clock
from gateway.core.problems import Forbidden, NotFound, Overloaded
from gateway.durable.store import Store, StoreUnavailable

_ADD: Final[LiteralString] = """
insert into result_files
    (id, caller, dossier_code, filename, media_type, sha256, body, signature, created_at, expires_at)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
on conflict (caller, dossier_code, filename, sha256) do update
    set expires_at = greatest(result_files.expires_at, excluded.expires_at)
returning id, signature, expires_at
"""
_READ: Final[LiteralString] = """
select filename, media_type, body, signature from result_files where id = %s and expires_at > %s
"""


@dataclass(frozen=True, slots=True)
class ResultLink:
    """A kept result; *signature* belongs into its link."""

    id: UUID
    signature: str = field(repr=False)
    sha256: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class ResultFile:
    """A result as it is given."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


class ResultFiles:
    """Keeps and gives them for *days*. *clock* is the business clock."""

    def __init__(self, store: Store, clock: Clock, days: float) -> None:
        self._store = store
        self._clock = clock
        self._days = days

    def keep_for(self, days: float) -> None:
        """Keeps new results for *days* from now on."""
        self._days = days

    async def keep(self, caller: str, dossier_code: str, name: str, media_type: str, content: bytes) -> ResultLink:
        """Keeps a result; the same file of the same dossier again has the same link, and new days.

        Raises:
            Overloaded: The store can't keep it now.
        """
        now, cipher = self._clock.now(), self._store.cipher
        digest = await asyncio.to_thread(sha256, content)
        body = await asyncio.to_thread(cipher.encrypt, content, b"result_files.body")
        signature = cipher.encrypt(secrets.token_urlsafe(32).encode(), b"result_files.signature")
        ends = now + timedelta(days=self._days)
        given = [uuid4(), caller, dossier_code, name, media_type, digest.digest(), body, signature, now, ends]
        try:
            async with self._store.connection() as connection:
                row = await (await connection.execute(_ADD, given)).fetchone()
        except (StoreUnavailable, psycopg.Error) as error:
            raise Overloaded("The store can't keep files now.", reason="store") from error
        assert row is not None
        kept = cipher.decrypt(row[1], b"result_files.signature").decode()
        return ResultLink(row[0], kept, digest.hexdigest(), row[2])

    async def read(self, number: UUID, signature: str) -> ResultFile:
        """The result behind a link.

        Raises:
            NotFound: There is no such file, or its time is over.
            Forbidden: The signature is not the link's.
            Overloaded: The store can't be read now.
        """
        try:
            async with self._store.connection() as connection:
                row = await (await connection.execute(_READ, [number, self._clock.now()])).fetchone()
        except (StoreUnavailable, psycopg.Error) as error:
            raise Overloaded("The store can't be read now.", reason="store") from error
        if row is None:
            raise NotFound(reason="no_result_file")
        name, media_type, body, sealed = row
        cipher = self._store.cipher
        if not hmac.compare_digest(cipher.decrypt(sealed, b"result_files.signature"), signature.encode()):
            raise Forbidden(reason="signature")
        return ResultFile(name, media_type, await asyncio.to_thread(cipher.decrypt, body, b"result_files.body"))
