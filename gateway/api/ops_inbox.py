"""The operator's API for the inbox: which messages wait, which files did not come, and fetching them again."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Literal

from aiohttp import web
from pydantic import Field

from gateway.api.inbox_schemas import CODE, MessageQuery
from gateway.api.operators import OperatorAccess
from gateway.api.ops_bodies import BODY_LIMIT, MOST, Name, Reason, json_of, unknown_system
from gateway.api.ops_orders import guarded
from gateway.api.request import fields_of_query, query_from_json, query_from_text, read_object
from gateway.api.routes import Request, Routes
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock
from gateway.durable.in_time import in_time
from gateway.durable.inbox_desk import InboxDesk


class InboxListQuery(Canonical):
    state: Literal["waiting", "files", "all"] = "waiting"
    system: Name | None = None
    code: str | None = Field(default=None, pattern=CODE)
    limit: int = Field(default=100, ge=1, le=MOST)


class RetryBody(Canonical):
    reason: Reason


@dataclass(frozen=True, slots=True)
class InboxOpsApi:
    """The handlers; *access* tells who acts, *clock* is the machine's; *systems* are those that may push."""

    desk: InboxDesk
    systems: AbstractSet[str]
    access: OperatorAccess
    clock: Clock

    def add_to(self, routes: Routes) -> None:
        """Adds the routes."""
        routes.add("GET", "/api/inbox", guarded(self.listed))
        routes.add("GET", "/api/inbox/pulls", guarded(self.pulls))
        routes.add("POST", "/api/inbox/{id}/retry-files", guarded(self.retry))

    async def listed(self, request: Request) -> web.Response:
        wanted = query_from_text(InboxListQuery, fields_of_query(request.query_string))
        assert isinstance(wanted, InboxListQuery)
        listing = self.desk.listed(wanted.state, wanted.system, wanted.code, wanted.limit)
        found = await in_time(self.clock, listing)
        if not found and wanted.system is not None:
            await self._check_system(wanted.system)
        return json_of(found)

    async def _check_system(self, system: str) -> None:
        """Refuses a name that nothing ever came from: "nothing waits" would be taken for an answer about the one
        meant.
        """
        if system not in self.systems and not await in_time(self.clock, self.desk.has_had(system)):
            raise unknown_system(self.systems)

    async def pulls(self, _: Request) -> web.Response:
        return json_of(await in_time(self.clock, self.desk.pulls()))

    async def retry(self, request: Request) -> web.Response:
        which = query_from_text(MessageQuery, request.path_values)
        wanted = query_from_json(RetryBody, await read_object(request.http, BODY_LIMIT))
        assert isinstance(which, MessageQuery)
        assert isinstance(wanted, RetryBody)
        retrying = self.desk.retry_files(self.access.who(request.http), wanted.reason, which.id)
        places = await in_time(self.clock, retrying)
        return json_of({"id": which.id, "files": places})
