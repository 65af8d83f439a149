"""Messages that nobody can read, and systems that do not keep to what they said: none holds up those behind it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import orjson
import pytest

from gateway.core.inbound import Pulled
from gateway.dossiers.inbound_pulled import as_it_came
from gateway.durable.inbox_desk import InboxDesk
from gateway.durable.inbox_reading import InboxReading, Wish
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.asked import Desk, Fifties, message, opened


@pytest.fixture
async def desk(database: str, clock: FakeClock) -> AsyncIterator[Desk]:
    """An empty inbox."""
    async with opened(database, clock) as found:
        yield found


def strange(code: str, *, is_known: bool = False) -> Pulled:
    """A message as it came, of an unknown kind, or off the contract of a known one."""
    sent = {"MaThongDiep": code, "LoaiThongDiep": "THONGBAO", "NoiDung": "secret"}
    return as_it_came(sent, receipt=code, code=None, source_code="THONGBAO", is_known=is_known)


async def row_of(desk: Desk) -> dict[str, object]:
    """The operator's row about the system."""
    [row] = await InboxDesk(desk.store, desk.clock, lambda: None).pulls()
    return row


async def test_messages_of_an_unknown_kind_hold_up_nothing(desk: Desk) -> None:
    """Sixty at the head, fifty a page: each is kept whole and sealed, then confirmed, and those behind them come."""
    ministry = Fifties([*(strange(f"TB-{number:02}") for number in range(60)), message("A")])
    await desk.gateway(ministry).turn()

    assert await desk.codes() == ministry.confirmed == [*(f"TB-{number:02}" for number in range(60)), "A"]
    kinds = dict(await postgres.tell(desk.store, "select kind, count(*) from inbox group by 1"))
    assert kinds == {"unknown": 60, "dossier": 1}
    bodies = await postgres.tell(desk.store, "select body from inbox where kind = 'unknown'")
    assert not any(b"secret" in bytes(body) for (body,) in bodies)
    [first, *_] = await InboxReading(desk.store, desk.clock).page(Wish(0, 1, acknowledged_too=False, code=None))
    assert orjson.loads(first.data) == {
        "message_id": "TB-00",
        "source_code": "THONGBAO",
        "cause": "unknown_kind",
        "sent": {"MaThongDiep": "TB-00", "LoaiThongDiep": "THONGBAO", "NoiDung": "secret"},
    }
    row = await row_of(desk)
    assert (row["kept"], row["waiting"], row["unknown"], row["left_out"]) == (61, 61, 60, 0)


async def test_message_off_its_contract_is_left_where_it_is_in_nobodys_way(desk: Desk) -> None:
    """The ministry may mend it: then it comes as what it is. It is counted, and not confirmed."""
    ministry = Fifties([message("A"), strange("B", is_known=True)])
    gateway = desk.gateway(ministry)
    await gateway.turn()
    assert (await desk.codes(), (await row_of(desk))["left_out"]) == (["A"], 1)
    ministry.waiting = [message("B")]
    desk.clock.jump_wall(900)
    await gateway.turn()

    assert await desk.codes() == ministry.confirmed == ["A", "B"]
    assert (await row_of(desk))["left_out"] == 0


async def test_messages_off_their_contract_that_hold_up_others_are_kept_as_they_came(desk: Desk) -> None:
    """Those behind them would never come."""
    broken = [strange(f"B-{number:02}", is_known=True) for number in range(50)]
    ministry = Fifties([*broken, message("A")])
    await desk.gateway(ministry).turn()

    assert await desk.codes() == ministry.confirmed == [*(one.receipt for one in broken), "A"]


async def test_messages_that_cannot_be_confirmed_are_told_when_they_hold_up_others(desk: Desk) -> None:
    """Fifty without their keys: the turn has failed, with a reason and the time since when, until they are gone."""
    ministry = Fifties([message("A")])
    ministry.nameless = 50
    gateway = desk.gateway(ministry)
    await gateway.turn()
    began = desk.clock.now()
    row = await row_of(desk)
    assert (row["reason"], row["failing_since"], row["pulled_at"], row["left_out"]) == ("off_contract", began, None, 50)
    desk.clock.jump_wall(90)
    await gateway.turn()
    assert (await row_of(desk))["failing_since"] == began
    ministry.nameless = 0
    desk.clock.jump_wall(200)
    await gateway.turn()

    row = await row_of(desk)
    assert (row["reason"], row["failing_since"], row["failures"]) == (None, None, 0)
    assert await desk.codes() == ["A"]


async def test_system_that_forgets_what_was_confirmed_is_not_asked_for_ever(desk: Desk) -> None:
    """It gives the same page again: the turn fails after the second one, and nothing is there twice."""
    ministry = Fifties([message(f"A-{number:02}") for number in range(51)])
    ministry.forgets = True
    await desk.gateway(ministry).turn()

    assert len(ministry.asked) == 2
    assert len(await desk.codes()) == 50
    assert (await row_of(desk))["reason"] == "off_contract"


async def test_confirmation_that_is_refused_for_one_is_told_for_those_beside_it(desk: Desk) -> None:
    """All or none, says the ministry; so each is told alone. All are kept."""
    ministry = Fifties([message(code) for code in ("A", "B", "C")])
    ministry.unknown = "B"
    await desk.gateway(ministry).turn()

    assert await desk.codes() == ["A", "B", "C"]
    assert ministry.confirmed == ["A", "C"]
    assert (await row_of(desk))["reason"] is None


async def test_large_page_is_kept_and_confirmed_in_parts(desk: Desk) -> None:
    """A ministry that minds no number of messages: at most a hundred are confirmed together, each once."""
    ministry = Fifties([message(f"A-{number:05}") for number in range(1_000)], most=1_000)
    ministry.waiting.append(ministry.waiting[0])  # and one comes twice
    await desk.gateway(ministry).turn()

    assert len(await desk.codes()) == len(ministry.confirmed) == 1_000
    assert {len(one) for one in ministry.told_together} == {100}


async def test_message_that_breaks_our_code_stops_no_other(desk: Desk) -> None:
    """It is counted and not confirmed; nothing of it is in the log."""
    ministry = Fifties([message("A"), message("B")])
    gateway = desk.gateway(ministry, breaks_at="A")
    await gateway.turn()

    assert await desk.codes() == ministry.confirmed == ["B"]
    row = await row_of(desk)
    assert (row["left_out"], row["reason"]) == (1, None)


async def test_same_key_with_another_content_is_another_message(desk: Desk) -> None:
    """In one page too: both are kept, and the key is confirmed once."""
    ministry = Fifties([message("A"), message("A", "newer")])
    await desk.gateway(ministry).turn()

    assert (await desk.codes(), ministry.confirmed) == (["A", "A"], ["A"])
    assert await postgres.tell(desk.store, "select revision from inbox order by id") == [(1,), (2,)]
