"""A real Prometheus with the shipped rules, whose minutes have one second."""

from __future__ import annotations

import asyncio
import contextlib
import json
import shutil
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from monitoring.__main__ import files
from tests.proof.processes import free_port, until_answers

MINUTE_S: Final = 1.0
LOOK_S: Final = 0.2
LOOK_BACK: Final = "5s"
"""Five minutes of a minute's length: for so long a value stands that is told no more."""


def installed() -> bool:
    """Whether this machine has Prometheus."""
    return shutil.which("prometheus") is not None


@dataclass(frozen=True, slots=True)
class Prometheus:
    """It scrapes and evaluates each second."""

    url: str
    session: aiohttp.ClientSession
    targets: Path
    """The file that names what is scraped; it is read again when it changes."""
    process: asyncio.subprocess.Process

    def drop(self, *names: str) -> None:
        """A mistaken filter drops the metrics of these names from now on; none: the filter is gone."""
        _configure(self.targets.parent, names)
        self.process.send_signal(signal.SIGHUP)

    def scrape(self, targets: Sequence[str]) -> None:
        """Scrapes exactly *targets* (host and port) from now on."""
        new = self.targets.with_suffix(".new")
        new.write_text(json.dumps([{"targets": list(targets)}]), encoding="utf-8")
        new.replace(self.targets)

    async def firing(self) -> list[dict[str, str]]:
        """The labels of all alerts that fire now."""
        async with self.session.get(f"{self.url}/api/v1/alerts") as response:
            found: dict[str, Any] = await response.json()
        return [one["labels"] for one in found["data"]["alerts"] if one["state"] == "firing"]

    async def until(self, name: str, labels: Mapping[str, str], *, fires: bool, seconds: float) -> float | None:
        """How long it took until the alert fires, or does not any more; None where it took longer than *seconds*."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while loop.time() - began < seconds:
            now = any(
                one["alertname"] == name and all(one.get(key) == value for key, value in labels.items())
                for one in await self.firing()
            )
            if now == fires:
                return loop.time() - began
            await asyncio.sleep(LOOK_S)
        return None


def _configure(folder: Path, dropped: Sequence[str]) -> None:
    config = {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": ["alerts.yaml"],
        "scrape_configs": [
            {
                "job_name": "lgsp-gateway",
                "file_sd_configs": [{"files": ["targets.json"]}],
                "metric_relabel_configs": [
                    {"source_labels": ["__name__"], "regex": name, "action": "drop"} for name in dropped
                ],
            }
        ],
    }
    (folder / "prometheus.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")


@asynccontextmanager
async def prometheus(folder: Path, targets: Sequence[str]) -> AsyncIterator[Prometheus]:
    """Prometheus in *folder*, which scrapes *targets* (host and port)."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    (folder / "alerts.yaml").write_bytes(files(MINUTE_S)["prometheus/alerts.yaml"])
    _configure(folder, ())
    port = free_port()
    with (folder / "prometheus.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            "prometheus",
            f"--config.file={folder / 'prometheus.yaml'}",
            f"--storage.tsdb.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            f"--query.lookback-delta={LOOK_BACK}",
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        await until_answers(f"{url}/-/ready")
        async with aiohttp.ClientSession() as session:
            watcher = Prometheus(url, session, folder / "targets.json", process)
            watcher.scrape(targets)
            yield watcher
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()
