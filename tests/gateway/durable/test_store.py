"""The store: what it refuses at its start, how it bears the loss of PostgreSQL, and how the key changes."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

import psycopg
import pytest
from psycopg import AsyncConnection

from gateway.durable import migrations, sealed
from gateway.durable.care import StoreCare
from gateway.durable.encryption import CipherError, RowCipher
from gateway.durable.store import Store, StoreError, StoreUnavailable
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.postgres import tell
from tests.support.toy_orders import Toy, open_office

PATIENCE_S = 20.0


async def admin(url: str, *statements: str) -> None:
    """Runs *statements* beside the store."""
    async with await AsyncConnection.connect(url, autocommit=True) as connection:
        for statement in statements:
            await connection.execute(statement.encode())


async def refusal(url: str, *, key: str = postgres.KEY, **more: object) -> str:
    """The sentence with which a store does not open."""
    store = Store(postgres.settings(url, **more), url, RowCipher(key))
    with pytest.raises(StoreError) as raised:
        await store.open()
    return str(raised.value)


async def again(ask: Callable[[], Awaitable[object]]) -> object:
    """The answer of *ask* as soon as the store is well again."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await ask()
        except StoreUnavailable:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.05)


# ---- at its start


async def test_an_empty_database_is_brought_up_to_date(empty_database: str) -> None:
    """A store opens in an empty database, and once more in the one it made."""
    for _ in range(2):
        async with postgres.store(empty_database) as store:
            applied = await tell(store, "select number from schema_versions order by number")
    known = await asyncio.to_thread(migrations.known)
    assert [number for (number,) in applied] == [one.number for one in known]


async def test_many_open_an_empty_database_at_once(empty_database: str) -> None:
    """Gateways that start together make one schema."""
    stores = [Store(postgres.settings(empty_database), empty_database, RowCipher(postgres.KEY)) for _ in range(4)]

    await asyncio.gather(*(store.open() for store in stores))

    assert len(await tell(stores[0], "select 1 from store_state")) == 1
    await asyncio.gather(*(store.close() for store in stores))


async def test_an_older_schema_is_left_to_the_operator(empty_database: str) -> None:
    """With ``migrate: manual`` a gateway says which command brings the schema up to date, and touches nothing."""
    assert "run `lgsp store migrate`" in await refusal(empty_database, migrate="manual")
    async with await AsyncConnection.connect(empty_database) as connection:
        assert await migrations.applied(connection) == {}


async def test_a_newer_schema_that_lets_us_run_is_used(empty_database: str) -> None:
    """Release N and N-1 work side by side where the migration of N says so."""
    async with postgres.store(empty_database):
        pass
    await admin(empty_database, "insert into schema_versions (number, oldest) values (900, 1)")

    async with postgres.store(empty_database) as store:
        assert await tell(store, "select 1") == [(1,)]


async def test_a_newer_schema_that_is_too_new_is_refused(empty_database: str) -> None:
    """A migration names the oldest release that may still run on it; an older one is refused."""
    async with postgres.store(empty_database):
        pass
    await admin(empty_database, "insert into schema_versions (number, oldest) values (901, 900)")

    assert "start a newer release of the gateway" in await refusal(empty_database)


async def test_another_key_is_refused(database: str, clock: FakeClock) -> None:
    """A key that does not open what is in the store is noticed before anything is written with it."""
    async with postgres.store(database) as store:
        office = await open_office(store, Toy(), clock)
        await office.order("A")
        await office.close()

    assert "store.key does not open what is in the store" in await refusal(database, key="another")


async def test_a_commit_that_is_not_on_disk_is_refused(empty_database: str) -> None:
    """``synchronous_commit`` off would lose an order that was accepted."""
    name = postgres.name_of(empty_database)
    await admin(empty_database, f'alter database "{name}" set synchronous_commit = off')

    assert "synchronous_commit is off" in await refusal(empty_database)


