"""``lgsp serve`` under load while its configuration changes: keys, limits, a road, a certificate; no request fails."""

from __future__ import annotations

import asyncio
import itertools
import re
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp
from cryptography.hazmat.primitives import serialization

from tests.support.certificates import Authority
from tests.support.documents import ROOT, environment
from tests.support.national import National, Sample
from tests.support.relay import Relay, relaying
from tests.support.roads import LGSP, SERVICES
from tests.support.written import Written, hashed, written

PATIENCE_S: Final = 60.0
CLIENTS: Final = 6
AFTER: Final = 60
"""Requests that are answered after a change, before the next one."""
UP: Final = '{connector="business_registry",upstream="ngsp"}'
FIRST, SECOND, LEAVING = "lgsp_first_of-a-test", "lgsp_second_of-a-test", "lgsp_leaving_of-a-test"


@dataclass
class Load:
    """Clients that ask one after the other for as long as the block runs."""

    url: str
    samples: list[Sample]
    key: str = FIRST
    answered: int = 0
    failures: Counter[tuple[int, str]] = field(default_factory=Counter)
    numbers: itertools.count[int] = field(default_factory=itertools.count)

    async def run(self, session: aiohttp.ClientSession) -> None:
        """One client; each third question goes past the cache."""
        while True:
            number = next(self.numbers)
            sample = self.samples[number % len(self.samples)]
            headers = {"Authorization": f"Bearer {self.key}"} | (
                {"Cache-Control": "no-cache"} if number % 3 == 0 else {}
            )
            url = f"{self.url}/v1/business-registry/enterprises/{sample['path']['enterprise_code']}"
            async with session.get(url, headers=headers) as answer:
                text = await answer.text()
            if answer.status == 200:
                self.answered += 1
            else:
                self.failures[answer.status, text] += 1

    async def go_on(self) -> None:
        """Waits until some more requests are answered."""
        wanted = self.answered + AFTER
        await until(lambda: self.answered >= wanted or bool(self.failures))
        assert not self.failures


async def until(true: Callable[[], bool]) -> None:
    """Lets others work until *true*."""
    async with asyncio.timeout(PATIENCE_S):
        while not true():
            await asyncio.to_thread(lambda: None)


@dataclass
class Served:
    """The process, its two addresses and its file."""

    process: asyncio.subprocess.Process
    url: str
    ops: str
    file: Written
    session: aiohttp.ClientSession
    reloads: int = 0

    async def metric(self, line: str) -> float:
        """The value of a sample by its name and labels."""
        async with self.session.get(f"{self.ops}/metrics") as answer:
            text = await answer.text()
        return next(float(one.rpartition(" ")[2]) for one in text.splitlines() if one.rpartition(" ")[0] == line)

    async def changed(self, *, hang_up: bool = True, result: str = "applied") -> None:
        """Writes the file and waits for the reload; by SIGHUP, or by itself."""
        name = f'lgsp_config_reloads_total{{result="{result}"}}'
        before = await self.metric(name)
        await asyncio.to_thread(self.file.write)
        if hang_up:
            self.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(PATIENCE_S):
            while await self.metric(name) == before:
                pass


