"""`lgsp mocks …` against something that answers what no country would."""

from __future__ import annotations

import asyncio
import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from mocks.commands import main

ODD = "a\x1b[2Jb\x9bc\u202ed\x7f\U000e0041 đủ"


async def shown(status: int, told: object, capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """The exit status and both outputs of `lgsp mocks faults` where *told* is the answer."""

    async def answer(_: web.BaseRequest) -> web.Response:
        return web.json_response(told, status=status)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    async with TestServer(app) as server:
        done = await asyncio.to_thread(main, ["--url", str(server.make_url("")), "faults"])
    out, error = capsys.readouterr()
    return done, out, error


async def test_an_answer_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """It is the same JSON, without a character that a terminal would obey."""
    done, out, _ = await shown(200, {"faults": [ODD]}, capsys)

    assert done == 0
    assert out.replace("\n", "").isprintable()
    assert json.loads(out) == {"faults": [ODD]}
    assert "đủ" in out


async def test_a_refusal_is_shown_and_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    """In words, with the numbers of what a terminal would obey."""
    done, _, error = await shown(400, {"error": ODD}, capsys)

    assert done == 1
    assert error == "lgsp mocks faults: a\\x1b[2Jb\\x9bc\\u202ed\\x7f\\U000e0041 đủ\n"
