"""The "Try" button of the page: sends a request to a system, as a gateway would, and shows request and answer."""

from __future__ import annotations

import time
from typing import Final

import aiohttp
from yarl import URL

from mocks.engine.service import Ask

#: Maximum bytes of an answer shown on the page; the rest is not read.
SHOWN_BYTES: Final = 65_536
PATIENCE_S: Final = 10.0


async def tried(base: str, ask: Ask, *, patience_s: float = PATIENCE_S) -> dict[str, object]:
    """Returns request and answer for the page; `error` says why no complete answer came.

    Faults, journal and quotas apply as to any other request.
    """
    url = URL(f"{base}/{ask.path}", encoded=False).with_query(dict(ask.query) or None)
    shown: dict[str, object] = {
        "request": {
            "method": ask.method,
            "url": str(url),
            "headers": dict(ask.headers),
            "body": ask.body.decode("utf-8", "replace"),
        },
        "answer": None,
        "error": None,
    }
    began = time.monotonic()
    try:
        shown["answer"] = await _answer(ask, url, patience_s)
    except TimeoutError:
        shown["error"] = f"no answer in {patience_s:g} s"
    except aiohttp.ClientError as error:
        shown["error"] = f"{type(error).__name__}: the connection ended before the answer did"
    shown["seconds"] = round(time.monotonic() - began, 3)
    return shown


async def _answer(ask: Ask, url: URL, patience_s: float) -> dict[str, object]:
    # A separate connection without decompression: an answer may be a reset, a flood or a gzip bomb.
    async with (
        aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(force_close=True),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=patience_s),
        ) as session,
        session.request(
            ask.method, url, data=ask.body or None, headers=dict(ask.headers), allow_redirects=False
        ) as answer,
    ):
        body = bytearray()
        async for chunk in answer.content.iter_any():
            body += chunk
            if len(body) > SHOWN_BYTES:
                break
        packed = answer.headers.get("Content-Encoding")
        return {
            "status": answer.status,
            "headers": {str(name): value for name, value in answer.headers.items()},
            "body": f"({packed})" if packed else body[:SHOWN_BYTES].decode("utf-8", "replace"),
            "cut": len(body) > SHOWN_BYTES,
        }
