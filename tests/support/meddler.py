"""A server between gateway and country that changes what the country answers."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import aiohttp
from aiohttp import web
from lxml import etree

Path: TypeAlias = tuple[str | int, ...]
_HOP = {"Host", "Content-Length", "Transfer-Encoding", "Connection"}


@dataclass
class Meddler:
    """Passes everything on; *change* gets the body of each answer that carries facts."""

    url: str
    target: str
    session: aiohttp.ClientSession
    change: Callable[[bytes], bytes] | None = None
    seen: list[bytes] = field(default_factory=list)
    """Bodies of the answers that passed, unchanged."""

    async def pass_on(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request there and its answer back."""
        headers = {name: value for name, value in request.headers.items() if name not in _HOP}
        async with self.session.request(
            request.method, self.target + request.raw_path, data=await request.read(), headers=headers
        ) as answer:
            body = await answer.read()
        if "token" not in request.path or "egw" in request.path:
            self.seen.append(body)
            body = self.change(body) if self.change else body
        return web.Response(status=answer.status, body=body, headers={"Content-Type": answer.headers["Content-Type"]})


@asynccontextmanager
async def meddling(target: str) -> AsyncIterator[Meddler]:
    """A meddler before *target*, on a free port."""
    async with aiohttp.ClientSession() as session:
        meddler = Meddler("", target, session)
        runner = web.ServerRunner(web.Server(meddler.pass_on, access_log=None))
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            meddler.url = "http://{}:{}".format(*runner.addresses[0][:2])
            yield meddler
        finally:
            await runner.cleanup()


def places(value: Any) -> list[Path]:
    """Where every kind of value of a JSON document stands: scalars, lists and objects, once where lists repeat them."""
    found: dict[tuple[str, ...], Path] = {}
    pending: list[Path] = [()]
    while pending:
        path = pending.pop()
        shape = tuple("*" if isinstance(step, int) else step for step in path)
        if shape in found:
            continue
        found[shape] = path
        inner = value
        for step in path:
            inner = inner[step]
        if isinstance(inner, dict):
            pending.extend((*path, name) for name in reversed(inner))
        elif isinstance(inner, list):
            pending.extend((*path, index) for index in reversed(range(len(inner))))
    return [path for path in found.values() if path]


def with_json(path: Path, odd: object) -> Callable[[bytes], bytes]:
    """Puts *odd* at *path* of a JSON body that has it."""

    def change(body: bytes) -> bytes:
        document = json.loads(body)
        inner: Any = document
        try:
            for step in path[:-1]:
                inner = inner[step]
            inner[path[-1]] = odd
        except (KeyError, IndexError, TypeError):
            return body
        return json.dumps(document).encode()

    return change


def elements(body: bytes) -> list[int]:
    """Numbers of the elements of an XML document, one for each tag."""
    tags: dict[str, int] = {}
    for number, element in enumerate(etree.fromstring(body).iter("*")):
        tags.setdefault(element.tag, number)
    return list(tags.values())


def with_xml(number: int, odd: str) -> Callable[[bytes], bytes]:
    """Puts *odd* in place of what the element of this number holds."""

    def change(body: bytes) -> bytes:
        root = etree.fromstring(body)
        element = list(root.iter("*"))[number]
        for inner in list(element):
            element.remove(inner)
        element.text = odd
        return etree.tostring(root)

    return change
