"""Finds and erases what the inbox has about one person; see :mod:`gateway.durable.erasure`."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Final, LiteralString

import orjson

from gateway.durable.encryption import RowCipher
from gateway.durable.erasure import PAGE, FoundOrder, compact, texts
from gateway.durable.inbox import SYSTEM
from gateway.durable.lanes.tables import Connection

PREFIX: Final = "inbox/"
"""Before the system of what is in the inbox."""
_COUNT: Final[LiteralString] = "select count(*) from inbox"
_BODIES: Final[LiteralString] = "select id, body from inbox where id > %s order by id limit %s"
_MESSAGES: Final[LiteralString] = """
select i.id, i.system, i.code, i.received_at, i.acknowledged_at,
    exists (select from inbox_files f where f.inbox = i.id and f.state = 'kept')
from inbox i where i.id = any(%s) order by i.id
"""
_LOCK: Final[LiteralString] = """
select id, system, code from inbox where id = any(%s) and acknowledged_at is not null order by id for update
"""
_ERASE: Final[tuple[LiteralString, ...]] = (
    "delete from inbox_files where inbox = any(%(ids)s)",
    "delete from inbox where id = any(%(ids)s)",
    """
    delete from events where system = %(system)s and key = any(%(codes)s)
        and not exists (select from inbox i where i.code = events.key)
    """,
)


async def count(connection: Connection) -> int:
    """How many messages are to be opened."""
    row = await (await connection.execute(_COUNT)).fetchone()
    return row[0] if row else 0


async def messages_about(
    connection: Connection, cipher: RowCipher, number: str
) -> AsyncIterator[tuple[int, frozenset[int]]]:
    """The messages in which *number* is a value, page by page, each with the size of the page.

    Raises:
        CipherError: A message opens with none of the keys.
    """
    wanted, last = compact(number), 0
    while True:
        rows = await (await connection.execute(_BODIES, [last, PAGE])).fetchall()
        if not rows:
            return
        last = rows[-1][0]
        opened = ((one, orjson.loads(cipher.decrypt(body, b"inbox.body"))) for one, body in rows)
        yield len(rows), frozenset(one for one, body in opened if wanted in map(compact, texts(body)))


async def described(connection: Connection, messages: Sequence[int]) -> list[FoundOrder]:
    """The state of *messages*; one that nobody has acknowledged has not ended."""
    rows = await (await connection.execute(_MESSAGES, [list(messages)])).fetchall()
    return [
        FoundOrder(
            lane=number,
            system=f"{PREFIX}{system}",
            key=code,
            waiting=int(acknowledged_at is None),
            state="waiting" if acknowledged_at is None else "acknowledged",
            opened_at=received_at.isoformat(),
            ended_at=acknowledged_at and acknowledged_at.isoformat(),
            certificate=has_file,
            ended=acknowledged_at is not None,
        )
        for number, system, code, received_at, acknowledged_at, has_file in rows
    ]


async def erase(connection: Connection, messages: Sequence[int]) -> list[tuple[str, str]]:
    """Erases those of *messages* that were acknowledged, in the caller's transaction; system and code of each."""
    ended = await (await connection.execute(_LOCK, [list(messages)])).fetchall()
    values = {"ids": [row[0] for row in ended], "codes": [row[2] for row in ended], "system": SYSTEM}
    for statement in _ERASE if ended else ():
        await connection.execute(statement, values)
    return [(f"{PREFIX}{system}", code) for _, system, code in ended]
