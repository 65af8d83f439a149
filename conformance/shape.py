"""The shape of recorded answers, and how the shapes of two recordings differ."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from conformance.schema import ContractError


@dataclass(frozen=True, slots=True)
class Change:
    """One difference: file, kind, place, and the state before and after."""

    file: str
    kind: str
    at: str
    before: str = ""
    after: str = ""

    def __str__(self) -> str:
        told = {
            "file added": "not recorded before",
            "file removed": "no longer recorded",
            "field added": f"{self.at} added ({self.after})",
            "field removed": f"{self.at} removed ({self.before})",
        }
        return f"{self.file}: {told.get(self.kind, f'{self.at} {self.kind}: {self.before} → {self.after}')}"

    def as_json(self) -> dict[str, str]:
        return {"file": self.file, "kind": self.kind, "at": self.at, "before": self.before, "after": self.after}


@dataclass(slots=True)
class Codes:
    """The codes seen, by place: values of fields whose values a contract lists."""

    _values: dict[str, set[str]] = field(default_factory=dict)

    def add(self, pairs: Iterator[tuple[str, str]]) -> None:
        for place, value in pairs:
            self._values.setdefault(place, set()).add(value)

    def as_json(self) -> dict[str, list[str]]:
        return {place: sorted(values) for place, values in sorted(self._values.items())}


def codes_of(tree: Any, coded: frozenset[str], place: str = "") -> Iterator[tuple[str, str]]:
    """Yields each value of the fields in *coded*, with its place (`*` for an index)."""
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            if name in coded and not isinstance(value, Mapping | list):
                yield f"{place}/{name}", json.dumps(value, ensure_ascii=False)
            yield from codes_of(value, coded, f"{place}/{name}")
    elif isinstance(tree, list):
        for value in tree:
            yield from codes_of(value, coded, f"{place}/*")


def shape_of(tree: Any, place: str = "") -> Iterator[tuple[str, str]]:
    """Yields the place and the type of each value."""
    yield place, _kind(tree)
    if isinstance(tree, Mapping):
        for name, value in tree.items():
            yield from shape_of(value, f"{place}/{name}")
    elif isinstance(tree, list):
        for value in tree:
            yield from shape_of(value, f"{place}/*")


def diff(before: Path, after: Path) -> list[Change]:
    """Returns the differences in shape from recording *before* to *after*, by file and place.

    A removed field counts only when its object is still recorded; a list that is empty in one recording is ignored.

    Raises:
        ContractError: one of them is not a recording.
    """
    old, new = _read(before), _read(after)
    changes = [Change(name, "file removed", "") for name in sorted(old.keys() - new.keys())]
    changes += [Change(name, "file added", "") for name in sorted(new.keys() - old.keys())]
    for name in sorted(old.keys() & new.keys()):
        changes += _compared(name, old[name], new[name])
    return changes


def _compared(name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for what in ("status", "content_type"):
        was, now = (", ".join(sorted({str(answer[what]) for answer in one["answers"]})) for one in (old, new))
        if was != now:
            yield Change(name, f"{what.replace('_', ' ')} changed", "", was, now)
    before, after = _shapes(old), _shapes(new)
    for place in sorted(before.keys() | after.keys()):
        parent = place.rpartition("/")[0]
        was, now = " or ".join(sorted(before.get(place, ()))), " or ".join(sorted(after.get(place, ())))
        if was and now and was != now:
            yield Change(name, "type changed", place, was, now)
        elif not was and "object" in before.get(parent, ()) and not place.endswith("/*"):
            yield Change(name, "field added", place, "", now)
        elif not now and "object" in after.get(parent, ()) and not place.endswith("/*"):
            yield Change(name, "field removed", place, was, "")
    for place, values in new["codes"].items():
        known = old["codes"].get(place)
        if known is not None and (unheard := sorted(set(values) - set(known))):
            yield Change(name, "new code", place, ", ".join(known), ", ".join(unheard))


def _shapes(recorded: Mapping[str, Any]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for answer in recorded["answers"]:
        for place, kind in shape_of(answer["body"]):
            found.setdefault(place, set()).add(kind)
    return found


def _read(folder: Path) -> dict[str, Mapping[str, Any]]:
    files = sorted(folder.glob("*/*/*.json"))
    if not files:
        raise ContractError(f"{folder} is not a recording: make one with lgsp contracts record --output {folder}")
    found: dict[str, Mapping[str, Any]] = {}
    for path in files:
        try:
            kept = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ContractError(f"{path} is not JSON: record again") from error
        if not isinstance(kept, dict) or not {"answers", "codes"} <= kept.keys():
            raise ContractError(f"{path} was not written by lgsp contracts record")
        found[path.relative_to(folder).as_posix().removesuffix(".json")] = kept
    return found


def _kind(value: Any) -> str:
    names = {dict: "object", list: "list", str: "text", bool: "boolean", int: "integer", float: "number"}
    return "null" if value is None else names[type(value)]