async def test_a_read_only_database_is_refused(empty_database: str) -> None:
    """A standby, or a database that was set read-only, can't keep orders."""
    name = postgres.name_of(empty_database)
    await admin(empty_database, f'alter database "{name}" set default_transaction_read_only = on')

    assert "read-only" in await refusal(empty_database)


async def test_a_database_that_is_not_there_is_told(postgres_server: postgres.Server) -> None:
    """One sentence with what PostgreSQL says, and not a word of the address."""
    url = psycopg.conninfo.make_conninfo(postgres_server.url, dbname="lgsp_no_such_database")

    said = await refusal(url)

    assert said.startswith("store: PostgreSQL could not be reached")
    assert "does not exist" in said
    assert "\n" not in said


# ---- while it runs


async def test_connections_that_postgresql_ended_are_replaced(store: Store, database: str) -> None:
    """After PostgreSQL ended all connections the next question is answered."""
    async with store.connection() as one, store.connection() as two:
        await one.execute("select 1")
        await two.execute("select 1")
    await admin(
        database,
        "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid()",
    )

    assert await tell(store, "select 1") == [(1,)]
    assert store.why_down is None


async def test_a_store_that_is_gone_is_told_and_comes_back(
    store: Store, database: str, postgres_server: postgres.Server
) -> None:
    """While no connection is to be had the store says that it is down; it is well again by itself."""
    name = postgres.name_of(database)
    await admin(
        postgres_server.url,
        f'alter database "{name}" with allow_connections false',
        f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'",
    )
    with pytest.raises(StoreUnavailable):
        await tell(store, "select 1")
    assert store.why_down is not None

    await admin(postgres_server.url, f'alter database "{name}" with allow_connections true')

    assert await again(lambda: tell(store, "select 1")) == [(1,)]
    assert store.why_down is None


async def test_a_database_that_becomes_read_only_is_unavailable(
    store: Store, database: str, postgres_server: postgres.Server
) -> None:
    """A write to a server that became read-only is not an error of the order, and its connection is given up."""
    name = postgres.name_of(database)
    await admin(postgres_server.url, f'alter database "{name}" set default_transaction_read_only = on')
    try:
        async with store.connection() as connection:
            await connection.execute("set default_transaction_read_only = on")
        with pytest.raises(StoreUnavailable):
            await asyncio.gather(*(tell(store, "delete from pauses") for _ in range(store.settings.connections)))
    finally:
        await admin(postgres_server.url, f'alter database "{name}" reset default_transaction_read_only')
    assert await again(lambda: tell(store, "delete from pauses")) == []


async def test_a_statement_has_a_time_limit(database: str) -> None:
    """A statement that takes too long is ended; the store is not down because of it."""
    async with postgres.store(database, statement_timeout_s=0.05) as store:
        with pytest.raises(StoreUnavailable):
            await tell(store, "select pg_sleep(60)")
        assert store.why_down is None


async def test_the_oldest_transaction_is_seen(store: Store, database: str, clock: FakeClock) -> None:
    """A transaction that somebody left open is told with its age."""
    care = StoreCare(store, clock, clock)
    async with await AsyncConnection.connect(database) as forgotten:
        await forgotten.execute("select 1")
        await admin(database, "select pg_sleep(0.05)")
        await care.look()
        assert store.oldest_transaction_s >= 0.05
    await care.look()
    assert store.oldest_transaction_s < 0.05


async def fill(store: Store) -> None:
    """PostgreSQL refuses a write, because its disk is full."""
    with pytest.raises(StoreUnavailable):
        await tell(store, "do $$ begin raise exception 'no space left' using errcode = 'disk_full'; end $$")


async def test_a_full_store_is_down_though_it_can_be_read(database: str, clock: FakeClock) -> None:
    """It stays down until PostgreSQL can write a file again."""
    changed = f'alter database "{postgres.name_of(database)}"'
    await admin(database, f"{changed} set temp_file_limit = 1")
    try:
        async with postgres.store(database) as store:
            care = StoreCare(store, clock, clock)
            await fill(store)
            assert await tell(store, "select 1") == [(1,)]
            assert store.why_down == "DiskFull"
            await care.look()
            assert store.why_down is not None
    finally:
        await admin(database, f"{changed} reset temp_file_limit")


