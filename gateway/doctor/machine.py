"""Tries what the deployment has of its own: the store, Redis, the disk of its state, the limit of descriptors."""

from __future__ import annotations

import asyncio
import os
import resource
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from gateway.core.clock import Clock
from gateway.core.settings import MIB
from gateway.descriptors import most_descriptors
from gateway.disks import folders_of, nearest, read_disk, read_disks
from gateway.doctor.findings import Complaint, Fact, Finding
from gateway.registry import Plan
from gateway.settings import Settings
from gateway.settings.webhooks import is_loopback

REDIS_S: Final = 2.0


async def try_machine(settings: Settings, planned: Plan, clock: Clock) -> list[Finding]:
    """A finding for each part that the configuration names."""
    found = []
    if settings.store is not None:
        found.append(await try_store(settings))
    if settings.cache.redis is not None:
        found.append(await try_redis(settings, clock))
    found += await asyncio.to_thread(try_disks, folders_of(settings))
    found.append(try_descriptors(most_descriptors(settings, planned)))
    return found


async def try_store(settings: Settings) -> Finding:
    """Connects to PostgreSQL and reads the state of the schema; changes nothing."""
    from gateway.durable.migrations import SchemaError  # its client is loaded only where there is a store
    from gateway.durable.status import status_of
    from gateway.durable.store import StoreError
    from gateway.stores import store_of

    try:
        store = store_of(settings)
    except StoreError as error:
        return Finding("store", complaints=(Complaint("store_unreachable", cause=str(error)),))
    try:
        async with store.session() as connection:
            status = await status_of(connection, store.cipher)
    except (StoreError, SchemaError) as error:
        newer = "newer" in str(error)
        return Finding(
            "store", complaints=(Complaint("store_newer" if newer else "store_unreachable", cause=str(error)),)
        )
    finally:
        await store.close()
    complaints = []
    if status.missing_migrations:
        complaints.append(Complaint("store_migrations", "warning", {"count": status.missing_migrations}))
    if not status.key_opens:
        complaints.append(Complaint("store_key"))
    elif status.rows_with_older_keys:
        complaints.append(Complaint("store_older_key", "warning", {"count": status.rows_with_older_keys}))
    if status.restored:
        complaints.append(Complaint("store_restored"))
    facts: dict[str, Fact] = {"postgresql": status.postgresql, "schema": status.schema}
    return Finding("store", facts, tuple(complaints))


async def try_redis(settings: Settings, clock: Clock) -> Finding:
    """Writes a word that ends after a second, and reads it."""
    from redis.exceptions import AuthenticationError, NoPermissionError, RedisError, ResponseError

    from gateway.pipeline.cache.shared.redis_store import connect  # its client is loaded only where there is a Redis

    block = settings.cache.redis
    assert block is not None, "asked only where there is one"
    place = urlsplit(block.url)
    named = {"host": place.netloc or place.path}
    client, began = connect(block), clock.monotonic()
    complaints = []
    facts: dict[str, Fact] = {}
    try:
        async with clock.timeout_at(began + REDIS_S):
            await client.ping()
            facts["answer_ms"] = round((clock.monotonic() - began) * 1000, 1)
            await client.set(f"{block.prefix}:doctor", b"well", px=1000)
    except (AuthenticationError, NoPermissionError) as error:
        complaints.append(Complaint("redis_password", facts=named, cause=str(error)))
    except ResponseError as error:
        refused = str(error).startswith(("NOAUTH", "WRONGPASS"))
        complaints.append(Complaint("redis_password" if refused else "redis_writes", facts=named, cause=str(error)))
    except (RedisError, OSError, TimeoutError) as error:
        of_tls = place.scheme == "rediss" and any(word in str(error) for word in ("SSL", "certificate"))
        reason = "redis_tls" if of_tls else "redis_unreachable"
        complaints.append(Complaint(reason, facts=named, cause=str(error)))
    finally:
        await client.aclose()
    if place.scheme == "redis" and not is_loopback(place.hostname or ""):
        complaints.append(Complaint("redis_clear", "warning", named))
    return Finding("redis", facts, tuple(complaints))


def try_disks(folders: Mapping[str, Path]) -> list[Finding]:
    """A finding for each disk of *folders*, by its first folder; the state folder is always tried."""
    return [try_disk(folders[name]) for name in {"state": None, **read_disks(folders)}]


def try_disk(folder: Path) -> Finding:
    """Writes a file into *folder*, or where it would be made, and looks how much room its disk has."""
    named = {"folder": str(folder)}
    try:
        with tempfile.TemporaryFile(dir=nearest(folder)) as file:
            file.write(b"well")
            os.fsync(file.fileno())
        disk = read_disk(folder)
    except OSError as error:
        return Finding("disk", named, (Complaint("disk_missing", facts=named, cause=str(error)),))
    free = disk.free // MIB
    few = (Complaint("disk_full", facts={**named, "free": free}),) if disk.is_nearly_full else ()
    return Finding("disk", {**named, "free_mib": free, "size_mib": disk.size // MIB}, few)


def try_descriptors(needed: int, limits: tuple[int, int] | None = None) -> Finding:
    """Compares what may be needed with the hard limit, to which the gateway raises its own at start."""
    soft, hard = limits or resource.getrlimit(resource.RLIMIT_NOFILE)
    facts: dict[str, Fact] = {"needed": needed, "soft": soft, "hard": hard}
    enough = hard == resource.RLIM_INFINITY or hard >= needed
    few = () if enough else (Complaint("descriptors_few", facts={"hard": hard, "needed": needed}),)
    return Finding("descriptors", facts, few)
