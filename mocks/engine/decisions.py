"""The decisions of a system about messages, for the journal, and the switch for repeated messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TYPE_CHECKING, Final, Literal

import orjson

if TYPE_CHECKING:
    from mocks.engine.service import Service

Outcome = Literal["accepted", "supplement_accepted", "added", "overwritten", "repeated", "refused", "asked"]
"""`accepted`: the state changed; `supplement_accepted`: so too, by a supplement that was asked for; `added`: a repeated
message was filed as another one; `overwritten`: it replaced what the system had; `repeated`: it changed nothing;
`refused`: the message was not taken; `asked`: a question."""
Mode = Literal["refused", "same", "overwrites", "adds"]
"""A repeated message is refused; is answered as the first and changes nothing; replaces the first; or
is filed as another one."""
MIXED: Final = "mixed"
"""Outcome of a list whose parts were decided differently."""


@dataclass(frozen=True, slots=True)
class Decision:
    """The decision about one message, or about one part of a list."""

    outcome: Outcome
    dossier: str | None = None
    """Mã hồ sơ."""
    message: str | None = None
    """Its part in its dossier: `application`, `supplement`, `dossier`, `update`, `step 20261005100000`."""
    content: str | None = None
    """Fingerprint of the message without credentials: equal for copies."""
    code: str | None = None
    """The system's code where it refused."""

    def as_json(self) -> dict[str, str]:
        """Returns the fields that are known."""
        named = (
            ("outcome", self.outcome), ("dossier", self.dossier), ("message", self.message), ("content", self.content),
            ("code", self.code),
        )  # fmt: skip
        return {name: value for name, value in named if value is not None}


def fingerprint(value: object) -> str:
    """Returns 16 hex digits that are equal for equal JSON values, whatever the order of their keys."""
    return blake2b(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()


def summary(decisions: Sequence[Decision]) -> str | None:
    """Returns the one outcome of all *decisions*, `mixed`, or None when the system decided nothing."""
    outcomes = {decision.outcome for decision in decisions}
    if len(outcomes) > 1:
        return MIXED
    return next(iter(outcomes), None)


class UnfitRepeat(Exception):
    """The system or operation is unknown, or it takes no message that could be repeated."""

    def __init__(self, message: str, **exists: object) -> None:
        super().__init__(message)
        self.exists = exists


class Repeats:
    """The switch: what a repeated message does, by call; a reset restores what each call declares."""

    __slots__ = ("_set",)

    def __init__(self) -> None:
        self._set: dict[tuple[str, str], Mode] = {}

    def mode(self, place: tuple[str, str], declared: Mode) -> Mode:
        """Returns what a repeated message does at this call."""
        return self._set.get(place, declared)

    def put(self, system: str, operation: str, mode: Mode, services: Mapping[str, Service]) -> None:
        """Sets the mode of one call, or with `*` of each call of the system that takes messages.

        Raises:
            UnfitRepeat: a name is unknown, or the call takes no messages; nothing changes then.
        """
        service = services.get(system)
        if service is None:
            raise UnfitRepeat(f"unknown system {system!r}", systems=sorted(services))
        taking = list(dict.fromkeys(call.name for call in service.calls if call.repeat is not None))
        if not taking:
            raise UnfitRepeat(f"{system} takes no messages, only questions", systems=_taking(services.values()))
        if operation != "*" and operation not in taking:
            raise UnfitRepeat(f"{system} has no operation {operation!r} that takes messages", operations=taking)
        for name in taking if operation == "*" else [operation]:
            self._set[system, name] = mode

    def clear(self) -> None:
        """Restores what each call declares."""
        self._set.clear()

    def as_json(self, services: Mapping[str, Service]) -> dict[str, object]:
        """Returns the mode of every call that takes messages."""
        shown = {
            (service.name, call.name): self.mode((service.name, call.name), call.repeat)
            for service in services.values()
            for call in service.calls
            if call.repeat is not None
        }
        rows = [{"system": system, "operation": name, "mode": mode} for (system, name), mode in shown.items()]
        return {"repeats": rows}


def _taking(services: Iterable[Service]) -> list[str]:
    return sorted(service.name for service in services if any(call.repeat is not None for call in service.calls))
