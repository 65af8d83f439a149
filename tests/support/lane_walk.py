"""A random walk over the lanes of two offices that share one store: all that can happen to orders, in any sequence.

What the gateway believes is never asked: the checks look at what the made-up system was sent and what it accepted.
"""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Final, LiteralString

from gateway.core.durable import Repeat
from gateway.durable.desk import Desk
from gateway.durable.lanes.operating import Deed, Filter
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support import lane_outage as outage
from tests.support.lane_ledger import Broken, Ledger
from tests.support.postgres import tell
from tests.support.toy_orders import PREPARED, Mood, Office, Toy, in_lists, open_office

DOSSIERS: Final = 4
MOST_WAITING: Final = 6
ROUNDS: Final = 40
"""In which everything comes to its end when all is well again."""
SETTLE_S: Final = 301
MOODS: Final[tuple[Mood, ...]] = (
    "refuses",
    "lost",
    "lost",
    "late",
    "late",
    "never",
    "held",
    "stopped",
    "hangs",
    "hangs",
    "down",
)
DEEDS: Final[tuple[Deed, ...]] = ("retry", "retry", "retry", "skip", "edit", "cancel")
PAUSED: Final = ("toy.take", "toy/toy")

_LEASES_END: Final[LiteralString] = "update lanes set held_until = clock_timestamp() where held_by is not null"
_RESTS_END: Final[LiteralString] = """
update lanes set held_until = case when held_until is null then null else clock_timestamp() end,
    left_at = left_at - make_interval(secs => %s), marked_at = marked_at - make_interval(secs => %s)
"""
_FORGET: Final[LiteralString] = "update cases set follow_at = null where follow_at is not null"
_ATTEMPTS: Final[LiteralString] = """
select l.id, l.head, l.attempts, p.through_at from lanes l left join passages p on p.system = l.system
where l.key like %s and l.head <= l.tail
"""
_WAITING: Final[LiteralString] = "select key, state, head_state, reason from lanes where key like %s and head <= tail"
_SEQ: Final[LiteralString] = "select k.key, k.seq from idempotency_keys k where k.key = any(%s) order by k.seq"


