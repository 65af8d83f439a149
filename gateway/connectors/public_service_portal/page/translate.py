"""Translates between the portal's public page and the uniform API, without I/O."""

from __future__ import annotations

from typing import Final

import orjson
from pydantic import Field

from gateway.connectors.public_service_portal.page.wire import WireProcedure
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.settings import UpstreamSettings

SEARCH: Final = "procedure_advanced_search_service_v2"
_PATH: Final = r"^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$"
_NUMBER: Final = "^-?[0-9]{1,9}$"
_ALL: Final = "-1"


class PageSettings(UpstreamSettings):
    """Where the page's server is, and which part of the country's procedures is wanted."""

    path: str = Field(default="jsp/rest.jsp", pattern=_PATH, description="path of the page's server")
    rows: int = Field(default=100, ge=10, le=500, description="recordPerPage: procedures in one answer")
    most_pages: int = Field(
        default=20, ge=1, le=100, description="answers that one search by words reads; the next page goes on after them"
    )
    agency_type: str = Field(default="0", pattern=_NUMBER, description="agency_type, as the page has it")
    impl_agency_id: str = Field(
        default=_ALL, pattern=_NUMBER, description="the page's number of the agency that carries out; -1: all"
    )


def search_request(settings: PageSettings, page: int, keyword: str = "") -> Rest:
    """One page of procedures, from 1; *keyword*: with these characters in code or name."""
    params = {
        "service": SEARCH,
        "provider": "dvcquocgia",
        "type": "ref",
        "recordPerPage": settings.rows,
        "pageIndex": page,
        "is_connected": 0,
        "keyword": keyword,
        "agency_type": settings.agency_type,
        "impl_agency_id": settings.impl_agency_id,
        "object_id": _ALL,
        "field_id": _ALL,
        "impl_level_id": _ALL,
    }
    return Rest(
        name=SEARCH,
        path=settings.path,
        form={"params": orjson.dumps(params).decode()},
        headers={"X-Requested-With": "XMLHttpRequest"},
    )


def classify(_exchange: Exchange, reply: Reply) -> Outcome:
    """A list in HTTP 200 is an answer, also an empty one; all else is left to the status. It has no codes.

    An empty 404 is off contract [S].
    """
    return ReplyKind.ANSWER if reply.status == 200 and isinstance(reply.body, list) else None


def to_procedure(wire: WireProcedure) -> dict[str, object]:
    """A procedure's fields, not yet validated. Whether it costs anything the page does not say."""
    return {
        "code": wire.PROCEDURE_CODE,
        "name": wire.PROCEDURE_NAME,
        "fields": [] if wire.FIELD_NAME is None else [{"name": wire.FIELD_NAME}],
        "agencies": [] if wire.IMPLEMENTATION_AGENCY is None else [{"name": wire.IMPLEMENTATION_AGENCY}],
    }
