"""``lgsp store migrate``, ``status``, ``rotate-key`` and ``recovered``."""

from __future__ import annotations

import asyncio
import getpass
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

from gateway.cli.client import stdout_is_terminal
from gateway.cli.errors import FAILED, USAGE, fail, log_beside
from gateway.core.clock import SystemClock
from gateway.core.printable import printable_json
from gateway.durable import actions, recovery, sealed
from gateway.durable.encryption import CipherError
from gateway.durable.migrations import SchemaError
from gateway.durable.status import StoreStatus, status_of
from gateway.durable.store import Store, StoreError
from gateway.settings import load
from gateway.stores import store_of

MOST_REASON: Final = 500
T = TypeVar("T")


def migrate(config: Path, *, as_json: bool) -> None:
    """Applies what is missing of the schema."""
    done = _with_store(config, lambda store: store.migrate())
    if as_json or not stdout_is_terminal():
        print(printable_json({"migrated": done}))
    else:
        print(f"applied {', '.join(map(str, done))}" if done else "the schema is up to date")


def status(config: Path, *, as_json: bool) -> None:
    """Prints the status; ends with 1 where something is to be done."""

    async def read(store: Store) -> StoreStatus:
        async with store.session() as connection:
            await connection.execute("set statement_timeout = 0")
            return await status_of(connection, store.cipher)

    found = _with_store(config, read)
    todo = list(_to_do(found))
    if as_json or not stdout_is_terminal():
        print(printable_json({**asdict(found), "to_do": todo}))
    else:
        print(f"PostgreSQL {found.postgresql}, schema {found.schema}, {found.size_bytes / 1024 / 1024:.1f} MiB")
        for name, count in found.counts.items():
            print(f"  {name.replace('_', ' '):28} {count}")
        print(f"  {'oldest transaction':28} {found.oldest_transaction_s:.1f} s")
        print("well" if not todo else "\n".join(todo))
    if todo:
        raise SystemExit(FAILED)


def _to_do(found: StoreStatus) -> Iterator[str]:
    if found.missing_migrations:
        yield f"{found.missing_migrations} migrations are missing: run `lgsp store migrate`"
    if not found.key_opens:
        yield "store.key does not open what is in the store: give the key it was made with"
    elif found.rows_with_older_keys:
        yield f"{found.rows_with_older_keys} values have an older key: run `lgsp store rotate-key`"
    if found.restored:
        yield "restored from a backup, and nothing is sent: run `lgsp store recovered --reason TEXT`"


def rotate_key(config: Path, *, as_json: bool) -> None:
    """Encrypts every value with the present key."""
    shown = not as_json and stdout_is_terminal()

    async def rotate(store: Store) -> int:
        async with store.session() as connection:
            await connection.execute("set statement_timeout = 0")
            old = await sealed.old_ones(connection, store.cipher)
            with _progress(sum(old.values()), shown=shown) as advance:
                changed = 0
                for column, count in old.items():
                    if count:
                        async for size in sealed.rotate(connection, store.cipher, column):
                            changed += size
                            advance(size)
            return changed

    try:
        changed = _with_store(config, rotate)
    except CipherError:
        fail("a value opens with neither store.key nor store.previous_keys; give the key it was made with")
    if shown:
        print(f"{changed} values have the new key; store.previous_keys can be removed" if changed else "nothing to do")
    else:
        print(printable_json({"changed": changed}))


@contextmanager
def _progress(total: int, *, shown: bool) -> Iterator[Callable[[int], None]]:
    if not shown:
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(file=sys.stderr)) as progress:
        task = progress.add_task("encrypting", total=total)
        yield lambda size: progress.advance(task, size)


def recovered(config: Path, reason: str, *, as_json: bool) -> None:
    """Makes every waiting order of unknown outcome, writes it to the record of actions, and lets gateways send."""
    if len(reason.strip()) < 3 or len(reason) > MOST_REASON or not reason.isprintable():
        fail(f"--reason: say why, in 3 to {MOST_REASON} characters", USAGE)

    async def say(store: Store) -> recovery.Recovered:
        now = SystemClock().now()
        async with store.session() as connection, connection.transaction():
            await connection.execute("set local statement_timeout = 0")
            found = await recovery.recovered(connection, now)
            who = f"command line ({getpass.getuser()})"
            deed = actions.Action(
                who, "recovered", "store", reason, now, {"orders": found.orders, "cases": found.cases}
            )
            await actions.record(connection, deed)
        return found

    found = _with_store(config, say)
    if as_json or not stdout_is_terminal():
        print(printable_json(asdict(found)))
    else:
        print(f"{found.orders} orders are asked for before they are sent; {found.cases} cases are looked at again")


def _with_store(config: Path, work: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    """The result of *work* with the store of *config*, or one sentence that says why not."""
    settings = load(config)
    if settings.store is None:
        fail(f"{config} names no store; say `store: embedded`, or give store.url and store.key", USAGE)

    async def run(store: Store) -> T:
        try:
            return await work(store)
        finally:
            await store.close()

    log_beside()
    try:
        return asyncio.run(run(store_of(settings)))
    except (StoreError, SchemaError) as error:
        fail(str(error))
