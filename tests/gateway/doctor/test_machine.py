"""What the deployment has of its own: store, Redis, disk and descriptors."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.core.clock import SystemClock
from gateway.descriptors import LEAST_PUBLIC, most_descriptors, public_connections
from gateway.doctor.findings import Finding
from gateway.doctor.machine import try_descriptors, try_disk, try_redis, try_store
from gateway.registry import plan
from gateway.settings import Settings
from tests.gateway.pipeline.redis_server import RedisServer, free_port
from tests.support import postgres

KEY = "k" * 32


def reasons(finding: Finding) -> list[str]:
    """The words of its complaints."""
    return [complaint.reason for complaint in finding.complaints]


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A Redis of this test's own."""
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not on PATH")
    server = RedisServer(tmp_path)
    server.start()
    yield server
    server.stop()


async def asked(monkeypatch: pytest.MonkeyPatch, url: str) -> Finding:
    """The finding about the Redis at *url*."""
    monkeypatch.setenv("CACHE_KEY", KEY)
    settings = Settings.model_validate({"cache": {"redis": {"url": url, "key": "env:CACHE_KEY"}}})
    return await try_redis(settings, SystemClock())


async def test_redis_that_answers_is_well(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is written to, and what was written is gone after a second."""
    found = await asked(monkeypatch, redis.url)

    assert (found.state, reasons(found)) == ("well", [])
    assert 0 < redis.tell("PTTL", "lgsp:doctor") <= 1000


async def test_redis_in_trouble_has_its_word(redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Full, with a password that we do not have, frozen, gone: each in turn."""
    redis.tell("CONFIG", "SET", "maxmemory", "1")
    assert reasons(await asked(monkeypatch, redis.url)) == ["redis_writes"]
    redis.tell("CONFIG", "SET", "maxmemory", "0")
    redis.freeze()
    assert reasons(await asked(monkeypatch, redis.url)) == ["redis_unreachable"]
    redis.thaw()
    redis.tell("CONFIG", "SET", "requirepass", "theirs")
    assert reasons(await asked(monkeypatch, redis.url)) == ["redis_password"]
    redis.stop()
    assert reasons(await asked(monkeypatch, redis.url)) == ["redis_unreachable"]


async def test_redis_without_tls_beyond_the_machine_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name in clear is told beside what else is wrong."""
    found = await asked(monkeypatch, "redis://no-such-host.invalid:6379/0")

    assert reasons(found) == ["redis_unreachable", "redis_clear"]


async def test_store_that_is_up_to_date_is_well(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL and schema are told."""
    found = await stored(postgres.address(database), monkeypatch)

    assert (found.state, reasons(found)) == ("well", [])
    assert found.facts.keys() == {"postgresql", "schema"}


async def test_store_without_schema_is_a_warning(empty_database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The gateway brings it up to date by itself; the doctor changes nothing."""
    for _ in range(2):
        found = await stored(postgres.address(empty_database), monkeypatch)
        assert (found.state, reasons(found)) == ("warning", ["store_migrations"])


async def test_store_that_is_away_has_its_word(monkeypatch: pytest.MonkeyPatch) -> None:
    """With PostgreSQL's own words as the cause, and without a password."""
    found = await stored(f"postgresql://lgsp:hidden@127.0.0.1:{free_port()}/lgsp", monkeypatch)

    (complaint,) = found.complaints
    assert complaint.reason == "store_unreachable"
    assert "refused" in complaint.cause
    assert "hidden" not in complaint.cause


async def stored(url: str, monkeypatch: pytest.MonkeyPatch) -> Finding:
    """The finding about the store at *url*."""
    monkeypatch.setenv("STORE_URL", url)
    monkeypatch.setenv("STORE_KEY", KEY)
    return await try_store(Settings.model_validate({"store": {"url": "env:STORE_URL", "key": "env:STORE_KEY"}}))


def test_folder_that_can_be_written_is_well(tmp_path: Path) -> None:
    """Nothing is left in it, and a folder that is not there yet is not made."""
    found = try_disk(tmp_path / "later")

    assert found.state == "well"
    assert list(tmp_path.iterdir()) == []


def test_folder_below_a_file_is_wrong(tmp_path: Path) -> None:
    """The state can't be kept there."""
    (tmp_path / "file").write_text("", "utf-8")

    assert reasons(try_disk(tmp_path / "file" / "state")) == ["disk_missing"]


def test_few_descriptors_are_told_with_the_number() -> None:
    """The hard limit counts: the gateway raises the soft one by itself."""
    settings = Settings()
    needed = most_descriptors(settings, plan(settings))
    few = try_descriptors(needed, (1024, needed - 1))

    assert try_descriptors(needed, (1024, needed)).state == "well"
    assert reasons(few) == ["descriptors_few"]
    assert f"set LimitNOFILE={needed} or more" in few.complaints[0].text.en


def test_public_port_leaves_descriptors_for_the_others() -> None:
    """Whatever the limit, the operator's port, systems and store keep theirs; a tiny limit leaves a few callers."""
    assert public_connections(1000, 200, 100_000) == 1000
    assert public_connections(1000, 200, 1024) == 1024 - 200 - 64
    assert public_connections(1000, 200, 64) == LEAST_PUBLIC
