"""The description of the API is made when it is asked for, and once."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from aiohttp.test_utils import make_mocked_request

from gateway.api.docs import openapi_handler
from gateway.api.routes import Request

REQUEST = Request(make_mocked_request("GET", "/openapi.json"), "r1", 0.0, "", "", {})


async def test_document_is_made_at_the_first_request_and_once() -> None:
    """Ten that ask at once are given the same document, made once, and not on the event loop."""
    made_in: list[threading.Thread] = []

    def describe() -> dict[str, Any]:
        made_in.append(threading.current_thread())
        return {"openapi": "3.1.0"}

    handler = openapi_handler(describe)
    before = list(made_in)
    answers = await asyncio.gather(*(handler(REQUEST) for _ in range(10)))
    await handler(REQUEST)

    assert before == []
    assert {answer.body for answer in answers} == {b'{"openapi":"3.1.0"}'}  # type: ignore[attr-defined]  # a web.Response
    assert len(made_in) == 1
    assert made_in[0] is not threading.main_thread()


async def test_document_that_could_not_be_made_is_tried_again() -> None:
    """A failure is the answer to one request, and is not kept."""
    failures = [ZeroDivisionError()]

    def describe() -> dict[str, Any]:
        if failures:
            raise failures.pop()
        return {}

    handler = openapi_handler(describe)
    with pytest.raises(ZeroDivisionError):
        await handler(REQUEST)

    assert (await handler(REQUEST)).status == 200
