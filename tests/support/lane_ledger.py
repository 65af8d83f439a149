"""What a random walk of the lanes knows by itself of every order, and what must be true of it after each step."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from gateway.core.durable import Repeat
from tests.support.toy_orders import Toy

Check = Literal[
    "twice", "overtaken", "invented", "ended", "certain", "pause", "outage", "repeat", "place", "stuck", "lost", "form"
]
"""An order was accepted a second time; before one that came earlier; without being ordered; after it was skipped or
cancelled unsent; an order was edited or cancelled that may have arrived; bytes left in a pause; an outage counted; an
equal key was not answered from the first; the store has orders in another sequence; a lane never ends; an order was
never accepted; a copy of a message had another form than the one before it."""

Message = tuple[str, int]
"""Dossier and number."""


class Broken(AssertionError):
    """A promise was broken: *check* names it."""

    def __init__(self, check: Check, text: str) -> None:
        super().__init__(f"{check}: {text}")
        self.check: Final = check


@dataclass
class Ledger:
    """The orders of one episode, by dossier in the sequence of their acceptance by the gateway."""

    toy: Toy
    repeat: Repeat
    placed: dict[str, list[int]] = field(default_factory=dict)
    ended: dict[Message, bool] = field(default_factory=dict)
    """Orders that an operator skipped, cancelled or replaced: whether a copy was on its way by then."""
    read: int = 0
    done: set[Message] = field(default_factory=set)
    paused_at: int | None = None
    """How many messages had left when the pause was committed."""

    def accept(self, dossier: str, number: int) -> None:
        """The gateway has accepted an order."""
        self.placed.setdefault(dossier, []).append(number)

    def skip(self, dossier: str, place: int) -> None:
        """An operator passed over the order at *place* (from 1)."""
        message = dossier, self.placed[dossier][place - 1]
        self.ended[message] = self.toy.may_come(message)

    def take_back(self, dossier: str, place: int) -> None:
        """The order at *place* was cancelled: it can't have arrived."""
        message = dossier, self.placed[dossier][place - 1]
        if self.toy.may_come(message):
            raise Broken("certain", f"{message} was taken back, and may arrive or has arrived")
        self.ended[message] = False

    def replace(self, dossier: str, place: int, number: int) -> None:
        """The order at *place* was edited."""
        self.take_back(dossier, place)
        self.placed[dossier][place - 1] = number

    def pause(self) -> None:
        """A pause of all was committed."""
        self.paused_at = len(self.toy.left)

    def look(self) -> None:
        """Looks at what the system accepted and at what left since the last look."""
        if self.paused_at is not None and len(self.toy.left) > self.paused_at:
            raise Broken("pause", f"{self.toy.left[self.paused_at :]} left in a pause")
        if self.toy.changed_forms:
            raise Broken("form", f"{self.toy.changed_forms} left in another form; {self.toy.forms}")
        news = self.toy.accepted[self.read :]
        self.read += len(news)
        for message in news:
            self._accepted(message)

    def _accepted(self, message: Message) -> None:
        dossier, number = message
        later = self._after(message)
        if message in self.done and self.repeat != "overwrites":
            raise Broken("twice", f"{message} was accepted again; {self.toy.accepted}")
        if self.repeat == "overwrites" and later & self.done:
            raise Broken("overtaken", f"{message} overwrote {later & self.done}; {self.toy.accepted}")
        self.done.add(message)
        if message in self.ended:
            if not self.ended[message]:
                raise Broken("ended", f"{message} was accepted after an operator had ended it unsent")
            return
        if number not in self.placed.get(dossier, []):
            raise Broken("invented", f"{message} was never ordered")
        earlier = self.placed[dossier][: self.placed[dossier].index(number)]
        waiting = [one for one in earlier if (dossier, one) not in self.done and (dossier, one) not in self.ended]
        if waiting or later & self.done:
            raise Broken("overtaken", f"{message} came while {waiting} waited, or after {later & self.done}")

    def _after(self, message: Message) -> set[Message]:
        """Orders that follow *message*."""
        dossier, number = message
        numbers = self.placed.get(dossier, [])
        return {(dossier, one) for one in numbers[numbers.index(number) + 1 :]} if number in numbers else set()

    def complete(self) -> None:
        """At the end: every order that no operator ended was accepted."""
        self.look()
        for dossier, numbers in self.placed.items():
            lost = [one for one in numbers if (dossier, one) not in self.done and (dossier, one) not in self.ended]
            if lost:
                raise Broken("lost", f"orders {lost} of {dossier} were never accepted")
