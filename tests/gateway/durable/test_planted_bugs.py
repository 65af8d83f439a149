"""The worth of the random walk of the lanes: it finds the bugs that are planted here, each of which was likely."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from gateway.core.durable import Repeat
from gateway.durable import sending
from gateway.durable.lanes import decisions, operating, tables
from gateway.durable.lanes.decisions import Decision, Halve, Head, Later, SendAgain
from gateway.durable.orders import Line
from gateway.durable.release import LaneGate
from gateway.durable.sending import Opened, Sending
from tests.proof.walk import walk
from tests.support.lane_ledger import Broken, Check

MOST: Final = 2000
"""Steps within which each planted bug must be found."""
Patch = Callable[[pytest.MonkeyPatch], None]


def put(monkeypatch: pytest.MonkeyPatch, where: object, name: str, bug: object) -> None:
    """Puts *bug* in place of what *where* has."""
    monkeypatch.setattr(where, name, bug)


def changed(text: str, old: str, new: str) -> str:
    """*text* with *old* replaced; a bug can't be planted where the code has another form."""
    assert old in text, f"the code has no {old!r} any more: plant the bug anew"
    return text.replace(old, new)


def no_mark(monkeypatch: pytest.MonkeyPatch) -> None:
    """A claimed head is not marked: the next worker takes it for one that never left."""
    unmarked = "then 'ready' else 'ready' end"
    marked = "then 'ready' else 'sending' end"
    put(monkeypatch, tables, "_CLAIM", changed(tables._CLAIM, marked, unmarked))


def mark_after_the_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The mark is committed once the exchange has begun, or has ended."""
    no_mark(monkeypatch)
    send = Sending._send

    async def late(self: Sending, line: Line, opened: Opened, gate: LaneGate) -> Decision:
        decision = await send(self, line, opened, gate)
        async with self.releases._store.connection() as connection:
            await connection.execute(
                "update lanes set head_state = 'sending' where id = %s and epoch = %s",
                [opened.head.lane, opened.head.epoch],
            )
        return decision

    put(monkeypatch, Sending, "_send", late)


def epoch_not_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a worker brings back is written whoever holds the lane meanwhile."""
    put(monkeypatch, tables, "_CHANGE", changed(tables._CHANGE, " and l.epoch = r.epoch", ""))


def attempts_counted_in_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each failure counts against the message."""
    failed = decisions.after_failure

    def counts(*given: Any, **more: Any) -> Decision:
        decision = failed(*given, **more)
        return replace(decision, counts=True) if isinstance(decision, Later) else decision

    put(monkeypatch, sending, "after_failure", counts)


SWAP: Final = """
update messages m set body = o.body from lanes l, messages o
where l.id = any(%s) and l.tail > l.head and m.lane = l.id and o.lane = l.id
    and ((m.seq = l.head and o.seq = l.head + 1) or (m.seq = l.head + 1 and o.seq = l.head))
"""


def a_follower_that_overtakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A head that has to wait lets its follower go first."""
    change = tables.change

    async def overtaken(connection: tables.Connection, changes: list[tables.LaneChange]) -> set[int]:
        taken = await change(connection, changes)
        waits = [one.lane for one in changes if one.lane in taken and not one.advance and not one.parked]
        await connection.execute(SWAP, [waits])
        return taken

    put(monkeypatch, tables, "change", overtaken)


