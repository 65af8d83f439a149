"""Lets requests to the administration pass that come from its own page or from no page at all.

A browser sends what any page asks it to send to this machine, so a page of another origin could put faults or read the
journal. It can't choose these headers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

from aiohttp import hdrs, web

_READS: Final = {"GET", "HEAD"}
_OWN_SITES: Final = {"same-origin", "none"}
JSON: Final = "application/json"
YAML: Final = ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")


class NotOurs(Exception):
    """The request comes from another page or in another form; the answer has this *status*."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def check(request: web.BaseRequest, names: Collection[str], *, yaml: bool) -> None:
    """Lets a request to the administration pass.

    Args:
        request: The request, whose body is not read.
        names: Names of this country besides addresses and loopback names.
        yaml: Whether the route takes YAML as well.

    Raises:
        NotOurs: Its host, its origin or the media type of its body is another than ours.
    """
    hosts = request.headers.getall(hdrs.HOST, [])
    if len(hosts) != 1 or not _is_own(hosts[0], names):
        raise NotOurs(421, "the administration has another Host; use an address, or lgsp mocks --allow-host NAME")
    if request.method in _READS:
        return
    origin, site = request.headers.get(hdrs.ORIGIN), request.headers.get("Sec-Fetch-Site", "none")
    if (origin is not None and urlsplit(origin).netloc.lower() != hosts[0].lower()) or site not in _OWN_SITES:
        raise NotOurs(403, "the administration takes no requests from pages of another origin")
    if request.body_exists and request.content_type not in {JSON, *(YAML if yaml else ())}:
        raise NotOurs(415, f"the body must be sent with Content-Type: {JSON}{' (or application/yaml)' if yaml else ''}")


def _is_own(host: str, names: Collection[str]) -> bool:
    name = host.strip().lower()
    if name.startswith("["):
        name, closed, _ = name[1:].partition("]")
        return bool(closed) and _is_address(name)
    name = name.partition(":")[0].removesuffix(".")
    return name == "localhost" or name.endswith(".localhost") or name in names or _is_address(name)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
