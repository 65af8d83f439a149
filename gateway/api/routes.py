"""Finds the handler of a path and method: exact paths by dictionary, templates by their number of segments."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple
from urllib.parse import unquote

from aiohttp import web

from gateway.core.call import Trace
from gateway.core.problems import InvalidRequest, MethodNotAllowed, UnknownRoute

MOST_SHOWN: Final = 10
"""Segments of an unknown path in the log."""


@dataclass(slots=True)
class Request:
    """One HTTP request; *path_values* are decoded."""

    http: web.BaseRequest
    request_id: str
    started: float
    """Monotonic seconds."""
    date: str
    """The HTTP date of its coming."""
    query_string: str = ""
    path_values: Mapping[str, str] = field(default_factory=dict)
    route: str = ""
    """The template of its path; empty before a route is found."""
    system: str | None = None
    operation: str | None = None
    write: bool = False
    caller: str = ""
    """The caller, once it is known."""
    trace: Trace | None = None
    """The trace of the rings, once the request has reached one."""


Handler = Callable[[Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Template:
    """A path with ``{fields}``, split at its slashes."""

    segments: tuple[str, ...]
    names: tuple[str | None, ...]
    methods: Mapping[str, Handler]

    def match(self, parts: list[str]) -> dict[str, str] | None:
        """The decoded values of the fields, or None where a fixed segment differs."""
        values = {}
        for segment, name, part in zip(self.segments, self.names, parts, strict=True):
            if name is None:
                if segment != part:
                    return None
            elif not part:
                return None
            else:
                values[name] = part
        return values


class Found(NamedTuple):
    """Where a request target leads: its handler, decoded path values, and the query string as it came."""

    handler: Handler
    path_values: Mapping[str, str]
    query_string: str
    route: str


@dataclass(slots=True)
class Routes:
    """The table; filled at start. *reason* is that of a path which no route has."""

    reason: str = ""
    _exact: dict[str, dict[str, Handler]] = field(default_factory=dict)
    _templates: dict[tuple[int, str], list[Template]] = field(default_factory=dict)

    def add(self, method: str, path: str, handler: Handler) -> None:
        """Adds a route; *path* may have ``{fields}`` that fill one segment each."""
        if "{" not in path:
            self._exact.setdefault(path, {})[method] = handler
            return
        segments = tuple(path.split("/"))
        bucket = self._templates.setdefault((len(segments), _first(segments)), [])
        for template in bucket:
            if template.segments == segments:
                assert isinstance(template.methods, dict)
                template.methods[method] = handler
                return
        names = tuple(part[1:-1] if part.startswith("{") else None for part in segments)
        bucket.append(Template(segments, names, {method: handler}))

    def find(self, method: str, target: str) -> Found:
        """The route of *target*, which is given as in the request line.

        Raises:
            UnknownRoute: No route has this path.
            MethodNotAllowed: A route has this path, but not this method.
            InvalidRequest: A path value is not UTF-8.
        """
        wanted = "GET" if method == "HEAD" else method
        own = target if target.startswith("/") else origin_form(target)
        path, _, query_string = own.partition("#")[0].partition("?")
        handler, values, route = self._search(wanted, path)
        return Found(handler, {name: _decoded(value) for name, value in values.items()}, query_string, route)

    def shape(self, target: str) -> str:
        """The path of *target* for the log: only segments that a route has are as they came, since others may name a
        person or hold a key.
        """
        known = {part for path in self._exact for part in path.split("/")}
        known |= {part for bucket in self._templates.values() for one in bucket for part in one.segments}
        path = (target if target.startswith("/") else origin_form(target)).partition("#")[0].partition("?")[0]
        parts = path.split("/")
        shown = [part if part in known and "{" not in part else "{?}" for part in parts[:MOST_SHOWN]]
        return "/".join(shown) + ("/…" if len(parts) > MOST_SHOWN else "")

    def _search(self, wanted: str, path: str) -> tuple[Handler, Mapping[str, str], str]:
        methods: Mapping[str, Handler] | None = self._exact.get(path)
        values: dict[str, str] = {}
        route = path
        if methods is None:
            parts = path.split("/")
            if len(parts) > 2:
                for template in self._templates.get((len(parts), _first(parts)), ()):
                    matched = template.match(parts)
                    if matched is not None and (methods is None or wanted in template.methods):
                        methods, values, route = template.methods, matched, "/".join(template.segments)
        if methods is None:
            raise UnknownRoute(reason=self.reason)
        handler = methods.get(wanted)
        if handler is None:
            raise MethodNotAllowed(sorted({*methods, "HEAD"} if "GET" in methods else methods))
        return handler, values, route


def origin_form(target: str) -> str:
    """Path and query of a request target in absolute form (RFC 9112 section 3.2.2 asks every server to take it)."""
    scheme, found, rest = target.partition("://")
    return f"/{rest.partition('/')[2]}" if found and scheme.lower() in {"http", "https"} else target


def _first(segments: Sequence[str]) -> str:
    """The segment by which templates are kept: the connector's below ``/v1/``, else the first."""
    return segments[2] if segments[1] == "v1" else segments[1]


def _decoded(value: str) -> str:
    if "%" not in value:
        return value
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError:
        raise InvalidRequest("A path segment is not percent-encoded UTF-8.", reason="path_encoding") from None
