"""A store that was restored from a backup is noticed, and nothing is sent twice because of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.durable import recovery
from gateway.durable.care import StoreCare
from gateway.durable.encryption import RowCipher
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.postgres import tell
from tests.support.toy_orders import Office, Toy, open_office

BACKED_UP = ("lanes", "messages", "outcomes", "cases", "events", "idempotency_keys", "store_turns", "store_state")


@asynccontextmanager
async def gateway(database: str, state: Path, toy: Toy, clock: FakeClock) -> AsyncIterator[Office]:
    """A gateway with a state folder."""
    store = Store(postgres.settings(database), database, RowCipher(postgres.KEY), state)
    await store.open()
    office = await open_office(store, toy, clock)
    yield office
    await office.close()
    await store.close()


async def back_up(store: Store) -> None:
    """Keeps the rows as they are now."""
    async with store.session() as connection:
        await connection.execute("create schema kept")
        for table in BACKED_UP:
            await connection.execute(f"create table kept.{table} as table public.{table}".encode())


async def restore(store: Store) -> None:
    """Puts the rows that were kept in place of those of now."""
    async with store.session() as connection, connection.transaction():
        await connection.execute("set local session_replication_role = replica")
        for table in BACKED_UP:
            await connection.execute(f"delete from public.{table}".encode())
            await connection.execute(f"insert into public.{table} overriding system value table kept.{table}".encode())


async def say_recovered(store: Store, clock: FakeClock) -> recovery.Recovered:
    """What an operator says."""
    async with store.session() as connection, connection.transaction():
        return await recovery.recovered(connection, clock.now())


@pytest.fixture
def toy() -> Toy:
    """A system that takes orders."""
    return Toy()


async def test_a_store_that_was_not_restored_sends(
    empty_database: str, tmp_path: Path, toy: Toy, clock: FakeClock
) -> None:
    """One gateway after another in one state folder, and one in a new folder, find nothing wrong."""
    for state in (tmp_path / "a", tmp_path / "a", tmp_path / "b"):
        async with gateway(empty_database, state, toy, clock) as office:
            await office.order(f"D{len(toy.accepted)}")
            await office.work()
            assert not office.store.restored
    assert len(toy.accepted) == 3


async def test_two_gateways_with_one_state_folder(
    empty_database: str, tmp_path: Path, toy: Toy, clock: FakeClock
) -> None:
    """Each counts for itself."""
    async with (
        gateway(empty_database, tmp_path, toy, clock) as one,
        gateway(empty_database, tmp_path, toy, clock) as two,
    ):
        for number, office in enumerate((one, two, one)):
            await office.order(f"D{number}")
            await office.work()
        assert not one.store.restored
        assert not two.store.restored
        assert len(toy.accepted) == 3
    async with gateway(empty_database, tmp_path, toy, clock) as again:
        assert not again.store.restored


async def test_a_restored_store_sends_nothing(empty_database: str, tmp_path: Path, toy: Toy, clock: FakeClock) -> None:
    """A store that has forgotten what was sent is noticed at the start: nothing leaves, and all gateways know."""
    async with gateway(empty_database, tmp_path, toy, clock) as office:
        await office.order("A")
        await back_up(office.store)
        await office.work()
        assert toy.arrived == [("A", 1)]
        await restore(office.store)

    async with gateway(empty_database, tmp_path, toy, clock) as office:
        assert office.store.restored
        await office.work()
        assert toy.arrived == [("A", 1)], "it would have arrived twice"
    async with gateway(empty_database, tmp_path / "another", toy, clock) as other:
        assert other.store.restored, "a gateway that knows nothing of it is told by the store"


async def test_a_store_that_is_restored_under_a_running_gateway_sends_nothing(
    empty_database: str, tmp_path: Path, toy: Toy, clock: FakeClock
) -> None:
    """The gateway's own count is behind: the turn that would have sent is taken back."""
    async with gateway(empty_database, tmp_path, toy, clock) as office:
        await office.order("A")
        await back_up(office.store)
        await office.work()
        await restore(office.store)

        with pytest.raises(recovery.RestoredError):
            await office.work()

        office.store.turns.restored = True  # as the worker's loop does
        await StoreCare(office.store, clock, clock).look()
        assert toy.arrived == [("A", 1)]
        assert await tell(office.store, "select restored_since is not null from store_state") == [(True,)]


async def test_after_it_was_declared_recovered_everything_is_asked_for(
    empty_database: str, tmp_path: Path, toy: Toy, clock: FakeClock
) -> None:
    """Heads and their followers that have arrived are found there, those that have not are sent; none arrives twice."""
    async with gateway(empty_database, tmp_path, toy, clock) as office:
        for number in (1, 2, 3):
            await office.order("A", number)
        await office.order("B")
        await back_up(office.store)
        toy.of["B"] = "down"
        await office.work(8)
        assert toy.accepted == [("A", 1), ("A", 2), ("A", 3)]
        await restore(office.store)

    toy.of.clear()
    async with gateway(empty_database, tmp_path, toy, clock) as office:
        found = await say_recovered(office.store, clock)
        await StoreCare(office.store, clock, clock).look()
        assert not office.store.restored
        await office.work(8)

    assert found.orders == 2
    assert toy.arrived == [("A", 1), ("A", 2), ("A", 3), ("B", 1)]
    assert toy.accepted == toy.arrived


async def test_a_recovered_store_is_a_new_beginning(
    empty_database: str, tmp_path: Path, toy: Toy, clock: FakeClock
) -> None:
    """After the operator's word the older numbers in state folders mean nothing, and a second restore is noticed."""
    async with gateway(empty_database, tmp_path, toy, clock) as office:
        await office.order("A")
        await back_up(office.store)
        await office.work()
        await restore(office.store)
    async with gateway(empty_database, tmp_path, toy, clock) as office:
        await say_recovered(office.store, clock)
    async with gateway(empty_database, tmp_path, toy, clock) as office:
        assert not office.store.restored
        await office.work()
        await office.order("B")
        await office.work()
        await restore(office.store)

    async with gateway(empty_database, tmp_path, toy, clock) as office:
        assert office.store.restored
        await say_recovered(office.store, clock)
        await StoreCare(office.store, clock, clock).look()
        assert not office.store.restored


async def test_a_state_folder_that_cannot_be_written_stops_nothing(
    empty_database: str, tmp_path: Path, toy: Toy, clock: FakeClock
) -> None:
    """The count is a help: without it orders go on, and the log says what is missing."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    async with gateway(empty_database, tmp_path / "file", toy, clock) as office:
        await office.order("A")
        await office.work()

    assert toy.arrived == [("A", 1)]
