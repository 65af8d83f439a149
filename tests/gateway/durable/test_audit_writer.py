"""The record of who looked at whom, in a real PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg
import pytest

from gateway.core.events import LookUp, RequestFinished
from gateway.durable import audit_tables, audit_writer
from gateway.durable.audit import Fault, Record, Verifier, named_heads
from gateway.durable.audit_writer import AuditWriter
from gateway.durable.store import Store, StoreUnavailable
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.postgres import tell


def request(number: int = 1, outcome: str = "ok", cache: str = "miss", **more: str) -> RequestFinished:
    """A look-up at the person with *number*."""
    look_up = LookUp(more.get("dossier", "H58-1"), more.get("user", "canbo.a"), f"s{number}", (f"n{number}",))
    return RequestFinished(
        "social_insurance",
        "participant",
        "portal",
        outcome,
        0.01,
        0.0,
        request_id=f"r{number}",
        cache=cache,
        look_up=look_up,
    )


@asynccontextmanager
async def writing(store: Store, clock: FakeClock) -> AsyncIterator[AuditWriter]:
    """A writer whose time stands still: a test says when it writes."""
    writer = AuditWriter(store, clock, "host:1")
    await writer.open()
    yield writer
    await writer.close()


async def rows(store: Store, *kinds: str) -> list[Record]:
    """The rows of *kinds*, in the sequence in which they were written."""
    async with store.connection() as connection:
        return [
            record
            async for page in audit_tables.pages(connection)
            for _, record, _ in page
            if record.kind in (kinds or ("asked",))
        ]


async def verified(store: Store) -> list[Fault]:
    """What is wrong with the record."""
    async with store.connection() as connection:
        verifier = Verifier(await audit_tables.expected(connection))
        async for page in audit_tables.pages(connection):
            for row in page:
                verifier.take(*row)
    return verifier.faults()


async def test_a_look_up_is_one_row(store: Store, clock: FakeClock) -> None:
    """Who, for which dossier, what, about whom, how it ended, how old the answer was, and when."""
    async with writing(store, clock) as writer:
        writer.receive([request(cache="hit")])

    assert await rows(store) == [
        Record(
            at="2026-11-24T03:00:00+00:00",
            caller="portal",
            officer="canbo.a",
            dossier="H58-1",
            operation="social_insurance.participant",
            subject="s1",
            identifiers=("n1",),
            outcome="ok",
            freshness="cached",
            request_id="r1",
        )
    ]


@pytest.mark.parametrize(
    ("outcome", "cache", "freshness"),
    [("ok", "miss", "live"), ("stale", "stale", "stale"), ("not_found", "hit", "cached"), ("upstream-timeout", "", "")],
)
def test_freshness_is_that_of_the_answer(outcome: str, cache: str, freshness: str) -> None:
    """A request without an answer has none."""
    assert audit_writer.freshness_of(request(outcome=outcome, cache=cache)) == freshness


async def test_requests_about_nobody_leave_no_row(store: Store, clock: FakeClock) -> None:
    """Other events, and requests that showed nobody's data, are passed over."""
    async with writing(store, clock) as writer:
        writer.receive([RequestFinished("legal_documents", "search", "portal", "ok", 0.01, 0.0)])
    assert await rows(store, "begin", "asked", "end") == await rows(store, "begin", "end")


async def test_a_life_begins_and_ends(store: Store, clock: FakeClock) -> None:
    """A chain is told from one whose gateway was killed by its end."""
    async with writing(store, clock):
        pass

    assert [row.kind for row in await rows(store, "begin", "asked", "end")] == ["begin", "end"]
    assert await verified(store) == []


async def test_thousands_are_written_in_their_sequence(store: Store, clock: FakeClock) -> None:
    """More than one batch holds, each row once."""
    count = 3 * audit_writer.BATCH + 7
    async with writing(store, clock) as writer:
        writer.receive([request(number) for number in range(count)])

    assert [row.request_id for row in await rows(store)] == [f"r{number}" for number in range(count)]
    assert await verified(store) == []


async def test_a_batch_whose_answer_was_lost_is_written_once(store: Store, clock: FakeClock, database: str) -> None:
    """PostgreSQL committed and the connection broke before it said so: the same rows again change nothing."""
    async with writing(store, clock) as writer:
        writer.receive([request()])
        batch = audit_writer.chained(await writer._own_head(), writer._next())
        async with store.connection() as connection:
            await audit_tables.add(connection, batch.start, batch.encoded, batch.hashes, batch.end)
        writer._prepared = batch  # as after a commit without an answer

    assert [row.kind for row in await rows(store, "begin", "asked", "end")] == ["begin", "asked", "end"]
    assert await verified(store) == []


async def test_a_full_list_is_told_as_a_gap(
    store: Store, clock: FakeClock, postgres_server: postgres.Server, database: str
) -> None:
    """While the store is gone rows wait, what is beyond the limit is counted, and the record says how many and when."""
    name = postgres.name_of(database)
    async with writing(store, clock) as writer:
        async with await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin:
            await admin.execute(f'alter database "{name}" with allow_connections false'.encode())
            await admin.execute(
                "select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [name]
            )
            writer.receive([request(number) for number in range(audit_writer.MOST_WAITING + 5)])
            with pytest.raises(StoreUnavailable):
                await writer.write()
            await admin.execute(f'alter database "{name}" with allow_connections true'.encode())
        assert writer.missing == 5
        while await store_is_down(store):
            pass

    assert len(await rows(store)) == audit_writer.MOST_WAITING
    [gap] = await rows(store, "gap")
    assert (gap.missing, gap.detail) == (5, "since 2026-11-24T03:00:00+00:00")
    assert writer.gaps == 1
    assert await verified(store) == []


