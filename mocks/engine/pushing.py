"""Pushes messages to a province, as the national portal does since July 2025: whole, twice at once, again, halved."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal

import aiohttp
import orjson
from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field
from yarl import URL

from mocks.engine.journal import Entry, showable

if TYPE_CHECKING:
    from mocks.engine.country import Country

JSON: Final = "application/json; charset=utf-8"
PATIENCE_S: Final = 30.0
MOST: Final = 1_000
SHOWN_BYTES: Final = 65_536

Address = Annotated[AnyHttpUrl, Field(description="an inbound route of a gateway")]


class PushWish(BaseModel):
    """A wish of the tester: which messages, to which address, and how oddly they are sent."""

    model_config = ConfigDict(extra="forbid")

    system: str
    kind: str
    to: Address | list[Address]
    count: int = Field(default=1, ge=1, le=MOST)
    twice: bool = Field(default=False, description="each message twice at once, to the addresses in turn")
    again: int = Field(default=0, ge=0, le=10, description="how often each message is repeated after its answer")
    half: bool = Field(default=False, description="half of the message first, then the connection ends, then the whole")
    late_seconds: float = Field(default=0, ge=0, le=60, description="each message leaves so much later")
    at_once: int = Field(default=1, ge=1, le=50, description="messages under way at the same time")
    files: Literal["inline", "address", "none"] = Field(
        default="inline", description="files in Base64, by the address at which getfile gives them, or none"
    )
    code: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}$", description="the dossier's")
    key: str | None = Field(default=None, max_length=200, description="in place of the published one")

    @property
    def addresses(self) -> list[str]:
        """The addresses, at least one."""
        listed = self.to if isinstance(self.to, list) else [self.to]
        return [str(one) for one in listed]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that leaves: its dossier, its body and the key that goes with it."""

    code: str
    body: Mapping[str, Any]
    key: str


MakePush = Callable[[PushWish], Outgoing]
"""Makes the next message of a kind."""


async def push(country: Country, make: MakePush, wish: PushWish) -> list[dict[str, object]]:
    """Pushes and tells each message's code and what came back, one answer for each time that it was sent."""
    room = asyncio.Semaphore(wish.at_once)
    addresses = cycle(wish.addresses)
    timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
    async with aiohttp.ClientSession(timeout=timeout, auto_decompress=False) as session:

        async def one(outgoing: Outgoing) -> dict[str, object]:
            async with room:
                if wish.late_seconds:
                    await country.sleep(wish.late_seconds)
                sender = _Sender(country, session, wish, outgoing, addresses)
                return {"code": outgoing.code, "answers": await sender.send()}

        return await asyncio.gather(*(one(make(wish)) for _ in range(wish.count)))


@dataclass(frozen=True, slots=True)
class _Sender:
    country: Country
    session: aiohttp.ClientSession
    wish: PushWish
    outgoing: Outgoing
    addresses: Iterator[str]

    async def send(self) -> list[dict[str, object]]:
        raw = orjson.dumps(self.outgoing.body)
        answers = []
        if self.wish.half:
            answers.append(await self._half(next(self.addresses), raw))
        copies = 2 if self.wish.twice else 1
        answers += await asyncio.gather(*(self._whole(next(self.addresses), raw) for _ in range(copies)))
        for _ in range(self.wish.again):
            answers.append(await self._whole(next(self.addresses), raw))  # one after the other
        return answers

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.wish.key or self.outgoing.key}", "Content-Type": JSON}

    async def _whole(self, to: str, raw: bytes) -> dict[str, object]:
        entry, began = self._left(to), time.monotonic()
        found: dict[str, object] = {"to": to, "status": None, "answer": None, "error": None}
        try:
            async with self.session.post(to, data=raw, headers=self._headers, allow_redirects=False) as answer:
                found["status"] = entry.status = answer.status
                text = await answer.content.read(SHOWN_BYTES)
            with suppress(orjson.JSONDecodeError):
                found["answer"] = orjson.loads(text)
        except (aiohttp.ClientError, TimeoutError) as error:
            found["error"] = type(error).__name__
        said = found["answer"]
        if isinstance(said, dict):
            entry.masked["error_code"] = showable(str(said.get("error_code")))
        entry.outcome = "answered" if found["error"] is None else str(found["error"])
        self.country.journal.finished(entry)
        found["seconds"] = round(time.monotonic() - began, 4)
        return found

    async def _half(self, to: str, raw: bytes) -> dict[str, object]:
        """Sends the head of the whole and half of the body, and closes the connection."""
        entry, url = self._left(to), URL(to)
        lines = {"Host": url.authority, "Content-Length": str(len(raw)), **self._headers}
        head = f"POST {url.raw_path_qs} HTTP/1.1\r\n" + "".join(f"{name}: {text}\r\n" for name, text in lines.items())
        error: str | None = None
        try:
            _, writer = await asyncio.open_connection(url.host, url.port)
            writer.write(head.encode() + b"\r\n" + raw[: len(raw) // 2])
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except OSError as broken:
            error = type(broken).__name__
        entry.outcome = "half"
        self.country.journal.finished(entry)
        return {"to": to, "status": None, "answer": None, "error": error, "half": True}

    def _left(self, to: str) -> Entry:
        """The entry of the journal for a message that leaves now."""
        wish = self.wish
        system = wish.system.partition("/")[0]
        shown = {"MaHoSo": self.outgoing.code, "to": showable(URL(to).authority)}
        at = self.country.clock.now()
        entry = Entry(system, f"push.{wish.kind}", "POST", URL(to).path, at, shown, direction="out")
        self.country.journal.left(entry)
        return entry
