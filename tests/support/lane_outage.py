"""An outage as a random walk of the lanes sees it: it must not count against any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, LiteralString

from gateway.durable.store import Store
from tests.support.lane_ledger import Broken
from tests.support.postgres import tell

_ATTEMPTS: Final[LiteralString] = """
select l.id, l.head, l.attempts, p.through_at from lanes l left join passages p on p.system = l.system
where l.key like %s and l.head <= l.tail
"""


@dataclass
class Outage:
    """What was counted of the lanes *pattern* when the system went down, and the passages that were written since."""

    store: Store
    pattern: str
    before: dict[tuple[object, object], int]
    through: object
    passages: int = 0

    async def check(self) -> None:
        """No failure has counted for which there was no other order that got through."""
        rows = await tell(self.store, _ATTEMPTS, self.pattern)
        self.passages += _through(rows) not in {None, self.through}
        self.through = _through(rows)
        for lane, head, attempts, _ in rows:
            # A head whose last try was before another one got through counts once; so does each that got through late.
            allowed = self.before.get((lane, head), 0) + 1 + self.passages
            if int(str(attempts)) > allowed:
                raise Broken("outage", f"lane {lane} has {attempts} attempts, {allowed} at most")


async def begin(store: Store, pattern: str) -> Outage:
    """An outage that begins now."""
    rows = await tell(store, _ATTEMPTS, pattern)
    return Outage(store, pattern, {(lane, head): int(str(count)) for lane, head, count, _ in rows}, _through(rows))


def _through(rows: list[tuple[object, ...]]) -> object:
    return rows[0][3] if rows else None
