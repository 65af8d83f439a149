"""The statements on the inbox; each runs in the transaction of its caller."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, LiteralString

from gateway.durable.lanes.tables import Connection

LOCK: Final = 0x6C677369
MessageName = tuple[str, str, str, bytes]
"""System, kind, code and hash of the content: equal names are the same message."""


@dataclass(frozen=True, slots=True)
class FileToKeep:
    """A file of a message that is being kept; *body* and *info* are sealed."""

    state: str
    reason: str | None
    info: bytes = field(repr=False)
    media_type: str | None
    size: int | None
    sha256: bytes | None
    body: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageToKeep:
    """A message that is being kept; *body* is sealed."""

    system: str
    kind: str
    code: str
    body_hash: bytes
    caller: str
    request_id: str
    body: bytes = field(repr=False)
    answer: str
    files: tuple[FileToKeep, ...]

    @property
    def name(self) -> MessageName:
        """By which it is known again."""
        return self.system, self.kind, self.code, self.body_hash


_KNOWN: Final[LiteralString] = """
select i.id, i.system, i.kind, i.code, i.body_hash, i.answer
from inbox i join unnest(%s::text[], %s::text[], %s::text[], %s::bytea[]) as r(system, kind, code, body_hash)
    using (system, kind, code, body_hash)
"""
_ADD: Final[LiteralString] = """
insert into inbox (system, kind, code, body_hash, revision, caller, request_id, received_at, body, answer)
select r.system, r.kind, r.code, r.body_hash,
    (select count(*) from inbox i where (i.system, i.kind, i.code) = (r.system, r.kind, r.code))
        + row_number() over (partition by r.system, r.kind, r.code order by r.n),
    r.caller, r.request_id, %s, r.body, r.answer
from unnest(%s::text[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::text[], %s::bytea[], %s::text[])
    with ordinality as r(system, kind, code, body_hash, caller, request_id, body, answer, n)
order by r.n
returning id, system, kind, code, body_hash, revision
"""
_ADD_FILES: Final[LiteralString] = """
insert into inbox_files (inbox, number, state, reason, info, media_type, size, sha256, body, due_at)
select r.inbox, r.number, r.state, r.reason, r.info, r.media_type, r.size, r.sha256, r.body,
    case when r.state = 'waiting' then %s::timestamptz end
from unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::bytea[], %s::text[], %s::bigint[], %s::bytea[],
            %s::bytea[]) as r(inbox, number, state, reason, info, media_type, size, sha256, body)
"""


async def lock(connection: Connection) -> None:
    """Lets one gateway add at a time, until its commit: so numbers rise in the sequence of the commits, and an equal
    message that another gateway is just adding is seen.
    """
    await connection.execute("select pg_advisory_xact_lock(%s)", [LOCK])


async def known(connection: Connection, names: Sequence[MessageName]) -> dict[MessageName, tuple[int, str]]:
    """Number and first answer of those of *names* that came before."""
    if not names:
        return {}
    cursor = await connection.execute(_KNOWN, [[name[part] for name in names] for part in range(4)])
    return {(row[1], row[2], row[3], bytes(row[4])): (row[0], row[5]) for row in await cursor.fetchall()}


async def add(
    connection: Connection, messages: Sequence[MessageToKeep], now: datetime
) -> dict[MessageName, tuple[int, int]]:
    """Keeps *messages*, which are new, and gives number and revision of each; the caller holds the lock."""
    if not messages:
        return {}
    cursor = await connection.execute(
        _ADD,
        [
            now,
            [one.system for one in messages],
            [one.kind for one in messages],
            [one.code for one in messages],
            [one.body_hash for one in messages],
            [one.caller for one in messages],
            [one.request_id for one in messages],
            [one.body for one in messages],
            [one.answer for one in messages],
        ],
    )
    found = {(row[1], row[2], row[3], bytes(row[4])): (row[0], row[5]) for row in await cursor.fetchall()}
    files = [(found[one.name][0], n, file) for one in messages for n, file in enumerate(one.files, 1)]
    if files:
        await connection.execute(
            _ADD_FILES,
            [
                now,
                [inbox for inbox, _, _ in files],
                [number for _, number, _ in files],
                [file.state for _, _, file in files],
                [file.reason for _, _, file in files],
                [file.info for _, _, file in files],
                [file.media_type for _, _, file in files],
                [file.size for _, _, file in files],
                [file.sha256 for _, _, file in files],
                [file.body for _, _, file in files],
            ],
        )
    return found
