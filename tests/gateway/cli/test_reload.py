"""``lgsp reload``, against a running gateway."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Final

import pytest

from gateway.__main__ import main
from tests.support.national import National
from tests.support.written import Changing, changing, written

PATIENCE_S: Final = 30.0


async def reload(running: Changing, *arguments: str) -> int:
    """The command, in a thread; its exit status."""

    def run() -> int:
        try:
            main(["reload", "--url", running.portal.gateway.ops_url, *arguments])
        except SystemExit as ended:
            return int(ended.code or 0)
        return 0

    async with asyncio.timeout(PATIENCE_S):
        return await asyncio.to_thread(run)


async def test_reload_tells_what_has_changed(
    national: National, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As JSON in a pipe: the keys that differ; and a second time that nothing has changed."""
    async with changing(await asyncio.to_thread(written, tmp_path, national.url)) as running:
        running.file.values["log"] = {"level": "warning"}
        running.file.write()
        told = []
        for arguments in (("--reason", "less of it"), ()):
            assert await reload(running, *arguments) == 0
            said = capsys.readouterr().out  # what the gateway logs is in it too
            told.append(json.loads(said[said.index("{\n") :]))

    first, second = told
    assert (first["result"], first["changed"]) == ("applied", ["log"])
    assert second["result"] == "unchanged"


async def test_a_refusal_is_a_sentence_with_its_rule(
    national: National, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And exit status 2, as from ``lgsp check``."""
    async with changing(await asyncio.to_thread(written, tmp_path, national.url)) as running:
        running.file.values["cached"] = {}
        running.file.write()
        status = await reload(running)

    assert status == 2
    said = [line for line in capsys.readouterr().err.splitlines() if line.startswith("lgsp: ")]
    assert said[0].startswith("lgsp: refused (unknown-key): ")
    assert "did you mean 'cache'" in said[0]
