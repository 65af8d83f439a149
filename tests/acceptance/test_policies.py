"""Scenarios 24, 33 and 50 from end to end, and what callers see of the policies: over real sockets, beside the mocks.

What the national systems were asked is read from the mock country's journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any, Final

import pytest

from gateway.adapters.soap.adapter import SoapAdapter
from gateway.cli.ports import free_ports
from gateway.core.clock import SystemClock
from gateway.testing.clock import FakeClock
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import KEY, Answered, Portal

ENTERPRISE: Final = "business_registry.enterprise"
CALL: Final = "chiTietDoanhNghiep"
APPLY: Final = "criminal_records.apply"
CARD: Final = "social_insurance.health_card"
NO_CACHE: Final = {"Cache-Control": "no-cache"}


@asynccontextmanager
async def beside(
    national: National, upstreams: Mapping[str, Any], clock: FakeClock | None = None, **changes: Any
) -> AsyncIterator[Portal]:
    """A gateway beside *national* with *upstreams* laid over every upstream."""
    settings = laptop_settings(national.url, upstreams=upstreams, **changes)
    async with serving_portal(settings, clock or SystemClock()) as portal:
        yield portal


async def arrived(national: National, system: str, operation: str, count: int) -> None:
    """Returns once *count* calls of *operation* have arrived."""
    async with asyncio.timeout(10):
        while await national.total(system, operation) < count:  # noqa: ASYNC110  # the mocks tell over HTTP alone
            await asyncio.sleep(0.005)


async def queued(portal: Portal, count: int) -> None:
    """Returns once *count* exchanges with the business registry wait for a place."""
    await shown(portal, f'lgsp_bulkhead_waiting{{connector="business_registry",upstream="ngsp"}} {count}.0')


async def shown(portal: Portal, line: str) -> None:
    """Returns once *line* stands in the gateway's metrics."""
    async with asyncio.timeout(10):
        while line not in await metrics_of(portal):  # noqa: ASYNC110  # the gateway tells over HTTP alone
            await asyncio.sleep(0.005)


async def metrics_of(portal: Portal) -> str:
    """What Prometheus reads."""
    async with portal.session.get(f"{portal.gateway.ops_url}/metrics") as answer:
        return await answer.text()


async def test_scenario_24_an_order_cut_off_after_sending_arrives_once(national: National) -> None:
    """The connection breaks after the order was sent: one arrival, and the caller learns that nobody knows."""
    sample = (await national.samples(APPLY))[0]
    await national.fault("criminal_records", "reset_before")

    async with beside(national, {"retry": {"attempts": 3}}) as portal:
        refused = await portal.look_up(APPLY, sample)

    assert refused.verdict == (502, "upstream-invalid-response")
    assert (refused.json["outcome"], refused.json["retryable"]) == ("unknown", False)
    assert refused.json["reason"] == "cut_off"
    assert await national.total("criminal_records") == 1


async def test_scenario_33_who_finds_the_queue_full_is_refused_at_once(national: National) -> None:
    """One at the source and one waiting: the third gets 503 with Retry-After while the source still hangs."""
    samples = await national.samples(ENTERPRISE)
    await national.fault("business_registry", "hang", operation=CALL)

    async with beside(national, {"bulkhead": {"limit": 1, "queue": 1}}) as portal:
        running = asyncio.create_task(portal.look_up(ENTERPRISE, samples[0]))
        await arrived(national, "business_registry", CALL, 1)
        waiting = asyncio.create_task(portal.look_up(ENTERPRISE, samples[1]))
        await queued(portal, 1)
        refused = await portal.look_up(ENTERPRISE, samples[2])
        assert not running.done()
        assert not waiting.done()
        running.cancel()
        waiting.cancel()
        await asyncio.gather(running, waiting, return_exceptions=True)
        # Who hangs up leaves the queue and gives its place back.
        await queued(portal, 0)

    assert refused.verdict == (503, "overloaded")
    assert (refused.json["fault"], refused.json["retryable"], refused.json["outcome"]) == ("gateway", True, "not_done")
    assert int(refused.headers["Retry-After"]) >= 1
    assert 'decisions;desc="bulkhead=full"' in refused.headers["Server-Timing"]
    assert await national.total("business_registry", CALL) == 1


async def test_scenario_50_a_crowd_with_a_dead_token_is_one_renewal(national: National) -> None:
    """The token dies at the source; all at once get 401: one token request, and everybody is answered."""
    samples = await national.samples(ENTERPRISE)
    async with beside(national, {"bulkhead": {"limit": 50}}) as portal:
        assert (await portal.look_up(ENTERPRISE, samples[0], NO_CACHE)).status == 200
        # Starting over, the country forgets all tokens that it gave.
        async with national.session.post(f"{national.url}/__mock/reset") as answer:
            assert answer.status in {200, 204}

        crowd = await asyncio.gather(*(portal.look_up(ENTERPRISE, sample, NO_CACHE) for sample in samples[:5] * 4))

    assert {found.status for found in crowd} == {200}
    calls = await national.total("business_registry", CALL)
    assert await national.total("business_registry") - calls == 1
    # Each question that was refused was asked once more; equal questions may have shared a call.
    assert len(samples[:5]) <= calls <= 2 * len(crowd)
    assert any("token=renewed" in found.headers["Server-Timing"] for found in crowd)


