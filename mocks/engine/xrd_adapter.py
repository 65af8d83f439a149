"""The adapter of a security server (XrdAdapter, once VXPAdapter): addresses, as in `contracts/xroad/README.md`.

All functions are pure; `road.py` carries the messages.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote_to_bytes

import orjson
from yarl import URL

from mocks.engine.service import Reply
from mocks.engine.xroad import Directory, Provider

PREFIXES: Final = ("/XrdAdapter/RestService/forward/", "/VXPAdapter/RestService/forward/")
SYSTEM: Final = "xrdadapter"
"""The system name in the journal for requests that the adapter refuses."""
_OWN: Final = frozenset({"dstcode", "providerurl"})


class AdapterError(Exception):
    """The adapter itself refuses or fails; *rule* is the text for the journal when the caller made the mistake."""

    def __init__(self, message: str, rule: str = "") -> None:
        super().__init__(message)
        self.rule = rule

    def reply(self) -> Reply:
        """Returns the adapter's answer: HTTP 500 with an `error_code`, without any header that says whose fault."""
        body = orjson.dumps({"error_code": "-1", "message": str(self)})
        return Reply(500, body, "application/json;charset=utf-8")


@dataclass(frozen=True, slots=True)
class Forwarded:
    """A request's target: the provider, the undecoded path below it, `/…`, and the query to pass on."""

    provider: Provider
    path: str
    query: str


def read_address(url: URL, directory: Directory) -> Forwarded:
    """Reads `/<adapter>/RestService/forward/<path>?dstcode=<code>[&providerurl=<base>]`.

    The path of `providerurl` goes before *path*.

    Raises:
        AdapterError: the code is missing, given twice or unknown, `providerurl` is not an address, or the path climbs.
    """
    prefix = next(prefix for prefix in PREFIXES if url.raw_path.startswith(prefix))
    beyond = url.raw_path[len(prefix) :]
    if any(unquote_to_bytes(part) in {b".", b".."} for part in beyond.split("/")):
        raise AdapterError("bad path", "path: climbs")
    code = _one(url.query.getall("dstcode", ()))
    if code not in directory.codes:
        raise AdapterError(f"no destination {code}", "query dstcode: unknown")
    kept = [part for part in url.raw_query_string.split("&") if part and part.partition("=")[0] not in _OWN]
    return Forwarded(directory.codes[code], f"{_base(url)}/{beyond}", "&".join(kept))


def _one(codes: Sequence[str]) -> str:
    if len(codes) != 1:
        raise AdapterError("dstcode is required", f"query dstcode: {'missing' if not codes else 'given twice'}")
    return codes[0]


def _base(url: URL) -> str:
    """Returns the path of `providerurl`, without a final slash."""
    said = url.query.get("providerurl")
    if said is None:
        return ""
    try:
        found = URL(said)
    except ValueError:
        found = URL()
    if found.scheme not in {"http", "https"} or not found.host or ".." in found.raw_path:
        raise AdapterError("bad providerurl", "query providerurl: not an address")
    return found.raw_path.rstrip("/")
