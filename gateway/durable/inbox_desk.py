"""The inbox as the operator sees it, without anything personal, and the operator's deeds on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final, LiteralString

from psycopg.rows import dict_row

from gateway.core.clock import Clock
from gateway.core.problems import NotFound
from gateway.durable import actions
from gateway.durable.actions import Action
from gateway.durable.store import Store

_LISTED: Final[LiteralString] = """
select i.id, i.system, i.kind, i.code, c.dossier_code, i.revision, i.caller, i.request_id, i.received_at,
    i.acknowledged_at, i.acknowledged_by,
    coalesce((
        select jsonb_agg(jsonb_build_object('number', f.number, 'state', f.state, 'reason', f.reason,
            'failures', f.failures, 'due_at', f.due_at) order by f.number)
        from inbox_files f where f.inbox = i.id and f.state <> 'kept'
    ), '[]') as files_not_here
from inbox i left join dossier_codes c on c.system = i.system and c.national_code = i.code
where (%(state)s <> 'waiting' or i.acknowledged_at is null)
    and (%(state)s <> 'files' or exists (select from inbox_files f where f.inbox = i.id and f.state <> 'kept'))
    and (%(system)s::text is null or i.system = %(system)s)
    and (%(code)s::text is null or i.code = %(code)s or c.dossier_code = %(code)s)
order by i.id desc limit %(limit)s
"""
# A file that came with its message was never claimed: there is no address from which it could come again.
_RETRY: Final[LiteralString] = """
update inbox_files set state = 'waiting', due_at = %(now)s, failures = 0, epoch = epoch + 1, held_until = null
where inbox = %(id)s and (state = 'waiting' or state in ('refused', 'missing') and epoch > 0 and reason <> 'deleted'
    or reason = 'not_configured')
returning number
"""

_PULLS: Final[LiteralString] = """
select p.system, p.due_at, p.reached, p.pulled_at, p.since, p.kept, p.left_out, p.failures, p.failing_since, p.reason,
    p.held_by as asked_by,
    (select count(*) from inbox i where i.system = p.system and i.acknowledged_at is null) as waiting,
    (select count(*) from inbox i where i.system = p.system and i.acknowledged_at is null and i.kind = 'unknown')
        as unknown
from inbox_pulls p order by p.system
"""


class InboxDesk:
    """The deeds of operators on the inbox. *moved* is told after each commit."""

    def __init__(self, store: Store, clock: Clock, moved: Callable[[], None]) -> None:
        self._store = store
        self._clock = clock
        self._moved = moved

    async def listed(self, state: str, system: str | None, code: str | None, limit: int) -> list[dict[str, Any]]:
        """The newest messages, newest first: *state* is ``waiting``, ``files`` (with a file that is not here) or
        ``all``.
        """
        values: Mapping[str, object] = {"state": state, "system": system, "code": code, "limit": limit}
        async with (
            self._store.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_LISTED, values)
            return await cursor.fetchall()

    async def has_had(self, system: str) -> bool:
        """Whether *system* ever sent anything, also where this configuration does not have it any more."""
        async with self._store.connection() as connection:
            found = await connection.execute("select 1 from inbox where system = %s limit 1", [system])
            return await found.fetchone() is not None

    async def pulls(self) -> list[dict[str, Any]]:
        """The systems that are or were asked by the clock: when, what came, what of it waits, and why a turn failed."""
        async with (
            self._store.connection() as connection,
            connection.cursor(row_factory=dict_row) as cursor,
        ):
            await cursor.execute(_PULLS)
            return await cursor.fetchall()

    async def retry_files(self, who: str, why: str, number: int) -> list[int]:
        """Lets the files of a message that did not come, or were refused, be fetched again, and gives their places.

        Raises:
            NotFound: There is no such message.
        """
        now = self._clock.now()
        async with self._store.connection() as connection, connection.transaction():
            cursor = await connection.execute("select system, code from inbox where id = %s", [number])
            found = await cursor.fetchone()
            if found is None:
                raise NotFound(reason="no_message")
            cursor = await connection.execute(_RETRY, {"now": now, "id": number})
            places = sorted(row[0] for row in await cursor.fetchall())
            detail = {"id": number, "files": places}
            await actions.record(connection, Action(who, "retry_files", f"inbox/{number}", why, now, detail))
        self._moved()
        return places
