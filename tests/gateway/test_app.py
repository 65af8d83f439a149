"""The composition root: what starts, what is refused at start, and what is left when it ends."""

from __future__ import annotations

import asyncio
import shutil
import socket
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import aiohttp
import aiohttp.web
import pytest

from gateway.app import running
from gateway.core.call import Call, Purpose, Trace
from gateway.core.canonical import Canonical
from gateway.core.events import DriftSeen, Event
from gateway.core.operation import Operation
from gateway.core.upstream import Officer
from gateway.parts import fan_out
from gateway.rights import officers
from gateway.settings import ConfigurationError, Settings
from tests.support.laptop import PLAIN, PORTS, ROOT, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal

ENTERPRISE: Final = "business_registry.enterprise"


@pytest.fixture
def taken() -> Iterator[int]:
    """A port that somebody else listens on."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        yield listener.getsockname()[1]


@pytest.mark.parametrize("key", ["listen", "ops"])
async def test_taken_port_is_one_sentence_with_its_key(key: str, taken: int, national: National) -> None:
    """A port that is taken is told by the key that wants it, and nothing that had started is left running."""
    before = asyncio.all_tasks()
    settings = laptop_settings(national.url, **{key: {"port": taken}})
    with pytest.raises(ConfigurationError, match=rf"^{key}: could not listen on 127\.0\.0\.1:{taken} \(.*in use\)$"):
        async with running(settings):
            pytest.fail("it runs")

    assert asyncio.all_tasks() == before


async def test_changed_contract_is_refused_at_start(tmp_path: Path, national: National) -> None:
    """A WSDL that is not the pinned one is no contract: the start says which file, and what to do."""
    contracts = tmp_path / "contracts"
    await asyncio.to_thread(shutil.copytree, ROOT / "contracts", contracts)
    wsdl = contracts / "legal_documents" / "ws.wsdl"
    await asyncio.to_thread(lambda: wsdl.write_bytes(wsdl.read_bytes() + b"\n"))
    with pytest.raises(ConfigurationError, match=r"ws\.wsdl"):
        async with running(laptop_settings(national.url, contracts=str(contracts))):
            pytest.fail("it runs")


async def test_gateway_without_connectors_runs() -> None:
    """Nothing configured is nothing offered, and still a gateway that says so."""
    settings = Settings.model_validate({**PORTS, "callers": {"a": {"key": "lgsp_laptop_only"}}})
    async with serving_portal(settings) as portal:
        assert (await portal.ask("GET", "/v1/connectors")).json["data"] == []
        assert (await portal.ask("GET", "/v1/business-registry/enterprises/1")).verdict == (404, "unknown-route")


async def test_what_no_dialect_answers_has_no_route(national: National) -> None:
    """An operation that no configured upstream answers is listed as not offered, and is unknown to the door."""
    only_paper = Settings.model_validate(
        {
            **PORTS,
            "callers": {"a": {"key": "lgsp_laptop_only", "scopes": ["*"]}},
            "connectors": {"criminal_records": {"upstreams": {"ngsp": {
                "url": f"{national.url}/criminal-records", "allow_private": True, "ministry_justice_id": 82,
            }}}},
        }
    )  # fmt: skip
    async with serving_portal(only_paper) as portal:
        listed = (await portal.ask("GET", "/v1/connectors/criminal_records")).json["data"]["operations"]
        answered = await portal.ask("GET", "/v1/criminal-records/applications/x/certificate")

    assert {entry["operation"]: entry["offered"] for entry in listed}["criminal_records.certificate"] is False
    assert answered.verdict == (404, "unknown-route")


async def test_request_under_way_is_answered_when_the_gateway_leaves(national: National) -> None:
    """Who was let in is answered before the door closes."""
    await national.fault("business_registry", "latency", seconds=0.05)
    sample = (await national.samples(ENTERPRISE))[0]
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        async with running(laptop_settings(national.url, upstreams=PLAIN)) as gateway:
            asked = asyncio.create_task(Portal(gateway, session).look_up(ENTERPRISE, sample))
            for _ in range(1_000):
                if await national.total("business_registry", "chiTietDoanhNghiep"):
                    break
        answered = await asked

    assert answered.status == 200


async def test_state_follows_what_was_seen(portal: Portal, national: National) -> None:
    """An upstream is up after an answer and failing after a failure, with the reason."""
    sample = (await national.samples(ENTERPRISE))[0]

    async def state() -> dict[str, str]:
        answered = await portal.ask("GET", "/v1/connectors/business_registry")
        found: dict[str, str] = answered.json["data"]["upstreams"][0]
        return found

    before = await state()
    await portal.look_up(ENTERPRISE, sample)
    well = await state()
    await national.fault("business_registry", "status", status=500)
    await portal.look_up(ENTERPRISE, sample, {"Cache-Control": "no-cache"})
    failing = await state()

    assert [seen["state"] for seen in (before, well, failing)] == ["unknown", "up", "failing"]
    assert failing["why"] == "upstream_error"


async def test_gateway_starts_beside_dead_systems() -> None:
    """Nothing is asked at start: a gateway is ready though no national system answers."""
    async with serving_portal(laptop_settings("http://127.0.0.1:1", upstreams=PLAIN)) as portal:
        async with aiohttp.ClientSession() as session, session.get(f"{portal.gateway.ops_url}/readyz") as answer:
            ready = answer.status
        answered = await portal.ask("GET", "/v1/business-registry/enterprises/0300588569")

    assert ready == 200
    assert answered.verdict == (503, "upstream-unavailable")


async def test_two_gateways_do_not_meet(national: National) -> None:
    """What one keeps the other does not know."""
    sample = (await national.samples(ENTERPRISE))[0]
    settings = laptop_settings(national.url)
    async with serving_portal(settings) as one, serving_portal(settings) as other:
        await one.look_up(ENTERPRISE, sample)
        answered = await other.look_up(ENTERPRISE, sample)

    assert answered.json["meta"]["freshness"] == "live"


# ---- parts


def test_every_observer_is_told_in_order() -> None:
    """One event reaches all that listen, first to last."""
    heard: list[tuple[str, Event]] = []
    event = DriftSeen("a", "b", "c")
    fan_out([lambda e: heard.append(("first", e)), lambda e: heard.append(("second", e))])(event)

    assert heard == [("first", event), ("second", event)]


@pytest.fixture
def register(tmp_path: Path) -> dict[str, Any]:
    """Two officers, by reference."""
    for name in ("An", "Bình"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    return {
        user: {"full_name": f"file:{tmp_path / name}", "citizen_id": f"file:{tmp_path / name}"}
        for user, name in (("an", "An"), ("service", "Bình"))
    }


def call_of(user: str | None) -> Call:
    """A call by this officer."""

    class Nothing(Canonical):
        """No question."""

    operation: Operation[Nothing, Nothing] = Operation(name="x", query=Nothing, answer=Nothing, path="x", summary="x")
    return Call(
        connector="x",
        operation=operation,
        query=Nothing(),
        caller="a",
        request_id="1",
        expires_at=0.0,
        trace=Trace(0.0),
        purpose=None if user is None else Purpose("d", user),
    )


@pytest.mark.parametrize(
    ("user", "allowed", "name"),
    [
        ("an", False, "An"),
        ("an", True, "An"),
        ("who", False, None),
        ("who", True, "Bình"),
        (None, False, None),
        (None, True, "Bình"),
    ],
)
def test_officer_is_who_asks_or_the_service_where_allowed(
    user: str | None, allowed: bool, name: str | None, register: dict[str, Any]
) -> None:
    """A source that wants a name gets that of the officer who asks; the service stands in only where allowed."""
    settings = Settings.model_validate({"officers": register, "service_officer": allowed})
    found = officers(settings)(call_of(user))

    assert found == (None if name is None else Officer(name, name))
