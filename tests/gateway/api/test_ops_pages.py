"""The console's page and its parts, as a browser asks for them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import pytest
from aiohttp import web

from gateway.api.auth import Keyring
from gateway.api.dispatch import Dispatcher
from gateway.api.operators import Operator, OperatorAccess
from gateway.api.ops import ops_routes
from gateway.api.ops_pages import add_pages, refuse_with_page
from gateway.api.reasons import REASONS
from gateway.api.replay import HitReplay
from gateway.api.request_ids import RequestStamps
from gateway.api.server import HttpServer
from gateway.core.clock import SystemClock
from tests.support.laptop import ROOT

KEY: Final = "lgsp_reader_1"
FOLDER: Final = ROOT / "gateway" / "api" / "assets" / "console"
FORBIDDEN: Final = re.compile(r"innerHTML|insertAdjacentHTML|document\.write|https?://|\beval\(|new Function")
HTML: Final = {"Accept": "text/html,application/xhtml+xml"}


@asynccontextmanager
async def console(*, keys_asked: bool) -> AsyncIterator[tuple[aiohttp.ClientSession, str]]:
    """A browser without a key, and the address of an operator's port."""
    digest = hashlib.sha256(KEY.encode()).digest()
    access = OperatorAccess({digest: Operator("reader", frozenset({"read"}))}, keys_asked=keys_asked)
    clock, routes = SystemClock(), ops_routes({}, lambda _: (b"", "text/plain"), list, access)
    await asyncio.to_thread(add_pages, routes)
    replay = HitReplay(Keyring((), ()), clock)
    door = Dispatcher(routes, clock, RequestStamps(clock), replay, guard=access.check, render=refuse_with_page)
    runner = web.ServerRunner(HttpServer(door, door.new_id))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    jar = aiohttp.CookieJar(unsafe=True)
    try:
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            yield session, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize("path", ["/", "/console/main.js", "/console/console.css", "/console/reasons.json"])
async def test_nothing_but_its_own_parts_can_run_in_it(path: str) -> None:
    """The policy names this origin alone, without inline scripts and styles, and nobody may frame it."""
    async with console(keys_asked=False) as (session, url), session.get(url + path) as answer:
        policy = answer.headers["Content-Security-Policy"]

    assert answer.status == 200
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_page_has_no_inline_script_style_or_foreign_address() -> None:
    """What the policy forbids is not tried, and the page works where there is no other network."""
    for path in (*FOLDER.glob("*.html"), *FOLDER.glob("*.js"), *FOLDER.glob("console.css")):
        text = path.read_text("utf-8")
        if path.suffix == ".html":
            assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), path
            assert "http" not in text.replace("http-equiv", ""), path
        elif not path.name.startswith("uPlot"):
            assert not FORBIDDEN.search(text), path
            assert all((FOLDER / name).exists() for name in re.findall(r'from "\./([^"]+)"', text)), path


def test_licence_of_the_chart_library_is_kept() -> None:
    """Beside its code, which says its version."""
    assert "Permission is hereby granted" in (FOLDER / "uPlot-LICENSE").read_text("utf-8")
    assert re.search(r"uPlot \(v\d+\.\d+\.\d+\)|\(v\d+\.\d+\.\d+\)", (FOLDER / "uPlot.esm.js").read_text("utf-8")[:400])


async def test_page_is_shown_with_401_where_a_key_is_missing() -> None:
    """A browser must be able to show the form in which the key is typed; programs are told as ever."""
    async with console(keys_asked=True) as (session, url):
        async with session.get(url, headers=HTML) as page:
            assert (page.status, page.content_type) == (401, "text/html")
            assert "default-src 'none'" in page.headers["Content-Security-Policy"]
            assert "/console/main.js" in await page.text()
        async with session.get(url) as program:
            assert (program.status, program.content_type) == (401, "application/problem+json")
        async with session.get(f"{url}/console/main.js") as part:
            assert part.status == 200
        for path in ("/connectors", "/api/events", "/metrics"):
            async with session.get(url + path, headers=HTML) as other:
                assert (other.status, other.content_type) == (401, "application/problem+json")
        async with session.get(url, headers={**HTML, "Host": "evil.example"}) as foreign:
            assert foreign.status == 421
        async with session.get(f"{url}/console/main.js", headers={"Host": "evil.example"}) as foreign:
            assert foreign.status == 421


async def test_session_says_who_acts() -> None:
    """Before, while and after somebody is signed in; the key is in no answer."""
    async with console(keys_asked=True) as (session, url):

        async def who() -> object:
            async with session.get(f"{url}/api/session") as answer:
                return (await answer.json())["data"]

        assert await who() == {"operator": None, "scopes": [], "keys_asked": True}
        async with session.post(f"{url}/api/session", json={"key": KEY}) as answer:
            assert KEY not in await answer.text()
        assert await who() == {"operator": "reader", "scopes": ["read"], "keys_asked": True}
        async with session.get(url, headers=HTML) as page:
            assert page.status == 200
        async with session.delete(f"{url}/api/session") as answer:
            assert answer.status == 204
        assert await who() == {"operator": None, "scopes": [], "keys_asked": True}


async def test_each_reason_has_its_sentence_on_the_page() -> None:
    """Those of the API, in both languages, and no others."""
    async with console(keys_asked=False) as (session, url), session.get(f"{url}/console/reasons.json") as answer:
        found = json.loads(await answer.read())

    assert found == {reason: {"en": known.text.en, "vi": known.text.vi} for reason, known in REASONS.items()}


def test_page_is_small() -> None:
    """A phone at the edge of the network loads it: below 120 kB apart from the chart library."""
    own = [path for path in FOLDER.iterdir() if not path.name.startswith("uPlot")]
    assert sum(Path(path).stat().st_size for path in own) < 120_000
