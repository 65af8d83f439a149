"""``lgsp audit``: who looked at a person, and whether the record is as it was written."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import psycopg
import pytest

from gateway.connectors.social_insurance.model import HouseholdQuery, ParticipantQuery
from gateway.connectors.social_insurance.operations import HOUSEHOLD, PARTICIPANT
from gateway.core.call import Purpose
from gateway.core.canonical import Canonical
from gateway.core.clock import SystemClock
from gateway.core.events import RequestFinished
from gateway.core.operation import Operation
from gateway.durable.audit_writer import AuditWriter
from gateway.durable.encryption import RowCipher
from gateway.durable.store import Store
from gateway.pipeline.operation.look_up import LookUps, SubjectHash
from gateway.settings import load
from gateway.stores import store_of
from gateway.subjects import subject_hash
from gateway.testing import make_call
from tests.support import postgres
from tests.support.command import Command, on_terminal
from tests.support.laptop import LAPTOP

NUMBER = "9908432175"
OTHER = "9901841634"
NAMED = {
    "full_name": "Sử Thị Thảo",
    "birth_date": {"value": "1985-09-02", "precision": "day"},
    "sex": "female",
    "province_code": "48",
}


@pytest.fixture
def kept(database: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> str:
    """The laptop's configuration with a store in which three look-ups of two people are."""
    monkeypatch.setenv("LGSP_STORE__URL", postgres.address(database))
    monkeypatch.setenv("LGSP_STATE_DIR", str(tmp_path))
    settings = load(LAPTOP)
    asyncio.run(
        record(
            store_of(settings),
            subject_hash(settings),
            (PARTICIPANT, ParticipantQuery(insurance_number=NUMBER)),
            (HOUSEHOLD, HouseholdQuery(province_code="42", insurance_number=NUMBER)),
            (PARTICIPANT, ParticipantQuery(insurance_number=OTHER)),
            (PARTICIPANT, ParticipantQuery.model_validate(NAMED)),
        )
    )
    return database


async def record(store: Store, hashed: SubjectHash, *questions: tuple[Operation[Any, Any], Canonical]) -> None:
    """Records *questions* as a gateway does, from its beginning to its end."""
    await store.open()
    writer = AuditWriter(store, SystemClock(), "host:1")
    await writer.open()
    for place, (operation, query) in enumerate(questions):
        look_ups = LookUps(operation, hashed, recorded=True)
        call = make_call(operation, query, purpose=Purpose("H58-1", "canbo.a"))
        event = RequestFinished(
            "social_insurance",
            operation.name,
            "laptop",
            "ok",
            0.01,
            0.0,
            request_id=f"r{place}",
            look_up=look_ups.of(call),
        )
        writer.receive([event])
    await writer.close()
    await store.close()


def subject(tmp_path: Path, text: str) -> str:
    """The option that names a file with *text*."""
    (tmp_path / "subject").write_text(text, encoding="utf-8")
    return f"--subject=@{tmp_path / 'subject'}"


def test_a_person_is_found_by_number_whatever_was_asked(kept: str, lgsp: Command, tmp_path: Path) -> None:
    """Newest first, with who, for what and how it ended; blanks in the number do not matter; others are not shown."""
    ran = lgsp("audit", "search", subject(tmp_path, " 990 843 2175\n"))

    assert ran.status == 0
    assert [row["operation"] for row in ran.json] == ["social_insurance.household", "social_insurance.participant"]
    assert {(row["caller"], row["officer"], row["dossier"], row["outcome"], row["freshness"]) for row in ran.json} == {
        ("laptop", "canbo.a", "H58-1", "ok", "live")
    }
    assert NUMBER not in ran.out


def test_a_person_is_found_by_the_fields_of_the_question(kept: str, lgsp: Command, tmp_path: Path) -> None:
    """Who was looked up by name, birth date, sex and province has no number to be found by."""
    ran = lgsp("audit", "search", subject(tmp_path, json.dumps(NAMED)))

    assert [row["request_id"] for row in ran.json] == ["r3"]


def test_most_and_since_bound_the_answer(kept: str, lgsp: Command, tmp_path: Path) -> None:
    """The newest row alone, and none of tomorrow."""
    option = subject(tmp_path, NUMBER)

    assert [row["request_id"] for row in lgsp("audit", "search", option, "--most=1").json] == ["r1"]
    assert lgsp("audit", "search", option, "--since=2999-01-01").json == []


def test_a_terminal_gets_a_table(kept: str, lgsp: Command, tmp_path: Path) -> None:
    """One line a row, and how many there are."""
    option = subject(tmp_path, NUMBER)
    with on_terminal():
        ran = lgsp("audit", "search", option)

    assert "canbo.a" in ran.out
    assert ran.out.splitlines()[-1] == "2 rows"


def test_a_number_is_found_as_editors_and_offices_write_it(kept: str, lgsp: Command, tmp_path: Path) -> None:
    """A byte order mark, blanks that do not break, tabs and the end of a line of Windows do not hide a look-up."""
    (tmp_path / "number").write_bytes(f"\ufeff\u00a0{NUMBER[:4]}\u00a0{NUMBER[4:]}\t\r\n".encode())

    ran = lgsp("audit", "search", f"--subject=@{tmp_path / 'number'}", f"--config={LAPTOP}")

    assert [row["operation"] for row in ran.json] == ["social_insurance.household", "social_insurance.participant"]


