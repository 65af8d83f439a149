"""``lgsp subject find`` and ``erase``: what the store has about a person, whether a gateway runs or not."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeAlias

from gateway.cli.audit import read_subject
from gateway.cli.client import stdout_is_terminal
from gateway.cli.errors import FAILED, USAGE, fail, log_beside
from gateway.core.clock import SystemClock
from gateway.core.printable import printable, printable_json
from gateway.durable import actions, erasure, inbox_erasure, migrations
from gateway.durable.encryption import CipherError
from gateway.durable.erasure import FoundOrder
from gateway.durable.lanes.tables import Connection
from gateway.durable.store import Store, StoreError
from gateway.settings import load
from gateway.stores import store_of

Name: TypeAlias = tuple[str, str]
MOST_REASON: Final = 500
LEAST_NUMBER: Final = 6
"""Letters and digits; a shorter number names nobody."""


def find(config: Path, subject: str, *, as_json: bool) -> None:
    """Prints the dossiers of a person."""
    number = _number(subject)
    log_beside()
    found, _ = asyncio.run(_work(config, number, None, quiet=as_json))
    _print(found, {}, as_json=as_json)


def erase(config: Path, subject: str, reason: str, *, dry_run: bool, as_json: bool) -> None:
    """Erases the ended dossiers of a person; ends with 1 where some have not ended."""
    number = _number(subject)
    if len(reason.strip()) < 3 or len(reason) > MOST_REASON or not reason.isprintable():
        fail(f"--reason: say why, in 3 to {MOST_REASON} characters", USAGE)
    log_beside()
    found, erased = asyncio.run(_work(config, number, None if dry_run else reason, quiet=as_json))
    left = [one for one in found if (one.system, one.key) not in erased and not (dry_run and one.ended)]
    outcome = {name_of(one): "left" if one in left else "would be erased" if dry_run else "erased" for one in found}
    _print(found, outcome, as_json=as_json)
    if left:
        raise SystemExit(FAILED)


def _number(subject: str) -> str:
    number = read_subject(subject)
    if not isinstance(number, str) or len(erasure.compact(number)) < LEAST_NUMBER:
        fail(f"--subject: give one number of the person, with {LEAST_NUMBER} letters and digits or more", USAGE)
    return number


def name_of(found: FoundOrder) -> Name:
    """System and key."""
    return found.system, found.key


async def _work(config: Path, number: str, reason: str | None, *, quiet: bool) -> tuple[list[FoundOrder], set[Name]]:
    """The person's dossiers, and those that were erased, where there is a *reason*."""
    settings = await asyncio.to_thread(load, config)
    if settings.store is None:
        fail(f"{config} names no store; say `store: embedded`, or give store.url and store.key", USAGE)
    store = await asyncio.to_thread(store_of, settings)
    try:
        async with store.session() as connection:
            if await migrations.missing(connection):
                fail("store: the schema is older than this release; run `lgsp store migrate`", FAILED)
            found = await _found(connection, store, number, quiet=quiet)
            if reason is None or not found:
                return found, set()
            return found, await _erased(connection, found, reason)
    except StoreError as error:
        fail(str(error), FAILED)
    except CipherError:
        fail("a message opens with neither store.key nor store.previous_keys; give the key it was made with", FAILED)
    finally:
        await store.close()


async def _found(connection: Connection, store: Store, number: str, *, quiet: bool) -> list[FoundOrder]:
    from rich.console import Console
    from rich.progress import Progress

    total = await erasure.count(connection) + await inbox_erasure.count(connection)
    lanes, messages = set[int](), set[int]()
    shown = not quiet and stdout_is_terminal()
    with Progress(console=Console(file=sys.stderr), transient=True, disable=not shown) as bar:
        task = bar.add_task("messages", total=total)
        async for size, about in erasure.lanes_about(connection, store.cipher, number):
            lanes |= about
            bar.advance(task, size)
        async for size, about in inbox_erasure.messages_about(connection, store.cipher, number):
            messages |= about
            bar.advance(task, size)
    pushed = await inbox_erasure.described(connection, sorted(messages))
    return [*await erasure.described(connection, sorted(lanes)), *pushed]


async def _erased(connection: Connection, found: Sequence[FoundOrder], reason: str) -> set[Name]:
    pushed = [one.lane for one in found if one.system.startswith(inbox_erasure.PREFIX)]
    async with connection.transaction():
        keys = await erasure.erase(
            connection, [one.lane for one in found if not one.system.startswith(inbox_erasure.PREFIX)]
        )
        keys += await inbox_erasure.erase(connection, pushed)
        detail: dict[str, Any] = {"dossiers": len(keys), "left": len(found) - len(keys)}
        who = f"command line ({getpass.getuser()})"
        deed = actions.Action(who, "erased", "subject", reason, SystemClock().now(), detail)
        await actions.record(connection, deed)
    return set(keys)


def _print(found: Sequence[FoundOrder], outcome: dict[Name, str], *, as_json: bool) -> None:
    rows = []
    for one in found:
        row = asdict(one)
        del row["lane"]
        rows.append({**row, **({"outcome": outcome[name_of(one)]} if outcome else {})})
    if as_json or not stdout_is_terminal():
        print(printable_json(rows, indent=2))
        return
    for row in rows:
        state = f"{row['state'] or 'no case'}, {row['waiting']} waiting{', certificate kept' * row['certificate']}"
        print(printable(f"{row['system']} {row['key']}: {state}" + (f"; {row['outcome']}" if outcome else "")))
    print(f"dossiers: {len(rows)}")
