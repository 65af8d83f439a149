"""``lgsp subject``: what the store has about a person, found and erased."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import orjson
import psycopg
import pytest

from gateway.connectors.criminal_records.operations import EXAMPLE
from gateway.durable.actions import first_broken, listed
from gateway.durable.encryption import RowCipher
from gateway.durable.orders import Body
from gateway.settings import load
from gateway.stores import published_key
from tests.support import postgres
from tests.support.command import Command
from tests.support.laptop import LAPTOP

NUMBER = "049185978634"
OTHER = "079085001234"
TABLES = ("lanes", "messages", "outcomes", "cases", "files", "events", "idempotency_keys")


@pytest.fixture
def person(tmp_path: Path) -> str:
    """The option with a file that holds the person's number, as people write it."""
    (tmp_path / "number").write_text("049 185 978 634\n", encoding="utf-8")
    return f"--subject=@{tmp_path / 'number'}"


@pytest.fixture
def keep(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Puts a whole dossier into the store of the laptop's configuration."""
    monkeypatch.setenv("LGSP_STORE__URL", postgres.address(database))
    monkeypatch.setenv("LGSP_STATE_DIR", str(tmp_path))
    cipher = RowCipher(published_key(load(LAPTOP)))

    def keep(key: str, number: str, *, ended: bool) -> None:
        applicant = {**EXAMPLE["applicant"], "identity_document": {"kind": "citizen_card", "number": number}}  # type: ignore[dict-item]
        query = orjson.dumps({**EXAMPLE, "dossier_code": key, "applicant": applicant})
        values = {
            "key": key,
            "body": cipher.encrypt(Body(query, key, "canbo.a").dump(), b"messages.body"),
            "sealed": cipher.encrypt(b"{}", b"cases.data"),
            "ended": "2026-01-01" if ended else None,
        }
        with psycopg.connect(database) as connection:
            for statement in (
                "insert into lanes (system, key, head, tail) values ('criminal_records', %(key)s, 2, 1)",
                "insert into messages select max(id), 1, 'x.apply', 'c', 'r', now(), %(body)s from lanes",
                "insert into outcomes select max(id), 1, 'done', now(), null, %(sealed)s from lanes",
                """
                insert into cases (id, system, key, caller, state, data, opened_at, changed_at, ended_at)
                select max(id), 'criminal_records', %(key)s, 'c', 'issued', %(sealed)s, now(), now(), %(ended)s
                from lanes
                """,
                "insert into files select max(id), 'application/pdf', 'f', '', %(sealed)s, now() from lanes",
                """
                insert into events (system, key, at, kind, data)
                values ('criminal_records', %(key)s, now(), 'state', %(sealed)s)
                """,
                "insert into idempotency_keys select 'c', 'o', %(key)s, '', max(id), 1, %(sealed)s, now() from lanes",
            ):
                connection.execute(statement.encode(), values)

    return keep


def rows(database: str) -> dict[str, int]:
    """How many rows each table has."""
    with psycopg.connect(database) as connection:
        found = [connection.execute(f"select count(*) from {table}".encode()).fetchone() for table in TABLES]
    return dict(zip(TABLES, [row[0] for row in found if row], strict=True))


def test_a_person_is_found_in_every_order(keep: Callable[..., None], lgsp: Command, person: str) -> None:
    """By a number within an encrypted body; the dossiers of others are not shown, nor the number."""
    keep("A", NUMBER, ended=True)
    keep("B", NUMBER, ended=False)
    keep("C", OTHER, ended=True)

    ran = lgsp("subject", "find", person)

    assert ran.status == 0
    assert [(row["key"], row["state"], row["waiting"], row["certificate"], row["ended"]) for row in ran.json] == [
        ("A", "issued", 0, True, True),
        ("B", "issued", 0, True, False),
    ]
    assert NUMBER not in ran.out


def test_what_has_ended_is_erased_whole(keep: Callable[..., None], lgsp: Command, person: str, database: str) -> None:
    """From every table, and nothing of anybody else; the record of actions says who did it and why, and no number."""
    keep("A", NUMBER, ended=True)
    keep("C", OTHER, ended=True)

    ran = lgsp("subject", "erase", person, "--reason", "request 12/2026")

    assert (ran.status, [row["outcome"] for row in ran.json]) == (0, ["erased"])
    assert rows(database) == dict.fromkeys(TABLES, 1)
    assert lgsp("subject", "find", person).json == []

    async def recorded() -> tuple[str, str, object, bool]:
        async with await psycopg.AsyncConnection.connect(database) as connection:
            made = await listed(connection, 10)
            action = made[0].action
            return action.what, action.why, dict(action.detail), first_broken(made) is None

    assert asyncio.run(recorded()) == ("erased", "request 12/2026", {"dossiers": 1, "left": 0}, True)


def test_what_has_not_ended_is_left(keep: Callable[..., None], lgsp: Command, person: str, database: str) -> None:
    """An application under way goes on; exit status 1 says that something is left to do."""
    keep("A", NUMBER, ended=True)
    keep("B", NUMBER, ended=False)

    ran = lgsp("subject", "erase", person, "--reason", "request 12/2026")

    assert (ran.status, [(row["key"], row["outcome"]) for row in ran.json]) == (1, [("A", "erased"), ("B", "left")])
    assert rows(database) == dict.fromkeys(TABLES, 1)


def test_a_dry_run_erases_nothing(keep: Callable[..., None], lgsp: Command, person: str, database: str) -> None:
    """It says what would be erased."""
    keep("A", NUMBER, ended=True)

    ran = lgsp("subject", "erase", person, "--reason", "request 12/2026", "--dry-run")

    assert (ran.status, [row["outcome"] for row in ran.json]) == (0, ["would be erased"])
    assert rows(database) == dict.fromkeys(TABLES, 1)


@pytest.mark.parametrize("text", ["12345", '{"full_name": "x"}'])
def test_a_short_number_names_nobody(text: str, lgsp: Command, tmp_path: Path) -> None:
    """Only a number of its own erases a person's data."""
    (tmp_path / "number").write_text(text, encoding="utf-8")

    ran = lgsp("subject", "erase", f"--subject=@{tmp_path / 'number'}", "--reason", "request", f"--config={LAPTOP}")

    assert (ran.status, "give one number" in ran.sentence) == (2, True)


def test_a_reason_is_demanded(lgsp: Command, person: str) -> None:
    """Nothing is erased without a line that says why."""
    ran = lgsp("subject", "erase", person, "--reason", " ")

    assert (ran.status, ran.sentence.startswith("--reason")) == (2, True)


def test_what_was_pushed_is_found_and_erased(lgsp: Command, person: str, database: str, keep: object) -> None:
    """A message that the province's system has acknowledged is erased with its files; another one is left."""
    cipher = RowCipher(published_key(load(LAPTOP)))
    with psycopg.connect(database) as connection:
        for code, number, acknowledged in (("P", NUMBER, "now()"), ("Q", NUMBER, None), ("R", OTHER, "now()")):
            body = cipher.encrypt(orjson.dumps({"subject": {"identifier": number}}), b"inbox.body")
            row = connection.execute(
                "insert into inbox (system, kind, code, body_hash, revision, caller, request_id, received_at, body,"
                " answer, acknowledged_at) values ('p', 'dossier', %s, '', 1, 'c', 'r', now(), %s, '', %s)"
                " returning id",
                [code, body, acknowledged],
            ).fetchone()
            assert row is not None
            sealed = cipher.encrypt(b"{}", b"inbox_files.info")
            connection.execute(
                "insert into inbox_files (inbox, number, state, info) values (%s, 1, 'kept', %s)", [row[0], sealed]
            )
            connection.execute(
                "insert into events (system, key, at, kind) values ('inbox', %s, now(), 'received')", [code]
            )

    found = lgsp("subject", "find", person)
    ran = lgsp("subject", "erase", person, "--reason", "request 12/2026")
    with psycopg.connect(database) as connection:
        left = connection.execute("select code from inbox order by code").fetchall()
        files = connection.execute("select count(*) from inbox_files").fetchone()
        events = connection.execute("select key from events order by key").fetchall()

    assert [(row["system"], row["key"], row["state"]) for row in found.json] == [
        ("inbox/p", "P", "acknowledged"),
        ("inbox/p", "Q", "waiting"),
    ]
    assert (ran.status, [(row["key"], row["outcome"]) for row in ran.json]) == (1, [("P", "erased"), ("Q", "left")])
    assert (left, files, events) == ([("Q",), ("R",)], (2,), [("Q",), ("R",)])
