"""Systems that are asked by the clock, as a test scripts them, and a store with the gateways that ask."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from gateway.api.inbound import Reader
from gateway.core.inbound import InboundMessage, Pulled, PulledPage, PullPace, PullQuestion
from gateway.core.problems import Failing, GatewayError, InvalidRequest
from gateway.dossiers.inbound_model import InboundDossier, InboundSubject, InboundUnknown
from gateway.durable.inbox import Inbox
from gateway.durable.inbox_pulls import InboxPulls, PullWay
from gateway.durable.store import Store
from gateway.inbound import content_of, digest_of
from gateway.testing.clock import FakeClock
from tests.support import postgres

SYSTEM = "ministry_portals.transport"


def message(code: str, note: str = "") -> Pulled:
    """A dossier, in a state that *note* names."""
    dossier = InboundDossier(
        national_code=code, procedure_code="1", subject=InboundSubject(), note=note or None, other_fields={}
    )
    return Pulled(code, "dossier", InboundMessage(code, dossier))


@dataclass
class Ministry:
    """A system: *pages* are what it gives, one after the other; what is confirmed is given no more where *told*."""

    pages: list[list[Pulled]]
    told: bool = True
    fails: list[GatewayError | None] = field(default_factory=list)
    refuses: bool = False
    left_out: int = 0
    asked: list[PullQuestion] = field(default_factory=list)
    confirmed: list[str] = field(default_factory=list)
    gate: asyncio.Event | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def page(self, question: PullQuestion, _: str) -> PulledPage:
        """The next page."""
        self.asked.append(question)
        if self.fails and (error := self.fails.pop(0)) is not None:
            raise error
        self.reached.set()
        if self.gate is not None:
            await self.gate.wait()
        number = int(question.page_token or 0)
        found = [one for one in self.pages[number] if one.receipt not in self.confirmed]
        following = None if number + 1 == len(self.pages) else str(number + 1)
        return PulledPage(tuple(found), following, left_out=self.left_out)

    async def confirm(self, receipts: Sequence[str], _: str) -> None:
        """Keeps what it is told."""
        if self.refuses:
            raise Failing("down", reason="unreachable", may_have_arrived=False)
        self.confirmed += receipts

    def way(self, **pace: float) -> PullWay:
        """The way to it."""
        told = self.confirm if self.told else None
        return PullWay(PullPace.model_validate({"every_s": 900, **pace}), self.page, told, lambda: 4)


class Fifties(Ministry):
    """A ministry whose list has the *most* oldest messages that were not confirmed, and is all or none about it."""

    def __init__(self, waiting: list[Pulled], most: int = 50) -> None:
        super().__init__([[]])
        self.waiting = waiting
        self.most = most
        self.nameless = 0
        self.forgets = False
        self.unknown: str | None = None
        self.told_together: list[Sequence[str]] = []

    async def page(self, question: PullQuestion, _: str) -> PulledPage:
        """The head of the list."""
        self.asked.append(question)
        told = () if self.forgets else self.confirmed
        left = [one for one in self.waiting if one.receipt not in told]
        head = left[: max(0, self.most - self.nameless)]
        off = [
            one
            for one in head
            if isinstance(one.message.data, InboundUnknown) and one.message.data.cause == "unreadable"
        ]
        read = tuple(one for one in head if one not in off)
        return PulledPage(read, more=len(left) > len(head), left_out=self.nameless, unread=tuple(off))

    async def confirm(self, receipts: Sequence[str], _: str) -> None:
        """All or none."""
        if self.unknown in receipts:
            raise InvalidRequest(reason="unknown_message")
        self.told_together.append(receipts)
        self.confirmed += receipts


@dataclass
class Desk:
    """A store with its inbox, and the gateways that ask."""

    store: Store
    clock: FakeClock
    inbox: Inbox

    def gateway(self, ministry: Ministry, worker: str = "one", breaks_at: str | None = None) -> InboxPulls:
        """The loop of one gateway; *breaks_at*: the message at which its code has a bug."""
        reader = Reader(self.store.cipher, 100_000)

        async def keep(system: str, pulled: Pulled, name: str) -> bool:
            if pulled.receipt == breaks_at:
                raise TypeError("secret")
            sealed = reader.sealed(system, pulled.kind, "gateway", name, pulled.message, content_of(pulled))
            return (await self.inbox.keep(sealed)).repeated

        return InboxPulls(self.store, self.clock, {SYSTEM: ministry.way()}, keep, digest_of, worker=worker)

    async def codes(self) -> list[str]:
        """The dossiers of the inbox, in its sequence."""
        return [str(code) for (code,) in await postgres.tell(self.store, "select code from inbox order by id")]


@asynccontextmanager
async def opened(database: str, clock: FakeClock) -> AsyncIterator[Desk]:
    """An empty inbox."""
    async with postgres.store(database) as store:
        inbox = Inbox(store, clock, clock, lambda: None)
        await inbox.open()
        yield Desk(store, clock, inbox)
        await inbox.close()
