"""Purges cached answers: of an operation, a connector, everything, or of the subject of a write."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

from gateway.core.call import Answer, Call
from gateway.core.clock import Clock
from gateway.core.events import Observer, Purged
from gateway.core.problems import GatewayError
from gateway.core.steps import Next
from gateway.pipeline.cache.invalidation import InvalidationLog, Tag, Tagger
from gateway.pipeline.cache.store import SharedStore

What: TypeAlias = Literal["everything", "connector", "operation", "subject", "write"]


@dataclass(frozen=True, slots=True)
class Purge:
    """Purges cached answers: here at once, in other gateways as soon as they receive the purge.

    It does not search for entries: it sets a mark that is newer than they are, answers under way included.
    """

    invalidations: InvalidationLog
    tagger: Tagger
    shared: SharedStore
    clock: Clock
    observer: Observer

    def everything(self) -> None:
        self._forget(self.tagger.everything(), "everything")

    def connector(self, connector: str) -> None:
        """All answers of one national system."""
        self._forget(self.tagger.connector(connector), "connector")

    def operation(self, connector: str, operation: str) -> None:
        self._forget(self.tagger.operation(connector, operation), "operation")

    def subject(self, connector: str, value: str) -> None:
        """All answers about one subject, "no such record" too, by the value that identifies it in the question."""
        self._forget(self.tagger.subject(connector, value), "subject")

    def changed_by(self, call: Call) -> None:
        """All answers about the subject of the write *call*."""
        if tags := self.tagger.subjects_of(call, call.operation.subject_fields()):
            self._forget(tags, "write")

    def _forget(
        self, tags: Sequence[Tag], what: Literal["everything", "connector", "operation", "subject", "write"]
    ) -> None:
        at = self.clock.now().timestamp()
        for tag in tags:
            self.invalidations.add(tag, at)
        self.shared.purge(tags, at)
        self.observer(Purged(what))


@dataclass(frozen=True, slots=True)
class ForgetChanged:
    """The step around a write: purges the answers about its subject, unless it is certain that nothing was done."""

    name: ClassVar[str] = "forget changed"

    purge: Purge

    async def __call__(self, proceed: Next[Call, Answer], call: Call) -> Answer:
        changed = True
        try:
            return await proceed(call)
        except GatewayError as error:
            changed = error.outcome("write") != "not_done"
            raise
        finally:
            if changed:
                self.purge.changed_by(call)
