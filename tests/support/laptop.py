"""A gateway as on a laptop, on free ports, beside a mock country of its own."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from gateway.app import running
from gateway.core.clock import Clock
from gateway.settings import Settings, load
from tests.support.portal import Portal

ROOT: Final = Path(__file__).parents[2]
LAPTOP: Final = ROOT / "config" / "laptop.yaml"
PORTS: Final = {"listen": {"port": 0}, "ops": {"port": 0}}
PLAIN: Final = {"retry": {"attempts": 1}, "breaker": {"consecutive_failures": 1_000_000, "min_calls": 1_000_000}}
"""Every request is tried once and no failure closes an upstream: a test counts and meets its own fault alone."""
OTHER_DIALECTS: Final[dict[str, Any]] = {
    "legal_documents": {"operations": {name: {"upstream": "gateway"} for name in ("document", "search", "content")}},
    "criminal_records": {
        "upstreams": {
            "ngsp": {
                "url": "${mocks_url}/criminal-records",
                "allow_private": True,
                "ministry_justice_id": 82,
                "road": "lgsp",
                "token": {
                    "url": "${mocks_url}/criminal-records/token",
                    "access_key": "file:../contracts/criminal_records/credentials/access_key",
                    "secret_key": "file:../contracts/criminal_records/credentials/secret_key",
                },
                **PLAIN,
            },
            "ws": {
                "url": "${mocks_url}/criminal-records/ws",
                "allow_private": True,
                "ministry_justice_id": 82,
                "username": "file:../contracts/criminal_records/credentials/ws_username",
                "password": "file:../contracts/criminal_records/credentials/ws_password",
                **PLAIN,
            },
        },
        "operations": {name: {"upstream": "ngsp"} for name in ("apply", "application")},
    },
    "public_service_portal": {
        "upstreams": {
            "gen2": {
                "url": "${mocks_url}/public-service-portal/gen2",
                "allow_private": True,
                "provinces": ["H58"],
                **PLAIN,
            },
            "page": {"url": "${mocks_url}/public-service-portal", "allow_private": True, **PLAIN},
        },
        "operations": {
            "sync_dossier": {"upstream": "gen2"},
            "report_progress": {"upstream": "gen2"},
            "procedures": {"upstream": "page"},
        },
    },
}
"""The dialects that ``config/laptop.yaml`` does not ask first."""
NARROW_KEY: Final = "lgsp_narrow_only-for-tests"
"""A key that may ask for enterprises, without the fields marked personal, and for nothing else."""
NARROW: Final = {
    "key_sha256": hashlib.sha256(NARROW_KEY.encode()).hexdigest(),
    "scopes": ["business_registry.enterprise"],
}


@cache
def _upstreams() -> Mapping[str, tuple[str, ...]]:
    """The names of the file's upstreams, by connector; reading them is half of what a test's settings cost."""
    written = yaml.safe_load(LAPTOP.read_text(encoding="utf-8"))["connectors"]
    return {name: tuple(block["upstreams"]) for name, block in written.items()}


def laptop_settings(
    mocks_url: str,
    *,
    upstreams: Mapping[str, Any] | None = None,
    connectors: Mapping[str, Any] | None = None,
    **changes: Any,
) -> Settings:
    """``config/laptop.yaml`` against *mocks_url*, without its store and on the machine's clock unless *changes* say so.

    *upstreams* is laid over every upstream of the file, *connectors* over its connectors.
    """
    blocks: dict[str, Any] = {}
    if upstreams is not None:
        blocks = {name: {"upstreams": dict.fromkeys(named, upstreams)} for name, named in _upstreams().items()}
    for name, block in (connectors or {}).items():
        blocks[name] = {
            "upstreams": {**blocks.get(name, {}).get("upstreams", {}), **block.get("upstreams", {})},
            "operations": block.get("operations", {}),
        }
    changes = {"store": None, "clock": {"follow": None}, **changes}
    callers = {"narrow": NARROW, **changes.pop("callers", {})}
    return load(LAPTOP, {**PORTS, "mocks_url": mocks_url, "connectors": blocks, "callers": callers, **changes})


@asynccontextmanager
async def serving_portal(settings: Settings, clock: Clock | None = None) -> AsyncIterator[Portal]:
    """A gateway with *settings*, and who asks it."""
    async with (
        running(settings, clock=clock) as gateway,
        aiohttp.ClientSession(auto_decompress=False, skip_auto_headers=("Accept-Encoding",)) as session,
    ):
        yield Portal(gateway, session)
