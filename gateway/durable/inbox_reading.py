"""The inbox as the province's own system reads it: the list, the files, and what was acknowledged."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, LiteralString

import orjson
import psycopg
from psycopg.rows import dict_row

from gateway.core.clock import Clock
from gateway.core.problems import Conflict, NotFound, Overloaded
from gateway.durable.encryption import RowCipher
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreUnavailable

PAGE_BYTES: Final = 4 * 1024 * 1024
"""Bytes of messages in one page; a page has one message at least."""
_LARGE: Final = 256 * 1024

_PAGE: Final[LiteralString] = """
select i.id, i.system, i.kind, i.code, c.dossier_code, i.revision, i.received_at, i.acknowledged_at, i.body
from (
    select id, sum(octet_length(body)) over (order by id) as bytes, row_number() over (order by id) as place
    from (
        select id, body from inbox
        where id > %(after)s and (%(all)s or acknowledged_at is null)
            and (%(code)s::text is null or code = %(code)s or exists (
                select from dossier_codes d
                where d.system = inbox.system and d.national_code = inbox.code and d.dossier_code = %(code)s))
        order by id limit %(limit)s
    ) found
) p
join inbox i on i.id = p.id
left join dossier_codes c on c.system = i.system and c.national_code = i.code
where p.place = 1 or p.bytes <= %(most)s
order by i.id
"""
_ONE: Final[LiteralString] = """
select i.id, i.system, i.kind, i.code, c.dossier_code, i.revision, i.received_at, i.acknowledged_at, i.body
from inbox i left join dossier_codes c on c.system = i.system and c.national_code = i.code
where i.id = %s
"""
_FILES: Final[LiteralString] = """
select inbox, number, state, reason, info, media_type, size, sha256
from inbox_files where inbox = any(%s) order by inbox, number
"""
_FILE: Final[LiteralString] = """
select info, media_type, body from inbox_files where inbox = %s and number = %s and state = 'kept'
"""
_ACKNOWLEDGE: Final[LiteralString] = """
update inbox set acknowledged_at = coalesce(acknowledged_at, %s), acknowledged_by = coalesce(acknowledged_by, %s)
where id = %s returning system, code
"""
_LINK: Final[LiteralString] = """
insert into dossier_codes (system, national_code, dossier_code, linked_at, linked_by) values (%s, %s, %s, %s, %s)
on conflict (system, national_code) do update set dossier_code = dossier_codes.dossier_code
returning dossier_code
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A message of the inbox; *data* is JSON."""

    id: int
    system: str
    kind: str
    code: str
    dossier_code: str | None
    revision: int
    received_at: datetime
    acknowledged_at: datetime | None
    data: bytes = field(repr=False)
    files: tuple[Mapping[str, Any], ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Wish:
    """The page that is asked for. *code*: of the dossier, the sender's or the province's own."""

    after: int
    limit: int
    acknowledged_too: bool
    code: str | None


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of a message."""

    name: str
    media_type: str
    content: bytes = field(repr=False)


