"""``python -m benchmarks.hostile [--only NAME …]``: attacks a gateway; prints what others and its memory noticed."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from benchmarks.hostile.attack import Answerer, Attack, Target
from benchmarks.hostile.callers import CALLERS
from benchmarks.hostile.sources import SOURCES
from benchmarks.processes import ROOT, Cores, Server, free_port, pinned
from benchmarks.subjects import gateway

ATTACKS: Final = {attack.name: attack for attack in (*CALLERS, *SOURCES)}
LONGEST_STALL_S: Final = 0.1
GIVEN_BACK_MIB: Final = 64.0
RECOVERY_S: Final = 30.0
NICE: Final = 10
"""The attackers give way to the watcher, whose time is measured."""


@dataclass(frozen=True, slots=True)
class Noticed:
    """One row of the table."""

    attack: Attack
    stall_s: float
    """The longest, without the time in which other programs had the core."""
    seen_s: float
    """The longest, with it."""
    peak_mib: float
    after_mib: float
    answers: str
    failed: int

    def row(self) -> str:
        """The cells of the table after the first."""
        numbers = f"{self.stall_s * 1000:.0f} | {self.seen_s * 1000:.0f} | {self.peak_mib:.0f} | {self.after_mib:.0f}"
        return f"{self.attack.name}: {self.attack.what} | {numbers} | {self.answers}"

    def held(self, rest_mib: float, limit_mib: float) -> bool:
        return (
            self.stall_s < LONGEST_STALL_S
            and self.failed == 0
            and self.peak_mib <= limit_mib
            and self.after_mib <= rest_mib + GIVEN_BACK_MIB
        )


def memory_limit_mib() -> float:
    """The least memory limit of the deploy files."""
    texts = [(ROOT / "deploy" / name).read_text("utf-8") for name in ("kubernetes.yaml", "lgsp-gateway.service")]
    found = [re.search(r"(?:limits: \{memory: |MemoryMax=)(\d+)M", text) for text in texts]
    return min(float(match[1]) for match in found if match is not None)


def peak_mib(pid: int) -> float:
    """The most memory that was resident since :func:`forget_peak`."""
    status = Path(f"/proc/{pid}/status").read_text("ascii")
    found = re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)
    assert found is not None
    return int(found[1]) / 1024


def forget_peak(pid: int) -> None:
    Path(f"/proc/{pid}/clear_refs").write_text("5", "ascii")


@contextmanager
def watching(server: Server, core: int) -> Iterator[dict[str, float]]:
    """Another client asks for /livez all the time; what it saw is in the dictionary afterwards."""
    command = pinned(
        [sys.executable, "-m", "benchmarks.hostile.watcher", f"{server.ops_url}/livez", str(server.process.pid)], core
    )
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    seen: dict[str, float] = {}
    try:
        yield seen
    finally:
        said, _ = process.communicate(timeout=90)
        seen.update(json.loads(said))


class NationalSystem:
    """A national system of which the attack says how it behaves."""

    answer: Answerer | None = None

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            if self.answer is not None:
                await self.answer(head, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def sourcing(port: int) -> AsyncIterator[NationalSystem]:
    source = NationalSystem()
    async with await asyncio.start_server(source.serve, "127.0.0.1", port):
        yield source


async def carry_out(attack: Attack, server: Server, source: NationalSystem, rest_mib: float, core: int) -> Noticed:
    """Attacks, and waits until memory is given back, or for 30 seconds."""
    where = urlsplit(server.url)
    target = Target(where.hostname or "", where.port or 0)
    source.answer = attack.source
    pid = server.process.pid
    forget_peak(pid)
    with watching(server, core) as seen:
        await asyncio.sleep(0.5)  # the watcher starts
        await attack.run(target)
    peak = peak_mib(pid)
    until = time.monotonic() + RECOVERY_S
    while server.resident_mib() > rest_mib + GIVEN_BACK_MIB and time.monotonic() < until:  # noqa: ASYNC110
        await asyncio.sleep(0.5)  # memory tells nobody
    answers = ", ".join(f"{number} × {word}" for word, number in sorted(target.seen.items()))
    return Noticed(attack, seen["longest_s"], seen["seen_s"], peak, server.resident_mib(), answers, int(seen["failed"]))


async def run(names: list[str], folder: Path, cores: Cores) -> int:
    """Prints a row for each attack; returns 0 when all promises hold."""
    port, limit = free_port(), memory_limit_mib()
    url = f"http://127.0.0.1:{port}"
    patient = {"breaker": {"consecutive_failures": 1_000_000, "min_calls": 1_000_000}}  # each attack is asked for
    direct = {**patient, "url": f"{url}/business-registry", "road": "direct", "token": None}
    provisions = {**patient, "url": f"{url}/laws", "dialect": "gateway", "allow_private": True}
    of_soap = {name: {"upstream": "ws"} for name in ("document", "search", "content")}
    laws = {"upstreams": {"gateway": provisions}, "operations": of_soap}
    changes = {"connectors": {"business_registry": {"upstreams": {"ngsp": direct}}, "legal_documents": laws}}
    async with sourcing(port) as source:
        with gateway(folder, url, cores.server, changes) as server:
            os.nice(NICE)
            os.sched_setaffinity(0, {cores.load})
            rest = server.resident_mib()
            broken = 0
            print(f"at rest {rest:.0f} MiB; limit of the deploy files {limit:.0f} MiB\n")
            print("| | attack | longest stall ms | with waits for a core | peak MiB | after MiB | answers |")
            print("| --- " * 7 + "|")
            for name in names:
                noticed = await carry_out(ATTACKS[name], server, source, rest, cores.load)
                held = noticed.held(rest, limit)
                broken += not held
                print(f"| {'ok' if held else '**broken**'} | {noticed.row()} |", flush=True)
    print(f"\n{len(names) - broken} of {len(names)} attacks held")
    return int(broken > 0)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.hostile", description=__doc__)
    names = ", ".join(ATTACKS)
    parser.add_argument("--only", nargs="+", choices=sorted(ATTACKS), metavar="NAME", help=f"of {names}")
    given = parser.parse_args()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        return asyncio.run(run(given.only or list(ATTACKS), Path(folder), Cores.here()))


if __name__ == "__main__":
    sys.exit(main())
