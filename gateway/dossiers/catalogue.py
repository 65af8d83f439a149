"""A catalogue of a source as versions: what came, what changed and what went, from one to the next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Protocol, TypeAlias

Entries: TypeAlias = Mapping[str, Mapping[str, Any]]
"""Code → the entry, as JSON."""
MOST_ENTRIES: Final = 50_000
FEW: Final = 10
"""So many entries may go at once without a second look."""
LARGE_SHARE: Final = 0.2
"""A larger part of a catalogue does not go at once, but a source that answers in part looks so."""


@dataclass(frozen=True, slots=True)
class Change:
    """An entry that changed, and the names of its fields that did."""

    code: str
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """The way from one version to another, by code."""

    added: tuple[str, ...] = ()
    changed: tuple[Change, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Nothing differs."""
        return not (self.added or self.changed or self.gone)


def difference(old: Entries, new: Entries) -> Difference:
    """The way from *old* to *new*, each list in the order of the codes."""
    return Difference(
        added=tuple(sorted(new.keys() - old.keys())),
        changed=tuple(
            Change(code, _fields(old[code], new[code]))
            for code in sorted(old.keys() & new.keys())
            if old[code] != new[code]
        ),
        gone=tuple(sorted(old.keys() - new.keys())),
    )


def shrinks(old: Entries, found: Difference) -> bool:
    """Whether so much is gone that the source may have answered only a part of its catalogue."""
    return len(found.gone) > max(FEW, LARGE_SHARE * len(old))


def _fields(old: Mapping[str, Any], new: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(sorted(name for name in old.keys() | new.keys() if old.get(name) != new.get(name)))


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a catalogue; *checked_at* is when the source last had just this."""

    number: int
    taken_at: datetime
    checked_at: datetime
    entries: int
    added: int
    changed: int
    gone: int


class CatalogueKeeper(Protocol):
    """Keeps the versions of catalogues by name."""

    async def versions(self, name: str) -> list[Version]:
        """The versions, newest first; at most 100."""
        ...

    async def entries(self, name: str, number: int) -> Entries:
        """The entries of a version; empty where there is none of this number."""
        ...

    async def put(self, name: str, entries: Entries, now: datetime) -> Version:
        """Makes *entries* the newest version; where nothing differs, the newest is only marked as checked at *now*."""
        ...


class MemoryCatalogues:
    """Catalogues of a deployment without a store: they end with the process, and only two versions are kept."""

    def __init__(self) -> None:
        self._kept: dict[str, list[tuple[Version, Entries]]] = {}

    async def versions(self, name: str) -> list[Version]:
        """See :class:`CatalogueKeeper`."""
        return [version for version, _ in self._kept.get(name, ())]

    async def entries(self, name: str, number: int) -> Entries:
        """See :class:`CatalogueKeeper`."""
        return next((entries for version, entries in self._kept.get(name, ()) if version.number == number), {})

    async def put(self, name: str, entries: Entries, now: datetime) -> Version:
        """See :class:`CatalogueKeeper`."""
        kept = self._kept.setdefault(name, [])
        newest, old = kept[0] if kept else (None, {})
        found = difference(old, entries)
        if newest is not None and found.empty:
            version = replace(newest, checked_at=now)
            kept[0] = version, old
            return version
        version = next_version(newest, found, len(entries), now)
        kept[:] = [(version, entries), *kept[:1]]
        return version


def next_version(newest: Version | None, found: Difference, entries: int, now: datetime) -> Version:
    """The version after *newest*."""
    number = 1 if newest is None else newest.number + 1
    return Version(number, now, now, entries, len(found.added), len(found.changed), len(found.gone))
