"""The gateway as it is measured: everything on, configured as a province would, in a folder of its own."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import yaml

from benchmarks.processes import ROOT, Server, free_port, serving

KEY: Final = "lgsp_bench_0123456789abcdef0123456789abcdef"
HEADERS: Final = {"Authorization": f"Bearer {KEY}"}
ENTERPRISES: Final = "/v1/business-registry/enterprises/{code}"
DOCUMENTS: Final = "/v1/legal-documents/documents/{number}"


def configuration(upstream: str, port: int, ops_port: int) -> dict[str, Any]:
    """Keys hashed, the registry behind a road with its token, legal documents over SOAP, JSON logs."""
    credentials = ROOT / "contracts" / "business_registry" / "credentials"
    road = {
        "url": f"{upstream}/business-registry/token",
        "access_key": f"file:{credentials / 'access_key'}",
        "secret_key": f"file:{credentials / 'secret_key'}",
    }
    registry = {"url": f"{upstream}/business-registry", "allow_private": True, "road": "lgsp", "token": road}
    return {
        "listen": {"port": port},
        "ops": {"port": ops_port},
        "log": {"format": "json"},
        "callers": {"portal": {"key_sha256": hashlib.sha256(KEY.encode()).hexdigest(), "scopes": ["*"]}},
        "connectors": {"business_registry": {"upstreams": {"ngsp": registry}}},
    }


@contextmanager
def gateway(
    folder: Path, upstream: str, core: int, changes: Mapping[str, Any] | None = None
) -> Iterator[Server]:
    """``lgsp serve`` before *upstream*, with *changes* laid over the configuration."""
    port, ops_port = free_port(), free_port()
    path = folder / f"gateway-{port}.yaml"
    path.write_text(yaml.safe_dump(merged(configuration(upstream, port, ops_port), changes or {})), encoding="utf-8")
    command = ["gateway", "serve", "--config", str(path)]
    ready = f"http://127.0.0.1:{ops_port}/readyz"
    with serving("gateway", command, core=core, port=port, ready=ready, ops_port=ops_port) as server:
        yield server


@contextmanager
def instant_upstream(core: int, *, delay: float = 0.0, slots: int = 0, soap: Path | None = None) -> Iterator[Server]:
    """The upstream that answers at once, or after *delay* seconds, *slots* at a time."""
    port = free_port()
    words = ["--port", str(port), "--delay", str(delay), "--slots", str(slots)]
    if soap is not None:
        words += ["--soap", str(soap)]
    ready = f"http://127.0.0.1:{port}/arrivals"
    with serving("upstream", ["benchmarks.upstream", *words], core=core, port=port, ready=ready) as server:
        yield server


def merged(base: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """*base* with *changes* laid over it, mapping by mapping."""
    found = dict(base)
    for key, value in changes.items():
        held = found.get(key)
        found[key] = merged(held, value) if isinstance(held, Mapping) and isinstance(value, Mapping) else value
    return found
