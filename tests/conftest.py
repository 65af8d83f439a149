"""What every test may ask for: time, the mock country, a gateway beside it, and that nothing blocks the event loop."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import aiohttp
import pytest
import pytest_asyncio
from blockbuster import BlockBuster

from gateway.app import Gateway
from gateway.durable.embedded import EmbeddedError
from gateway.testing.clock import FakeClock
from mocks.engine.server import serving
from tests.gateway.pipeline.redis_server import RedisServer
from tests.support import postgres
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal

# Whatever the machine says, compiled files are kept: else this process and each that tests start compiles all anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

REQUIRE_ALL: Final = "LGSP_REQUIRE_ALL"
"""Where this is 1 (as in .ci/run), a test that can't run for want of a service fails instead of being skipped."""
STATE: Final = "LGSP_STATE_DIR"
KEPT: Final = frozenset({REQUIRE_ALL, "LGSP_TEST_REDIS", postgres.VARIABLE, "LGSP_CHROMIUM", STATE})
"""The variables that tests themselves read; a developer's other ``LGSP_…`` would change what is tested."""

MAY_BLOCK: Final[Sequence[tuple[str, str]]] = (
    # `lgsp serve` reads its configuration before there is an event loop.
    ("tests/support/laptop.py", "laptop_settings"),
    # /proc is memory: reading it waits for no disk.
    ("prometheus_client/process_collector.py", "collect"),
    # Composition: connectors are scanned and rings built before the gateway listens, so nobody waits yet.
    ("gateway/app.py", "running"),
    # prometheus_client reads /proc/self, which waits for no disk.
    ("gateway/observe/metrics.py", "exposition"),
    # Nobody waits for the event loop of `lgsp doctor` but the doctor.
    ("gateway/cli/doctor.py", "examine"),
    ("gateway/doctor/systems.py", "try_system"),
    ("gateway/doctor/machine.py", "try_store"),
    # The mock country reads its files when it starts over; only its tester waits for that.
    ("mocks/engine/country.py", "_open"),
    # A line of the mocks' journal goes to the page cache before the answer: a thread would mix the order of decisions.
    ("mocks/engine/journal_file.py", "_write"),
    # The made-up population reads its tables at the first look at them, once in the life of the process.
    ("mocks/population/documents.py", "_acts"),
    ("mocks/population/places.py", "places"),
    # The mock Ministry of Justice imports its PDF library and font with the first certificate, once.
    ("mocks/services/criminal_records/certificate.py", "render"),
)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Turns the garbage collector off while tests are collected, which takes a third less time: they all stay."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def _detector() -> BlockBuster:
    detector = BlockBuster(["gateway", "mocks"])
    for function in detector.functions.values():
        for file, name in MAY_BLOCK:
            function.can_block_in(file, name)
    return detector


@pytest.fixture(autouse=True)
def _nothing_blocks(_detector: BlockBuster) -> Iterator[None]:
    _detector.activate()
    yield
    _detector.deactivate()


@pytest.fixture(scope="session", autouse=True)
def _own_state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv(STATE, str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.upper().startswith("LGSP_") and name not in KEPT]:
        monkeypatch.delenv(name)


@pytest.fixture
def clock() -> FakeClock:
    """A clock that stands still until told."""
    return FakeClock()


@pytest.fixture
async def national() -> AsyncIterator[National]:
    """A mock country of this test's own, calm, on a free port."""
    async with serving() as (url, country), aiohttp.ClientSession() as session:
        yield National(url, country, session)


@pytest.fixture
async def portal(national: National) -> AsyncIterator[Portal]:
    """Who asks a gateway as on a laptop, on free ports, beside *national*.

    Upstreams are tried once only and never closed, so that a test counts its own requests and waits for no back-off.
    """
    async with serving_portal(laptop_settings(national.url, upstreams=PLAIN)) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_national() -> AsyncIterator[National]:
    """As *national*, one for all tests of a module: for many small tests that leave nothing behind.

    Such a module says ``pytestmark = pytest.mark.asyncio(loop_scope="module")``.
    """
    async with serving() as (url, country), aiohttp.ClientSession() as session:
        yield National(url, country, session)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared_portal(shared_national: National) -> AsyncIterator[Portal]:
    """As *portal*, beside *shared_national*."""
    async with serving_portal(laptop_settings(shared_national.url, upstreams=PLAIN)) as found:
        yield found


@pytest.fixture
def gateway(portal: Portal) -> Gateway:
    """The gateway that *portal* asks: where it listens and what it offers."""
    return portal.gateway


@pytest.fixture(scope="session")
def redis_url() -> str:
    """A real Redis; the test is skipped where none runs (or fails, see ``LGSP_REQUIRE_ALL``)."""
    url = os.environ.get("LGSP_TEST_REDIS", "redis://127.0.0.1:6379")
    where = urlsplit(url if "//" in url else f"redis://{url}")
    try:
        socket.create_connection((where.hostname or "127.0.0.1", where.port or 6379), timeout=1).close()
    except OSError as error:
        pytest.skip(f"no Redis answers at {where.hostname}:{where.port or 6379} ({error}); set LGSP_TEST_REDIS")
    return where.geturl()


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[postgres.Server]:
    """A real PostgreSQL, served or embedded.

    The test is skipped where neither is (or fails, see ``LGSP_REQUIRE_ALL``).
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    try:
        with postgres.server(shared / "postgres") as found:
            yield found
            asyncio.run(found.close())
    except EmbeddedError as error:
        pytest.skip(f"no PostgreSQL answers at {postgres.SERVED}, and {error}; set {postgres.VARIABLE}")


@pytest.fixture
async def database(postgres_server: postgres.Server) -> AsyncIterator[str]:
    """The address of a database with the schema of this release and no rows; its schema stays as it is."""
    async with postgres_server.database() as url:
        yield url


@pytest.fixture
async def empty_database(postgres_server: postgres.Server) -> AsyncIterator[str]:
    """The address of a database with nothing in it, dropped after the test."""
    async with postgres_server.empty() as url:
        yield url


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """Where everything is required, a skipped test is a failed one."""
    report: pytest.TestReport = yield
    if report.skipped and os.environ.get(REQUIRE_ALL) == "1" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"{REQUIRE_ALL}=1, but the test was not run: {reason}"
    return report


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """A running Redis that the test may ill-treat; skipped where there is no ``redis-server``."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server on PATH; install it (Debian: redis-server)")
    folder = tmp_path / "redis"
    folder.mkdir()
    server = RedisServer(folder)
    server.start()
    yield server
    server.stop()
