"""Decides, without I/O, what becomes of the head of a lane after each try.

Of an unknown outcome, "not there" is never proof, only "not there yet": a message that left may still arrive. A failure
counts against a message only where the system refused that message or answered it off its contract, or where another
lane of the same system and operation got through since this head's last try; every other failure only moves its time.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias, assert_never

import msgspec

from gateway.core.canonical import Canonical
from gateway.core.durable import CannotTell, DurableOrder, Look, NotThere, There
from gateway.core.problems import (
    AlreadyReceived,
    CallerError,
    CutOff,
    GatewayError,
    Internal,
    OffContract,
    Refused,
)

MOST_ATTEMPTS: Final = 10
"""Failures that count against a message before it parks its lane."""
FIRST_REST_S: Final = 1.0
LONGEST_REST_S: Final = 60.0
DAY_S: Final = 86_400.0
ALREADY_THERE: Final = "already_there"
"""The system said that it has an order that was sent before, and the order is asked for."""


class Head(msgspec.Struct, frozen=True):
    """The head of a lane as it was claimed. Seconds."""

    lane: int
    system: str
    key: str
    seq: int
    epoch: int
    operation: str
    unknown: bool
    """Its outcome is not known: it is asked for, and not sent."""
    may_have_arrived: bool
    """It was of unknown outcome once, even if it is sent again now."""
    since_left: float
    """Since its last byte left, or may have left; of a head of unknown outcome."""
    looks: int = 0
    resent: int = 0
    attempts: int = 0
    failures: int = 0
    overtaken: bool = False
    """Another lane of the same system and operation got through since this head's last try."""
    last: bool = False
    """Nothing waits behind it."""
    copies: bool = False
    """A copy of an order before it may still arrive and overwrite it."""
    read_back: bool = False
    """It has arrived; the system is asked once more, whether such a copy has."""
    form: str | None = None
    reason: str | None = None
    """Why the last try did not bring it to its end."""


@dataclass(frozen=True, slots=True)
class Arrived:
    """The system has the order; the next one may go after *rest_s*."""

    answer: Canonical
    rest_s: float = 0.0
    copies: bool = False
    """A copy of it may still arrive and overwrite what follows."""
    read_back: bool = False
    """It stays the head, and the system is asked for it once more after *rest_s*."""


