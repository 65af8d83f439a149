"""The console about the systems that are asked by the clock, in a real Chromium."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.console import EXECUTABLE, console_of
from tests.support.national import National
from tests.support.postgres import address

PULL: Final[dict[str, Any]] = {"pull": {"every_s": 3_600}}
ROWS: Final = "#pull-list tbody tr"

pytestmark = [
    pytest.mark.skipif(EXECUTABLE is None, reason="no Chromium on this machine; name one with LGSP_CHROMIUM"),
    pytest.mark.timeout(120),
]


async def test_operator_sees_what_was_had_from_each_system(national: National, database: str, tmp_path: Path) -> None:
    """When, how many came and wait, what is wrong since when; in both languages, on a desk and on a phone."""
    async with national.session.put(f"{national.url}/__mock/messages/construction", json={"count": 2}) as answer:
        assert answer.status == 200
    await national.fault("ministry_portals", "status", operation="transport.danhsachhoso", status=503)
    changes: dict[str, Any] = {
        "store": {"url": address(database)},
        "clock": {"follow": national.url},
        "connectors": {"ministry_portals": {"upstreams": {"construction": PULL, "transport": PULL}}},
    }
    async with console_of(national, tmp_path, **changes) as console:
        tab = console.tab
        await tab.until("document.body.dataset.ready")
        await console.view("pulls")
        for _ in range(100):  # until both were asked: the page itself looks each ten seconds
            if "Không lấy được từ" in (said := await console.text("#pull-list")) and "nguyên văn" in said:
                break
            await asyncio.sleep(0.2)
            await console.view("lanes")
            await console.view("pulls")
        construction, transport = [
            await tab.run(f"[...document.querySelectorAll({ROWS!r})][{place}].innerText") for place in (0, 1)
        ]
        assert "2 thông điệp chưa rõ loại" in construction
        assert "đã thử 1 lần" in transport
        assert "Hệ thống quốc gia" in transport
        assert "chưa lần nào" in transport
        assert await console.text("#pulls-told") == "Số hệ thống cần xem: 2"
        desk = await tab.screenshot()

        await tab.click("#language")
        await console.says("#pull-list", "2 messages of an unknown kind")
        await console.says("#view-pulls h2", "Pulled")
        await tab.size(390, 844, phone=True)
        await asyncio.sleep(0.3)
        assert await tab.run("document.documentElement.scrollWidth") == 390
        phone = await tab.screenshot()
    for name, shot in {"desk.png": desk, "phone.png": phone}.items():
        await asyncio.to_thread((tmp_path / name).write_bytes, shot)
