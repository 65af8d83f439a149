"""The declarations of a dialect about orders that the gateway sends later, from its store, and follows to their end.

A connector without such a declaration, or a deployment without a store, asks its source at once, in the request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, TypeAlias

from gateway.core.canonical import Canonical
from gateway.core.operation import Operation
from gateway.core.papers import Expected
from gateway.core.problems import CallerError, GatewayError
from gateway.core.upstream import Upstream

Repeat: TypeAlias = Literal["refused", "same", "overwrites", "adds"]
"""The way in which a source takes an order that it has already: it says so and changes nothing; it does nothing;
it does it again in place of the first; it does it a second time."""


@dataclass(frozen=True, slots=True)
class There:
    """The source has the order; *answer* is what it says of it."""

    answer: Canonical


@dataclass(frozen=True, slots=True)
class NotThere:
    """The source does not have the order *yet*: a message that left may still arrive."""

    asked: bool = True
    """False: it has no question for such an order, so nobody was asked, and nothing is proven for or against it. Only
    for a source to which a repeated order does no harm."""


@dataclass(frozen=True, slots=True)
class CannotTell:
    """The source was asked and can't say whether it has the order; *why* is for the operator."""

    why: str


Look: TypeAlias = There | NotThere | CannotTell


@dataclass(frozen=True, slots=True)
class SentBefore:
    """The proof that the store has about the messages of a key."""

    nothing_sent: bool
    """No message of the key has left or may have left, as far back as the store knows; False also where the store was
    restored from a backup, or has deleted old orders of this system."""


@dataclass(frozen=True, slots=True)
class Hold:
    """The case does not take the order yet: it is kept until the order that opens the case is accepted, which then goes
    before it. Where other orders of the key wait already, it waits behind them and is not held.
    """

    reason: str
    """In one word of snake_case, for the history and the operator."""


@dataclass(frozen=True, slots=True)
class CaseView:
    """A case as the store knows it when an order for it is accepted."""

    caller: str
    state: str
    """The case's state in the words of the uniform API."""
    waiting: int
    """Orders of the case that the source does not have yet."""
    last_order: str | None = None
    """The highest :attr:`DurableOrder.order_of` among orders of the same operation that have left or may have left;
    None where there is none."""
    places: tuple[str, ...] = ()
    """:attr:`DurableOrder.order_of` of all orders of the same operation that the source has or will get."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableOrder:
    """How a dialect carries out the orders of one operation from the store. Seconds."""

    operation: Operation[Any, Any]
    key_of: Callable[[Any], str]
    """The dossier code: orders with the same key reach the source in the sequence in which they were accepted."""
    check: Callable[[Any, Any, date], None]
    """Gets the query, the upstream's settings and the day in Vietnam; raises :class:`InvalidRequest` for an order that
    this dialect can't send."""
    admit: Callable[[Any, CaseView | None, Any], CallerError | Hold | None]
    """Gets the query, the case as the store knows it, and the upstream's settings; why the case does not take this
    order, or not yet; None where it does."""
    accepted: Callable[[Any], Canonical]
    """The answer to the portal when the order is committed."""
    held: Callable[[Any], Canonical] | None = None
    """The answer where the order is held; None: the same as where it is accepted."""
    opens_case: bool = False
    """The order opens the case that is then followed; others belong to a case."""
    accepted_state: str = "accepted"
    """The case's state from then on, until the system tells another."""
    send: Callable[[Any, Upstream[Any]], Awaitable[Canonical]]
    """Sends the order in one exchange that writes. Where ``call.may_have_arrived``, "we have it" is success."""
    ask: Callable[[Any, Upstream[Any]], Awaitable[Look]]
    """Asks whether the source has the order; it changes nothing there."""
    repeat: Repeat
    repeat_by_form: Mapping[str, Repeat] = field(default_factory=dict)
    """The way of a message of these forms, where it differs from *repeat*."""
    settle_s: float = 300.0
    """How long a message that left may still arrive; at least every timeout of the road."""
    again_after_s: float = 0.0
    """How long after an unknown outcome the order rests before it is sent again."""
    fresh_s: float | None = None
    """How old a message may be for the source to take it; None: of any age."""
    resend_after_not_there: Literal["never", "once"] = "never"
    """Of a source that does a repeated order a second time: what to do after it was not there twice."""
    prepare: Callable[[Any, Upstream[Any], SentBefore], Awaitable[str]] | None = None
    """Chooses the form of a message before it first goes, and may ask the source; it changes nothing there. The form is
    kept with the message before any byte leaves, reaches *send* and *ask* as ``up.call.form``, and stays the same for
    each copy. A retry by an operator of a message that the source refused, or that never left, chooses anew."""
    first_form: Callable[[Any], str | None] = lambda _: None
    """Gets the upstream's settings; the form of a message before which nothing of its key was ever sent, as
    :class:`SentBefore` proves. It is chosen when the order is accepted. None: *prepare* chooses."""
    send_many: Callable[[Sequence[Any], Upstream[Any]], Awaitable[Sequence[Canonical | GatewayError]]] | None = None
    """Sends the orders of several keys, all of one form, in one exchange that writes; gives for each, in the same
    sequence, the answer or the refusal of this one. An error that it raises is about the whole list: where it refuses
    the list, halves of it are sent, down to one order with *send*. Orders that may have arrived are sent alone."""
    most_in_list: Callable[[Any], int] = lambda _: 1
    """Gets the upstream's settings; how many orders *send_many* and *ask_many* take at once."""
    ask_many: Callable[[Sequence[Any], Upstream[Any]], Awaitable[Sequence[Look | GatewayError]]] | None = None
    """As *ask*, for the orders of several keys of one form, in the same sequence; None: they are asked one by one."""
    order_of: Callable[[Any, Any], str] | None = None
    """Gets the query and the upstream's settings; the place of an order among the orders of its operation and key,
    compared as text, by code points; nothing personal. An order that comes late goes before later ones that have not
    left. Whether it may come after a later one that has left is for *admit* (``CaseView.last_order``)."""
    fits: Callable[[Any, tuple[str, ...], Any], CallerError | None] = lambda _query, _places, _settings: None
    """Gets the query, :attr:`CaseView.places` and the upstream's settings, also where the order is held and there is no
    case yet; why the order does not go together with those."""
    same_as: Callable[[Any], bytes] | None = None
    """Of equal orders the same bytes, at most 64, from which nothing personal can be read (a hash). An order that
    equals one of its operation and key that the store has, and that was not taken back, is answered as that one and not
    sent. An order that opens a case is compared with the last of its operation alone. *accepted* gives equal orders
    equal answers."""
    replaces: Callable[[Any], bool] = lambda _: False
    """Gets the upstream's settings; whether an order takes the place of the one of its operation that was accepted just
    before it, where that one never left."""

    def repeat_of(self, form: str | None) -> Repeat:
        """The way in which the source takes a message of *form* that it has already."""
        return self.repeat if form is None else self.repeat_by_form.get(form, self.repeat)

    def may_repeat_as(self, way: Repeat) -> bool:
        """Whether the source takes a repeated message of some form in this *way*."""
        return way == self.repeat or way in self.repeat_by_form.values()


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of a case's history."""

    at: datetime
    kind: str
    """accepted, arrived, reconciling, refused, state, certificate, …"""
    detail: Mapping[str, object]
    """Words and codes, nothing personal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a case's history as the portal reads it: the state from then on, and a word or None."""

    state: str
    detail: str | None


