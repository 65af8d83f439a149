"""Events of a record, as they happen."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

import httpx

from lgsp_client.question import Question

SILENCE_S: Final = 45.0
"""The gateway sends a sign of life every 15 seconds: after so long without one the connection is dead."""


@dataclass(frozen=True, slots=True)
class Event:
    """One event: *state* is the record's from then on, *detail* a stable word or None."""

    id: int
    """Give the last one as ``after`` to go on where the stream ended."""
    kind: str
    at: datetime
    state: str
    detail: str | None


@dataclass(slots=True)
class Lines:
    """Makes events of the lines of a stream."""

    _fields: dict[str, str] = field(default_factory=dict)

    def add(self, line: str) -> Event | None:
        """The event that *line* completes."""
        name, _, value = line.partition(":")
        if name:
            self._fields[name] = value.removeprefix(" ")
            return None
        fields, self._fields = self._fields, {}
        if "id" not in fields or "data" not in fields:
            return None
        data = json.loads(fields["data"])
        at = datetime.fromisoformat(data["at"])
        return Event(int(fields["id"]), fields.get("event", "message"), at, data["state"], data.get("detail"))


def of_events(question: Question[Any]) -> Question[Any]:
    """The question for the events of what *question* asks for."""
    operation = question.operation
    return replace(question, operation=replace(operation, path=f"{operation.path}/events"))


def patient(request: httpx.Request, after: int | None) -> httpx.Request:
    """*request* with the last event that the caller has, and the patience that a stream needs."""
    if after is not None:
        request.headers["Last-Event-ID"] = str(after)
    request.extensions["timeout"] = httpx.Timeout(SILENCE_S, connect=5.0).as_dict()
    return request