class InboxReading:
    """Reads and acknowledges. *clock* is the business clock."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def page(self, wish: Wish) -> list[Entry]:
        """The messages after number ``wish.after``, oldest first.

        Raises:
            Overloaded: The store can't be read.
        """
        values = {
            "after": wish.after,
            "all": wish.acknowledged_too,
            "code": wish.code,
            "limit": wish.limit,
            "most": PAGE_BYTES,
        }
        async with self._reading() as connection:
            rows = await _rows(connection, _PAGE, values)
            files = await _files(connection, [row["id"] for row in rows])
        return await self._opened(rows, files)

    async def one(self, number: int) -> Entry:
        """One message.

        Raises:
            NotFound: There is no such message.
            Overloaded: The store can't be read.
        """
        async with self._reading() as connection:
            rows = await _rows(connection, _ONE, [number])
            files = await _files(connection, [number])
        if not rows:
            raise NotFound(reason="no_message")
        return (await self._opened(rows, files))[0]

    async def acknowledge(self, number: int, who: str, dossier_code: str | None) -> Entry:
        """Notes that the province's system has message *number*, and under which code of its own.

        Raises:
            NotFound: There is no such message.
            Conflict: The dossier has another code of the province's already; nothing is changed.
            Overloaded: The store can't be written.
        """
        now = self._clock.now()
        async with self._reading() as connection, connection.transaction():
            cursor = await connection.execute(_ACKNOWLEDGE, [now, who, number])
            row = await cursor.fetchone()
            if row is None:
                raise NotFound(reason="no_message")
            if dossier_code is not None:
                cursor = await connection.execute(_LINK, [*row, dossier_code, now, who])
                linked = await cursor.fetchone()
                if linked is None or linked[0] != dossier_code:
                    raise Conflict(reason="linked_otherwise")
        return await self.one(number)

    async def file(self, number: int, place: int) -> FoundFile:
        """A file of message *number*.

        Raises:
            NotFound: There is no such file, or it is not here (yet).
            Overloaded: The store can't be read.
        """
        async with self._reading() as connection:
            row = await (await connection.execute(_FILE, [number, place])).fetchone()
        if row is None:
            raise NotFound(reason="no_file")
        info, media_type, body = row
        cipher = self._store.cipher
        name = orjson.loads(cipher.decrypt(info, b"inbox_files.info"))["name"]
        return FoundFile(name, media_type, await asyncio.to_thread(cipher.decrypt, body, b"inbox_files.body"))

    @asynccontextmanager
    async def _reading(self) -> AsyncIterator[Connection]:
        try:
            async with self._store.connection() as connection:
                yield connection
        except (StoreUnavailable, psycopg.Error) as error:
            raise Overloaded("The store can't be used now.", reason="store") from error

    async def _opened(self, rows: Sequence[Mapping[str, Any]], files: Sequence[Mapping[str, Any]]) -> list[Entry]:
        size = sum(len(row["body"]) for row in rows)
        if size <= _LARGE:
            return _entries(self._store.cipher, rows, files)
        return await asyncio.to_thread(_entries, self._store.cipher, rows, files)


async def _rows(
    connection: Connection, statement: LiteralString, values: Mapping[str, Any] | Sequence[Any]
) -> list[dict[str, Any]]:
    async with connection.cursor(row_factory=dict_row) as cursor:
        await cursor.execute(statement, values)
        return await cursor.fetchall()


async def _files(connection: Connection, messages: Sequence[int]) -> list[dict[str, Any]]:
    return await _rows(connection, _FILES, [list(messages)]) if messages else []


def _entries(cipher: RowCipher, rows: Sequence[Mapping[str, Any]], files: Sequence[Mapping[str, Any]]) -> list[Entry]:
    of_message: dict[int, list[Mapping[str, Any]]] = {}
    for row in files:
        told = orjson.loads(cipher.decrypt(row["info"], b"inbox_files.info"))
        kept = row["state"] == "kept"
        of_message.setdefault(row["inbox"], []).append(
            {
                "number": row["number"],
                "name": told["name"],
                "component_code": told["component_code"],
                "state": row["state"],
                "reason": row["reason"],
                "media_type": row["media_type"],
                "size": row["size"],
                "sha256": None if row["sha256"] is None else bytes(row["sha256"]).hex(),
                "path": f"/v1/inbox/{row['inbox']}/files/{row['number']}" if kept else None,
            }
        )
    return [
        Entry(
            id=row["id"],
            system=row["system"],
            kind=row["kind"],
            code=row["code"],
            dossier_code=row["dossier_code"],
            revision=row["revision"],
            received_at=row["received_at"],
            acknowledged_at=row["acknowledged_at"],
            data=cipher.decrypt(row["body"], b"inbox.body"),
            files=tuple(of_message.get(row["id"], ())),
        )
        for row in rows
    ]
