"""``docs/operate/store.md``, followed on a store: a backup, a restore, another key; no order twice."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import psycopg
import pytest

from gateway.connectors.criminal_records.operations import EXAMPLE
from gateway.durable.embedded import EmbeddedError, programs
from gateway.settings import Settings
from tests.support import postgres
from tests.support.documents import ROOT, Command, binaries, blocks, commands, complaints, run
from tests.support.laptop import LAPTOP, PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal

PAGE: Final = ROOT / "docs" / "operate" / "store.md"
APPLICATIONS: Final = "/v1/criminal-records/applications"
PATIENCE_S: Final = 30.0


def of_page(word: str) -> list[Command]:
    """The commands of the page's block in which *word* is."""
    found = [block for block in blocks(PAGE) if block.why and "test_restored_store" in block.why and word in block.text]
    assert len(found) == 1, word
    return list(commands(found[0]))


@pytest.fixture
def variables(database: str, tmp_path: Path) -> Mapping[str, str]:
    """What an operator's shell has: the store, the state folder, and PostgreSQL's own programs on the path."""
    with psycopg.connect(database) as connection:
        server = connection.info.server_version // 10_000
    folders = [f"/usr/lib/postgresql/{server}/bin"]
    with suppress(EmbeddedError):
        folders.append(str(programs()))
    where = next((folder for folder in folders if shutil.which("pg_restore", path=folder)), None)
    if where is None and shutil.which("pg_restore") is None:
        pytest.skip("neither pg_dump nor pg_restore is on this machine")
    address = postgres.address(database)
    return {
        "STORE_URL": address,
        "LGSP_STORE__URL": address,
        "LGSP_STATE_DIR": str(tmp_path / "state"),
        "LGSP_CONFIG": str(LAPTOP),
        "PATH": os.pathsep.join([*([where] if where else []), os.environ["PATH"]]),
    }


@pytest.fixture
def follow(variables: Mapping[str, str], tmp_path: Path) -> Callable[..., str]:
    """Runs the page's block in which a word is, and gives what it printed."""

    def follow(word: str, **more: str) -> str:
        page = of_page(word)
        replaced = {".venv/bin/": binaries(), "lgsp.dump": str(tmp_path / "lgsp.dump")}
        done = run(page, ROOT, variables={**variables, **more}, replaced=replaced)
        assert not (said := complaints(done)), said
        return "".join(one.output for one in done)

    return follow


@pytest.fixture
def settings(national: National, database: str, tmp_path: Path) -> Settings:
    """A gateway beside *national*, with the store and the state folder of *variables*."""
    store = {"url": postgres.address(database)}
    return laptop_settings(national.url, upstreams=PLAIN, store=store, state_dir=str(tmp_path / "state"))


def code(number: int) -> str:
    """A dossier code."""
    return f"000.00.04.H58-260106-{number}"


async def apply(portal: Portal, number: int) -> Answered:
    """An application of its own."""
    body = {**EXAMPLE, "dossier_code": code(number)}
    headers = {"Idempotency-Key": f"key-{number}", "X-Dossier-Id": code(number)}
    return await portal.ask("POST", APPLICATIONS, body=body, headers=headers)


async def decided(national: National, number: int) -> list[str]:
    """What the ministry decided about the messages of an application, in their sequence."""
    async with national.session.get(
        f"{national.url}/__mock/journal", params={"system": "criminal_records", "limit": "1000"}
    ) as answer:
        entries: list[dict[str, Any]] = (await answer.json())["entries"]
    decisions = [one for entry in entries for one in entry.get("decisions", ())]
    return [one["outcome"] for one in decisions if one["dossier"] == code(number)]


async def soon(wanted: Callable[[], Any]) -> None:
    """Returns when *wanted* gives something true."""
    async with asyncio.timeout(PATIENCE_S):
        while not await wanted():  # noqa: ASYNC110  # the mocks and the store tell nobody
            await asyncio.sleep(0.05)


async def test_nothing_is_sent_twice_after_a_restore(
    national: National, settings: Settings, follow: Callable[..., str]
) -> None:
    """An order that was sent after the backup waits again in it; the ministry is asked, and has it once.

    One that was accepted after the restore goes out after the operator's word, and not before.
    """
    await national.fault("criminal_records", kind="status", status=503)
    async with serving_portal(settings) as portal:
        assert (await apply(portal, 7001)).status == 202
        await asyncio.to_thread(follow, "pg_dump")
        await national.calm()

        async def arrived() -> bool:
            return "accepted" in await decided(national, 7001)

        await soon(arrived)

    await asyncio.to_thread(follow, "pg_restore")

    async with serving_portal(settings) as portal:
        ready = await portal.session.get(f"{portal.gateway.ops_url}/readyz")
        assert ready.status == 200
        assert "restored from a backup" in (await ready.json())["checks"]["store"]
        assert (await apply(portal, 7002)).status == 202
        await asyncio.to_thread(follow, "recovered")

        async def sent() -> bool:
            return "accepted" in await decided(national, 7002)

        await soon(sent)

        async def known() -> bool:
            shown = await portal.ask("GET", f"{APPLICATIONS}/{code(7001)}")
            return shown.json["data"]["state"] not in {"accepted", "reconciling"}

        await soon(known)

    assert await decided(national, 7001) == ["accepted"]
    assert await decided(national, 7002) == ["accepted"]


async def test_the_key_is_changed_as_the_page_says(settings: Settings, follow: Callable[..., str]) -> None:
    """With both keys everything is encrypted anew; then the new one alone will do, and the store is well."""
    async with serving_portal(settings) as portal:
        assert (await apply(portal, 7003)).status == 202
    new = {"NEW_KEY": "a new secret", "LGSP_STORE__KEY": "env:NEW_KEY"}
    published = f'["file:{ROOT / "contracts" / "gateway" / "credentials" / "store_key"}"]'

    assert "changed" in await asyncio.to_thread(follow, "rotate-key", **new, LGSP_STORE__PREVIOUS_KEYS=published)
    assert '"to_do": []' in await asyncio.to_thread(follow, "status", **new)
