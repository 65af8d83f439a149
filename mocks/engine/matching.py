"""Finds the call that a request is for, or, when none fits, the closest call and the differences."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from mocks.engine.service import Call, Request, Service
from mocks.engine.soap import ByElement

_PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
#: Weight of an equal method, where an equal path weighs 1.0: enough to separate calls on one path.
_SAME_METHOD: Final = 0.2
_MAX_SAID: Final = 80
_LONG_NUMBER: Final = re.compile(r"\d{9,}")


@dataclass(frozen=True, slots=True)
class ByField:
    """A `match` for calls that share one address: a field of the JSON body selects the call."""

    field: str
    value: str

    def __call__(self, request: Request) -> bool:
        return request.fields.get(self.field) == self.value


@dataclass(frozen=True, slots=True)
class Place:
    """A call with its service; plans and the journal name it by `key`."""

    service: Service
    call: Call
    key: tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Pattern:
    method: str
    path: re.Pattern[str]
    place: Place


class Switchboard:
    """Index of all calls of all services: fixed paths in a dictionary, paths with placeholders in order."""

    __slots__ = ("_exact", "_patterns", "services")

    def __init__(self, services: Iterable[Service]) -> None:
        self.services = {service.name: service for service in services}
        self._exact: dict[tuple[str, str], list[Place]] = {}
        self._patterns: dict[str, list[_Pattern]] = {}
        for service in self.services.values():
            for call in service.calls:
                self._lay(Place(service, call, (service.name, call.name)))

    def _lay(self, place: Place) -> None:
        call = place.call
        path = f"{place.service.prefix}/{call.path}"
        if "{" in path:
            parts = _PLACEHOLDER.split(path)
            spelt = "".join(f"(?P<{part}>[^/]+)" if i % 2 else re.escape(part) for i, part in enumerate(parts))
            pattern = _Pattern(call.method, re.compile(spelt), place)
            self._patterns.setdefault(place.service.prefix[1:], []).append(pattern)
        else:
            self._exact.setdefault((call.method, path), []).append(place)

    def find(self, request: Request) -> Place | None:
        """Returns the call that the request fits, with the values of its placeholders."""
        for place in self._exact.get((request.method, request.path), ()):
            if place.call.match is None or place.call.match(request):
                return place
        for pattern in self._patterns.get(request.path[1:].partition("/")[0], ()):
            found = pattern.path.fullmatch(request.path) if pattern.method == request.method else None
            if found is None:
                continue
            request.params = found.groupdict()
            if pattern.place.call.match is None or pattern.place.call.match(request):
                return pattern.place
        return None

    def service_at(self, path: str) -> Service | None:
        """Returns the service whose prefix begins *path*."""
        return self.services.get(path[1:].partition("/")[0].replace("-", "_"))


def near_miss(service: Service, request: Request) -> dict[str, object]:
    """Returns the closest call, and each difference with its place in the request."""
    closest, score = service.calls[0], -1.0
    for call in service.calls:
        likeness = SequenceMatcher(None, f"{service.prefix}/{call.path}", request.path).ratio()
        likeness += _SAME_METHOD * (call.method == request.method)
        likeness += call.kind == "soap" and request.soap_name == _element_of(call)
        if isinstance(call.match, ByField):
            likeness += SequenceMatcher(None, call.match.value, _said(request, call.match.field)).ratio()
        if likeness > score:
            closest, score = call, likeness
    path = f"{service.prefix}/{closest.path}"
    differences = []
    if closest.method != request.method:
        differences.append({"at": "method", "expected": closest.method, "got": request.method})
    if not re.fullmatch(_PLACEHOLDER.sub(".+", path), request.path):
        differences.append({"at": "path", "expected": path, "got": hidden(request.path)})
    if closest.kind == "soap" and closest.method == request.method:
        beside = (call for call in service.calls if call.path == closest.path and call.kind == "soap")
        expected = sorted(map(_element_of, beside))
        differences.append({"at": "/*/Body/*", "expected": " | ".join(expected), "got": request.soap_name or "nothing"})
    elif isinstance(closest.match, ByField):
        field = closest.match.field
        matches = (call.match for call in service.calls if call.path == closest.path)
        expected = sorted({match.value for match in matches if isinstance(match, ByField)})
        got = hidden(_said(request, field)) or "nothing"
        differences.append({"at": f"/{field}", "expected": " | ".join(expected), "got": got})
    elif not differences:
        differences.append(
            {"at": "body", "expected": f"the field that selects {closest.name}", "got": "another question"}
        )
    return {"operation": closest.name, "differences": differences}


def _element_of(call: Call) -> str:
    return call.match.name if isinstance(call.match, ByElement) else call.name


def _said(request: Request, field: str) -> str:
    value = request.fields.get(field)
    return value[:_MAX_SAID] if isinstance(value, str) else ""


def hidden(path: str) -> str:
    """Returns a path that may be shown: shortened, and long numbers (possible personal identifiers) masked."""
    shown = path[:200]
    if not shown.isascii():
        shown = shown.encode("utf-8", "replace").decode()
    return _LONG_NUMBER.sub("***", shown) if _LONG_NUMBER.search(shown) else shown
