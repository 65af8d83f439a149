"""Finds and erases what the store has about one person, for whoever asks it under the law (Law 91/2025/QH15).

Bodies are encrypted and not indexed, so finding opens each message: it takes minutes for millions, and is asked seldom.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, LiteralString

import orjson

from gateway.durable import retention
from gateway.durable.encryption import RowCipher
from gateway.durable.lanes.tables import Connection

PAGE: Final = 500
_COUNT: Final[LiteralString] = "select count(*) from messages"
_BODIES: Final[LiteralString] = """
select lane, seq, body from messages where (lane, seq) > (%s, %s) order by lane, seq limit %s
"""
_LANES: Final[LiteralString] = """
select l.id, l.system, l.key, greatest(l.tail - l.head + 1, 0), c.state, c.opened_at, c.ended_at,
    exists (select from files f where f.id = l.id), l.head > l.tail and (c.id is null or c.ended_at is not null)
from lanes l left join cases c on c.id = l.id where l.id = any(%s) order by l.system, l.key
"""
# Ended while nobody looked is well; begun anew is left: the row lock holds off whoever accepts or claims.
_LOCK_ENDED: Final[LiteralString] = """
select l.id, l.system, l.key from lanes l
where l.id = any(%s) and l.head > l.tail
    and not exists (select from cases c where c.id = l.id and c.ended_at is null)
order by l.id for update
"""


@dataclass(frozen=True, slots=True)
class FoundOrder:
    """A dossier of the person at one system. *ended*: nothing of it waits or is followed, so that it can be erased."""

    lane: int
    system: str
    key: str
    waiting: int
    state: str | None
    opened_at: str | None
    ended_at: str | None
    certificate: bool
    ended: bool


async def count(connection: Connection) -> int:
    """How many messages are to be opened."""
    row = await (await connection.execute(_COUNT)).fetchone()
    return row[0] if row else 0


async def lanes_about(
    connection: Connection, cipher: RowCipher, number: str
) -> AsyncIterator[tuple[int, frozenset[int]]]:
    """The lanes in whose messages *number* is a value, page by page, each with the size of the page.

    Raises:
        CipherError: A message opens with none of the keys.
    """
    wanted, lane, seq = compact(number), 0, 0
    while True:
        rows = await (await connection.execute(_BODIES, [lane, seq, PAGE])).fetchall()
        if not rows:
            return
        lane, seq = rows[-1][:2]
        opened = ((one, orjson.loads(cipher.decrypt(body, b"messages.body"))) for one, _, body in rows)
        yield len(rows), frozenset(one for one, body in opened if wanted in map(compact, texts(body["query"])))


def compact(text: str) -> str:
    """*text* as it is compared: without blanks and hyphens, in capitals."""
    return "".join(text.split()).replace("-", "").upper()


def texts(value: Any) -> Iterator[str]:
    """All texts in a JSON value, names of fields apart."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


async def described(connection: Connection, lanes: Sequence[int]) -> list[FoundOrder]:
    """The state of *lanes*."""
    rows = await (await connection.execute(_LANES, [list(lanes)])).fetchall()
    return [
        FoundOrder(
            lane=row[0],
            system=row[1],
            key=row[2],
            waiting=row[3],
            state=row[4],
            opened_at=row[5] and row[5].isoformat(),
            ended_at=row[6] and row[6].isoformat(),
            certificate=row[7],
            ended=row[8],
        )
        for row in rows
    ]


async def erase(connection: Connection, lanes: Sequence[int]) -> list[tuple[str, str]]:
    """Erases those of *lanes* that have ended, in the caller's transaction, and gives system and key of each."""
    ended = await (await connection.execute(_LOCK_ENDED, [list(lanes)])).fetchall()
    await retention.delete_lanes(connection, ended)
    return [(system, key) for _, system, key in ended]