@asynccontextmanager
async def serving(file: Written) -> AsyncIterator[Served]:
    """``lgsp serve`` by *file*; it has ended well when left."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "gateway", "serve", "--config", str(file.path)),
        cwd=ROOT,
        env=environment(ROOT),
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    said = b""
    while (found := re.search(rb"gateway on (http://\S+) .*operator's port (http://[^;]+);", said)) is None:
        line = await process.stderr.readline()
        assert line, said
        said += line
    reading = asyncio.create_task(process.stderr.read())
    try:
        async with aiohttp.ClientSession() as session:
            yield Served(process, found[1].decode(), found[2].decode(), file, session)
    finally:
        process.terminate()
        assert await process.wait() == 0
        await reading


async def first_401(url: str, key: str, session: aiohttp.ClientSession) -> None:
    """Asks by *key* until it is refused."""
    async with asyncio.timeout(PATIENCE_S):
        status = 200
        while status != 401:
            async with session.get(f"{url}/v1/connectors", headers={"Authorization": f"Bearer {key}"}) as answer:
                status = answer.status
                await answer.read()


@dataclass
class Scene:
    """All that a change needs."""

    served: Served
    load: Load
    relay: Relay
    folder: Path
    old: Authority
    new: Authority

    @property
    def values(self) -> dict[str, Any]:
        """Those of the file, which are written next."""
        return self.served.file.values

    @property
    def upstream(self) -> dict[str, Any]:
        """The block of the upstream that is asked."""
        return self.served.file.upstream("business_registry", "ngsp")

    async def changed(self, **more: Any) -> None:
        """See :meth:`Served.changed`; then the load goes on."""
        await self.served.changed(**more)
        await self.load.go_on()

    async def revoke(self) -> float:
        """Leaves a key out, and tells nobody; the seconds until it is refused."""
        del self.values["callers"]["leaving"]
        refused = asyncio.create_task(first_401(self.served.url, LEAVING, self.served.session))
        began = time.monotonic()
        await asyncio.to_thread(self.served.file.write)
        await refused
        seconds = time.monotonic() - began
        await self.load.go_on()
        return seconds

    async def rotate(self) -> None:
        """Gives the clients another key."""
        portal = self.values["callers"]["portal"]
        portal |= {"key_sha256": hashed(SECOND), "previous_key_sha256": hashed(FIRST)}
        await self.changed()
        self.load.key = SECOND
        await self.load.go_on()  # the last request by the first key has ended
        del portal["previous_key_sha256"]
        await self.changed()

    async def raise_limits(self) -> float:
        """More at once; the limit as the metrics tell it."""
        self.upstream.update(bulkhead={"limit": 40, "queue": 100}, quota_per_day=1_000_000)
        await self.changed()
        return await self.served.metric(f"lgsp_bulkhead_limit{UP}")

    async def switch_road(self) -> None:
        """From the province's adapter to a security server."""
        service, up = SERVICES["business_registry"], self.upstream
        up |= {"url": self.relay.url, "road": "xroad", "xroad": {"client": LGSP, "service": service}}
        up["token"]["url"] = f"{self.relay.url}/r1/{service}/token"
        await self.changed()

    async def renew_certificate(self) -> None:
        """Of another authority; the file has both while the system changes."""
        await self.trust(self.old, self.new)
        await self.changed()
        await self.relay.show(self.new, self.folder)
        await self.load.go_on()
        await self.trust(self.new)
        await self.changed()

    async def trust(self, *authorities: Authority) -> None:
        """Writes the file of authorities."""
        await asyncio.to_thread((self.folder / "authorities.pem").write_bytes, b"".join(map(pem, authorities)))

    async def break_file(self) -> None:
        """A file that is refused."""
        self.values["cached"] = {}
        await self.changed(result="refused")


def pem(authority: Authority) -> bytes:
    """The certificate of *authority*."""
    return authority.certificate.public_bytes(serialization.Encoding.PEM)


@asynccontextmanager
async def scene(national: National, folder: Path) -> AsyncIterator[Scene]:
    """A gateway beside a registry that shows a certificate of its own, and clients that ask."""
    old, new = Authority.make("Old authority"), Authority.make("New authority")
    samples = (await national.samples("business_registry.enterprise"))[:20]
    async with relaying(national.url, old, folder) as relay:
        file = await asyncio.to_thread(written, folder, national.url)
        for name, key in (("portal", FIRST), ("leaving", LEAVING)):
            file.values["callers"][name] = {"key_sha256": hashed(key), "scopes": ["business_registry.*"]}
        up = file.upstream("business_registry", "ngsp")
        up |= {"url": f"{relay.url}/business-registry", "ca_file": "authorities.pem"}
        up["token"]["url"] = f"{relay.url}/business-registry/token"
        await asyncio.to_thread((folder / "authorities.pem").write_bytes, pem(old))
        await asyncio.to_thread(file.write)
        async with serving(file) as served:
            load = Load(served.url, samples)
            clients = [asyncio.create_task(load.run(served.session)) for _ in range(CLIENTS)]
            await load.go_on()
            try:
                yield Scene(served, load, relay, folder, old, new)
            finally:
                for client in clients:
                    client.cancel()
                await asyncio.gather(*clients, return_exceptions=True)


async def test_every_change_under_load_fails_no_request(national: National, tmp_path: Path) -> None:
    """Revoke, rotate, raise a limit, switch a road, renew a certificate, and a broken file; nothing is tried twice."""
    async with scene(national, tmp_path) as on:
        revoked_s = await on.revoke()
        await on.rotate()
        limit = await on.raise_limits()
        await on.switch_road()
        await on.renew_certificate()
        await on.break_file()
        refused = await on.served.metric("lgsp_config_refused")
        applied = await on.served.metric('lgsp_config_reloads_total{result="applied"}')
    answered, failures = on.load.answered, on.load.failures

    sys.stdout.write(
        f"{answered} answered, {failures.total()} failed, {applied:.0f} reloads; "
        f"a revoked key was refused {revoked_s:.1f} s after its file was written\n"
    )
    assert failures == {}
    assert (limit, refused) == (40, 1)
    assert on.relay.paths[-1].startswith("/r1/")
