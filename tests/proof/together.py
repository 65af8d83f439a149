"""Two gateways, one Redis, one PostgreSQL, as processes: ``python -m tests.proof.together``.

One quota and never more; isolations and purges that reach both; the same order at both, sent once; and a minute
without Redis, in which nobody waits. One line each with the figures, and 1 where a bound was broken.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import aiohttp

from tests.gateway.pipeline.redis_server import RedisServer
from tests.proof.processes import Gateway, Mocks, address
from tests.proof.restart import APPLICATIONS, KEY, PATIENCE_S, redis_and_country, two_gateways
from tests.support import postgres
from tests.support.checker import Order, check
from tests.support.ending import command

QUOTA: Final = 200
REACH_S: Final = 2.0
EXTRA_S: Final = 0.05
TIMES: Final = 5
ASKED: Final = 300
AWAY_S: Final = 60.0
ORDERS: Final = 20
AUTH: Final = {"Authorization": f"Bearer {KEY}"}
NO_CACHE: Final = {**AUTH, "Cache-Control": "no-cache"}
SYSTEM: Final = "/api/upstreams/business_registry/ngsp"
VARIABLES: Final = {
    "LGSP_CONNECTORS__LEGAL_DOCUMENTS__UPSTREAMS__WS__QUOTA_PER_DAY": str(QUOTA),
    "LGSP_CONNECTORS__LEGAL_DOCUMENTS__UPSTREAMS__WS__QUOTA_RESERVE": "0",
    "LGSP_CONNECTORS__BUSINESS_REGISTRY__UPSTREAMS__NGSP__QUOTA_PER_DAY": "1000000",
    "LGSP_CALLERS__LAPTOP__RATE__PER_SECOND": "100000",
    "LGSP_CALLERS__LAPTOP__RATE__BURST": "100000",
}
"""A small quota for one system; for another, and for the caller, one that is counted and never met."""


@dataclass(frozen=True, slots=True)
class Line:
    """What was seen of one promise, and whether it held."""

    text: str
    sound: bool


@dataclass(slots=True)
class Both:
    """The two gateways as a portal and an operator see them."""

    session: aiohttp.ClientSession
    gateways: Sequence[Gateway]
    mocks: Mocks
    redis: RedisServer
    samples: Mapping[str, Sequence[Mapping[str, Any]]]

    async def ask(self, gateway: Gateway, path: str, headers: Mapping[str, str] = AUTH) -> tuple[int, str, str]:
        """Status, reason of a refusal, and Cache-Status."""
        async with self.session.get(gateway.url + path, headers=headers) as answer:
            reason = "" if answer.status == 200 else str((await answer.json(content_type=None)).get("reason"))
            await answer.read()
            return answer.status, reason, answer.headers.get("Cache-Status", "")

    async def deed(self, gateway: Gateway, path: str, **body: object) -> None:
        """What an operator does at one of them."""
        url = f"http://127.0.0.1:{gateway.ops_port}{path}"
        async with self.session.post(url, json={"reason": "a proof", **body}, headers=AUTH) as answer:
            assert answer.status == 200, await answer.text()

    async def arrived(self, system: str, operation: str) -> int:
        """How often a system was asked."""
        query = {"system": system, "operation": operation, "limit": "0"}
        async with self.session.get(f"{self.mocks.url}/__mock/journal", params=query) as answer:
            found: int = (await answer.json())["total"]
            return found

    @property
    def enterprises(self) -> list[str]:
        """The paths of enterprises that exist."""
        known = [one for one in self.samples["business_registry.enterprise"] if one.get("exists", True)]
        return [f"/v1/business-registry/enterprises/{one['path']['enterprise_code']}" for one in known]


async def seconds_until(true: Callable[[], Awaitable[bool]]) -> float:
    """How long it takes until *true*."""
    began = time.perf_counter()
    async with asyncio.timeout(PATIENCE_S):
        while not await true():  # noqa: ASYNC110  # the other side is a server that is asked again
            await asyncio.sleep(0.01)
    return time.perf_counter() - began


async def one_quota(both: Both) -> Line:
    """Both are asked at once, until both refuse."""
    sample = both.samples["legal_documents.document"][0]
    path = f"/v1/legal-documents/documents/{next(iter(sample['path'].values()))}"

    async def drain(gateway: Gateway) -> int:
        granted = refused = 0
        while refused < 20 and granted <= QUOTA:
            status, reason, _ = await both.ask(gateway, path, NO_CACHE)
            granted, refused = (granted + 1, 0) if status == 200 else (granted, refused + 1)
            assert status == 200 or reason in {"quota_spent", "quota_unknown"}, (status, reason)
        return granted

    granted = await asyncio.gather(*(drain(gateway) for gateway in both.gateways))
    text = f"quota of {QUOTA}: {granted[0]} granted at one, {granted[1]} at the other, {sum(granted)} in all"
    return Line(text, QUOTA - 10 <= sum(granted) <= QUOTA)


async def isolation(both: Both) -> Line:
    """Ordered at one, acts at the other; and so does its end."""
    one, other = both.gateways
    path, found = both.enterprises[0], []

    async def is_withheld() -> bool:
        return (await both.ask(other, path, NO_CACHE))[1] == "maintenance_window"

    async def is_asked() -> bool:
        return (await both.ask(other, path, NO_CACHE))[0] == 200

    for _ in range(TIMES):
        await both.deed(one, f"{SYSTEM}/isolate", minutes=5)
        found.append(await seconds_until(is_withheld))
        await both.deed(one, f"{SYSTEM}/release")
        found.append(await seconds_until(is_asked))
    return Line(f"isolate and release at the other after {_told(found)}", max(found) <= REACH_S)


async def purge(both: Both) -> Line:
    """Ordered at one; the other gives no older answer."""
    one, other = both.gateways
    path, found = both.enterprises[1], []

    async def is_hit() -> bool:
        return (await both.ask(other, path))[2].startswith("lgsp; hit")

    async def is_asked_anew() -> bool:
        return not await is_hit()

    for _ in range(TIMES):
        await seconds_until(is_hit)
        await both.deed(one, "/api/purge", operation="business_registry.*")
        found.append(await seconds_until(is_asked_anew))
    return Line(f"purge at the other after {_told(found)}", max(found) <= REACH_S)


async def same_order(both: Both) -> Line:
    """The same order with the same key at both at once, twice each."""
    body = both.samples["criminal_records.apply"][0]["body"]
    codes = [f"000.00.04.H58-261127-{number:06d}" for number in range(1, ORDERS + 1)]

    async def apply(gateway: Gateway, code: str) -> int:
        headers = {**AUTH, "Idempotency-Key": code, "X-Dossier-Id": code, "X-User-Id": "canbo.test"}
        sent = {**body, "dossier_code": code}
        async with both.session.post(f"{gateway.url}{APPLICATIONS}", headers=headers, json=sent) as answer:
            await answer.read()
            return answer.status

    statuses = await asyncio.gather(*(apply(gateway, code) for code in codes for gateway in (*both.gateways,) * 2))

    async def all_there() -> bool:
        return await both.arrived("criminal_records", "guiHoSo") >= ORDERS

    await seconds_until(all_there)
    await asyncio.sleep(1.0)  # for a second message, if there were one
    report = check(both.mocks.journal, [Order("criminal_records", code) for code in codes])
    text = f"{len(statuses)} submissions of {ORDERS} orders at both: {report.taken} taken, {len(report.repeats)} again"
    sound = report.sound and report.taken == ORDERS and set(statuses) == {202} and not report.repeats
    return Line(text if sound else f"{text}; {report.lines()}; {sorted(set(statuses))}", sound)


async def redis_away(both: Both) -> Line:
    """A minute without Redis, which is frozen first and then killed: half of the questions go past the cache, each
    counted against a quota and a rate.
    """

    async def waits(pause_s: float = 0.0) -> list[float]:
        found = []
        for number in range(ASKED):
            path = both.enterprises[number % len(both.enterprises)]
            began = time.perf_counter()
            headers = NO_CACHE if number % 2 else AUTH
            status, reason, _ = await both.ask(both.gateways[number // 2 % 2], path, headers)
            found.append(time.perf_counter() - began)
            assert status == 200, reason
            await asyncio.sleep(pause_s)
        return sorted(found)

    pause_s = AWAY_S / 2 / ASKED
    await waits()
    before = await waits(pause_s)
    began = time.perf_counter()
    both.redis.freeze()
    frozen = await waits(pause_s)
    both.redis.stop()
    away = sorted([*frozen, *await waits(pause_s)])
    passed_s = time.perf_counter() - began

    def at(found: Sequence[float], share: float) -> float:
        return 1000 * found[round(share * (len(found) - 1))]

    told = [f"{at(away, share):.1f} ms ({at(away, share) - at(before, share):+.1f})" for share in (0.5, 0.99, 1)]
    text = (
        f"Redis frozen and then killed for {passed_s:.0f} s, {len(away)} questions: median {told[0]}, p99 {told[1]}, "
        f"longest {told[2]}, none failed"
    )
    return Line(text, at(away, 0.99) - at(before, 0.99) <= 1000 * EXTRA_S)


def _told(found: Sequence[float]) -> str:
    return f"{statistics.median(found):.2f} s, {max(found):.2f} s at most of {len(found)}"


async def proof(folder: Path, store: str) -> list[Line]:
    """All promises, one after the other; *store* is the address of an empty database."""
    mocks = Mocks(folder)
    async with (
        redis_and_country(folder, mocks) as redis,
        two_gateways(folder, store, redis, mocks, VARIABLES) as gateways,
        aiohttp.ClientSession() as session,
    ):
        async with session.get(f"{mocks.url}/__mock/samples") as answer:
            samples = await answer.json()
        both = Both(session, gateways, mocks, redis, samples)
        async with asyncio.timeout(PATIENCE_S * 4):
            return [await part(both) for part in (one_quota, isolation, purge, same_order, redis_away)]


def main() -> int:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, help="keeps logs there; else they are removed")
    asked = parser.parse_args()

    async def run(folder: Path, server: postgres.Server) -> list[Line]:
        async with server.empty() as url:
            return await proof(folder / "proof", address(url))

    with tempfile.TemporaryDirectory(prefix="together-") as own:
        folder = asked.folder or Path(own)
        with postgres.server(folder / "postgres") as server:
            found = asyncio.run(run(folder, server))
    for line in found:
        sys.stdout.write(f"{'holds ' if line.sound else 'BROKEN'} {line.text}\n")
    return 0 if all(line.sound for line in found) else 1


if __name__ == "__main__":
    command(main)
