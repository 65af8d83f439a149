"""Large answers of one system do not end the process of all: it stays within the memory limit of the deploy files."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Final

import aiohttp
import pytest

from tests.support.odd_server import http, odd_server, saying
from tests.support.serving import KEY, peak_mib, serving

LIMIT_MIB: Final = 512
ROW: Final = '{"id": "1", "ptype": "DIEU", "title": "Đ", "children": [], "content": {"content": "<p>xin chào</p>"}}'
LARGE: Final = f'{{"success": true, "data": [{", ".join([ROW] * 160_000)}]}}'.encode()


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

    assert "response_too_large" in reasons
    assert set(reasons) <= {
        "response_too_large",
        "answers_in_flight",
        "attempt",
    }  # a slow machine reads not all in time
    assert peak < LIMIT_MIB