def entry_of(state: str, moment: Moment) -> Entry:
    """*moment* as it is told where a dialect does not say otherwise; *state* is the one before it."""
    said, reason = moment.detail.get("state"), moment.detail.get("reason")
    return Entry(said if isinstance(said, str) else state, reason if isinstance(reason, str) else None)


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case as the store has it."""

    key: str
    state: str
    data: bytes | None = field(repr=False)
    """JSON of the source's last answer, None before the first."""
    source_id: str | None
    opened_at: datetime
    changed_at: datetime
    looked_at: datetime | None
    due_at: datetime | None
    """The end of the law's time limit."""
    ended_at: datetime | None
    overdue: bool
    waiting: int
    """Orders that the source does not have yet."""
    reason: str | None
    """Why the lane is parked, or why the head of it failed last."""
    file_state: Literal["none", "wanted", "kept", "bad", "withdrawn", "expired"]
    history: tuple[Moment, ...]
    parked_at: datetime | None = None
    """Since when nothing of the case is sent, because the source refused an order of it; None: nothing is parked."""


@dataclass(frozen=True, slots=True)
class Changed:
    """A case that the source says has changed; *token* acknowledges it."""

    key: str | None
    """The dossier code, where the source tells it."""
    source_id: str | None
    token: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """How a dialect follows the cases that its orders opened, until they end."""

    question: Callable[[str], Canonical]
    """The query of *operation* for a key."""
    key_of: Callable[[Any], str]
    """The key in a query of *operation*."""
    operation: Operation[Any, Any]
    """Answers with the case's state."""
    looks: bool = True
    """Whether the source is asked for the case's state; else the store tells what it knows of its orders."""
    ended: frozenset[str]
    """States after which the source changes nothing more."""
    state_of: Callable[[Any], str] = lambda answer: str(answer.state)
    """The state in an answer, in the words of the uniform API."""
    source_id_of: Callable[[Any], str | None] = lambda answer: answer.source_id
    withdrawn: Callable[[Any], bool] = lambda _: False
    """Whether an answer says that the file was withdrawn."""
    present: Callable[[CaseRecord], Canonical]
    """The answer to the portal's question, from what the store knows."""
    entry_of: Callable[[str, Moment], Entry] = entry_of
    """Gets the state before an entry of the history, and the entry; what the portal is told of it."""
    file_operation: Operation[Any, Any] | None = None
    """Answers with the case's file once *file_ready*."""
    file_ready: Callable[[Any], bool] = lambda _: False
    expected: Callable[[Any | None, Any], Expected] = lambda _order, _answer: Expected()
    """Gets the order that opened the case, None where it is not kept any more, and the last answer; what the file must
    say to belong to the case."""
    changes: Callable[[Upstream[Any]], Awaitable[Sequence[Changed]]] | None = None
    """Lists what has changed since it was acknowledged."""
    acknowledge: Callable[[Sequence[str], Upstream[Any]], Awaitable[None]] | None = None
    """Acknowledges changes by their tokens."""
    time_limit_days: Callable[[Any, Any], int] = lambda _order, _settings: 5
    """Gets the order that opened the case and the upstream's settings; the working days that the law gives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DurableDialect:
    """All that a dialect says about durable orders."""

    orders: tuple[DurableOrder, ...]
    following: Following | None = None
    cancel: Operation[Any, Any] | None = None
    """Takes an order back before it is sent; of an order that was sent the dialect's own function says why not."""

    def order_of(self, operation: Operation[Any, Any]) -> DurableOrder | None:
        """The declaration for *operation*, None where it is not durable."""
        return next((order for order in self.orders if order.operation.name == operation.name), None)
