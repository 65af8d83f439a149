"""The measured gateway: all features on, configured as in a province, in its own folder."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import yaml

from benchmarks.client import Connection
from benchmarks.load import Asks, BadAnswers
from benchmarks.processes import ROOT, Server, free_port, serving

KEY: Final = "lgsp_bench_0123456789abcdef0123456789abcdef"
HEADERS: Final = {"Authorization": f"Bearer {KEY}"}
ENTERPRISES: Final = "/v1/business-registry/enterprises/{code}"
DOCUMENTS: Final = "/v1/legal-documents/documents/{number}"
WSDL: Final = ROOT / "contracts" / "legal_documents" / "ws.wsdl"
SOAP_SAMPLE: Final = ROOT / "contracts" / "legal_documents" / "samples" / "ChiTietVanBan.partly-expired.xml"
SAMPLE_ID: Final = "102482"
#: Large enough that no request of a closed loop waits for a place: the benchmark measures work, not queueing.
WIDE: Final = {"bulkhead": {"limit": 64, "queue": 64}}


def configuration(upstream: str, port: int, ops_port: int) -> dict[str, Any]:
    """Returns the configuration: hashed keys, the registry on a road with token, legal documents by SOAP, JSON logs."""
    credentials = ROOT / "contracts" / "business_registry" / "credentials"
    road = {
        "url": f"{upstream}/business-registry/token",
        "access_key": f"file:{credentials / 'access_key'}",
        "secret_key": f"file:{credentials / 'secret_key'}",
    }
    registry = {"url": f"{upstream}/business-registry", "allow_private": True, "road": "lgsp", "token": road, **WIDE}
    documents = {"url": f"{upstream}/legal-documents/ws", "allow_private": True, **WIDE}
    return {
        "listen": {"port": port},
        "ops": {"port": ops_port},
        "log": {"format": "json"},
        "callers": {"portal": {"key_sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": ["*"]}},
        "connectors": {
            "business_registry": {"upstreams": {"ngsp": registry}},
            "legal_documents": {"upstreams": {"ws": documents}},
        },
    }


@contextmanager
def gateway(
    folder: Path,
    upstream: str,
    core: int,
    changes: Mapping[str, Any] | None = None,
    workers: int = 1,
    program: str = "gateway",
) -> Iterator[Server]:
    """Runs ``lgsp serve``, or another *program*, with *upstream*, and *changes* merged into the configuration."""
    port, ops_port = free_port(), free_port()
    path = folder / f"gateway-{port}.yaml"
    path.write_text(yaml.safe_dump(merged(configuration(upstream, port, ops_port), changes or {})), encoding="utf-8")
    command = [program, "serve", "--config", str(path), "--workers", str(workers)]
    ready = f"http://127.0.0.1:{ops_port}/readyz"
    with serving("gateway", command, core=core, port=port, ready=ready, ops_port=ops_port) as server:
        yield server


@contextmanager
def instant_upstream(folder: Path, core: int, *, delay: float = 0.0, slots: int = 0) -> Iterator[Server]:
    """Runs an upstream that answers at once, or after *delay* seconds, *slots* requests at a time."""
    port = free_port()
    soap = folder / "document.xml"
    soap.write_text(SOAP_SAMPLE.read_text(encoding="utf-8").replace(SAMPLE_ID, "{id}"), encoding="utf-8")
    words = ["--port", str(port), "--delay", str(delay), "--slots", str(slots), "--soap", str(soap)]
    ready = f"http://127.0.0.1:{port}/arrivals"
    with serving("upstream", ["benchmarks.upstream", *words], core=core, port=port, ready=ready) as server:
        yield server


@contextmanager
def baseline(name: str, words: list[str], core: int, path: str) -> Iterator[Server]:
    """Runs ``benchmarks.baselines.<name>``; *path* answers 200 when it serves."""
    port = free_port()
    command = [f"benchmarks.baselines.{name}", "--port", str(port), *words]
    with serving(name, command, core=core, port=port, ready=f"http://127.0.0.1:{port}{path}") as server:
        yield server


def ask_each(server: Server, asks: Asks, number: int) -> bytes:
    """Requests the first *number* records one by one, so that all are cached; returns the body of the last.

    Raises:
        BadAnswers: An answer is not 200.
    """

    async def run() -> bytes:
        where = urlsplit(server.url)
        connection = await Connection.open(str(where.hostname), int(where.port or 0))
        body = b""
        for path in islice(asks.paths(0), number):
            answer = await connection.get(path, asks.headers)
            if answer.status != 200:
                raise BadAnswers(f"{path}: {answer.status} {answer.body[:200]!r}")
            body = answer.body
        connection.close()
        return body

    return asyncio.run(run())


def arrivals(upstream: Server) -> int:
    """Returns the number of requests to *upstream*."""

    async def run() -> int:
        where = urlsplit(upstream.url)
        connection = await Connection.open(str(where.hostname), int(where.port or 0))
        answer = await connection.get("/arrivals")
        connection.close()
        return int(answer.body)

    return asyncio.run(run())


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Returns *base* with *changes* merged into its mappings."""
    found = dict(base)
    for key, value in changes.items():
        held = found.get(key)
        found[key] = merged(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
    return found
