"""A service that is wrong in exactly one thing: a proxy before the mock country that spoils the answers of one call."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any

import aiohttp
from aiohttp import web


@dataclass(frozen=True)
class Seen:
    """A request as the proxy sees it, before it is passed on."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True)
class Sent:
    """An answer as it leaves."""

    status: int
    headers: dict[str, str]
    body: bytes
    cut: bool = False
    """Whether the connection ends before the answer does."""

    def typed(self, content_type: str) -> Sent:
        return replace(self, headers={**self.headers, "Content-Type": content_type})


Spoil = Callable[[Sent], Sent]


def always(_: Seen) -> bool:
    """Every request."""
    return True


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong, and every rule that has to find it."""

    name: str
    service: str
    path: str
    """What the path with its query contains, as a regular expression."""
    rules: Sequence[str]
    spoil: Spoil = field(default=lambda sent: sent)
    when: Callable[[Seen], bool] = always
    ask: Callable[[Seen], Seen] = field(default=lambda seen: seen)
    """What is asked of the country in place of the request."""

    def strikes(self, seen: Seen) -> bool:
        return re.search(self.path, seen.path) is not None and self.when(seen)


@asynccontextmanager
async def being_wrong(target: str, wrong: Wrong | None) -> AsyncIterator[str]:
    """Serves the country at *target*, spoilt by *wrong*, on a free port; gives its address."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:

        async def pass_on(request: web.BaseRequest) -> web.StreamResponse:
            headers = {name: value for name, value in request.headers.items() if name != "Content-Length"}
            seen = Seen(request.method, request.raw_path, headers, await request.read())
            struck = wrong is not None and wrong.strikes(seen)
            asked = wrong.ask(seen) if wrong is not None and struck else seen
            url = aiohttp.client.URL(target + asked.path, encoded=True)
            async with session.request(asked.method, url, data=asked.body or None, headers=asked.headers) as answer:
                kept = {"Content-Type": answer.headers.get("Content-Type", "application/json")}
                sent = Sent(answer.status, kept, await answer.read())
            if wrong is not None and struck:
                sent = wrong.spoil(sent)
            if not sent.cut:
                return web.Response(status=sent.status, body=sent.body, headers=sent.headers)
            response = web.StreamResponse(
                status=sent.status, headers={**sent.headers, "Content-Length": str(len(sent.body) + 9)}
            )
            await response.prepare(request)
            await response.write(sent.body)
            assert request.transport is not None
            request.transport.close()
            return response

        runner = web.ServerRunner(web.Server(pass_on, access_log=None), shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            yield "http://{}:{}".format(*runner.addresses[0][:2])
        finally:
            await runner.cleanup()


def tree(change: Callable[[Any], None]) -> Spoil:
    """Changes the JSON of an answer in place, within its frame `{"data": …}` where it has one."""

    def spoil(sent: Sent) -> Sent:
        value = json.loads(sent.body)
        change(value["data"] if isinstance(value, dict) and set(value) == {"data"} else value)
        return replace(sent, body=json.dumps(value, ensure_ascii=False).encode())

    return spoil


def text(old: str, new: str) -> Spoil:
    """Replaces what the regular expression *old* finds."""

    def spoil(sent: Sent) -> Sent:
        changed, times = re.subn(old, new, sent.body.decode())
        assert times, f"{old} is not in the answer, so nothing would be wrong"
        return replace(sent, body=changed.encode())

    return spoil


def body(change: Callable[[bytes], bytes]) -> Spoil:
    """Changes the bytes."""
    return lambda sent: replace(sent, body=change(sent.body))


def status(code: int) -> Spoil:
    """Another status, all else as it was."""
    return lambda sent: replace(sent, status=code)


def says(value: object, code: int = 200) -> Spoil:
    """Another answer altogether, in JSON."""
    return lambda _: Sent(code, {"Content-Type": "application/json"}, json.dumps(value).encode())


def growing(name: str) -> Spoil:
    """A field that is another one each time."""
    times = count()

    def change(value: Any) -> None:
        if value.get("MainInformation"):
            value["MainInformation"][name] = f"{value['MainInformation'][name]} {next(times)}"

    return tree(change)
