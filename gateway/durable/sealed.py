"""The columns that hold encrypted bytes: which there are, whether the key opens them, and their change to a new key.

A table that gets such a column is named here, and nowhere else.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Final

from psycopg import AsyncConnection, sql

from gateway.durable.encryption import CipherError, RowCipher

BATCH: Final = 200


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column with encrypted bytes; *key*: the table's primary key."""

    table: str
    column: str
    key: tuple[str, ...]

    @property
    def where(self) -> bytes:
        """The place that :class:`gateway.durable.encryption.RowCipher` binds the bytes to."""
        return f"{self.table}.{self.column}".encode()


COLUMNS: Final = (
    SealedColumn("messages", "body", ("lane", "seq")),
    SealedColumn("outcomes", "answer", ("lane", "seq")),
    SealedColumn("cases", "data", ("id",)),
    SealedColumn("files", "body", ("id",)),
    SealedColumn("events", "data", ("id",)),
    SealedColumn("idempotency_keys", "answer", ("caller", "operation", "key")),
    SealedColumn("inbox", "body", ("id",)),
    SealedColumn("inbox_files", "info", ("inbox", "number")),
    SealedColumn("inbox_files", "body", ("inbox", "number")),
    SealedColumn("result_files", "body", ("id",)),
    SealedColumn("result_files", "signature", ("id",)),
    SealedColumn("operator_news", "subject", ("id",)),
)


def _names(*names: str) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


async def opens(connection: AsyncConnection[Any], cipher: RowCipher) -> bool:
    """Whether *cipher* opens a newest row of each column."""
    for one in COLUMNS:
        newest = sql.SQL("select {column} from {table} where {column} is not null order by {key} desc limit 1").format(
            column=sql.Identifier(one.column),
            table=sql.Identifier(one.table),
            key=sql.SQL(" desc, ").join(map(sql.Identifier, one.key)),
        )
        cursor = await connection.execute(newest)
        row = await cursor.fetchone()
        if row is not None:
            try:
                cipher.decrypt(row[0], one.where)
            except CipherError:
                return False
    return True


async def old_ones(connection: AsyncConnection[Any], cipher: RowCipher) -> dict[SealedColumn, int]:
    """How many rows of each column are encrypted with another key than the present one."""
    found = {}
    for one in COLUMNS:
        count = sql.SQL("select count(*) from {table} where substring({column} from 2 for 8) <> %s").format(
            column=sql.Identifier(one.column), table=sql.Identifier(one.table)
        )
        cursor = await connection.execute(count, [cipher.key_id])
        row = await cursor.fetchone()
        found[one] = row[0] if row else 0
    return found


async def rotate(connection: AsyncConnection[Any], cipher: RowCipher, one: SealedColumn) -> AsyncIterator[int]:
    """Encrypts the rows of a column with the present key, a batch a transaction, and gives the size of each batch.

    It can be cut off and called again at any time, also beside running gateways: a row that changes meanwhile is left,
    because whoever changes it encrypts with the present key. *connection* is in autocommit.

    Raises:
        CipherError: A row opens with none of the keys.
    """
    last: tuple[object, ...] | None = None
    while True:
        async with connection.transaction():
            rows = await _next(connection, cipher, one, last)
            change = sql.SQL("update {table} set {column} = %s where ({key}) = ({row}) and {column} = %s").format(
                table=sql.Identifier(one.table),
                column=sql.Identifier(one.column),
                key=_names(*one.key),
                row=sql.SQL(", ").join([sql.Placeholder()] * len(one.key)),
            )
            for *key, body in rows:
                fresh = cipher.encrypt(cipher.decrypt(body, one.where), one.where)
                await connection.execute(change, [fresh, *key, body])
        if not rows:
            return
        last = tuple(rows[-1][:-1])
        yield len(rows)


async def _next(
    connection: AsyncConnection[Any], cipher: RowCipher, one: SealedColumn, last: tuple[object, ...] | None
) -> list[tuple[Any, ...]]:
    key = _names(*one.key)
    after: sql.Composable = sql.SQL("true")
    if last is not None:
        after = sql.SQL("({key}) > ({row})").format(key=key, row=sql.SQL(", ").join([sql.Placeholder()] * len(one.key)))
    statement = sql.SQL(
        "select {key}, {column} from {table} where {after} and substring({column} from 2 for 8) <> %s"
        " order by {key} limit {most}"
    ).format(
        key=key,
        column=sql.Identifier(one.column),
        table=sql.Identifier(one.table),
        after=after,
        most=sql.Literal(BATCH),
    )
    cursor = await connection.execute(statement, [*(last or ()), cipher.key_id])
    return await cursor.fetchall()