@dataclass(frozen=True, slots=True)
class Checked:
    """The head had arrived, and no late copy has overwritten it, or that is mended."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """The form of the head is chosen."""

    form: str


@dataclass(frozen=True, slots=True)
class Halve:
    """The system refused a whole list: its heads go again after *seconds*, in lists of *most*."""

    seconds: float
    reason: str
    most: int


@dataclass(frozen=True, slots=True)
class Later:
    """The head waits *seconds* of business time and is tried again; *counts*: against the message."""

    seconds: float
    reason: str
    counts: bool = False
    failed: bool = True
    """Whether it is one more failure in a row."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """The outcome is not known: the system is asked after *rest_s* of real time."""

    rest_s: float
    reason: str
    looked: bool = False
    """Whether the system was asked and did not have the order yet."""
    left_now: bool = False
    """Whether the message left just now."""
    counts: bool = False
    """Whether the failure counts against the message."""


@dataclass(frozen=True, slots=True)
class SendAgain:
    """The same message goes again after *rest_s* of real time."""

    rest_s: float


@dataclass(frozen=True, slots=True)
class Park:
    """The lane stops until an operator decides."""

    reason: str
    left_now: bool = False
    """Whether the message left just now: its outcome is not known, and it is asked for when the operator goes on."""


Decision: TypeAlias = Arrived | Checked | Prepared | Later | Halve | Unknown | SendAgain | Park


def back_off(failures: int, dice: random.Random) -> float:
    """Seconds to rest after the *failures*-th failure in a row: doubled each time, half of it by chance."""
    ceiling: float = min(LONGEST_REST_S, FIRST_REST_S * 2.0 ** min(failures, 10))
    return ceiling / 2 + dice.uniform(0, ceiling / 2)


def after_arrival(head: Head, answer: Canonical, order: DurableOrder) -> Arrived | Checked:
    """The system took the order, or is known to have it."""
    if head.read_back:
        return Checked()
    # A copy that left may arrive late and overwrite what the next order writes. When the lane is empty, the system is
    # asked once more.
    copies = head.may_have_arrived and order.repeat_of(head.form) == "overwrites"
    read_back = head.last and (copies or head.copies)
    return Arrived(answer, order.settle_s if copies or read_back else 0.0, copies, read_back)


def after_failure(
    head: Head, error: GatewayError, order: DurableOrder, dice: random.Random, *, released: bool
) -> Decision:
    """Sending ended in *error*; *released*: the last bytes of the message were on their way."""
    if isinstance(error, AlreadyReceived):
        # At a first sending it is another's order: whose, an operator finds out.
        return Unknown(0.0, ALREADY_THERE) if head.may_have_arrived else Park(error.reason)
    if _left_unknown(error, released=released):
        if _counts_out(error, head):
            return Park(error.reason or error.code, left_now=True)
        return Unknown(_first_look(order, head, dice), error.reason, left_now=True, counts=_counts(error, head))
    if _refuses_message(error):
        return Park(error.reason or error.code)
    if _counts_out(error, head):
        return Park(error.reason or error.code)
    if head.may_have_arrived:
        # An earlier copy may still arrive: what this copy met says nothing about that one.
        return Unknown(back_off(head.failures, dice), error.reason, counts=_counts(error, head))
    return Later(_wait(error, head, dice), error.reason or error.code, counts=_counts(error, head))


def _left_unknown(error: GatewayError, *, released: bool) -> bool:
    return released and error.may_have_arrived and not isinstance(error, CallerError)


def _counts(error: GatewayError, head: Head) -> bool:
    """Whether *error* counts against the message; an answer that was cut off says nothing about it."""
    off_contract = isinstance(error, OffContract | Internal) and not isinstance(error, CutOff)
    return head.overtaken or off_contract


def _counts_out(error: GatewayError, head: Head) -> bool:
    return _counts(error, head) and head.attempts + 1 >= MOST_ATTEMPTS


def after_list_failure(
    heads: Sequence[Head], error: GatewayError, order: DurableOrder, dice: random.Random, *, released: bool
) -> list[Decision]:
    """Sending a list ended in *error*. Nothing counts against a message before it was refused alone."""
    if len(heads) > 1 and _left_unknown(error, released=released):
        return [Unknown(_first_look(order, head, dice), error.reason, left_now=True) for head in heads]
    found = [after_failure(head, error, order, dice, released=released) for head in heads]
    counted = [one for one in found if isinstance(one, Park) or (isinstance(one, Later) and one.counts)]
    if len(heads) == 1 or not counted:
        return found
    rest = max((one.seconds for one in counted if isinstance(one, Later)), default=0.0)
    halved = Halve(rest, error.reason or error.code, len(heads) // 2)
    return [halved] * len(heads)


def _refuses_message(error: GatewayError) -> bool:
    """Whether the system said no to this message, and would to the same one again."""
    if isinstance(error, CallerError):
        return True
    return isinstance(error, Refused) and error.reason == "too_large"


def _wait(error: GatewayError, head: Head, dice: random.Random) -> float:
    own = back_off(head.failures, dice)
    return own if error.retry_after is None else min(DAY_S, max(own, error.retry_after))


def _first_look(order: DurableOrder, head: Head, dice: random.Random) -> float:
    if order.repeat_of(head.form) == "adds":
        return order.settle_s
    return 0.0 if not head.failures else back_off(head.failures, dice)


def before_look(head: Head, order: DurableOrder) -> Unknown | None:
    """Where asking proves nothing yet: the system does a repeated order again, and the first copy may still arrive."""
    if order.repeat_of(head.form) == "adds" and head.since_left < order.settle_s:
        return Unknown(order.settle_s - head.since_left, "settling")
    return None


def after_look(head: Head, look: Look, order: DurableOrder) -> Decision:
    """The system was asked for a head of unknown outcome."""
    if head.read_back:
        return SendAgain(0.0) if isinstance(look, NotThere) and not head.resent else Checked()
    match look:
        case There(answer):
            return after_arrival(head, answer, order)
        case CannotTell(why):
            return Park(why or "cannot_tell")
        case NotThere():
            return _not_there(head, order)
        case _:
            assert_never(look)


def _not_there(head: Head, order: DurableOrder) -> Decision:
    if head.reason == ALREADY_THERE:
        # The system has another order under the same key: a third copy would be answered as the second was.
        return Park(ALREADY_THERE) if head.looks else Unknown(order.settle_s, ALREADY_THERE, looked=True)
    if order.repeat_of(head.form) != "adds":
        return SendAgain(max(0.0, order.again_after_s - head.since_left))
    if head.looks == 0:
        return Unknown(order.settle_s, "not_there", looked=True)
    too_old = order.fresh_s is not None and head.since_left > order.settle_s + order.fresh_s
    once = order.resend_after_not_there == "once" and head.resent == 0
    return SendAgain(0.0) if too_old or once else Park("not_there")


def after_failed_looks(heads: Sequence[Head], error: GatewayError, dice: random.Random) -> list[Decision]:
    """Asking for a list failed: where the system refuses the question, halves of the list are asked for."""
    if isinstance(error, CallerError) and len(heads) > 1:
        return [Halve(0.0, error.reason or error.code, len(heads) // 2)] * len(heads)
    return [after_failed_look(head, error, dice) for head in heads]


def after_failed_look(head: Head, error: GatewayError, dice: random.Random) -> Decision:
    """Asking failed; the outcome stays unknown."""
    if isinstance(error, CallerError):
        return Checked() if head.read_back else Park("cannot_tell")
    if _counts_out(error, head):
        return Checked() if head.read_back else Park(error.reason or error.code)
    return Unknown(_wait(error, head, dice), error.reason or error.code, counts=_counts(error, head))
