"""What every service of the country must do, whoever wrote it; a new one is covered by being there."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import orjson
import pytest
import pytest_asyncio

import mocks.services
from mocks.engine.admin import KINDS
from mocks.engine.country import Country
from mocks.engine.server import listening

COUNTRY = Country()
NAMES = sorted(COUNTRY.services)
PARAMETERS: dict[str, dict[str, object]] = {
    "latency": {"seconds": 0},
    "late": {"seconds": 0},
    "status": {"status": 503},
    "dribble": {"bytes_per_second": 1e7},
    "gzip_bomb": {"megabytes": 1},
    "huge_body": {"megabytes": 1},
    "deep_json": {"depth": 10},
    "many_elements": {"count": 10},
    "drift": {"field": "khong_co"},
    "clock_skew": {"seconds": 60},
}
GARBAGE = (b"", b"{", b"[]", b"<a>", b"<a/>", b"\xff\xfe", b'{"a": null}', b"a=1&b=2", b'{"a":' * 3_000)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_for_all() -> AsyncIterator[str]:
    """One country for tests that begin by putting a plan of their own and look at the answer to that alone."""
    async with listening(await asyncio.to_thread(Country)) as where:
        yield where


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """The whole country, as installed."""
    whole = await asyncio.to_thread(Country)
    async with listening(whole) as where:
        yield where


def test_services_are_those_of_the_folder() -> None:
    """Found by their place."""
    folders = {path.parent.name for path in Path(mocks.services.__path__[0]).glob("*/__init__.py")}

    assert set(NAMES) == folders == set(COUNTRY.services)


@pytest.mark.parametrize("name", NAMES)
def test_a_service_is_named_as_its_folder_and_speaks_of_itself_only(name: str) -> None:
    """Its samples are those of its own connector's operations, and plain JSON."""
    service = COUNTRY.services[name]
    samples = service.samples()

    assert service.name == name
    assert all(operation.startswith(f"{name}.") for operation in samples)
    assert all(set(sample) & {"path", "query", "body"} for tried in samples.values() for sample in tried)
    assert orjson.loads(orjson.dumps(samples)) == samples


@pytest.mark.parametrize("name", NAMES)
def test_calls_are_declared_whole(name: str) -> None:
    """Paths are relative, SOAP calls have their Fault, guarded ones say how a spent token is answered."""
    for call in COUNTRY.services[name].calls:
        assert not call.path.startswith("/")
        assert call.kind != "soap" or call.soap_fault is not None
        assert call.another is not None or call.why_no_another
        assert call.spent is None or call.authenticate is not None or call.kind == "rest"


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("name", NAMES)
async def test_every_kind_can_be_put_on_every_system_or_says_why_not(one_for_all: str, name: str, kind: str) -> None:
    """`*` is accepted, or refused with a reason for each call."""
    planned = {"system": name, "fault": {"kind": kind, **PARAMETERS.get(kind, {})}}
    async with (
        aiohttp.ClientSession() as session,
        session.put(f"{one_for_all}/__mock/faults", json={"faults": [planned]}) as answer,
    ):
        told = await answer.json()

    assert answer.status == 200 or (answer.status == 400 and told["reasons"])


@pytest.mark.parametrize("name", NAMES)
async def test_no_call_answers_500_to_garbage(url: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever body, with whatever content type: the caller's mistake is never a bug of the service."""
    async with aiohttp.ClientSession() as session:
        for call in COUNTRY.services[name].calls:
            path = re.sub(r"\{\w+\}", "nothing", call.path)
            for body in GARBAGE:
                for content_type in ("application/json", "text/xml", "application/x-www-form-urlencoded"):
                    headers = {"Content-Type": content_type, "Authorization": "Bearer nobody"}
                    target = f"{url}{COUNTRY.services[name].prefix}/{path}"
                    async with session.request(call.method, target, data=body, headers=headers) as answer:
                        await answer.read()
        async with session.get(f"{url}/__mock/journal?system={name}&limit=5000") as answer:
            entries = (await answer.json())["entries"]

    assert "Traceback" not in caplog.text
    assert len(entries) == len(GARBAGE) * 3 * len(COUNTRY.services[name].calls)


@pytest.mark.parametrize("name", NAMES)
async def test_no_answer_to_a_stranger_is_500_on_a_bad_day(
    url: str, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Faults that rework an answer take any answer, refusals and files too."""
    async with aiohttp.ClientSession(auto_decompress=False) as session:
        for kind in (
            "wrong_record",
            "malformed",
            "bom",
            "many_elements",
            "doctype",
            "drift",
            "token_expired",
            "quota_spent",
        ):
            planned = {"system": name, "fault": {"kind": kind, **PARAMETERS.get(kind, {})}}
            async with session.put(f"{url}/__mock/faults", json={"faults": [planned]}):
                pass
            for call in COUNTRY.services[name].calls:
                path = re.sub(r"\{\w+\}", "nothing", call.path)
                target = f"{url}{COUNTRY.services[name].prefix}/{path}"
                async with session.request(call.method, target, data=b"{}" if call.method != "GET" else None) as answer:
                    await answer.read()

    assert "Traceback" not in caplog.text
