"""A gateway whose store fails: it keeps answering questions, refuses orders with nothing half done, and recovers."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import pytest
from psycopg import AsyncConnection

from gateway.app import running
from gateway.connectors.criminal_records.operations import EXAMPLE
from gateway.settings import ConfigurationError, Settings
from tests.support import postgres
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal

APPLICATIONS: Final = "/v1/criminal-records/applications"
PURPOSE: Final = {"X-Dossier-Id": str(EXAMPLE["dossier_code"]), "X-User-Id": "canbo.demo"}
QUESTION: Final = "/v1/business-registry/enterprises/6799432450"


def settings_of(national: National, store: Any, **more: Any) -> Settings:
    """A gateway beside *national* with *store*."""
    return laptop_settings(national.url, upstreams=PLAIN, store=store, **more)


async def apply(portal: Portal) -> Answered:
    """Applies for a certificate, once and for all."""
    return await portal.ask("POST", APPLICATIONS, body=EXAMPLE, headers={**PURPOSE, "Idempotency-Key": "once"})


async def apply_again(portal: Portal) -> Answered:
    """Applies until the store is there again, as the problem says."""
    for _ in range(300):
        if (answer := await apply(portal)).status != 503:
            return answer
        await asyncio.sleep(0.1)
    pytest.fail("the store did not come back")


async def ops(portal: Portal, path: str) -> str:
    """What the operator's port answers, which must be 200."""
    async with portal.session.get(portal.gateway.ops_url + path) as answer:
        assert answer.status == 200
        return await answer.text()


async def admin(server: postgres.Server, *statements: str) -> None:
    """Runs *statements* on the server."""
    async with await AsyncConnection.connect(server.url, autocommit=True) as connection:
        for statement in statements:
            await connection.execute(statement.encode())


@pytest.mark.timeout(60)
async def test_a_store_that_is_gone_stops_orders_alone(
    national: National, database: str, postgres_server: postgres.Server
) -> None:
    """While PostgreSQL takes no connections questions are answered, an order is refused whole with a reason that says
    to send it again, and readiness and metrics tell it; the same order is accepted as soon as PostgreSQL is back.
    """
    name = postgres.name_of(database)
    async with serving_portal(settings_of(national, {"url": postgres.address(database)})) as portal:
        await admin(
            postgres_server,
            f'alter database "{name}" with allow_connections false',
            f"select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = '{name}'",
        )
        refused = await apply(portal)
        question = await portal.ask("GET", QUESTION)
        ready, metrics = await ops(portal, "/readyz"), await ops(portal, "/metrics")
        await admin(postgres_server, f'alter database "{name}" with allow_connections true')
        again = await apply_again(portal)

    problem = refused.json
    assert (refused.status, problem["code"], problem["reason"]) == (503, "overloaded", "store")
    assert (problem["fault"], problem["retryable"], problem["outcome"]) == ("gateway", True, "not_done")
    assert question.status in {200, 404}
    assert '"ready":true' in ready
    assert '"store":"ok"' not in ready
    assert "lgsp_store_up 0.0" in metrics
    assert again.status == 202


@pytest.mark.timeout(60)
async def test_a_laptop_gateway_has_its_store_and_shares_it(national: National, tmp_path: Path) -> None:
    """Two gateways with one state folder know the same orders, also after PostgreSQL was killed; a third with another
    folder does not meet them.
    """
    ours, theirs = str(tmp_path / "ours"), str(tmp_path / "theirs")
    async with (
        serving_portal(settings_of(national, "embedded", state_dir=ours)) as one,
        serving_portal(settings_of(national, "embedded", state_dir=ours)) as two,
        serving_portal(settings_of(national, "embedded", state_dir=theirs)) as stranger,
    ):
        assert (await apply(one)).status == 202
        os.kill(await asyncio.to_thread(postmaster, tmp_path / "ours"), signal.SIGKILL)
        repeated = await apply_again(two)
        assert (repeated.status, repeated.headers["Idempotency-Replayed"]) == (202, "true")
        assert (await apply(stranger)).headers.get("Idempotency-Replayed") is None
    assert not await asyncio.to_thread((tmp_path / "ours" / "postgres" / "data" / "postmaster.pid").exists)


def postmaster(state: Path) -> int:
    """The process of the embedded PostgreSQL."""
    said = (state / "postgres" / "data" / "postmaster.pid").read_text(encoding="utf-8")
    return int(said.splitlines()[0])


@pytest.mark.parametrize(
    ("store", "sentence"),
    [
        ({"url": "postgresql://127.0.0.1:1/nothing"}, "store: PostgreSQL could not be reached"),
        ({"url": "postgresql:///nothing?host=/nowhere"}, "store: PostgreSQL could not be reached"),
    ],
)
async def test_a_store_that_is_not_there_is_one_sentence(
    store: dict[str, Any], sentence: str, national: National
) -> None:
    """A gateway whose store can't be had does not start."""
    with pytest.raises(ConfigurationError, match=sentence):
        async with running(settings_of(national, store)):
            pytest.fail("it started")


WITHOUT_STORE = """
import asyncio, sys
from pathlib import Path
from gateway.app import running
from gateway.settings import load
free = {"port": 0}
settings = load(Path("config/laptop.yaml"), {"store": None, "clock": {"follow": None}, "listen": free, "ops": free})
async def main():
    async with running(settings):
        print(sorted(name for name in sys.modules if name.startswith(("psycopg", "pixeltable"))))
asyncio.run(main())
"""


def test_a_deployment_without_a_store_loads_no_client_of_postgresql(tmp_path: Path) -> None:
    """Who only reads pays nothing for the store."""
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_STORE],
        env={**os.environ, "LGSP_STATE_DIR": str(tmp_path / "state")},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ran.stdout.splitlines()[0] == "[]"
    assert not (tmp_path / "state").exists()