async def test_a_store_that_has_room_again_is_well(store: Store, clock: FakeClock) -> None:
    """The next look finds that PostgreSQL can write, and nothing of what it tried is left."""
    care = StoreCare(store, clock, clock)
    await fill(store)
    await care.look()
    assert store.why_down is None


async def test_the_size_of_the_database_is_seen(store: Store, clock: FakeClock) -> None:
    """An empty one has some megabytes."""
    await StoreCare(store, clock, clock).count()

    assert store.size_bytes > 1_000_000


# ---- the key


async def kept(store: Store, clock: FakeClock, count: int) -> None:
    """Orders that were taken in, each with an answer and a key."""
    office = await open_office(store, Toy(), clock)
    for number in range(count):
        await office.order(f"D{number}", key=f"key-{number}")
    await office.work()
    await office.close()


async def test_a_key_is_changed_while_orders_wait(database: str, clock: FakeClock) -> None:
    """After the change the new key alone opens everything, and nothing else has changed."""
    async with postgres.store(database) as store:
        await kept(store, clock, 3)
    both = RowCipher("new", [postgres.KEY])
    settings = postgres.settings(database)
    store = Store(settings, database, both)
    await store.open()

    async with store.session() as connection:
        before = await sealed.old_ones(connection, both)
        batches = [size for one in sealed.COLUMNS async for size in sealed.rotate(connection, both, one)]
        after = await sealed.old_ones(connection, both)

    assert sum(batches) == sum(before.values()) > 0
    assert set(after.values()) == {0}
    await store.close()
    renewed = Store(settings, database, RowCipher("new"))
    await renewed.open()
    office = await open_office(renewed, Toy(), clock)
    assert (await office.order("D0", key="key-0"))[1], "the first answer opens with the new key"
    await office.close()
    await renewed.close()


async def test_a_change_that_was_cut_off_goes_on(database: str, clock: FakeClock) -> None:
    """Rows that have the new key are not touched again."""
    async with postgres.store(database) as store:
        await kept(store, clock, 3)
        both = RowCipher("new", [postgres.KEY])
        messages = next(one for one in sealed.COLUMNS if one.table == "messages")
        async with store.session() as connection:
            await connection.execute(
                "update messages set body = %s where seq = 1 and lane = (select min(lane) from messages)",
                [both.encrypt(b"{}", messages.where)],
            )
            assert [size async for size in sealed.rotate(connection, both, messages)] == [2]


async def test_a_key_that_is_missing_stops_the_change(database: str, clock: FakeClock) -> None:
    """Without the previous key nothing is changed."""
    async with postgres.store(database) as store:
        await kept(store, clock, 1)
        async with store.session() as connection:
            with pytest.raises(CipherError):
                _ = [size async for size in sealed.rotate(connection, RowCipher("new"), sealed.COLUMNS[0])]


async def test_every_encrypted_column_is_declared(store: Store) -> None:
    """A table with encrypted bytes that the change of the key forgets would be lost with the old key."""
    plain = {
        ("files", "sha256"),
        ("idempotency_keys", "body_hash"),
        ("messages", "same"),
        ("actions", "previous"),
        ("actions", "hash"),
        ("audit_records", "salt"),
        ("audit_records", "leaf"),
        ("audit_records", "hash"),
        ("audit_chains", "hash"),
        ("inbox", "body_hash"),
        ("inbox_pulled", "digest"),
        ("inbox_files", "sha256"),
        ("result_files", "sha256"),
        ("facts", "value"),  # sealed by those who tell it, and gone in seconds
    }
    columns = await tell(
        store,
        "select table_name, column_name from information_schema.columns"
        " where table_schema = 'public' and data_type = 'bytea'",
    )

    assert {(str(table), str(column)) for table, column in columns} - plain == {
        (one.table, one.column) for one in sealed.COLUMNS
    }
