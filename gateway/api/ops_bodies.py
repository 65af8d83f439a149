"""The parts that requests and answers of the operator's API share."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from datetime import UTC, datetime
from typing import Annotated, Final

import orjson
from aiohttp import web
from pydantic import AwareDatetime, Field, StringConstraints

from gateway.core.mistakes import Mistake
from gateway.core.problems import FieldError, InvalidRequest

BODY_LIMIT: Final = 1024 * 1024
MOST: Final = 1_000
"""Rows of one answer, and lanes of one request."""

Reason = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")
]
"""Why an operator acts, without spaces around it; the record of actions keeps it."""
Instant = Annotated[AwareDatetime, Field(ge=datetime(2000, 1, 1, tzinfo=UTC), lt=datetime(2200, 1, 1, tzinfo=UTC))]
"""An instant that every part can keep: the last days of the year 9999 are none in UTC."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
"""A name, code or number, without the spaces around it that come with what is copied from a page."""


def json_of(value: object, status: int = 200) -> web.Response:
    """``{"data": …}`` as the operator's port answers."""
    return web.Response(status=status, body=orjson.dumps({"data": value}), content_type="application/json")


def unknown_system(systems: AbstractSet[str]) -> InvalidRequest:
    """The refusal of a system that *systems* do not have."""
    known = ", ".join(sorted(systems)) or "-"
    en, vi = f"has nothing of this kind here; known: {known}", f"không có gì thuộc loại này; hiện có: {known}"
    return InvalidRequest(errors=[FieldError("/system", Mistake("unknown_system", en, vi))])