def not_there_taken_as_proof(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the system does not have when it is asked, at once, is sent again, though it may still arrive."""
    put(monkeypatch, decisions, "_first_look", lambda _order, _head, _dice: 0.0)
    put(monkeypatch, decisions, "_not_there", lambda _head, _order: SendAgain(0.0))
    put(monkeypatch, sending, "before_look", lambda _head, _order: None)


def no_look_at_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes leave that were claimed before the pause, and what is paused is claimed."""

    async def nothing(_connection: tables.Connection, _now: object) -> frozenset[str]:
        return frozenset()

    put(monkeypatch, tables, "paused", nothing)


def an_uncertain_order_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    """An operator may take back what may have arrived."""
    hindrance = operating.hindrance

    def none(lane: operating.Locked, deed: operating.Deed) -> str | None:
        found = hindrance(lane, deed)
        return None if found == "outcome_unknown" else found

    put(monkeypatch, operating, "hindrance", none)


PLANTED: Final[list[tuple[Patch, Repeat, int, set[Check]]]] = [
    (no_mark, "adds", 2, {"twice"}),
    (no_mark, "refused", 2, {"stuck", "certain", "ended", "overtaken"}),
    (mark_after_the_bytes, "adds", 2, {"twice"}),
    (epoch_not_compared, "refused", 2, {"lost", "overtaken"}),
    (attempts_counted_in_an_outage, "refused", 2, {"outage"}),
    (a_follower_that_overtakes, "refused", 2, {"overtaken"}),
    (not_there_taken_as_proof, "adds", 1, {"twice"}),
    (no_look_at_pauses, "refused", 2, {"pause"}),
    (an_uncertain_order_is_cancelled, "refused", 2, {"certain"}),
]


@pytest.mark.parametrize(
    ("plant", "repeat", "seed", "checks"),
    [pytest.param(*one, id=f"{one[0].__name__}-{one[1]}") for one in PLANTED],
)
async def test_a_planted_bug_is_found(
    database: str, monkeypatch: pytest.MonkeyPatch, plant: Patch, repeat: Repeat, seed: int, checks: set[Check]
) -> None:
    """The walk is worth something: it fails where the code has the bug."""
    plant(monkeypatch)

    with pytest.raises(Broken) as broken:
        await walk(database, MOST, seed=seed, repeats=[repeat], episode=100, lists=[1], forms=[False])

    assert broken.value.check in checks, broken.value


def a_list_answered_for_no_member(monkeypatch: pytest.MonkeyPatch) -> None:
    """A list without an answer is taken for one that was refused: its halves are sent."""

    def halved(heads: list[Head], *_given: Any, **_more: Any) -> list[Decision]:
        return [Halve(0.0, "cut_off", max(1, len(heads) // 2))] * len(heads)

    put(monkeypatch, sending, "after_list_failure", halved)


FORGET_FORMS: Final = """
update messages m set form = null from lanes l where l.id = any(%s) and m.lane = l.id and m.seq = l.head
"""


def a_form_chosen_for_each_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """The form of an order is chosen again when its message goes a second time."""
    change = tables.change

    async def forgets(connection: tables.Connection, changes: list[tables.LaneChange]) -> set[int]:
        taken = await change(connection, changes)
        again = [one.lane for one in changes if one.lane in taken and one.reason == "sent_again"]
        await connection.execute(FORGET_FORMS, [again])
        return taken

    put(monkeypatch, tables, "change", forgets)


PLANTED_IN_LISTS: Final[list[tuple[Patch, Repeat, int, set[Check]]]] = [
    (no_mark, "adds", 2, {"twice", "certain"}),
    (epoch_not_compared, "refused", 2, {"lost", "overtaken"}),
    (a_list_answered_for_no_member, "adds", 2, {"twice"}),
    (a_form_chosen_for_each_copy, "refused", 2, {"form"}),
]


@pytest.mark.parametrize(
    ("plant", "repeat", "seed", "checks"),
    [pytest.param(*one, id=f"{one[0].__name__}-{one[1]}") for one in PLANTED_IN_LISTS],
)
async def test_a_bug_of_lists_and_forms_is_found(
    database: str, monkeypatch: pytest.MonkeyPatch, plant: Patch, repeat: Repeat, seed: int, checks: set[Check]
) -> None:
    """The walk of lists and forms is worth something as well."""
    plant(monkeypatch)

    with pytest.raises(Broken) as broken:
        await walk(database, MOST, seed=seed, repeats=[repeat], episode=100, lists=[3], forms=[True])

    assert broken.value.check in checks, broken.value
