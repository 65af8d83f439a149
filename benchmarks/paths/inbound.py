"""Dossiers that the portal pushes: kept and answered, compared with a bare handler that inserts the same rows."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
from itertools import count
from typing import Any, Final
from urllib.parse import urlsplit

from benchmarks.client import Connection
from benchmarks.load import BadAnswers
from benchmarks.measuring import Bench, Row, compared, interleaved
from benchmarks.processes import free_port
from benchmarks.store import postgres
from benchmarks.subjects import KEY, baseline, gateway, instant_upstream

PATH: Final = "/inbound/public-service-portal/dossier"
CONNECTIONS: Final = 64
FILE: Final = b"%PDF-1.4\n" + b"% a page of nobody\n" * 100 + b"%%EOF\n"
_numbers = count(1)


def dossier(number: int) -> dict[str, Any]:
    """A dossier with one small file, under a code of its own."""
    return {
        "MaHoSo": f"000.00.00.G22-261127-{number:07d}",
        "MaTTHC": "9.000001.000.00.00.H58",
        "TenTTHC": "Đăng ký khai sinh",
        "SoVanBan": f"{number}/DVCQG",
        "NgayNopHoSo": "20261127081500",
        "ChuHoSo": "Nguyễn Thị Bưởi",
        "LoaiDoiTuong": "1",
        "MaDoiTuong": "099085000001",
        "SoDienThoai": "0900000001",
        "Email": "khong-ai@example.invalid",
        "TrichYeuHoSo": "Đăng ký khai sinh cho trẻ em",
        "DonViXuLy": "UBND xã",
        "TaiLieuNop": [{"TenTepDinhKem": "to-khai.pdf", "Base64": base64.b64encode(FILE).decode()}],
    }


def measure(bench: Bench) -> list[Row]:
    core, port = bench.cores.server, free_port()
    with postgres(bench.folder) as store, instant_upstream(bench.folder, bench.cores.load) as upstream:
        callers = {"portal": {"key_sha256": hashlib.sha256(KEY.encode()).hexdigest()}}
        changes = {"store": {"url": store}, "inbound": {"listen": {"port": port}, "callers": callers}}
        with (
            gateway(bench.folder, upstream.url, core, changes),
            baseline("inbound", ["--store", store], core, "/ready") as theirs,
        ):
            ours = f"http://127.0.0.1:{port}"
            for url in (ours, theirs.url):
                push(url, 1)
            found = interleaved(
                bench.rounds,
                {"ours": lambda: push(ours, bench.seconds), "theirs": lambda: push(theirs.url, bench.seconds)},
            )
    return [compared("dossier pushed and kept", found["ours"], found["theirs"], "bare aiohttp, the same rows", (0.5,))]


def push(url: str, seconds: float) -> float:
    """Dossiers that the server at *url* answers in a second, with as many connections as are kept busy."""

    async def run() -> float:
        where, loop = urlsplit(url), asyncio.get_running_loop()
        headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/json"}
        began, done = loop.time(), 0

        async def one() -> None:
            nonlocal done
            connection = await Connection.open(str(where.hostname), int(where.port or 0))
            while loop.time() - began < seconds:
                answer = await connection.post(PATH, json.dumps(dossier(next(_numbers))).encode(), headers)
                if answer.status != 200:
                    raise BadAnswers(f"{url}: {answer.status} {answer.body[:200]!r}")
                done += 1
            connection.close()

        await asyncio.gather(*(one() for _ in range(CONNECTIONS)))
        return done / (loop.time() - began)

    return asyncio.run(run())
