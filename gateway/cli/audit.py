"""``lgsp audit search`` and ``verify``: they ask the store itself, whether a gateway runs or not."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from gateway.cli.client import stdout_is_terminal
from gateway.cli.errors import FAILED, USAGE, fail, log_beside
from gateway.cli.given import json_of, text_of
from gateway.core.printable import printable, printable_json
from gateway.durable import audit_tables, migrations, sealed
from gateway.durable.audit import Fault, Record, Verifier
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreError
from gateway.pipeline.operation.look_up import SubjectHash, subject_bytes, subject_of
from gateway.registry import scan
from gateway.settings import Settings, load
from gateway.stores import store_of
from gateway.subjects import subject_hashes

T = TypeVar("T")
ALWAYS: Final = datetime(1970, 1, 1, tzinfo=UTC)
SHOWN: Final = ("at", "caller", "officer", "dossier", "operation", "outcome", "freshness", "request_id")
MOST_NUMBER: Final = 128
"""Characters of a number of a person; the longest are dossier codes."""
MANY: Final = 20_000
"""Rows from which on a terminal is shown how far the check is."""


# ---- search


def search(config: Path, subject: str, since: datetime | None, most: int, *, as_json: bool) -> None:
    """Prints the rows about a person, newest first."""
    wanted = read_subject(subject)
    settings = load(config)
    hashes = hashes_of(wanted, subject_hashes(settings))
    start = ALWAYS if since is None else _instant(since)

    async def ask(connection: Connection) -> tuple[list[Record], int]:
        return await audit_tables.search(connection, hashes, start, most), await audit_tables.missing(connection, start)

    found, missing = _asked(settings, ask, with_key=True)
    if missing:
        print(f"{missing} look-ups of this time were not recorded: the store was slow or gone", file=sys.stderr)
    rows = [{name: getattr(record, name) for name in SHOWN} for record in found]
    if as_json or not stdout_is_terminal():
        print(printable_json(rows, indent=2))
        return
    _show(rows)
    print(f"{len(rows)} rows" + (f"; there may be more: --most {most * 10}" if len(rows) == most else ""))


def _instant(since: datetime) -> datetime:
    """*since*, which is local time; at the ends of the calendar, where no zone can be counted, as if it were UTC."""
    try:
        return since.astimezone(UTC)
    except (OverflowError, ValueError, OSError):
        return since.replace(tzinfo=UTC)


def read_subject(given: str) -> str | dict[str, Any]:
    """The number, or the fields of a question, from a file or standard input: personal data is never typed in a
    command.
    """
    if given != "-" and not given.startswith("@"):
        fail("--subject takes @FILE or -: a command line is kept in the shell's history and shown to others", USAGE)
    text = text_of("--subject", given).strip()
    if not text:
        fail("--subject is empty; give one number of the person, or the question's fields as JSON", USAGE)
    if not text.startswith("{"):
        if "\n" in text:
            fail("--subject has several lines; give one number", USAGE)
        return _number_of(text)
    try:
        fields: dict[str, Any] = json_of("--subject", text)
    except ValueError:
        fail("--subject begins as JSON and is not JSON", USAGE)
    return fields


def _number_of(text: str) -> str:
    """Returns the number *text* with single blanks between its parts. Ends the command where no look-up can have been
    recorded under it: the search would answer that nobody had looked.
    """
    number = " ".join(text.split())
    plain = number.isprintable() and all(char.isascii() or char.isalpha() for char in number)
    if not plain or not number[0].isalnum() or len(number) > MOST_NUMBER:
        fail(
            "--subject is not a number of a person: it begins with a letter or digit, its digits are 0 to 9, and it "
            f"has at most {MOST_NUMBER} characters",
            USAGE,
        )
    if not any(char.isdigit() for char in number):
        fail(
            "--subject has no digit, so it is not a number; for a person who was looked up by name give the question's "
            "fields as JSON",
            USAGE,
        )
    return number


def hashes_of(wanted: str | dict[str, Any], hashers: Iterable[SubjectHash]) -> list[str]:
    """All hashes by which *wanted* may have been recorded."""
    found = as_bytes(wanted)
    if not found:
        fail("--subject: no operation takes these fields; give them as `lgsp lookup --data` would", USAGE)
    return sorted({hasher.of(data) for hasher in hashers for data in found})


def as_bytes(wanted: str | dict[str, Any]) -> set[bytes]:
    """The bytes of *wanted* that are hashed: the number as it may be written, or the question's part that names the
    person.
    """
    if isinstance(wanted, str):
        compact = "".join(wanted.split()).upper()
        return {one.encode() for one in (wanted, compact, compact.replace("-", ""))}
    found = set()
    for connector in scan().values():
        for operation in connector.operations:
            try:
                query = operation.query.model_validate_json(json.dumps(wanted))
            except ValidationError:
                continue
            found.add(subject_bytes(query, subject_of(operation)))
    return found


def _show(rows: Sequence[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table(*SHOWN, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(printable(str(value)) for value in row.values()))
    Console(markup=False, highlight=False).print(table)


# ---- verify


@dataclass(frozen=True, slots=True)
class Verified:
    """The state of the record: rows about look-ups and orders, and how many it says are missing."""

    ok: bool
    records: int
    missing: int
    chains: int
    without_end: int
    faults: list[dict[str, Any]]


def verify(config: Path, *, as_json: bool) -> None:
    """Prints what the record holds, and ends with 1 where a row is not as it was written."""
    settings = load(config)

    async def look(connection: Connection) -> Verifier:
        return await looked_through(connection, quiet=as_json or not stdout_is_terminal())

    verifier = _asked(settings, look)
    faults, looks = verifier.faults(), verifier.chains.values()
    done = Verified(
        ok=not faults,
        records=sum(look.records for look in looks),
        missing=sum(look.missing for look in looks),
        chains=len(looks),
        without_end=sum(not look.ended for look in looks),
        faults=[{"chain": str(one.chain), "number": one.number, "why": one.why} for one in faults],
    )
    if as_json:
        print(printable_json(asdict(done)))
    else:
        _say(done, faults)
    if faults:
        raise SystemExit(FAILED)


def _say(done: Verified, faults: Sequence[Fault]) -> None:
    for one in faults:
        print(f"chain {one.chain}: row {one.number} {one.why}")
    state = "as they were written" if done.ok else "up to there as they were written"
    print(f"look-ups and orders: {done.records}, lives of gateways: {done.chains}; {state}")
    if done.missing:
        print(f"  not recorded: {done.missing}; the store was slow or gone, and the record says so")
    if done.without_end:
        print(f"  lives without an end: {done.without_end}; these gateways run, or were killed")


async def looked_through(connection: Connection, *, quiet: bool) -> Verifier:
    """Looks at all rows, with a progress bar where there are many."""
    from rich.progress import Progress

    verifier = Verifier(await audit_tables.expected(connection))
    total = await audit_tables.count(connection)
    with Progress(transient=True, disable=quiet or total < MANY) as bar:
        task = bar.add_task("rows", total=total)
        async for page in audit_tables.pages(connection):
            for row in page:
                verifier.take(*row)
            bar.advance(task, len(page))
    return verifier


# ---- both


def _asked(settings: Settings, ask: Callable[[Connection], Awaitable[T]], *, with_key: bool = False) -> T:
    """Returns what *ask* finds in the store; *with_key*: with another key than the store's it would find nothing."""
    if settings.store is None:
        fail("this configuration names no store, so there is no record; give store.url and store.key", USAGE)

    async def run(store: Store) -> T:
        try:
            async with store.session() as connection:
                if await migrations.missing(connection):
                    raise StoreError("store: the schema is older than this release; run `lgsp store migrate`")
                if with_key and not await sealed.opens(connection, store.cipher):
                    raise StoreError(
                        "store: store.key does not open what is in the store, so nobody would be found; "
                        "give the key it was made with"
                    )
                return await ask(connection)
        finally:
            await store.close()

    log_beside()
    try:
        return asyncio.run(run(store_of(settings)))
    except StoreError as error:
        fail(str(error), FAILED)
