"""A month of dossiers as the store has them, and the points of Quyết định 766 that they keep and lose."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final, LiteralString

from psycopg.rows import class_row

from gateway.core.clock import Clock
from gateway.core.days import day_in_vietnam
from gateway.dossiers.model import DossierBody
from gateway.dossiers.worth import worth
from gateway.durable import webhooks
from gateway.durable.encryption import CipherError, RowCipher
from gateway.durable.orders import Line, load_body
from gateway.durable.store import Store

_PLACE: Final = re.compile(r"/\d+")
_LAST: Final[LiteralString] = """
select l.id, l.key, m.operation, m.accepted_at, m.body
from (select id, key from lanes where system = %(system)s and id > %(after)s order by id limit %(most)s) l
left join lateral (
    select operation, accepted_at, body from messages
    where lane = l.id and operation = any(%(operations)s) order by seq desc limit 1
) m on true
order by l.id
"""


@dataclass(frozen=True, slots=True)
class _Row:
    id: int
    key: str
    operation: str | None
    accepted_at: datetime | None
    body: bytes | None


@dataclass(slots=True)
class WorthPage:
    """One page of the report; *after* goes on behind it, None at its end."""

    after: int | None = None
    dossiers: int = 0
    """Of the month, by their date of receipt; one without that date by when it was accepted here."""
    unread: int = 0
    """Sealed with a key that is not here, or of another release."""
    points: dict[str, Counter[str]] = field(default_factory=dict)
    """Name of the point → verdict → number of dossiers."""
    missing: Counter[str] = field(default_factory=Counter)
    """Field → number of dossiers that lose a point by it; places in lists are written ``*``."""
    lost: list[dict[str, object]] = field(default_factory=list)
    """The dossiers that lose something, and what."""


class WorthReport:
    """Reads the last order of each dossier; nothing is changed."""

    def __init__(self, store: Store, lines: Mapping[str, Line], clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._all = lines

    @property
    def _lines(self) -> dict[str, Line]:
        return {
            name: line
            for name, line in self._all.items()
            if not line.system.startswith(webhooks.SYSTEM) and issubclass(line.order.operation.query, DossierBody)
        }

    @property
    def systems(self) -> frozenset[str]:
        """Those whose orders are dossiers."""
        return frozenset(line.system for line in self._lines.values())

    async def page(self, system: str, month: date, after: int, most: int) -> WorthPage:
        """The dossiers of the month that begins at *month*, in Vietnam, behind lane *after*."""
        operations = [name for name, line in self._lines.items() if line.system == system]
        wanted = {"system": system, "after": after, "most": most, "operations": operations}
        async with self._store.connection() as connection, connection.cursor(row_factory=class_row(_Row)) as cursor:
            rows = await (await cursor.execute(_LAST, wanted)).fetchall()
        page = await asyncio.to_thread(self._counted, rows, month, self._clock.now())
        page.after = rows[-1].id if len(rows) == most else None
        return page

    def _counted(self, rows: Sequence[_Row], month: date, now: datetime) -> WorthPage:
        page = WorthPage()
        for row in rows:
            if row.operation is None or row.body is None or row.accepted_at is None:
                continue
            dossier = _read(self._store.cipher, self._lines[row.operation], row.body)
            if dossier is None:
                page.unread += 1
            elif day_in_vietnam(dossier.received_at or row.accepted_at).replace(day=1) == month:
                _count(page, dossier, now)
        return page


def _read(cipher: RowCipher, line: Line, body: bytes) -> DossierBody | None:
    try:
        plain = load_body(cipher.decrypt(body, b"messages.body"))
        found = line.order.operation.query.model_validate_json(plain.query)
    except (CipherError, ValueError):
        return None
    assert isinstance(found, DossierBody)
    return found


def _count(page: WorthPage, dossier: DossierBody, now: datetime) -> None:
    page.dossiers += 1
    lost = []
    for point in worth(dossier, now):
        page.points.setdefault(point.name, Counter())[point.verdict] += 1
        if point.verdict == "lost":
            lost.append(point.name)
            page.missing.update({_PLACE.sub("/*", pointer) for pointer in point.pointers})
    if lost:
        page.lost.append({"key": dossier.dossier_code, "points": lost})