async def store_is_down(store: Store) -> bool:
    """Whether a question fails."""
    try:
        await tell(store, "select 1")
    except StoreUnavailable:
        return True
    return False


async def test_what_cannot_be_written_is_counted(store: Store, clock: FakeClock) -> None:
    """A row that PostgreSQL refuses does not hold back those after it."""
    async with writing(store, clock) as writer:
        writer.receive([request(user="nul\0")])
        with pytest.raises(psycopg.Error):
            await writer.write()
        writer._give_up()
        writer.receive([request(2)])

    assert [row.request_id for row in await rows(store)] == ["r2"]
    assert [row.missing for row in await rows(store, "gap")] == [1]
    assert writer.missing == 1


async def test_a_store_that_is_gone_at_the_start_begins_the_record_later(store: Store, clock: FakeClock) -> None:
    """Reads are served without a store that can write; what they were is recorded as soon as it can."""
    writer = AuditWriter(store, clock, "host:1")
    pool, store._pool = store._pool, None
    await writer.open()
    writer.receive([request()])
    store._pool = pool
    await writer.close()

    assert [row.kind for row in await rows(store, "begin", "asked", "end")] == ["begin", "asked", "end"]
    assert await verified(store) == []


async def test_gateways_write_side_by_side(store: Store, clock: FakeClock) -> None:
    """Each has a chain of its own, and each end is named by one of those that begin after it."""
    for _ in range(2):
        writers = [AuditWriter(store, clock, f"host:{number}") for number in range(4)]
        await asyncio.gather(*(writer.open() for writer in writers))
        for number, writer in enumerate(writers):
            writer.receive([request(number)])
        await asyncio.gather(*(writer.close() for writer in writers))

    begins = [named_heads(row.detail) for row in await rows(store, "begin")]
    ended = [head for heads in begins for head in heads if head.number == 3]
    assert len({head.chain for head in ended}) == len(ended) == 4
    assert len(await rows(store)) == 8
    assert await verified(store) == []


async def test_a_life_that_was_killed_has_no_end(store: Store, clock: FakeClock) -> None:
    """What it wrote before is sound, and the next life goes on with a chain of its own."""
    killed = AuditWriter(store, clock, "host:1")
    await killed.open()
    killed.receive([request(1)])
    await killed.write()
    async with writing(store, clock) as writer:
        writer.receive([request(2)])

    assert sorted(row.kind for row in await rows(store, "begin", "asked", "end")) == [
        "asked",
        "asked",
        "begin",
        "begin",
        "end",
    ]
    assert await verified(store) == []


async def test_rows_are_only_added(store: Store, clock: FakeClock) -> None:
    """The database itself refuses to change or delete a row of the record."""
    async with writing(store, clock) as writer:
        writer.receive([request()])

    for statement in (
        "update audit_records set officer = 'somebody else'",
        "delete from audit_records",
        "truncate audit_records",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="only added"):
            await tell(store, statement)  # type: ignore[arg-type]


async def forge(store: Store, statement: str) -> None:
    """Changes the record as somebody with all rights could."""
    async with store.connection() as connection:
        await connection.execute("set local session_replication_role = replica")
        await connection.execute(statement.encode())


@pytest.mark.parametrize(
    ("statement", "number", "why"),
    [
        ("update audit_records set officer = 'canbo.b' where number = 3", 3, "was changed"),
        ("update audit_records set at = at + interval '1 microsecond' where number = 3", 3, "was changed"),
        ("delete from audit_records where number = 3", 3, "is missing"),
        ("delete from audit_records where number >= 4", 4, "is missing"),
        ("delete from audit_records", 1, "is missing"),
    ],
    ids=["an officer changed", "a time changed", "a row deleted", "the end deleted", "all deleted"],
)
async def test_what_was_done_to_the_record_is_found(
    store: Store, clock: FakeClock, statement: str, number: int, why: str
) -> None:
    """The first row that is not as it was written is named."""
    async with writing(store, clock) as writer:
        writer.receive([request(1), request(2), request(3)])
    assert await verified(store) == []

    await forge(store, statement)

    assert [(fault.number, fault.why) for fault in await verified(store)] == [(number, why)]


async def test_a_chain_that_is_gone_with_its_entry_is_missed(store: Store, clock: FakeClock) -> None:
    """The next life has named its end."""
    async with writing(store, clock) as first:
        first.receive([request()])
    [(chain,)] = await tell(store, "select chain from audit_chains")
    async with writing(store, clock):
        pass

    await forge(store, f"delete from audit_records where chain = '{chain}'")
    await forge(store, f"delete from audit_chains where chain = '{chain}'")

    assert [(str(fault.chain), fault.number) for fault in await verified(store)] == [(str(chain), 1)]


async def test_a_person_is_found_by_any_of_the_hashes(store: Store, clock: FakeClock) -> None:
    """By that of the question, and by those of the person's numbers; nobody else is."""
    async with writing(store, clock) as writer:
        writer.receive([request(1), request(2), request(1, outcome="upstream-timeout")])

    async with store.connection() as connection:
        for hashes in (["s1"], ["n1"], ["s1", "n1", "n9"]):
            found = await audit_tables.search(connection, hashes, clock.now(), 10)
            assert [row.outcome for row in found] == ["upstream-timeout", "ok"]
        assert await audit_tables.search(connection, ["n9"], clock.now(), 10) == []
        assert len(await audit_tables.search(connection, ["n1"], clock.now(), 1)) == 1
