"""The registry on a working afternoon, and its contract."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator

from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.services.business_registry import open_service

CONTRACT = Path(__file__).parents[4] / "contracts" / "business_registry"
#: Monday, half past three in the afternoon in Hanoi.
NOW = datetime(2026, 11, 23, 8, 30, tzinfo=UTC)
Conforms = Callable[[str, object], None]


@dataclass(frozen=True)
class Registry:
    """Who asks the registry with a token."""

    url: str
    country: Country
    session: aiohttp.ClientSession

    async def get(self, path: str, **query: str) -> Any:
        """The answer, which is JSON with HTTP 200 whatever its content type says."""
        async with self.session.get(f"{self.url}/business-registry/{path}", params=query) as answer:
            assert answer.status == 200
            return orjson.loads(await answer.read())

    async def breaches(self) -> list[str]:
        """The rules that the last request broke."""
        async with self.session.get(f"{self.url}/__mock/journal?limit=1") as answer:
            return (await answer.json())["entries"][-1]["breaches"]

    async def fault(self, kind: str, operation: str = "*", **more: object) -> int:
        planned = {"system": "business_registry", "operation": operation, "fault": {"kind": kind, **more}}
        async with self.session.put(f"{self.url}/__mock/faults", json={"faults": [planned]}) as answer:
            return answer.status


@pytest.fixture
async def registry() -> AsyncIterator[Registry]:
    country = await asyncio.to_thread(Country, services=[open_service], wall=lambda: NOW)
    credential = country.world.credential
    basic = aiohttp.encode_basic_auth(
        credential("business_registry", "access_key"), credential("business_registry", "secret_key")
    )
    async with listening(country) as url, aiohttp.ClientSession() as session:
        form = {"grant_type": "client_credentials"}
        async with session.post(
            f"{url}/business-registry/token", data=form, headers={"Authorization": basic}
        ) as answer:
            token = (await answer.json())["access_token"]
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as guest:
            yield Registry(url, country, guest)


@pytest.fixture(scope="session")
def contract() -> dict[str, Any]:
    """The OpenAPI description, parsed."""
    return yaml.safe_load((CONTRACT / "openapi.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def conforms(contract: dict[str, Any]) -> Conforms:
    """Fails, naming the place, where a value does not conform to a schema of the contract."""

    def check(schema: str, value: object) -> None:
        Draft202012Validator({**contract, "$ref": f"#/components/schemas/{schema}"}).validate(value)

    return check
