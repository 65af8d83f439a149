"""Who looked at whom: what a gateway with a store keeps of the requests that it answered."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
import psycopg
import pytest

from gateway.app import running
from gateway.connectors.criminal_records.operations import EXAMPLE
from gateway.settings import Settings
from tests.support import postgres
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal

NUMBER = "9908432175"
ENTERPRISE = "/v1/business-registry/enterprises/6799432450"
PARTICIPANT = "/v1/social-insurance/participants/lookup"


@pytest.fixture
def with_store(national: National, database: str, tmp_path: Path) -> Settings:
    """The laptop's gateway with a store of its own."""
    store = {"url": postgres.address(database)}
    return laptop_settings(national.url, upstreams=PLAIN, store=store, state_dir=str(tmp_path))


async def recorded(database: str, *columns: str) -> list[tuple[object, ...]]:
    """The rows about requests, in the sequence in which they were answered."""
    async with await psycopg.AsyncConnection.connect(database) as connection:
        chosen = ", ".join(columns or ("operation", "outcome", "freshness"))
        cursor = await connection.execute(
            f"select {chosen} from audit_records where kind = 'asked' order by chain, number".encode()
        )
        return await cursor.fetchall()


async def test_each_personal_look_up_and_each_order_is_one_row(
    national: National, with_store: Settings, database: str
) -> None:
    """Live, cached, not found, refused by the source, in a batch, an order; public data leaves none."""
    async with serving_portal(with_store) as portal:
        await portal.ask("POST", PARTICIPANT, body={"insurance_number": NUMBER})
        await portal.ask("POST", PARTICIPANT, body={"insurance_number": NUMBER})
        await portal.ask("POST", PARTICIPANT, body={"insurance_number": "0000000000"})
        await portal.ask("GET", ENTERPRISE)
        await portal.ask("GET", ENTERPRISE, purpose=False)
        parts = [{"operation": "social_insurance.participant", "query": {"insurance_number": NUMBER}}]
        await portal.ask("POST", "/v1/batch", body={"requests": parts})
        await portal.ask("GET", "/v1/legal-documents/documents/104736")
        headers = {"Idempotency-Key": "k", "X-Dossier-Id": str(EXAMPLE["dossier_code"])}
        ordered = await portal.ask("POST", "/v1/criminal-records/applications", body=EXAMPLE, headers=headers)
        assert ordered.status == 202, ordered.body
        refused = await portal.ask("POST", PARTICIPANT, body={"insurance_number": NUMBER}, purpose=False)
        assert refused.status == 400

    assert await recorded(database) == [
        ("social_insurance.participant", "ok", "live"),
        ("social_insurance.participant", "ok", "cached"),
        ("social_insurance.participant", "not_found", "live"),
        ("business_registry.enterprise", "ok", "live"),
        ("social_insurance.participant", "ok", "cached"),
        ("criminal_records.apply", "ok", "live"),
    ]
    assert set(await recorded(database, "caller", "officer")) == {("laptop", "canbo.test")}


async def test_a_failed_look_up_is_a_row_too(national: National, with_store: Settings, database: str) -> None:
    """Whoever tried to see a person is kept, with how it ended."""
    await national.fault("social_insurance", kind="status", status=500)
    async with serving_portal(with_store) as portal:
        answered = await portal.ask("POST", PARTICIPANT, body={"insurance_number": NUMBER})

    assert await recorded(database) == [("social_insurance.participant", answered.json["code"], "")]


async def test_reads_go_on_without_the_store(
    with_store: Settings, database: str, postgres_server: postgres.Server
) -> None:
    """While the store takes no connection look-ups are answered, and are recorded when it is back."""
    name = postgres.name_of(database)
    async with (
        await psycopg.AsyncConnection.connect(postgres_server.url, autocommit=True) as admin,
        serving_portal(with_store) as portal,
    ):
        await admin.execute(f'alter database "{name}" with allow_connections false'.encode())
        await admin.execute("select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = %s", [name])
        answered = await portal.ask("POST", PARTICIPANT, body={"insurance_number": NUMBER})
        await admin.execute(f'alter database "{name}" with allow_connections true'.encode())
    assert answered.status == 200

    assert await recorded(database) == [("social_insurance.participant", "ok", "live")]


async def test_the_last_answer_before_the_end_is_recorded(
    national: National, with_store: Settings, database: str
) -> None:
    """A look-up that is under way when the gateway is told to leave is answered, and leaves its row."""
    await national.fault("social_insurance", kind="latency", seconds=0.3)
    async with aiohttp.ClientSession() as session:
        async with running(with_store) as gateway:
            question = Portal(gateway, session).ask("POST", PARTICIPANT, body={"insurance_number": NUMBER})
            asked = asyncio.create_task(question)
            while not await national.arrivals("social_insurance"):  # noqa: ASYNC110  # the mocks can't set an event here
                await asyncio.sleep(0)
        assert (await asked).status == 200

    assert await recorded(database, "outcome") == [("ok",)]


async def test_metrics_tell_what_is_missing(with_store: Settings) -> None:
    """Two counters, which stand at nothing while all is recorded."""
    async with serving_portal(with_store) as portal:
        await portal.ask("POST", PARTICIPANT, body={"insurance_number": NUMBER})
        async with portal.session.get(f"{portal.gateway.ops_url}/metrics") as answer:
            told = await answer.text()

    assert "\nlgsp_audit_missing_records_total 0.0\n" in told
    assert "\nlgsp_audit_gap_records_total 0.0\n" in told


async def test_nobody_is_named_in_the_record(with_store: Settings, database: str) -> None:
    """It holds keyed hashes, from which a number can't be read."""
    async with serving_portal(with_store) as portal:
        await portal.ask("POST", PARTICIPANT, body={"insurance_number": NUMBER})

    [row] = await recorded(database, "audit_records::text")
    assert NUMBER not in str(row)
