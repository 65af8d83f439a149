"""The parts that requests and answers of the operator's API share."""

from __future__ import annotations

from typing import Annotated, Final

import orjson
from aiohttp import web
from pydantic import Field

BODY_LIMIT: Final = 1024 * 1024
MOST: Final = 1_000
"""Rows of one answer, and lanes of one request."""

Reason = Annotated[str, Field(min_length=3, max_length=500, pattern=r"^[^\x00-\x1f\x7f]+$")]
"""Why an operator acts; the record of actions keeps it."""
Name = Annotated[str, Field(min_length=1, max_length=200)]


def json_of(value: object, status: int = 200) -> web.Response:
    """``{"data": …}`` as the operator's port answers."""
    return web.Response(status=status, body=orjson.dumps({"data": value}), content_type="application/json")
