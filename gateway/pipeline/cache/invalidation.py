"""Tags and purges: an entry is invalid if a mark of one of its tags is newer, so that a purge is cheap and also covers
answers that are still under way.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NewType

import orjson

from gateway.core.call import Call
from gateway.pipeline.cache.cache_key import KeyedHash

Tag = NewType("Tag", bytes)
"""A keyed hash: tags travel between gateways, and a subject may be a person."""

MOST_INVALIDATIONS: Final = 10_000
SKEW_S: Final = 5.0
"""How far the wall clocks of two gateways may lie apart."""
TAG_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Tagger:
    """Makes the tags of an entry; while a secret is rotated, with the new and the old one."""

    hashes: Sequence[KeyedHash]

    def everything(self) -> tuple[Tag, ...]:
        return self._tags("everything")

    def connector(self, connector: str) -> tuple[Tag, ...]:
        return self._tags("connector", connector)

    def operation(self, connector: str, operation: str) -> tuple[Tag, ...]:
        return self._tags("operation", connector, operation)

    def subject(self, connector: str, value: str) -> tuple[Tag, ...]:
        """The tag of a subject, from the value that identifies it: an enterprise code, a dossier code."""
        return self._tags("subject", connector, value)

    def common(self, connector: str, operation: str) -> tuple[Tag, ...]:
        """The tag that all answers of an operation have."""
        return (*self.everything(), *self.connector(connector), *self.operation(connector, operation))

    def subjects_of(self, call: Call, fields: Sequence[str]) -> tuple[Tag, ...]:
        """The tags of the subject of *call*; *fields* are the attributes of its query that identify the subject."""
        tags: tuple[Tag, ...] = ()
        for name in fields:
            value = getattr(call.query, name, None)
            if value is not None:
                tags += self._tags("subject", call.connector, str(value))
        return tags

    def _tags(self, kind: str, *parts: str) -> tuple[Tag, ...]:
        content, use = orjson.dumps(parts), f"tag {kind}"
        return tuple([Tag(hashes.of(use, content)[:TAG_BYTES]) for hashes in self.hashes])


@dataclass(frozen=True, slots=True)
class Invalidation:
    """A purge: when it was asked for (wall clock, seconds) and its place in this process's order of events."""

    at: float
    order: int


_NEVER: Final = Invalidation(float("-inf"), -1)


@dataclass(slots=True)
class InvalidationLog:
    """The purges that this process knows of, the newest for each tag.

    Bounded: when there are too many, the oldest becomes a mark on everything, which purges more than was asked for and
    never less. *version* changes with each mark, so that a reader knows whether it has to look again.
    """

    most: int = MOST_INVALIDATIONS
    version: int = 0
    _order: int = 0
    _by_tag: OrderedDict[Tag, Invalidation] = field(default_factory=OrderedDict)
    _watermark: Invalidation = _NEVER
    _renewals: OrderedDict[bytes, Invalidation] = field(default_factory=OrderedDict)
    _renewals_watermark: Invalidation = _NEVER

    def __len__(self) -> int:
        return len(self._by_tag)

    def tick(self) -> int:
        """The place of a question that begins now: behind every purge so far, before every later one."""
        self._order += 1
        return self._order

    def add(self, tag: Tag, at: float) -> None:
        """Takes a purge of *tag* that was asked for at *at*."""
        self._by_tag[tag] = _later(self._by_tag.get(tag, _NEVER), Invalidation(at, self.tick()))
        self._by_tag.move_to_end(tag)
        self.version += 1
        while len(self._by_tag) > self.most:
            _, oldest = self._by_tag.popitem(last=False)
            self._watermark = _later(self._watermark, oldest)

    def forget_before(self, at: float) -> None:
        """Takes a purge of everything, for when purges of other gateways may have been missed."""
        self._watermark = _later(self._watermark, Invalidation(at, self.tick()))
        self.version += 1

    def add_renewal(self, name: bytes, at: float) -> None:
        """Takes the news that another gateway has asked the source anew, at *at*, for the answer under *name* (its
        keyed hash).
        """
        self._renewals[name] = _later(self._renewals.get(name, _NEVER), Invalidation(at, self.tick()))
        self._renewals.move_to_end(name)
        self.version += 1
        while len(self._renewals) > self.most:
            _, oldest = self._renewals.popitem(last=False)
            self._renewals_watermark = _later(self._renewals_watermark, oldest)

    def renewal(self, names: Callable[[], Iterable[bytes]]) -> Invalidation:
        """The newest renewal elsewhere of the answer with *names*, which are computed only if there was any."""
        found = self._renewals_watermark
        if self._renewals:
            for name in names():
                found = _later(found, self._renewals.get(name, _NEVER))
        return found

    def newest(self, tags: Iterable[Tag]) -> Invalidation:
        """The newest purge of any of *tags*."""
        found = self._watermark
        for tag in tags:
            mark = self._by_tag.get(tag)
            if mark is not None:
                found = _later(found, mark)
        return found

    def is_current(self, tags: Iterable[Tag], order: int) -> bool:
        """Whether an answer to a question that began in this process at *order* is newer than every purge of it."""
        return order > self.newest(tags).order

    def is_current_elsewhere(self, tags: Iterable[Tag], asked_at: float) -> bool:
        """As :meth:`is_current` for another gateway's answer, by wall clocks that may lie :data:`SKEW_S` apart."""
        return asked_at - SKEW_S > self.newest(tags).at


def _later(one: Invalidation, other: Invalidation) -> Invalidation:
    return Invalidation(max(one.at, other.at), max(one.order, other.order))
