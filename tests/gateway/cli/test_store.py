"""``lgsp store``: what an operator does with the store, and what each command says."""

from __future__ import annotations

import asyncio
from pathlib import Path

import psycopg
import pytest

from gateway.durable import migrations
from gateway.durable.actions import first_broken, listed
from gateway.durable.encryption import RowCipher
from tests.support import postgres
from tests.support.command import Command
from tests.support.laptop import LAPTOP

LEASE_ENDED = (
    "insert into lanes (system, key, head, tail, operation, due_at) values ('toy', 'A', 1, 1, 'toy.take', now())"
)


@pytest.fixture
def config(deployment: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A deployment that names no store by itself."""
    deployment.write_text("listen: {port: 0}\nops: {port: 0}\n", encoding="utf-8")
    monkeypatch.setenv("STORE_KEY", postgres.KEY)
    return str(deployment)


@pytest.fixture
def url(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The store that the variable names."""
    info = psycopg.conninfo.conninfo_to_dict(empty_database)
    user = f"{info['user']}@" if "user" in info else ""
    where = f"{info['host']}:{info.get('port', 5432)}" if not str(info["host"]).startswith("/") else ""
    socket = "" if where else f"?host={info['host']}"
    monkeypatch.setenv("LGSP_STORE__URL", f"postgresql://{user}{where}/{info['dbname']}{socket}")
    monkeypatch.setenv("LGSP_STORE__KEY", "env:STORE_KEY")
    return empty_database


def run(url: str, *statements: str) -> list[tuple[object, ...]]:
    """The rows of the last of *statements*."""
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            cursor = connection.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def test_a_store_is_made_and_described(lgsp: Command, config: str, url: str) -> None:
    """``migrate`` brings an empty database up to date, and ``status`` says what is in it."""
    known = [one.number for one in migrations.known()]
    before = lgsp("store", "status", "--config", config)
    assert (before.status, before.json["missing_migrations"]) == (1, len(known))
    assert "lgsp store migrate" in before.json["to_do"][0]

    assert lgsp("store", "migrate", "--config", config).json == {"migrated": known}
    assert lgsp("store", "migrate", "--config", config).json == {"migrated": []}

    after = lgsp("store", "status", "--config", config)
    assert (after.status, after.json["to_do"]) == (0, [])
    assert after.json["schema"] == known[-1]
    assert after.json["size_bytes"] > 0
    assert set(after.json["counts"].values()) == {0}


def test_a_key_is_changed(lgsp: Command, config: str, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the new key and the previous one every value is encrypted anew; then the new one alone will do."""
    lgsp("store", "migrate", "--config", config)
    sealed = RowCipher(postgres.KEY).encrypt(b"{}", b"messages.body")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("insert into lanes (system, key) values ('toy', 'A')")
        connection.execute(
            "insert into messages (lane, seq, operation, caller, request_id, accepted_at, body)"
            " select 1, n, 'toy.take', 'c', 'r', now(), %s from generate_series(1, 450) n",
            [sealed],
        )
    monkeypatch.setenv("NEW_KEY", "another secret")
    monkeypatch.setenv("LGSP_STORE__KEY", "env:NEW_KEY")

    missing = lgsp("store", "rotate-key", "--config", config)
    assert (missing.status, "store.previous_keys" in missing.sentence) == (1, True)
    assert "does not open" in lgsp("store", "status", "--config", config).json["to_do"][0]

    monkeypatch.setenv("LGSP_STORE__PREVIOUS_KEYS", '["env:STORE_KEY"]')
    assert lgsp("store", "status", "--config", config).json["rows_with_older_keys"] == 450
    assert lgsp("store", "rotate-key", "--config", config).json == {"changed": 450}
    assert lgsp("store", "rotate-key", "--config", config).json == {"changed": 0}
    monkeypatch.delenv("LGSP_STORE__PREVIOUS_KEYS")
    assert lgsp("store", "status", "--config", config).status == 0


def test_a_restored_store_is_declared_recovered(lgsp: Command, config: str, url: str) -> None:
    """What waits is asked for before it is sent, and the record of actions says who said so and why."""
    lgsp("store", "migrate", "--config", config)
    run(url, LEASE_ENDED, "update store_state set restored_since = now()")
    assert "nothing is sent" in lgsp("store", "status", "--config", config).json["to_do"][0]

    done = lgsp("store", "recovered", "--reason", "restored the backup of Monday", "--config", config)

    assert done.json == {"orders": 1, "cases": 0}
    assert run(url, "select head_state, may_have_arrived, ask_until from lanes") == [("unknown", True, 1)]
    assert lgsp("store", "status", "--config", config).status == 0

    async def recorded() -> tuple[str, str, bool]:
        async with await psycopg.AsyncConnection.connect(url) as connection:
            rows = await listed(connection, 10)
            return rows[0].action.what, rows[0].action.why, first_broken(rows) is None

    assert asyncio.run(recorded()) == ("recovered", "restored the backup of Monday", True)


@pytest.mark.parametrize("reason", ["", "no", "x" * 501, "two\nlines"])
def test_a_reason_is_a_reason(reason: str, lgsp: Command, config: str) -> None:
    """Nothing is done without a line that says why."""
    ran = lgsp("store", "recovered", "--reason", reason, "--config", config)

    assert (ran.status, ran.sentence.startswith("--reason")) == (2, True)


@pytest.mark.parametrize("command", ["migrate", "status", "rotate-key"])
def test_a_deployment_without_a_store_is_told(command: str, lgsp: Command, config: str) -> None:
    """A configuration that names no store is wrong usage."""
    ran = lgsp("store", command, "--config", config)

    assert (ran.status, "names no store" in ran.sentence) == (2, True)


def test_a_store_that_is_not_there_is_told(lgsp: Command, config: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PostgreSQL that does not answer is one sentence."""
    monkeypatch.setenv("LGSP_STORE__URL", "postgresql://127.0.0.1:1/nothing")

    ran = lgsp("store", "status", "--config", config)

    assert (ran.status, ran.sentence.startswith("store: PostgreSQL could not be reached")) == (1, True)


@pytest.mark.parametrize(
    "address", ["postgresql://me:secret@127.0.0.1/db", "postgresql://me@127.0.0.1/db?password=secret"]
)
def test_a_password_in_clear_is_refused(
    address: str, lgsp: Command, config: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An address with a password comes by a reference alone, and is not repeated in the sentence."""
    monkeypatch.setenv("LGSP_STORE__URL", address)

    ran = lgsp("store", "status", "--config", config)

    assert ran.status == 2
    assert "env:NAME or file:/path" in ran.sentence
    assert "secret" not in ran.err


def test_the_store_of_a_laptop_is_started_for_the_command(
    lgsp: Command, deployment: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``store: embedded`` is under the state folder, is there for one command, and keeps what it was told."""
    deployment.write_text("store: embedded\nlisten: {port: 0}\nops: {port: 0}\n", encoding="utf-8")
    monkeypatch.setenv("LGSP_STATE_DIR", str(tmp_path / "state"))

    assert lgsp("store", "migrate", "--config", str(deployment)).json["migrated"]
    assert lgsp("store", "status", "--config", str(deployment)).status == 0
    assert (tmp_path / "state" / "postgres" / "data" / "PG_VERSION").exists()


def test_the_store_of_a_laptop_is_refused_for_others(lgsp: Command, deployment: Path) -> None:
    """Nobody's orders are sealed with a key that everybody knows."""
    deployment.write_text("store: embedded\nlisten: {host: 0.0.0.0}\n", encoding="utf-8")

    ran = lgsp("store", "status", "--config", str(deployment))

    assert ran.status == 2
    assert "listen on 127.0.0.1" in ran.sentence


@pytest.mark.parametrize(
    "url",
    [
        "host=127.0.0.1 password=hidden",
        "mysql://lgsp:hidden@127.0.0.1/lgsp",
        "postgresql://lgsp:hidden@[::1/lgsp",
        "postgresql://lgsp:hid/hidden@127.0.0.1/lgsp",
        "postgresql://lgsp:12/hidden@127.0.0.1/lgsp",
        "postgresql://lgsp:12?hidden@127.0.0.1/lgsp",
        "postgresql://lgsp:12#hidden@127.0.0.1/lgsp",
        "postgresql://lgsp:a@hidden@127.0.0.1/lgsp",
        "postgresql://lgsp:%hidden@127.0.0.1/lgsp",
    ],
)
@pytest.mark.parametrize("command", ["store status", "check", "audit verify"])
def test_no_part_of_a_password_is_shown_where_the_address_is_wrong(
    url: str, command: str, lgsp: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """PostgreSQL's own words about such an address have parts of it: how to write it is told in their place."""
    monkeypatch.setenv("LGSP_STORE__URL", "env:ADDRESS")
    monkeypatch.setenv("ADDRESS", url)
    monkeypatch.setenv("LGSP_STATE_DIR", str(tmp_path))

    ran = lgsp(*command.split(), "--config", str(LAPTOP))

    assert ran.status == 2
    assert "store.url: is not postgresql://USER:PASSWORD@HOST:PORT/DATABASE" in ran.err
    assert "hid" not in ran.err + ran.out
