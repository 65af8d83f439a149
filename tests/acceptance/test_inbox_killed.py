"""Gateways are killed while the portal pushes: no dossier is lost, none is there twice, each has one answer."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest
from psycopg import AsyncConnection

from tests.proof.processes import Gateway, Mocks, address, ending, free_port
from tests.support.pusher import DOSSIER, KEY, new_dossier

AGAIN_S: Final = 0.1
HEADERS: Final = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}


def gateway(mocks: Mocks, name: str, database: str, port: int) -> Gateway:
    """A gateway as a process, with an inbound port."""
    more = {"LGSP_INBOUND__LISTEN__PORT": str(port), "LGSP_STATE_DIR": str(mocks.folder / f"state-{name}")}
    return Gateway(mocks, name, {"LGSP_STORE__URL": address(database)}, more)


async def pushed(session: aiohttp.ClientSession, ports: list[int], body: dict[str, Any]) -> set[str]:
    """Pushes as the portal does, to each port until it answers with 200; the answers."""

    async def until_taken(port: int) -> str:
        while True:
            with contextlib.suppress(aiohttp.ClientError, OSError):
                async with session.post(f"http://127.0.0.1:{port}{DOSSIER}", json=body, headers=HEADERS) as answer:
                    assert answer.status in {200, 409, 503}, await answer.text()
                    if answer.status == 200:
                        return await answer.text()
            await asyncio.sleep(AGAIN_S)

    return set(await asyncio.gather(*map(until_taken, ports)))


async def rows(database: str) -> dict[str, int]:
    """How often each dossier is kept, and told of."""
    async with await AsyncConnection.connect(database) as connection:
        cursor = await connection.execute(
            "select i.code, count(*), (select count(*) from events e where e.system = 'inbox' and e.key = i.code)"
            " from inbox i group by i.code"
        )
        found = await cursor.fetchall()
    assert all(kept == told for _, kept, told in found)
    return {code: kept for code, kept, _ in found}


@pytest.mark.timeout(110)
@pytest.mark.parametrize("point", ["inbox.before_commit", "inbox.committed"])
async def test_killed_at_the_commit_while_two_gateways_are_pushed_to(tmp_path: Path, database: str, point: str) -> None:
    """The same dossiers go to two gateways at once; one is killed just before or just after a commit, and started
    again; the portal repeats until it has 200. Each dossier is there once, and everybody has the same answer.
    """
    mocks = Mocks(tmp_path)
    ports = [free_port(), free_port()]
    one, two = gateway(mocks, "one", database, ports[0]), gateway(mocks, "two", database, ports[1])
    async with ending(one, two, mocks):
        await mocks.start()
        await one.start({"LGSP_CRASH_AT": f"{point}:3"})
        await two.start()
        assert await one.ready()
        assert await two.ready()
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
            pushing = asyncio.create_task(
                asyncio.wait_for(_push_all(session, ports), 80),
            )
            assert one.process is not None
            assert one.process.running is not None
            assert await one.process.running.wait() == -9
            await one.start()
            answers = await pushing
        kept = await rows(database)

    assert [len(found) for found in answers] == [1] * 12
    assert kept == {f"K-{n}": 1 for n in range(12)}


async def _push_all(session: aiohttp.ClientSession, ports: list[int]) -> list[set[str]]:
    """Twelve dossiers, four at a time."""
    room = asyncio.Semaphore(4)

    async def one(number: int) -> set[str]:
        async with room:
            return await pushed(session, ports, new_dossier(f"K-{number}"))

    return await asyncio.gather(*map(one, range(12)))
