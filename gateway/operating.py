"""The deeds of operators on national systems: isolate, release, announce a maintenance, close a breaker, purge."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from gateway.core.actions import Action, Recorded
from gateway.core.clock import Clock
from gateway.core.interventions import InterventionBook, Isolation, News
from gateway.observe.health import Board
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.cache.invalidation import SKEW_S, Tag
from gateway.pipeline.operation.look_up import SubjectHash
from gateway.pipeline.upstream.breaker import Breaker, Isolated, name_of

LOOK_S: Final = 1.0
"""Seconds between two looks into the book; another gateway's deed is done here within two."""
EVERYTHING: Final = "*"
log = structlog.get_logger("gateway.operator")


@dataclass(frozen=True, slots=True)
class By:
    """The operator who acts, and why."""

    who: str
    why: str


@dataclass(slots=True)
class SystemsDesk:
    """The desk of one process.

    Args:
        book: Keeps what was ordered.
        breakers: Of each upstream, by (connector, upstream).
        cache: Whose answers are purged.
        board: Learns of maintenances that are announced.
        clock: The machine's; isolations begin and end by it.
        business: The clock by which deeds are recorded.
        subjects: Hashes the subject of a purge for the record.
    """

    book: InterventionBook
    breakers: Mapping[tuple[str, str], Breaker]
    cache: AnswerCache
    board: Board
    clock: Clock
    business: Clock
    subjects: SubjectHash
    _applied: dict[tuple[str, str], frozenset[int]] = field(default_factory=dict)
    _heard: set[int] = field(default_factory=set)
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _isolations: Sequence[Isolation] = ()

    def adopt(self, breakers: Mapping[tuple[str, str], Breaker]) -> None:
        """Acts on *breakers* from now on; what was ordered for an upstream that comes is done at the next look."""
        known = {names for names, breaker in breakers.items() if self.breakers.get(names) is breaker}
        self._applied = {names: ids for names, ids in self._applied.items() if names in known}
        self.breakers = breakers

    # ---- deeds

    async def record(self, by: By, what: str, target: str, detail: Mapping[str, object]) -> None:
        """Keeps a deed that was done elsewhere."""
        did = Action(by.who, what, target, by.why, self.business.now(), detail)
        await self.book.release([], did)
        self._tell(did)

    async def isolate(self, by: By, names: tuple[str, str], minutes: float) -> Isolation:
        """Lets nothing ask the upstream for *minutes* from now on."""
        now = self.clock.now()
        wanted = Isolation(*names, "isolation", by.who, by.why, now, now + timedelta(minutes=minutes))
        did = self._action(by, "isolate", names, {"minutes": minutes, "until": wanted.ends.isoformat()})
        kept = await self.book.isolate(wanted, did)
        await self._done(did)
        return kept

    async def announce(self, by: By, names: tuple[str, str], starts: datetime, ends: datetime) -> Isolation:
        """Announces that the upstream is not asked from *starts* until *ends*."""
        wanted = Isolation(*names, "maintenance", by.who, by.why, starts, ends)
        did = self._action(by, "announce", names, {"from": starts.isoformat(), "until": ends.isoformat()})
        kept = await self.book.isolate(wanted, did)
        await self._done(did)
        return kept

    async def release(self, by: By, names: tuple[str, str]) -> int:
        """Ends what isolates the upstream now, and gives how many isolations that were."""
        now = self.clock.now()
        ended = [one.id for one in await self.standing(names) if one.starts <= now]
        did = self._action(by, "release", names, {"was_isolated": bool(ended)})
        await self.book.release(ended, did)
        await self._done(did)
        return len(ended)

    async def withdraw(self, by: By, names: tuple[str, str], number: int) -> bool:
        """Withdraws the maintenance of this number, also one that has begun; False where there is none."""
        found = [one.id for one in await self.standing(names) if one.id == number and one.kind == "maintenance"]
        if found:
            did = self._action(by, "withdraw", names, {"maintenance": number})
            await self.book.release(found, did)
            await self._done(did)
        return bool(found)

    async def close_breaker(self, by: By, names: tuple[str, str]) -> str:
        """Closes the upstream's breaker on each gateway, and gives the state that it had here."""
        before = name_of(self.breakers[names].state)
        did = self._action(by, "close-breaker", names, {"was": before})
        self._heard.add(await self.book.publish(News("close_breaker", self.clock.now(), *names), did))
        self._close(names)
        await self._done(did)
        return before

    async def purge(self, by: By, connector: str, operation: str, subject: str) -> None:
        """Purges answers on each gateway: of an operation, of a connector, of all (both empty), or about *subject*."""
        news = News("purge", self.clock.now(), connector, operation, subject)
        target = ".".join(filter(None, (connector, operation))) or EVERYTHING
        detail = {"subject": self.subjects.of(subject.encode())} if subject else {}
        did = Action(by.who, "purge", target, by.why, self.business.now(), detail)
        self._heard.add(await self.book.publish(news, did))
        self._purge(news)
        await self._done(did)

    def is_isolated(self, names: tuple[str, str]) -> bool:
        """Whether nothing asks the upstream now."""
        return isinstance(self.breakers[names].state, Isolated)

    async def standing(self, names: tuple[str, str] | None = None) -> list[Isolation]:
        """The isolations and maintenances that have not ended: of an upstream, or of all."""
        now, known = self.clock.now(), (await self.book.look()).isolations
        return [one for one in known if one.ends > now and names in {None, one.names}]

    @property
    def most(self) -> int | None:
        """See :class:`gateway.core.actions.ActionRecord`."""
        return self.book.most

    async def actions(self, most: int, before: int) -> list[Recorded]:
        """See :class:`gateway.core.actions.ActionRecord`."""
        return await self.book.actions(most, before)

    async def run(self) -> None:
        """Looks into the book each second, until cancelled."""
        while True:
            await self.look()
            await self.clock.sleep(LOOK_S)

    # ---- what is known is done

    @property
    def isolations(self) -> Sequence[Isolation]:
        """Those that have not ended, as they were at the last look."""
        now = self.clock.now()
        return [one for one in self._isolations if one.ends > now]

    async def look(self) -> None:
        """Does what the book tells and this process has not done yet."""
        async with self._turn:  # an older view must not be done after a newer one
            known = await self.book.look()
            self._isolations = known.isolations
            self.board.announce(one for one in known.isolations if one.kind == "maintenance")
            for names, breaker in self.breakers.items():
                self._apply(names, breaker, [one for one in known.isolations if one.names == names])
            for news in known.news:
                if news.id not in self._heard:
                    self._hear(news)
            self._heard = {one.id for one in known.news}

    def _apply(self, names: tuple[str, str], breaker: Breaker, known: Sequence[Isolation]) -> None:
        """Isolates or restores where something began or was ended. An isolation that was begun ends by the breaker's
        own seconds: a wall clock that jumps neither ends nor repeats it.
        """
        now, applied = self.clock.now(), self._applied.get(names, frozenset())
        begun = applied & {one.id for one in known}
        begun |= {one.id for one in known if one.starts <= now < one.ends}
        if begun == applied:
            return
        self._applied[names] = begun
        left = [one for one in known if one.id in begun and one.ends > now]
        if left:
            last = max(left, key=lambda one: one.ends)
            breaker.isolate(last.why, (last.ends - now).total_seconds())
        elif isinstance(breaker.state, Isolated):
            breaker.restore()

    def _hear(self, news: News) -> None:
        if news.what == "close_breaker":
            self._close((news.connector, news.name))
        else:
            self._purge(news)

    def _close(self, names: tuple[str, str]) -> None:
        breaker = self.breakers.get(names)
        if breaker is not None and not isinstance(breaker.state, Isolated):
            breaker.restore()

    def _purge(self, news: News) -> None:
        if news.id == 0:
            self._purge_everywhere(news)
            return
        # The cache that gateways share was purged by the gateway that was asked.
        at = min(news.at.timestamp(), self.clock.now().timestamp() + SKEW_S)
        for tag in self._tags(news):
            self.cache.invalidations.add(tag, at)

    def _purge_everywhere(self, news: News) -> None:
        purge = self.cache.purge
        if news.subject:
            purge.subject(news.connector, news.subject)
        elif news.name:
            purge.operation(news.connector, news.name)
        elif news.connector:
            purge.connector(news.connector)
        else:
            purge.everything()

    def _tags(self, news: News) -> Iterable[Tag]:
        tagger = self.cache.tagger
        if news.subject:
            return tagger.subject(news.connector, news.subject)
        if news.name:
            return tagger.operation(news.connector, news.name)
        return tagger.connector(news.connector) if news.connector else tagger.everything()

    def _action(self, by: By, what: str, names: tuple[str, str], detail: Mapping[str, object]) -> Action:
        return Action(by.who, what, "/".join(names), by.why, self.business.now(), detail)

    async def _done(self, did: Action) -> None:
        self._tell(did)
        await self.look()

    def _tell(self, did: Action) -> None:
        """Without a store the log is the one trace that outlives this process, so the reason is in it; a store, which
        tells the log by itself, keeps the reason where fewer read it.
        """
        if self.most is not None:
            log.warning(
                "operator action",
                who=did.who,
                what=did.what,
                target=did.target,
                why=did.why,
                at=did.at.isoformat(),
                detail=dict(did.detail),
            )
