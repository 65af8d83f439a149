"""A gateway that may open few files: callers who take them all leave the operator's port its own."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final

import aiohttp

from gateway.cli.ports import free_ports
from gateway.descriptors import beside_the_public_port
from gateway.registry import plan
from gateway.settings import load
from tests.support.documents import ROOT, environment

FREE: Final = 40
"""Connections that the limit leaves to the public port."""
MORE: Final = 120


async def test_the_operators_port_answers_while_callers_hold_all_they_can_get(tmp_path: Path) -> None:
    """The soft limit is raised to the hard one at start; what that leaves beside all else is the public port's."""
    port, ops = free_ports(2)
    path = tmp_path / "lgsp.yaml"
    text = f"listen: {{port: {port}, silent_connections: 1000}}\nops: {{port: {ops}, connections: 50}}\n"
    await asyncio.to_thread(path.write_text, text, "utf-8")
    settings = await asyncio.to_thread(load, path)
    planned = await asyncio.to_thread(plan, settings)
    limit = beside_the_public_port(settings, planned) + 64 + FREE
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "serve", "--config", str(path)),
        cwd=ROOT,
        env=environment(ROOT),
        stderr=asyncio.subprocess.PIPE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (128, limit)),  # only a system call
    )
    assert process.stderr is not None
    try:
        warned = json.loads(await process.stderr.readline())
        assert (warned["connections"], warned["wanted"]) == (FREE, 1000)
        await process.stderr.readline()
        async with AsyncExitStack() as held, aiohttp.ClientSession() as session:
            for _ in range(MORE):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                held.callback(writer.close)
            for path_of in ("livez", "readyz", "metrics"):
                async with session.get(f"http://127.0.0.1:{ops}/{path_of}") as answer:
                    assert answer.status == 200
    finally:
        process.terminate()
        await process.communicate()

    assert process.returncode == 0