@pytest.mark.parametrize(("since", "rows"), [("0001-01-01", 2), ("9999-12-31T23:59:59", 0)])
def test_the_ends_of_the_calendar_bound_the_answer_too(
    since: str, rows: int, kept: str, lgsp: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There no zone can be counted."""
    monkeypatch.setenv("TZ", "America/New_York")
    (tmp_path / "number").write_text(NUMBER, encoding="utf-8")

    ran = lgsp("audit", "search", f"--subject=@{tmp_path / 'number'}", f"--config={LAPTOP}", f"--since={since}")

    assert len(ran.json) == rows


NOBODY = {
    "empty": " \n",
    "two": "1\n2",
    "broken": "{",
    "unknown": '{"colour": "red"}',
    "named": "Sử Thị Thảo",
    "listed": f'["{NUMBER}"]',
    "indic": "".join(chr(0x660 + int(digit)) for digit in NUMBER),
    "long": NUMBER * 20,
    "binary": f"{NUMBER}\0",
    "twice": '{"sex": "male", "sex": "female"}',
    "deep": '{"a": ' * 100_000,
}
"""Texts by which nobody was recorded."""


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (NUMBER, "takes @FILE or -"),
        ("@/no/such/file", "could not be read"),
        ("@empty", "is empty"),
        ("@two", "has several lines"),
        ("@broken", "is not JSON"),
        ("@unknown", "no operation takes these fields"),
        ("@", "names no file"),
        ("@folder", "could not be read (Is a directory)"),
        ("@/dev/zero", "is larger than"),
        ("@latin", "it is not UTF-8"),
        ("@named", "has no digit"),
        ("@listed", "is not a number of a person"),
        ("@indic", "its digits are 0 to 9"),
        ("@long", "at most 128 characters"),
        ("@binary", "is not a number of a person"),
        ("@twice", "the field 'sex' is given twice"),
        ("@deep", "is not JSON"),
    ],
)
def test_what_is_not_a_person_is_one_sentence(
    given: str, sentence: str, lgsp: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Above all a number on the command line, which the shell would keep."""
    for name, text in NOBODY.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    (tmp_path / "latin").write_bytes(b"S\xe9 9908432175")
    (tmp_path / "folder").mkdir()
    path = f"@{tmp_path / given[1:]}" if given[:1] == "@" != given and "/" not in given else given

    ran = lgsp("audit", "search", f"--subject={path}", f"--config={LAPTOP}")

    assert ran.status == 2
    assert sentence in ran.sentence
    assert NUMBER not in ran.err


def test_another_key_than_the_stores_finds_nobody_and_says_so(kept: str, lgsp: Command, tmp_path: Path) -> None:
    """Without a word it would answer that nobody had looked."""
    (tmp_path / "number").write_text(NUMBER, encoding="utf-8")
    answer = RowCipher("the store's own key").encrypt(b"{}", b"idempotency_keys.answer")
    with psycopg.connect(kept, autocommit=True) as store:
        store.execute("insert into idempotency_keys values ('c', 'o', 'k', '', null, null, %s, now())", [answer])

    ran = lgsp("audit", "search", f"--subject=@{tmp_path / 'number'}")

    assert (ran.status, ran.out) == (1, "")
    assert ran.sentence.startswith("store: store.key does not open what is in the store")


def test_a_record_that_is_sound_is_said_to_be(kept: str, lgsp: Command) -> None:
    """With how much there is, for people and for scripts."""
    assert lgsp("audit", "verify").out == ("look-ups and orders: 4, lives of gateways: 1; as they were written\n")
    assert lgsp("audit", "verify", "--json").json == {
        "ok": True,
        "records": 4,
        "missing": 0,
        "chains": 1,
        "without_end": 0,
        "faults": [],
    }


def test_a_row_that_was_changed_is_named(kept: str, lgsp: Command) -> None:
    """Exit status 1, and the number of the first row that is not as it was written."""
    with psycopg.connect(kept) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute("update audit_records set officer = 'somebody else' where request_id = 'r1'")

    ran = lgsp("audit", "verify")
    told = lgsp("audit", "verify", "--json")

    assert ran.status == told.status == 1
    assert ": row 3 was changed\n" in ran.out
    assert [(fault["number"], fault["why"]) for fault in told.json["faults"]] == [(3, "was changed")]


def test_without_a_store_there_is_no_record(lgsp: Command, deployment: Path) -> None:
    """One sentence and exit status 2."""
    deployment.write_text("callers: {}\n", encoding="utf-8")

    ran = lgsp("audit", "verify", f"--config={deployment}")

    assert ran.status == 2
    assert "names no store" in ran.sentence


def test_a_store_that_is_not_there_is_told(lgsp: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A PostgreSQL that does not answer is one sentence; the command was right, and failed."""
    monkeypatch.setenv("LGSP_STORE__URL", "postgresql://127.0.0.1:1/nothing")

    ran = lgsp("audit", "verify")

    assert ran.status == 1
    assert ran.sentence.startswith("store: PostgreSQL could not be reached")
