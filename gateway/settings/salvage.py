"""Reads as much of a wrong configuration as can be read, and says all that is wrong with it.

What is wrong is left out and the rest read again, until it is a configuration: so a mistake does not hide the others.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, MutableSequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from gateway.settings.errors import (
    ConfigurationError,
    Finding,
    all_findings,
    explain_finding,
    nearest,
    rule_of_finding,
)
from gateway.settings.loading import built, origin_of, parsed, read_text, unknown_keys, unknown_variables
from gateway.settings.model import PREFIX, Settings

MOST_ROUNDS: Final = 50
"""Each leaves something out."""
_BLOCK: Final = re.compile(r"^[A-Za-z_\"'][^:#\n]*:", re.MULTILINE)
_REFERENCE: Final = re.compile(r"\$\{(\w+)\}")
Loc = tuple[str | int, ...]


@dataclass(slots=True)
class Salvage:
    """All that is *wrong*, and the *settings* without it; None where nothing is left."""

    wrong: list[Finding] = field(default_factory=list)
    settings: Settings | None = None
    left_out: set[str] = field(default_factory=set)
    """The keys at the top of which something was left out: what is said about them may be for want of it."""
    variables: set[str] = field(default_factory=set)
    """The variables that were left out, in capital letters."""
    places: list[Loc] = field(default_factory=list)
    """The places of all that was left out."""

    def made(self, loc: Loc) -> bool:
        """Whether what is wrong at *loc* is so for want of what was left out there or below."""
        return any(place[: len(loc)] == loc for place in self.places)

    def add(self, finding: Finding) -> None:
        """Keeps it once."""
        if finding not in self.wrong:
            self.wrong.append(finding)


def salvaged(path: Path, overrides: Mapping[str, Any] | None = None) -> Salvage:
    """As much of the deployment at *path* as can be read; *overrides* are the command line's."""
    found = Salvage()
    try:
        values = _values(read_text(path), path, found)
    except ConfigurationError as error:
        found.add(Finding(error.rule, str(error)))
        return found
    given = overrides or {}
    for finding in (*unknown_keys(values, path), *unknown_variables(os.environ)):
        found.add(finding)
    values = {key: value for key, value in values.items() if key in Settings.model_fields}
    _leave_out_references(values, given, path, found)
    for _ in range(MOST_ROUNDS):
        try:
            found.settings = built(values, path, given, found.variables)
        except ConfigurationError as error:
            if not _leave_out(values, error, given, path, found):
                break
        else:
            break
    return found


def _values(text: str, path: Path, found: Salvage) -> dict[str, Any]:
    """The keys of the file; where it is not YAML, those of its blocks that are."""
    try:
        return parsed(text, path)
    except ConfigurationError as error:
        found.add(Finding(error.rule, str(error)))
    values: dict[str, Any] = {}
    places = [*(match.start() for match in _BLOCK.finditer(text)), len(text)]
    for start, end in pairwise(places):
        block = text[start:end]
        try:
            values |= parsed("\n" * text.count("\n", 0, start) + block, path)
        except ConfigurationError as error:
            found.left_out.add(block.partition(":")[0].strip("\"' "))
            if "undefined alias" not in str(error):  # its anchor is in another block
                found.add(Finding(error.rule, str(error)))
    return values


def _leave_out_references(values: dict[str, Any], given: Mapping[str, Any], path: Path, found: Salvage) -> None:
    """Leaves out what refers to keys at the top that do not exist."""
    known = {key for key, value in {**values, **given}.items() if isinstance(value, str | int | float)}
    known |= {key for key in Settings.model_fields if f"{PREFIX}{key}".upper() in map(str.upper, os.environ)}
    for loc, value in list(_leaves(values)):
        for name in _REFERENCE.findall(value) if isinstance(value, str) else ():
            if name not in known | {"state_dir"}:
                where = ".".join(str(part) for part in loc)
                says = f"{path}: {where}: ${{{name}}} refers to a top-level key that does not exist"
                found.add(Finding("unknown-reference", f"{says}{nearest(name, known)}"))
                _remove(values, loc, found)
                break


def _leaves(value: Any, loc: Loc = ()) -> Iterator[tuple[Loc, Any]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(inner, (*loc, key))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from _leaves(inner, (*loc, place))
    else:
        yield loc, value


def _leave_out(
    values: dict[str, Any], error: ConfigurationError, given: Mapping[str, Any], path: Path, found: Salvage
) -> bool:
    """Notes what *error* says and leaves it out of *values*; False where nothing can be left out."""
    below = error.__context__
    if not isinstance(below, ValidationError):
        found.add(Finding(error.rule, str(error)))
        return False
    items, changed = all_findings(below), False
    for item in items:
        loc: Loc = item["loc"]
        says = explain_finding(item, Settings)
        where = origin_of([str(part) for part in loc], given, path)
        if not (found.made(loc) if loc else _names(says, found.left_out)):
            found.add(Finding(rule_of_finding(item), f"{where}: {says}"))
        if not loc:
            changed |= _remove_named(values, says, found)
        elif _leave_out_variable(where, loc, found):
            changed, item["loc"] = True, ()
    for item in reversed(items):  # so that places in lists stay what they were
        if loc := item["loc"]:
            changed |= _remove(values, loc[:-1] if item["type"] == "missing" and len(loc) > 1 else loc, found)
    return changed


def _leave_out_variable(where: str, loc: Loc, found: Salvage) -> bool:
    """Leaves out the variable *where*, if it is one that was not left out so far."""
    if not loc or not where.upper().startswith(PREFIX) or where.upper() in found.variables:
        return False
    found.variables.add(where.upper())
    found.left_out.add(str(loc[0]))
    return True


def _names(says: str, keys: Iterable[str]) -> list[str]:
    return [key for key in keys if re.search(rf"\b{re.escape(key)}\b", says)]


def _remove(values: dict[str, Any], loc: Loc, found: Salvage) -> bool:
    """Removes the value at *loc*, or the nearest one above it that is there."""
    if not loc or loc[0] not in values:
        return False
    found.left_out.add(str(loc[0]))
    found.places.append(loc)
    holder: Any = values
    for part in loc[:-1]:
        inner = _at(holder, part)
        if not isinstance(inner, MutableMapping | MutableSequence):
            break
        holder = inner
    else:
        part = loc[-1]
    if isinstance(holder, MutableMapping) and part in holder:
        del holder[part]
        return True
    if isinstance(holder, MutableSequence) and isinstance(part, int) and part < len(holder):
        del holder[part]
        return True
    return _remove(values, loc[:-1], found)


def _at(holder: Any, part: str | int) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(part)
    return holder[part] if isinstance(holder, list) and isinstance(part, int) and part < len(holder) else None


def _remove_named(values: dict[str, Any], says: str, found: Salvage) -> bool:
    """Removes a block that *says* names, one that the rest can do without: connectors are the last."""
    for key in sorted(_names(says, values), key=lambda key: key == "connectors"):
        return _remove(values, (key,), found)
    return False
