"""A deployment in a file of its own, which a test changes while a gateway runs by it."""

from __future__ import annotations

import asyncio
import copy
import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from gateway.app import running
from gateway.configuration_file import ConfigurationFile
from gateway.core.clock import Clock
from tests.support.laptop import LAPTOP, PLAIN, ROOT
from tests.support.portal import Answered, Portal

OPERATOR: Final = {"Authorization": "Bearer lgsp_laptop_only"}


ENTERPRISE: Final = "business_registry.enterprise"
OTHER: Final = "lgsp_other_only-for-tests"
"""A key that the laptop's configuration does not name."""


def hashed(key: str) -> str:
    """As the configuration has it."""
    return hashlib.sha256(key.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Written:
    """The file at *path*; *values* are what is written next."""

    path: Path
    values: dict[str, Any]

    def write(self) -> None:
        """Writes the values, whole or not at all."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(yaml.safe_dump(self.values, allow_unicode=True), encoding="utf-8")
        fresh.rename(self.path)

    def upstream(self, connector: str, name: str) -> dict[str, Any]:
        """The block of one upstream."""
        found: dict[str, Any] = self.values["connectors"][connector]["upstreams"][name]
        return found


def written(folder: Path, mocks_url: str, **changes: Any) -> Written:
    """``config/laptop.yaml`` in *folder*, on free ports, without a store unless *changes* say so."""
    values = yaml.safe_load(LAPTOP.read_text(encoding="utf-8").replace("file:../", f"file:{ROOT}/"))
    values |= {"mocks_url": mocks_url, "listen": {"port": 0}, "clock": {}}
    values["ops"] = {**values["ops"], "port": 0}
    del values["store"]
    for block in values["connectors"].values():
        for upstream in block["upstreams"].values():
            upstream.update(copy.deepcopy(PLAIN))
    values |= changes
    made = Written(folder / "gateway.yaml", values)
    made.write()
    return made


@dataclass(frozen=True, slots=True)
class Changing:
    """A running gateway and its file."""

    portal: Portal
    file: Written

    async def reload(self, body: Mapping[str, object] | None = None) -> Answered:
        """``POST /api/reload``."""
        return await self.ops("POST", "/api/reload", body)

    async def changed(self) -> Answered:
        """Writes the values and reloads, which must succeed."""
        self.file.write()
        done = await self.reload()
        assert done.status == 200, done.body
        return done

    async def refused(self) -> tuple[str, str]:
        """Writes the values and reloads, which must be refused: the rule, and the sentence."""
        self.file.write()
        done = await self.reload()
        assert done.verdict == (409, "conflict"), done.body
        assert done.json["reason"] == "configuration_refused"
        [error] = done.json["errors"]
        return error["code"], error["message"]

    async def ops(
        self, method: str, path: str, body: Mapping[str, object] | None = None, key: str = "lgsp_laptop_only"
    ) -> Answered:
        """One request to the operator's port."""
        headers = {"Authorization": f"Bearer {key}"}
        url = self.portal.gateway.ops_url + path
        async with self.portal.session.request(method, url, json=body, headers=headers) as answer:
            return Answered(answer.status, answer.headers, await answer.read())

    async def metric(self, line: str) -> float:
        """The value of a sample by its name and labels."""
        text = (await self.ops("GET", "/metrics")).body.decode()
        return next(float(one.rpartition(" ")[2]) for one in text.splitlines() if one.rpartition(" ")[0] == line)


@asynccontextmanager
async def changing(
    file: Written, clock: Clock | None = None, source: ConfigurationFile | None = None
) -> AsyncIterator[Changing]:
    """A gateway that runs by *file*, read by *source*."""
    source = source or ConfigurationFile(file.path)
    loaded = await asyncio.to_thread(source.read)
    async with (
        running(loaded.settings, clock=clock, file=source) as gateway,
        aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=("Accept-Encoding",)) as session,
    ):
        yield Changing(Portal(gateway, session), file)