async def test_a_breaker_opens_tells_when_and_closes_again(national: National, clock: FakeClock) -> None:
    """Five failures, then 503 without a call and with the time that remains; then a probe finds the source well."""
    samples = await national.samples(ENTERPRISE)
    await national.fault("business_registry", "status", operation=CALL, status=500)
    never_kept = {"retry": {"attempts": 1}, "breaker": {"consecutive_failures": 5, "open_s": 30, "half_open_calls": 1}}

    async with beside(national, never_kept, clock) as portal:
        for _ in range(5):
            assert (await portal.look_up(ENTERPRISE, samples[0])).json["reason"] == "upstream_error"
        await clock.advance(10)
        refused = await portal.look_up(ENTERPRISE, samples[1])
        exposed = await metrics_of(portal)
        assert await national.total("business_registry", CALL) == 5

        async with national.session.delete(f"{national.url}/__mock/faults") as answer:
            assert answer.status in {200, 204}
        await clock.advance(20)
        well = await portal.look_up(ENTERPRISE, samples[1])

    assert refused.verdict == (503, "upstream-unavailable")
    assert (refused.json["reason"], refused.headers["Retry-After"]) == ("breaker_open", "20")
    assert 'decisions;desc="breaker=open"' in refused.headers["Server-Timing"]
    labels = '{connector="business_registry",state="open",upstream="ngsp"}'
    assert f"lgsp_breaker_state{labels} 1.0" in exposed
    assert f"lgsp_breaker_transitions_total{labels} 1.0" in exposed
    assert well.status == 200


async def test_a_caller_is_held_to_its_rate_and_told_of_it(national: National, clock: FakeClock) -> None:
    """RateLimit on every answer, cached or not; one too many is 429 with Retry-After, and costs the source nothing."""
    samples = await national.samples(ENTERPRISE)
    callers = {"laptop": {"key": KEY, "scopes": ["*"], "rate": {"per_second": 0.5, "burst": 3}}}

    async with beside(national, {}, clock, callers=callers) as portal:
        granted = [await portal.look_up(ENTERPRISE, samples[0]) for _ in range(3)]
        refused = await portal.look_up(ENTERPRISE, samples[1])
        await clock.advance(2)
        later = await portal.look_up(ENTERPRISE, samples[0])

    assert [found.status for found in granted] == [200, 200, 200]
    assert [found.headers["RateLimit"] for found in granted] == [f'"caller";r={left};t={t}' for left, t in rest(3)]
    assert {found.headers["RateLimit-Policy"] for found in granted} == {'"caller";q=3;w=6'}
    assert refused.verdict == (429, "rate-limited")
    assert (refused.headers["Retry-After"], refused.headers["RateLimit"]) == ("2", '"caller";r=0;t=6')
    assert later.status == 200
    assert await national.total("business_registry", CALL) == 1


def rest(burst: int) -> list[tuple[int, int]]:
    """What is left after each of *burst* requests at once, and the seconds until all are back, at two seconds each."""
    return [(burst - asked, 2 * asked) for asked in range(1, burst + 1)]


async def test_a_batch_makes_room_for_people(national: National, clock: FakeClock) -> None:
    """Two parts of three find room to wait; a person comes, and the last of them goes."""
    samples = await national.samples(ENTERPRISE)
    await national.fault("business_registry", "hang", operation=CALL)
    parts = [{"operation": ENTERPRISE, "query": sample["path"]} for sample in samples[:3]]

    async with beside(national, {"bulkhead": {"limit": 1, "queue": 2}, "retry": {"attempts": 1}}, clock) as portal:
        running = asyncio.create_task(portal.look_up(ENTERPRISE, samples[3]))
        await arrived(national, "business_registry", CALL, 1)
        batch = asyncio.create_task(portal.ask("POST", "/v1/batch", body={"requests": parts}))
        await queued(portal, 2)
        person = asyncio.create_task(portal.look_up(ENTERPRISE, samples[4]))
        asked = 'caller="laptop",connector="business_registry",operation="enterprise"'
        await shown(portal, f'lgsp_requests_total{{{asked},outcome="overloaded"}} 2.0')
        # The first attempt ends, and the person's begins before the part that was there earlier.
        while not person.done():
            await clock.advance(4)
        await clock.advance(10)
        answered: Answered = await batch
        await running

    reasons = [part["problem"]["reason"] for part in answered.json["data"]]
    assert sorted(reasons) == ["batch_shed", "bulkhead_full", "deadline"]
    assert (await person).json["reason"] == "attempt"


async def test_scenario_37_ready_only_when_contracts_are_loaded(
    national: National, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While an adapter still loads its contract nobody is let in; then all connectors are there at once."""
    loaded = asyncio.Event()
    opening = asyncio.Event()
    load = SoapAdapter.open

    async def slowly(self: SoapAdapter) -> None:
        """As on a cold disk."""
        opening.set()
        await loaded.wait()
        await load(self)

    monkeypatch.setattr(SoapAdapter, "open", slowly)
    port, ops = free_ports(2)
    settings = laptop_settings(national.url, listen={"port": port}, ops={"port": ops})

    async with AsyncExitStack() as stack:
        starting = asyncio.create_task(stack.enter_async_context(serving_portal(settings)))
        await opening.wait()
        for one in (port, ops):
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", one)

        loaded.set()
        portal = await starting
        async with portal.session.get(f"http://127.0.0.1:{ops}/readyz") as answer:
            assert answer.status == 200
        assert await national.total() == 0
