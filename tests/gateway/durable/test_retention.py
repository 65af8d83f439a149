"""What is deleted after its time, and what is not."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from psycopg import AsyncConnection

from gateway.durable.care import StoreCare
from gateway.durable.retention import Purge
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support.postgres import tell
from tests.support.toy_orders import Office, Toy, open_office

TABLES = ("lanes", "messages", "outcomes", "cases", "files", "events", "idempotency_keys")
ENDS = "update cases set state = 'issued', ended_at = %s, follow_at = null where key = %s returning id"
GETS_A_FILE = """
insert into files (id, media_type, filename, sha256, body, fetched_at, delivered_at)
select id, 'application/pdf', 'f.pdf', '', '', %s, %s from cases where key = %s returning id
"""


async def counts(store: Store) -> dict[str, int]:
    """How many rows each table has."""
    found = {}
    for table in TABLES:
        rows = await tell(store, f"select count(*) from {table}")  # type: ignore[arg-type]
        found[table] = int(str(rows[0][0]))
    return found


@pytest.fixture
def care(store: Store, clock: FakeClock) -> StoreCare:
    """Who deletes."""
    return StoreCare(store, clock, clock)


async def ended(store: Store, clock: FakeClock, *dossiers: str) -> Office:
    """Orders that have arrived, and whose cases have ended now."""
    office = await open_office(store, Toy(), clock)
    for dossier in dossiers:
        await office.order(dossier, key=f"key-{dossier}")
    await office.work()
    for dossier in dossiers:
        assert await tell(store, ENDS, clock.now(), dossier)
    return office


async def days(clock: FakeClock, count: float) -> None:
    """Lets days pass."""
    await clock.advance(timedelta(days=count).total_seconds())


async def test_an_order_is_deleted_whole_after_its_time(store: Store, clock: FakeClock, care: StoreCare) -> None:
    """With the order go its messages, its case, its file, its history and its key."""
    office = await ended(store, clock, "A")
    await tell(store, GETS_A_FILE, clock.now(), None, "A")

    await days(clock, 179)
    await care.purge()
    assert (await counts(store))["lanes"] == 1

    await days(clock, 2)
    await care.purge()
    assert set((await counts(store)).values()) == {0}
    await office.close()


async def test_what_waits_or_is_followed_stays(store: Store, clock: FakeClock, care: StoreCare) -> None:
    """Neither age nor number deletes an order that waits, an order that is parked, or a case that has not ended."""
    office = await ended(store, clock, "ended")
    toy = Toy(of={"waits": "down", "parked": "refuses"})
    other = await open_office(store, toy, clock)
    for dossier in ("waits", "parked", "open"):
        await other.order(dossier)
    await other.work()

    await days(clock, 1000)
    await care.purge()

    kept = await tell(store, "select key from lanes order by key")
    assert kept == [("open",), ("parked",), ("waits",)]
    assert await tell(store, "select key from cases order by key") == kept
    await office.close()
    await other.close()


async def test_a_file_is_deleted_after_it_was_delivered(store: Store, clock: FakeClock, care: StoreCare) -> None:
    """A file goes some days after its delivery, one that nobody has fetched stays, and none is fetched again."""
    office = await ended(store, clock, "A", "B")
    await tell(store, GETS_A_FILE, clock.now(), clock.now(), "A")
    await tell(store, GETS_A_FILE, clock.now(), None, "B")

    await days(clock, 31)
    await care.purge()

    assert await tell(store, "select c.key from files f join cases c using (id)") == [("B",)]
    assert await tell(store, "select file_state from cases where key = 'A'") == [("expired",)]
    await office.close()


async def test_a_key_is_forgotten_after_its_time(store: Store, clock: FakeClock, care: StoreCare) -> None:
    """Idempotency-Keys live shorter than their orders."""
    office = await ended(store, clock, "A")

    await days(clock, 31)
    await care.purge()

    assert {name: count for name, count in (await counts(store)).items() if count == 0} == {
        "files": 0,
        "idempotency_keys": 0,
    }
    await office.close()


async def test_a_turn_is_bounded(store: Store, clock: FakeClock, care: StoreCare) -> None:
    """One turn deletes a part and says that there is more; the turns end."""
    await tell(
        store,
        "insert into idempotency_keys (caller, operation, key, body_hash, created_at)"
        " select 'c', 'o', n::text, '', %s from generate_series(1, 1200) n returning 1",
        clock.now(),
    )
    await days(clock, 31)

    left = []
    while await care.purge():
        left.append((await counts(store))["idempotency_keys"])

    assert left == [700, 200]
    assert (await counts(store))["idempotency_keys"] == 0


async def test_one_gateway_deletes_at_a_time(store: Store, clock: FakeClock, care: StoreCare) -> None:
    """While another gateway deletes, this one does nothing."""
    office = await ended(store, clock, "A")
    await days(clock, 1000)

    async with store.connection() as other:
        await other.execute("select pg_advisory_xact_lock(%s)", [0x6C677374])
        assert not await care.purge()
        assert (await counts(store))["lanes"] == 1
    await care.purge()
    assert (await counts(store))["lanes"] == 0
    await office.close()


async def test_an_order_for_a_dossier_that_is_just_deleted(
    store: Store, clock: FakeClock, care: StoreCare, database: str
) -> None:
    """A new order of a dossier whose old ones are being deleted is accepted after that."""
    office = await ended(store, clock, "A")
    await days(clock, 1000)

    async with await AsyncConnection.connect(database) as deleting:
        await Purge(store.settings.retention).turn(deleting, clock.now())
        order = asyncio.create_task(office.order("A"))
        await waits_for_a_lock(store)
        await deleting.commit()

    assert (await order)[0]["state"] == "accepted"
    await office.close()


async def waits_for_a_lock(store: Store) -> None:
    """Returns as soon as somebody waits for a row."""
    while not await tell(store, "select 1 from pg_locks where not granted"):  # noqa: ASYNC110  # it can set no event here
        await asyncio.sleep(0)
