"""``lgsp serve`` as a process of its own, beside one source of legal documents."""

from __future__ import annotations

import asyncio
import hashlib
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

import yaml

from tests.support.documents import ROOT, environment

KEY: Final = "lgsp_portal_of-a-test"


@asynccontextmanager
async def serving(
    folder: Path, source: str, policies: Mapping[str, object] | None = None
) -> AsyncIterator[tuple[str, int]]:
    """``lgsp serve`` beside *source*, an upstream with *policies*: its address and its process."""
    hashed = hashlib.sha256(KEY.encode()).hexdigest()
    upstream = {
        "dialect": "gateway",
        "url": source,
        "allow_private": True,
        "retry": {"attempts": 1},
        **(policies or {}),
    }
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
