"""``/docs``, ``/openapi.json`` and the page of each problem code: all from the package, nothing from the network."""

from __future__ import annotations

import asyncio
import gzip
import html
from collections.abc import Callable, Mapping
from hashlib import blake2b
from importlib.resources import files
from typing import Any, Final

import orjson
from aiohttp import hdrs, web

from gateway.api.preferences import accepts_gzip
from gateway.api.problems import every_error
from gateway.api.reasons import reasons_of
from gateway.api.response import etag_matches
from gateway.api.routes import Handler, Request
from gateway.api.texts import CODES
from gateway.core.call import LARGE
from gateway.core.problems import UnknownRoute

_ASSETS: Final = {"swagger-ui-bundle.js": "text/javascript", "swagger-ui.css": "text/css", "docs.js": "text/javascript"}
_POLICY: Final = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'"

DOCS: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>LGSP gateway: API</title><link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css"></head>
<body><div id="api"></div><script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/docs.js"></script>
</body></html>
"""

_PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{code}</title><style>body{{font:16px/1.5 system-ui;max-width:42rem;margin:3rem auto;padding:0 1rem}}
code{{background:#eee;padding:.1em .3em}}</style></head>
<body><h1><code>{code}</code></h1><p><strong>{title}</strong> ({status}). {detail}</p>
<p lang="vi"><strong>{title_vi}</strong>. {detail_vi}</p>
<p>At fault: {fault}. Sending the same request again {again}.</p>
{reasons}<p><a href="/docs">API documentation</a></p></body></html>
"""


def static(body: bytes, media_type: str, more: Mapping[str, str] | None = None) -> Handler:
    """A handler of bytes that never change while the process lives; *more* headers take the place of the usual ones."""
    etag = f'W/"{blake2b(body, digest_size=12).hexdigest()}"'
    small: bytes | None = None

    async def handler(request: Request) -> web.StreamResponse:
        nonlocal small
        headers = {
            "Content-Type": media_type,
            "Cache-Control": "no-cache",
            "Content-Security-Policy": _POLICY,
            "ETag": etag,
            "Vary": "Accept-Encoding",
            **(more or {}),
        }
        wanted = request.http.headers.get(hdrs.IF_NONE_MATCH)
        if wanted is not None and etag_matches(wanted, etag):
            return web.Response(status=304, headers=headers)
        if len(body) > LARGE and accepts_gzip(request.http.headers.get(hdrs.ACCEPT_ENCODING)):
            if small is None:
                small = await asyncio.to_thread(gzip.compress, body)
            return web.Response(body=small, headers={**headers, "Content-Encoding": "gzip"})
        return web.Response(body=body, headers=headers)

    return handler


def asset_handlers() -> dict[str, Handler]:
    """Handlers of the documentation's assets, by path."""
    folder = files("gateway.api") / "assets"
    return {
        f"/docs/{name}": static((folder / name).read_bytes(), f"{kind}; charset=utf-8")
        for name, kind in _ASSETS.items()
    }


def docs_handler() -> Handler:
    return static(DOCS.encode(), "text/html; charset=utf-8")


def openapi_handler(describe: Callable[[], dict[str, Any]]) -> Handler:
    """A handler of the document that *describe* returns: called at the first request, in a thread, and once.

    To describe all operations takes a fifth of the time of a start, and most processes are never asked for it.
    """
    one_at_a_time = asyncio.Lock()
    made: Handler | None = None

    async def handler(request: Request) -> web.StreamResponse:
        nonlocal made
        async with one_at_a_time:
            if made is None:
                body = await asyncio.to_thread(lambda: orjson.dumps(describe()))
                made = static(body, "application/json; charset=utf-8")
        return await made(request)

    return handler


def _reasons(code: str) -> str:
    """The list of the reasons that can come with *code*, in both languages; empty where it has none."""
    items = "".join(
        f"<dt><code>{html.escape(reason)}</code></dt><dd>{html.escape(text.en)}</dd>"
        f'<dd lang="vi">{html.escape(text.vi)}</dd>\n'
        for reason, text in reasons_of(code).items()
    )
    return f"<h2>Reasons</h2>\n<dl>\n{items}</dl>\n" if items else ""


async def problem_page(request: Request) -> web.StreamResponse:
    """The page that the URI in a problem's ``type`` leads to."""
    code = request.path_values["code"]
    error = next((found for found in every_error() if found.code == code), None)
    if error is None:
        raise UnknownRoute
    title, detail = CODES[code]
    page = _PAGE.format(
        code=code,
        title=html.escape(title.en),
        title_vi=html.escape(title.vi),
        status=error.status,
        detail=html.escape(detail.en),
        detail_vi=html.escape(detail.vi),
        fault=error.fault,
        again="may succeed, where retryable says so" if error.retryable else "does not help",
        reasons=_reasons(code),
    )
    return web.Response(
        body=page.encode(), headers={"Content-Type": "text/html; charset=utf-8", "Content-Security-Policy": _POLICY}
    )