@dataclass
class Walk:
    """One episode: random steps, then all is well, and all must end.

    Args:
        name: Of its dossiers; no other episode on this store has it.
        repeat: What the system does with an order that it has.
        lists: How many orders it takes at once.
        forms: Whether the form of each order is chosen before it goes.
    """

    store: Store
    dice: random.Random
    name: str
    repeat: Repeat = "refused"
    followed: bool = False
    lists: int = 1
    forms: bool = False
    steps: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.toy = Toy(repeat=self.repeat)
        self.clock = FakeClock()
        self.ledger = Ledger(self.toy, self.repeat)
        self.offices: list[Office] = []
        self.keys: dict[str, tuple[str, int, dict[str, object]]] = {}
        self.outage: outage.Outage | None = None
        self.number = 0
        self.lives = 0
        self.said: deque[str] = deque(maxlen=40)

    async def run(self, steps: int) -> None:
        """Makes *steps* random steps and brings all to its end.

        Raises:
            Broken: With the last steps as notes.
        """
        self.offices = [await self._open() for _ in range(2)]
        self.desk = Desk(self.store, {"toy.take": self.offices[0].line}, self.clock, lambda: None)
        ways = self._ways()
        try:
            for _ in range(steps):
                ((way, _),) = self.dice.choices(list(ways.items()), [weight for _, weight in ways.values()])
                self.steps[way] += 1
                self.said.append(way)
                await ways[way][0]()
                await self._check()
            await self._end()
        except Broken as broken:
            broken.add_note(
                f"{self.name}, {self.repeat}, lists of {self.lists}, forms {self.forms}; "
                f"the last steps: {'; '.join(self.said)}"
            )
            raise
        finally:
            self.toy.come_back()
            await self._settle()
            for office in self.offices:
                await office.close()
            await tell(self.store, _FORGET)
            await tell(self.store, "delete from pauses")

    def _ways(self) -> Mapping[str, tuple[Callable[[], Awaitable[None]], float]]:
        # There a copy that comes late is seen only when the next order has gone.
        overwrites = self.repeat == "overwrites"
        return {
            "accept": (self._accept, 14),
            "burst": (self._burst, 4),
            "again": (self._again, 3),
            "turn": (self._turn, 34),
            "work": (self._work, 16),
            "commit unheard of": (self._commit_unheard_of, 4),
            "settle": (self._settle, 6),
            "time": (self._time, 10),
            "leases": (self._leases_end, 5),
            "rests": (self._rests_end, 2 if overwrites else 7),
            "crash": (self._crash, 4),
            "mood": (self._mood, 4),
            "mood of one": (self._mood_of_one, 14),
            "come back": (self._come_back, 4),
            "arrive": (self._arrive, 3 if overwrites else 5),
            "deed": (self._deed, 24 if overwrites else 7),
            "mend": (self._mend, 5),
            "pause": (self._pause, 1.5),
            "resume": (self._resume, 4),
            "cannot tell": (self._cannot_tell, 0.7),
        }

    async def _open(self) -> Office:
        self.lives += 1
        dice, name = self.dice.randrange(2**32), f"{self.name}-{self.lives}"
        more = {**(in_lists(self.lists, ask=self.lives % 2 == 0) if self.lists > 1 else {})}
        more |= PREPARED if self.forms else {}
        return await open_office(self.store, self.toy, self.clock, name=name, dice=dice, followed=self.followed, **more)

    def _say(self, text: str) -> None:
        self.said[-1] += f" {text}"

    def _office(self) -> Office:
        number = self.dice.randrange(2)
        self._say(f"at {number}")
        return self.offices[number]

    def _dossier(self) -> str:
        return f"{self.name}-{self.dice.randrange(DOSSIERS)}"

    def _next(self) -> int:
        self.number += 1
        return self.number

    # ---- orders

    def _room(self, dossier: str) -> int:
        waiting = [
            one
            for one in self.ledger.placed.get(dossier, [])
            if (dossier, one) not in self.ledger.done and (dossier, one) not in self.ledger.ended
        ]
        return MOST_WAITING - len(waiting)

    async def _accept(self) -> None:
        dossier, office = self._dossier(), self._office()
        if self._room(dossier) <= 0:
            return
        # Number 1 opens a case and is refused while there is one: the walk never uses it.
        number = self._next() + 1
        key = f"{dossier}/{number}"
        answer, repeated = await office.order(dossier, number, key=key)
        if repeated:
            raise Broken("repeat", f"{key} is new and was answered as a repetition")
        self.keys[key] = dossier, number, answer
        self.ledger.accept(dossier, number)
        self._say(key)

    async def _burst(self) -> None:
        """Both offices accept orders of one dossier at once, each key twice."""
        dossier = self._dossier()
        if self._room(dossier) < 3:
            return
        numbers = {f"{dossier}/{number}": number for number in (self._next() + 1 for _ in range(3))}
        asked = [(key, number, office) for office in self.offices for key, number in numbers.items()]
        answers = await asyncio.gather(*(office.order(dossier, number, key=key) for key, number, office in asked))
        fresh = sum(not repeated for _, repeated in answers)
        if fresh != len(numbers):
            raise Broken("repeat", f"{fresh} of {len(numbers)} equal pairs were new")
        for key, number, _ in asked:
            self.keys[key] = dossier, number, answers[0][0]
        for place, (key, seq) in enumerate(await tell(self.store, _SEQ, list(numbers)), 1):
            self.ledger.accept(dossier, numbers[str(key)])
            if seq != len(self.ledger.placed[dossier]):
                raise Broken("place", f"{key} has place {seq}, accepted as number {place} of a burst")
        self._say(dossier)

    async def _again(self) -> None:
        if not self.keys:
            return
        key = self.dice.choice(list(self.keys))
        dossier, number, first = self.keys[key]
        answer, repeated = await self._office().order(dossier, number, key=key)
        if not repeated or answer != first:
            raise Broken("repeat", f"{key} was answered with {answer}, repeated {repeated}; at first with {first}")

    # ---- offices

    async def _turn(self) -> None:
        await self._office().worker.turn()

    async def _work(self) -> None:
        await self._turn()
        await self._settle()

    async def _settle(self) -> None:
        """Until all that is under way has come back or stands still."""
        while under_way := {task for office in self.offices for task in office.worker.under_way}:
            self.toy.stood.clear()
            if len(under_way) <= self.toy.standing:
                return
            stood = asyncio.ensure_future(self.toy.stood.wait())
            await asyncio.wait({*under_way, stood}, return_when=asyncio.FIRST_COMPLETED)
            stood.cancel()

    async def _commit_unheard_of(self) -> None:
        """What came back is written, nobody is told of it, and it is written once more with what comes then."""
        worker = self._office().worker
        tried, looked = list(worker._tried), list(worker._looked)
        await worker.write()
        worker._tried, worker._looked = tried + worker._tried, looked + worker._looked

    async def _crash(self) -> None:
        """An office dies: what it knew is gone, and another one opens in its place."""
        number = self.dice.randrange(2)
        await self.offices[number].die()
        self._say(f"of {number}")
        self.offices[number] = await self._open()

    # ---- time

    async def _time(self) -> None:
        self.clock.jump_wall(self.dice.choice((1, 10, 70, 70, 2000)) if self.outage is None else 70)

    async def _leases_end(self) -> None:
        # A lease is longer than the time in which a permission to leave is used.
        await self._settle()
        await tell(self.store, _LEASES_END)

    async def _rests_end(self) -> None:
        """The time passes in which a message that left may still arrive."""
        await self._settle()
        if self.repeat in {"adds", "overwrites"}:
            self.toy.let_arrive()
            await self._come_back()
        await tell(self.store, _RESTS_END, SETTLE_S, SETTLE_S)

    # ---- the system

    async def _mood(self) -> None:
        if self.outage is not None:
            if self.dice.random() < 0.5:
                self.toy.mood, self.outage = "well", None
            return
        wanted = self.dice.choice(("well", "down", "down", "down", "late", "lost", "hangs"))
        self._say(wanted)
        if wanted == "down":
            await self._go_down()
        else:
            self.toy.mood = wanted  # type: ignore[assignment]

    async def _go_down(self) -> None:
        await self._settle()
        for office in self.offices:
            await office.worker.turn()  # what was tried before the outage is counted before it
        self.toy.of.clear()
        self.toy.mood = "down"
        self.outage = await outage.begin(self.store, f"{self.name}-%")

    async def _mood_of_one(self) -> None:
        dossier = self._dossier()
        if self.outage is not None:
            return
        if dossier in self.toy.of and self.dice.random() < 0.6:
            del self.toy.of[dossier]
        else:
            self.toy.of[dossier] = self.dice.choice(MOODS)
            if self.dice.random() < 0.7:
                self.toy.once.add(dossier)
            self._say(f"{dossier} {self.toy.of[dossier]}")

    async def _come_back(self) -> None:
        self.toy.come_back()
        await self._settle()

    async def _arrive(self) -> None:
        self.toy.let_arrive()

    async def _cannot_tell(self) -> None:
        self.toy.cannot_tell = not self.toy.cannot_tell

    # ---- the operator

    async def _deed(self) -> None:
        """A deed on any lane, whether it is right there or not."""
        waiting = await self.desk.lanes(Filter(system="toy"), 1000)
        if waiting:
            await self._do(self.dice.choice(waiting), self.dice.choice(DEEDS))

    async def _mend(self) -> None:
        """Most parked lanes are tried again."""
        for lane in await self.desk.lanes(Filter(system="toy", state="parked"), 1000):
            await self._do(lane, "retry" if self.dice.random() < 0.9 else self.dice.choice(DEEDS))

    async def _do(self, lane: Mapping[str, object], deed: Deed) -> None:
        dossier, head, tail = str(lane["key"]), int(str(lane["head"])), int(str(lane["tail"]))
        self._say(f"{deed} {dossier} at {head}")
        if deed == "edit":
            number = self._next() + 1
            preview = await self.desk.act("o", "why", "cancel", "toy", [dossier], dry_run=True)
            if preview[0].hindrance is None:
                await self.desk.edit("o", "why", "toy", dossier, {"number": number})
                self.ledger.replace(dossier, head, number)
            return
        (effect,) = await self.desk.act("o", "why", deed, "toy", [dossier])
        if effect.hindrance is not None:
            self._say(effect.hindrance)
        elif deed == "skip":
            self.ledger.skip(dossier, head)
        elif deed == "cancel":
            for place in range(head, tail + 1):
                self.ledger.take_back(dossier, place)

    async def _pause(self) -> None:
        if self.ledger.paused_at is None:
            await self.desk.pause("o", "why", self.dice.choice(PAUSED), None)
            self.ledger.pause()

    async def _resume(self) -> None:
        self.ledger.look()
        self.ledger.paused_at = None
        for target in PAUSED:
            await self.desk.resume("o", "why", target)

    # ---- what must be true

    async def _check(self) -> None:
        self.ledger.look()
        if self.outage is not None:
            await self.outage.check()

    async def _end(self) -> None:
        """All is well again: everything comes to its end."""
        self.said.append("the end")
        self.outage, self.toy.mood, self.toy.cannot_tell = None, "well", False
        self.toy.of.clear()
        await self._resume()
        await self._come_back()
        self.toy.let_arrive()
        for number in range(ROUNDS):
            if not (waiting := await tell(self.store, _WAITING, f"{self.name}-%")):
                break
            await self._round(patient=number < ROUNDS // 2)
        else:
            raise Broken("stuck", f"after {ROUNDS} rounds {waiting} wait")
        self.ledger.complete()

    async def _round(self, *, patient: bool) -> None:
        for lane in await self.desk.lanes(Filter(system="toy", state="parked"), 1000):
            # What the system does not have after all this time is not asked for again, where it would do it twice.
            given_up = self.repeat == "adds" and lane["reason"] == "not_there" and not patient
            await self._do(lane, "skip" if given_up else "retry")
        for _ in range(2):
            await tell(self.store, _RESTS_END, SETTLE_S, SETTLE_S)
            self.clock.jump_wall(4000)
            for office in self.offices:
                await office.worker.turn()
                await self._settle()
        self.ledger.look()
