"""Large answers of one system do not end the process of all: it stays within the memory limit of the deploy files."""

from __future__ import annotations

import asyncio
import hashlib
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import aiohttp
import pytest
import yaml

from tests.support.documents import ROOT, environment
from tests.support.odd_server import http, odd_server, saying

KEY: Final = "lgsp_portal_of-a-test"
LIMIT_MIB: Final = 512
ROW: Final = '{"id": "1", "ptype": "DIEU", "title": "Đ", "children": [], "content": {"content": "<p>xin chào</p>"}}'
LARGE: Final = f'{{"success": true, "data": [{", ".join([ROW] * 160_000)}]}}'.encode()


@asynccontextmanager
async def serving(folder: Path, source: str) -> AsyncIterator[tuple[str, int]]:
    """``lgsp serve`` beside *source*: its address and its process."""
    hashed = hashlib.sha256(KEY.encode()).hexdigest()
    upstream = {"dialect": "gateway", "url": source, "allow_private": True, "retry": {"attempts": 1}}
    configuration = {
        "listen": {"port": 0},
        "ops": {"port": 0},
        "callers": {"portal": {"key_sha256": hashed, "scopes": ["legal_documents.*"]}},
        "connectors": {"legal_documents": {"upstreams": {"gateway": upstream}}},
    }
    path = folder / "lgsp.yaml"
    path.write_text(yaml.safe_dump(configuration), "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "serve", "--config", str(path)),
        cwd=ROOT,
        env=environment(folder),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said = b""
    while (found := re.search(rb"gateway on (http://\S+) ", said)) is None:
        line = await process.stderr.readline()
        assert line, said
        said += line
    reading = asyncio.create_task(process.stderr.read())
    try:
        yield found[1].decode(), process.pid
    finally:
        process.terminate()
        assert await process.wait() == 0
        await reading


def peak_mib(pid: int) -> float:
    """The most memory that was resident so far."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text("ascii"))
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of resident memory from /proc")
@pytest.mark.parametrize("announced", [True, False], ids=["announced", "without a length"])
async def test_ten_large_answers_at_once_fit_into_the_limit(announced: bool, tmp_path: Path) -> None:
    """Each is refused in its turn, before or while it is read; the process answers the next question."""
    assert len(LARGE) > 16_000_000
    answer = http(LARGE, "Content-Type: application/json", length=-1 if announced else None)
    async with (
        odd_server(saying(answer)) as source,
        serving(tmp_path, source.url) as (url, pid),
        aiohttp.ClientSession(url, headers={"Authorization": f"Bearer {KEY}"}) as portal,
    ):

        async def reason(document: int) -> str:
            async with portal.get(f"/v1/legal-documents/documents/{document}/provisions") as response:
                found: dict[str, str] = await response.json()
                return found["reason"]

        reasons = await asyncio.gather(*map(reason, range(1, 11)))
        peak = peak_mib(pid)
        async with portal.get("/v1/connectors") as response:
            assert response.status == 200

    assert set(reasons) <= {"response_too_large", "answers_in_flight"}
    assert peak < LIMIT_MIB
