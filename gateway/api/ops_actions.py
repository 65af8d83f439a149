"""The operator's API for the record of actions: who did what, when and why; to be listed and to be taken away whole."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass
from typing import Final, Literal

import orjson
from aiohttp import hdrs, web
from pydantic import Field

from gateway.api.ops_bodies import MOST
from gateway.api.request import fields_of_query, query_from_text
from gateway.api.routes import Request, Routes
from gateway.core.actions import ActionRecord, Recorded
from gateway.core.canonical import Canonical
from gateway.core.clock import Clock

NEWEST: Final = 2**62
JSON: Final = "application/json"
WRITE_S: Final = 10.0
"""Seconds in which a reader takes a page; one that does not is cut off."""
COLUMNS: Final = ("id", "at", "who", "what", "target", "why", "detail", "previous", "hash")
_KINDS: Final = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
_MARK: Final = b"\xef\xbb\xbf"
"""Spreadsheets read Vietnamese by it."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


class ActionsQuery(Canonical):
    limit: int = Field(default=100, ge=1, le=MOST)
    before: int = Field(default=NEWEST, ge=1)


class ExportQuery(Canonical):
    format: Literal["csv", "jsonl"] = "csv"


@dataclass(frozen=True, slots=True)
class ActionsApi:
    """The handlers; ``meta`` says where the record is, and how many rows the memory of a process has."""

    record: ActionRecord
    clock: Clock

    def add_to(self, routes: Routes) -> None:
        """Adds the routes."""
        routes.add("GET", "/api/actions", self.actions)
        routes.add("GET", "/api/actions/export", self.export)

    async def actions(self, request: Request) -> web.Response:
        wanted = query_from_text(ActionsQuery, fields_of_query(request.query_string))
        assert isinstance(wanted, ActionsQuery)
        rows = [told(row) for row in await self.record.actions(wanted.limit, wanted.before)]
        most = self.record.most
        kept = {"kept": "store", "most": None} if most is None else {"kept": "memory", "most": most}
        return web.Response(body=orjson.dumps({"data": rows, "meta": kept}), content_type=JSON)

    async def export(self, request: Request) -> web.StreamResponse:
        """All actions, newest first, as a file: page by page, whatever their number."""
        wanted = query_from_text(ExportQuery, fields_of_query(request.query_string))
        assert isinstance(wanted, ExportQuery)
        first = await self.record.actions(MOST, NEWEST)
        response = web.StreamResponse(
            headers={
                hdrs.CONTENT_TYPE: _KINDS[wanted.format],
                hdrs.CONTENT_DISPOSITION: f'attachment; filename="lgsp-actions.{wanted.format}"',
                hdrs.CACHE_CONTROL: "private, no-store",
                "X-Request-Id": request.request_id,
                "X-Content-Type-Options": "nosniff",
            }
        )
        await response.prepare(request.http)
        if request.http.method == hdrs.METH_HEAD:
            return response
        if wanted.format == "csv":
            await response.write(_MARK + _line(COLUMNS))
        async for page in self._pages(first):
            body = b"".join([_encoded(row, wanted.format) for row in page])
            async with self.clock.timeout_at(self.clock.monotonic() + WRITE_S):
                await response.write(body)
        await response.write_eof()
        return response

    async def _pages(self, page: list[Recorded]) -> AsyncIterator[list[Recorded]]:
        while page:
            yield page
            page = await self.record.actions(MOST, page[-1].id) if len(page) == MOST else []


def told(row: Recorded) -> dict[str, object]:
    """A row as JSON."""
    return {"id": row.id, **asdict(row.action), "previous": row.previous.hex(), "hash": row.hash.hex()}


def _encoded(row: Recorded, kind: str) -> bytes:
    one = told(row)
    if kind == "jsonl":
        return orjson.dumps(one) + b"\n"
    values = {**one, "at": row.action.at.isoformat(), "detail": orjson.dumps(dict(row.action.detail)).decode()}
    return _line([_harmless(str(values[name])) for name in COLUMNS])


def _harmless(text: str) -> str:
    """*text* as a cell that no spreadsheet takes for a formula: an operator's reason is anybody's words."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Sequence[str]) -> bytes:
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue().encode()
