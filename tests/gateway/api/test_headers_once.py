"""A header that names somebody or something stands once in a request."""

from __future__ import annotations

import json
from typing import Final

import pytest

from tests.gateway.api.test_bad_input import ANSWER, APPLICATIONS, BATCH, CODE, ENTERPRISES, PART, PARTICIPANTS
from tests.support.national import National
from tests.support.portal import KEY, PURPOSE, Portal

pytestmark = pytest.mark.asyncio(loop_scope="module")

TWICE: Final = [
    *((path, "Authorization", f"Bearer {KEY}", "Bearer b")
      for path in (ENTERPRISES + CODE, PARTICIPANTS, APPLICATIONS, BATCH, "/v1/connectors", "/docs")),
    *((path, name, "a", other)
      for path in (ENTERPRISES + CODE, PARTICIPANTS, APPLICATIONS, BATCH)
      for name in ("X-Dossier-Id", "x-user-id") for other in "ab"),
    *((path, "Idempotency-Key", "a", "b") for path in (ENTERPRISES + CODE, PARTICIPANTS, APPLICATIONS)),
]  # fmt: skip


@pytest.mark.parametrize(("path", "name", "one", "two"), TWICE)
async def test_header_that_names_somebody_twice_is_refused(
    path: str, name: str, one: str, two: str, shared_portal: Portal, shared_national: National
) -> None:
    """Of a caller, a dossier, an officer or an order there is one in a request."""
    before = await shared_national.total()
    body = json.dumps(PART if path == BATCH else ANSWER).encode()
    sent = {"Authorization": f"Bearer {KEY}", **PURPOSE, "Content-Type": "application/json", "Idempotency-Key": "k"}
    lines = [f"{header}: {value}" for header, value in sent.items() if header.lower() != name.lower()]
    lines += [f"{name}: {one}", f"{name}: {two}", f"Content-Length: {len(body)}"]
    method = "POST" if path in {PARTICIPANTS, APPLICATIONS, BATCH} else "GET"
    request = "\r\n".join([f"{method} {path} HTTP/1.1", "Host: x", *lines, "", ""]).encode() + body
    answered = await shared_portal.raw(request)

    assert (answered.verdict, answered.json["reason"]) == ((400, "invalid-request"), "header_twice")
    assert await shared_national.total() == before
