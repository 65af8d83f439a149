"""Several workers on one port: real processes, of which some are killed."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.support.documents import ROOT, environment
from tests.support.laptop import LAPTOP
from tests.support.national import National
from tests.support.workers import PATIENCE_S, Workers, serving_workers
from tests.support.written import hashed

ENTERPRISE: Final = "business_registry.enterprise"
CALL: Final = "chiTietDoanhNghiep"
NO_CACHE: Final = {"Cache-Control": "no-cache"}
REQUESTS: Final = "lgsp_requests_total{"


async def paths_of(national: National) -> list[str]:
    """The paths of some enterprises."""
    samples = await national.samples(ENTERPRISE)
    return [f"/v1/business-registry/enterprises/{next(iter(sample['path'].values()))}" for sample in samples]


async def path_of(national: National) -> str:
    """The path of one enterprise."""
    return (await paths_of(national))[0]


def is_there(pid: int) -> bool:
    """Whether a process runs."""
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text("ascii")
    return False


async def test_a_worker_that_is_killed_while_others_start_is_replaced(national: National, tmp_path: Path) -> None:
    """The first one answered already: it is no reason to give up, and what it said of the addresses holds."""
    killed: list[int] = []

    def kill(workers: Workers) -> None:
        if not killed and b"a worker answers" in workers.said[-1]:
            killed.extend(workers.pids()[:1])
            os.kill(killed[0], signal.SIGKILL)

    path = await path_of(national)
    async with serving_workers(tmp_path, national.url, 3, meanwhile=kill) as workers:
        await workers.answering(3)

        assert await workers.asked(path, 10) == Counter({200: 10})
        assert killed
        assert killed[0] not in workers.pids()


async def test_a_killed_worker_is_replaced_and_nothing_that_was_counted_is_lost(
    national: National, tmp_path: Path
) -> None:
    """The other worker answers meanwhile; one scrape tells of both, and no counter goes back."""
    path = await path_of(national)
    async with serving_workers(tmp_path, national.url) as workers:
        assert await workers.asked(path, 24) == Counter({200: 24})
        assert await workers.metric(REQUESTS) == 24
        assert await workers.metric("lgsp_worker_up{") == 2
        killed = workers.pids()[0]
        os.kill(killed, signal.SIGKILL)
        await workers.answering(1)
        while_away = await workers.asked(path, 10)
        assert await workers.metric(REQUESTS) == 34
        assert await workers.metric("lgsp_worker_up{") == 1
        await workers.answering(2)
        assert await workers.asked(path, 10) == Counter({200: 10})

        assert while_away == Counter({200: 10})
        assert await workers.metric(REQUESTS) == 44
        assert await workers.metric('lgsp_worker_restarts_total{worker="0"}') == 1
        assert killed not in workers.pids()
        assert len(workers.pids()) == 2
        status, text = await workers.operator("/connectors")
        assert (status, json.loads(text)["data"][0]["state"]) == (200, "up")
    assert workers.process.returncode == 0


async def test_workers_spend_one_quota_and_hold_a_caller_to_one_rate(national: National, tmp_path: Path) -> None:
    """Without Redis too: they count in files of their machine."""
    path = await path_of(national)
    quota = {"quota_per_day": 24, "quota_reserve": 0, "retry": {"attempts": 1}}
    async with serving_workers(tmp_path, national.url, upstream=quota) as workers:
        found: Counter[int] = Counter()
        async with asyncio.timeout(PATIENCE_S):
            while found[200] < 24:
                found += await workers.asked(path, 4, NO_CACHE)
        assert await workers.asked(path, 6, NO_CACHE) == Counter({503: 6})
        assert await national.total("business_registry", CALL) == 24
    assert workers.process.returncode == 0

    caller = {"laptop": {"key": "lgsp_laptop_only", "scopes": ["*"], "rate": {"per_second": 0.01, "burst": 8}}}
    async with serving_workers(tmp_path, national.url, callers=caller) as workers:
        async with asyncio.timeout(PATIENCE_S):
            while (found := await workers.asked(path, 4))[429] < 4:
                assert found[200] <= 4
        assert await workers.metric('lgsp_requests_total{caller="laptop"') <= 2 * 8 + 40


async def test_what_an_operator_or_a_caller_does_at_one_worker_is_done_at_all(
    national: National, tmp_path: Path
) -> None:
    """An isolation and its end, a purge, and a renewal with ``no-cache``, each within two seconds."""
    path = await path_of(national)
    upstream = "/api/upstreams/business_registry/ngsp"
    async with serving_workers(tmp_path, national.url) as workers:

        async def asked_times(times: int) -> int:
            """How often the source is asked, once that is settled, for so many requests."""
            before = await national.total("business_registry", CALL)
            await asyncio.sleep(2)
            assert await workers.asked(path, times) == Counter({200: times})
            return await national.total("business_registry", CALL) - before

        assert await workers.asked(path, 16) == Counter({200: 16})
        assert await asked_times(16) == 0, "both workers have it"
        status, text = await workers.operator("/api/purge", "POST", {"reason": "thử", "operation": f"{ENTERPRISE}"})
        assert status == 200, text
        assert await asked_times(16) == 2

        assert await workers.asked(path, 1, NO_CACHE) == Counter({200: 1})
        assert await asked_times(16) == 1, "the other worker has forgotten its older answer"

        status, text = await workers.operator(f"{upstream}/isolate", "POST", {"reason": "bảo trì", "minutes": 5})
        assert status == 200, text
        await asyncio.sleep(2)
        assert await workers.asked(path, 12, NO_CACHE) == Counter({503: 12})
        _, text = await workers.operator("/connectors")
        assert json.loads(text)["data"][0]["state"] == "isolated"
        status, text = await workers.operator(f"{upstream}/release", "POST", {"reason": "xong"})
        assert status == 200, text
        await asyncio.sleep(2)
        assert await workers.asked(path, 12, NO_CACHE) == Counter({200: 12})


async def test_signals_are_handed_to_all_and_what_is_under_way_is_finished(national: National, tmp_path: Path) -> None:
    """SIGHUP reaches each worker; after SIGTERM slow questions are answered, all processes end, and the status is 0."""
    paths = (await paths_of(national))[:6]
    await national.fault("business_registry", "latency", seconds=1.5)
    async with serving_workers(tmp_path, national.url) as workers:
        pids = workers.pids()
        workers.process.send_signal(signal.SIGHUP)
        slow = [asyncio.create_task(workers.ask(path)) for path in paths]
        async with asyncio.timeout(PATIENCE_S):
            while await national.total("business_registry", CALL) < len(paths):  # noqa: ASYNC110  # over HTTP alone
                await asyncio.sleep(0.02)
        workers.process.send_signal(signal.SIGTERM)
        answers = await asyncio.gather(*slow)
        assert await asyncio.wait_for(workers.process.wait(), PATIENCE_S) == 0

    assert [status for status, _ in answers] == [200] * len(paths)
    assert not any(map(is_there, pids))
    lines = b"".join(workers.said).decode().splitlines()
    of_signal = [line for line in lines if "SIGHUP" in line or "reload" in line]
    assert {json.loads(line)["worker"] for line in of_signal} == {0, 1}


async def test_changed_files_are_taken_by_each_worker_without_a_signal(national: National, tmp_path: Path) -> None:
    """A secret that is wrong for a while is used by both, and a key that is left out ends at both."""
    path, config, secret = await path_of(national), tmp_path / "lgsp.yaml", tmp_path / "secret_key"
    credentials = ROOT / "contracts" / "business_registry" / "credentials"
    right = (credentials / "secret_key").read_text("utf-8")
    secret.write_text(right, "utf-8")
    token = {
        "url": "${mocks_url}/business-registry/token",
        "access_key": f"file:{credentials / 'access_key'}",
        "secret_key": f"file:{secret}",
    }
    async with serving_workers(tmp_path, national.url, upstream={"token": token}) as workers:

        async def until_all(status: int, headers: dict[str, str] | None = None) -> None:
            """Returns once so many requests that both workers had some are answered so."""
            async with asyncio.timeout(PATIENCE_S):
                while await workers.asked(path, 12, headers) != Counter({status: 12}):
                    pass

        def put(file: Path, text: str) -> None:
            (new := file.with_suffix(".new")).write_text(text, "utf-8")
            new.replace(file)

        put(secret, "not this one")
        await until_all(502, NO_CACHE)
        put(secret, right)
        await until_all(200, NO_CACHE)
        other = {"laptop": {"key_sha256": hashed("the key of somebody else"), "scopes": ["*"]}}
        put(config, yaml.safe_dump({**yaml.safe_load(config.read_text("utf-8")), "callers": other}))
        await until_all(401)


async def test_workers_do_not_outlive_their_supervisor(national: National, tmp_path: Path) -> None:
    """It is killed: they drain, and nobody holds the ports."""
    async with serving_workers(tmp_path, national.url) as workers:
        pids = workers.pids()
        os.kill(workers.process.pid, signal.SIGKILL)
        await workers.process.wait()
        async with asyncio.timeout(PATIENCE_S):
            while any(map(is_there, pids)):  # noqa: ASYNC110  # other processes
                await asyncio.sleep(0.05)


@pytest.mark.parametrize("changes", [{"connectors": {"business_registry": {"upstreams": {"ngsp": {"dialect": "x"}}}}}])
async def test_what_no_worker_could_do_is_said_once(
    national: National, tmp_path: Path, changes: dict[str, object]
) -> None:
    """A configuration that can't be served: one sentence, status 2, and no worker is tried again."""
    with pytest.raises(AssertionError) as said:
        async with serving_workers(tmp_path, national.url, **changes):
            raise NotImplementedError
    assert str(said.value).count("lgsp:") == 1


async def test_workers_that_forget_each_others_keys_say_so(national: National, tmp_path: Path) -> None:
    """Orders and no store: one line at start, with the rule by which `lgsp check` tells it too, and what to do."""
    written = yaml.safe_load(LAPTOP.read_text("utf-8").replace("file:../", f"file:{ROOT}/"))
    orders = {"criminal_records": written["connectors"]["criminal_records"]}
    async with serving_workers(tmp_path, national.url, connectors=orders) as workers:
        lines = b"".join(workers.said).decode().splitlines()
    told = [json.loads(line) for line in lines if "keys-of-one-process" in line]
    path = tmp_path / "lgsp.yaml"
    checked = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "gateway", "check", "--config", str(path), "--workers", "2"],
        env=environment(ROOT),
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )

    assert [(line["level"], line["worker"]) for line in told] == [("warning", 0)]
    assert "criminal_records.apply" in told[0]["event"]
    assert "give store.url and store.key" in told[0]["event"]
    assert "keys-of-one-process" in checked.stdout
