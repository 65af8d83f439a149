"""The console at ``/`` of the operator's port: its page and its parts, all from the package.

The parts under ``/console/`` tell nothing of a deployment, so they ask for no key: a browser must be able to show the
form in which the key is typed. The page itself is sent with 401 where a key is asked for and missing.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

import orjson
from aiohttp import hdrs

from gateway.api.dispatch import refuse
from gateway.api.docs import static
from gateway.api.operators import PARTS
from gateway.api.problems import headers_of
from gateway.api.raw_response import RawResponse, head_of
from gateway.api.reasons import REASONS
from gateway.api.routes import Request, Routes
from gateway.core.problems import GatewayError, Unauthenticated

PAGE: Final = "/"
HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
HTML: Final = "text/html; charset=utf-8"
_KINDS: Final = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_FOLDER: Final = files("gateway.api") / "assets" / "console"


def add_pages(routes: Routes) -> None:
    """Adds the page and its parts."""
    routes.add("GET", PAGE, static(_page(), HTML, HEADERS))
    for entry in _FOLDER.iterdir():
        if (kind := _KINDS.get(f".{entry.name.rpartition('.')[2]}")) is not None:
            routes.add("GET", f"{PARTS}{entry.name}", static(entry.read_bytes(), kind, HEADERS))
    texts = {reason: {"en": known.text.en, "vi": known.text.vi} for reason, known in REASONS.items()}
    routes.add("GET", f"{PARTS}reasons.json", static(orjson.dumps(texts), "application/json", HEADERS))


@cache
def _page() -> bytes:
    return (_FOLDER / "index.html").read_bytes()


def refuse_with_page(error: GatewayError, request: Request) -> RawResponse:
    """The problem; to a browser that opens the console without a key, the page in which it can sign in."""
    http = request.http
    wants_page = http.method == hdrs.METH_GET and "text/html" in http.headers.get(hdrs.ACCEPT, "")
    if not (isinstance(error, Unauthenticated) and http.path == PAGE and wants_page):
        return refuse(error, request)
    body = _page()
    headers = {
        "Content-Type": HTML,
        "Cache-Control": "no-store",
        "X-Request-Id": request.request_id,
        **HEADERS,
        **headers_of(error),
        "Date": request.date,
        "Content-Length": str(len(body)),
    }
    return RawResponse(error.status, head_of(error.status, headers), body)
