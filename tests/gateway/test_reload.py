"""Changes of the configuration while the gateway runs: what acts at once, what is refused, and what is never lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National, Sample
from tests.support.written import ENTERPRISE, OTHER, Changing, changing, hashed, written

OLDER: Final = "lgsp_older_only-for-tests"
UP: Final = '{connector="business_registry",upstream="ngsp"'


@pytest.fixture
async def running(national: National, tmp_path: Path) -> AsyncIterator[Changing]:
    """A gateway that runs by a file."""
    async with changing(await asyncio.to_thread(written, tmp_path, national.url)) as found:
        yield found


@pytest.fixture
async def sample(national: National) -> Sample:
    """A request that is answered."""
    found = await national.samples(ENTERPRISE)
    return found[0]


async def test_a_caller_comes_and_goes(running: Changing, sample: Sample) -> None:
    """A key works from the reload on that names it, and ends with the one that does not."""
    path = f"/v1/business-registry/enterprises/{sample['path']['enterprise_code']}"
    before = await running.portal.ask("GET", path, key=OTHER)
    running.file.values["callers"]["other"] = {"key_sha256": hashed(OTHER), "scopes": ["business_registry.*"]}
    told = (await running.changed()).json["data"]
    known = [await running.portal.ask("GET", path, key=OTHER) for _ in range(3)]
    del running.file.values["callers"]["other"]
    await running.changed()
    after = await running.portal.ask("GET", path, key=OTHER)

    assert before.verdict == after.verdict == (401, "unauthenticated")
    assert [answer.status for answer in known] == [200, 200, 200]
    assert (told["result"], told["changed"]) == ("applied", ["callers.other"])


async def test_two_keys_are_valid_while_one_is_rotated(running: Changing) -> None:
    """The key before is accepted beside the new one until the file leaves it out, under the same name."""
    other: dict[str, Any] = {"key_sha256": hashed(OLDER), "scopes": ["*"]}
    running.file.values["callers"]["other"] = other
    await running.changed()
    other |= {"key_sha256": hashed(OTHER), "previous_key_sha256": hashed(OLDER)}
    await running.changed()
    both = [await running.portal.ask("GET", "/v1/connectors", key=key) for key in (OLDER, OTHER)]
    del other["previous_key_sha256"]
    await running.changed()
    one = [await running.portal.ask("GET", "/v1/connectors", key=key) for key in (OLDER, OTHER)]

    assert [answer.status for answer in both] == [200, 200]
    assert [answer.status for answer in one] == [401, 200]


async def test_what_is_cached_stays(running: Changing, sample: Sample, national: National) -> None:
    """An answer that was fetched before a reload is given from the cache after it."""
    await running.portal.look_up(ENTERPRISE, sample)
    asked = await national.total("business_registry")
    running.file.upstream("business_registry", "ngsp")["attempt_timeout_s"] = 4
    await running.changed()
    again = await running.portal.look_up(ENTERPRISE, sample)

    assert again.headers["Cache-Status"].startswith("lgsp; hit")
    assert await national.total("business_registry") == asked


async def test_a_token_stays_with_its_credentials(running: Changing, national: National) -> None:
    """Other policies and other connections do not ask for a new token."""
    first, second, *_ = await national.samples(ENTERPRISE)
    await running.portal.look_up(ENTERPRISE, first)
    running.file.upstream("business_registry", "ngsp")["limits"] = {"depth": 32}
    await running.changed()
    answered = await running.portal.look_up(ENTERPRISE, second)

    assert answered.status == 200
    assert await national.total("business_registry", "token") == 1


async def test_an_open_breaker_stays_open(running: Changing, national: National) -> None:
    """A source that failed is not stormed because a caller was added."""
    block = running.file.upstream("business_registry", "ngsp")
    block["breaker"] = {"consecutive_failures": 1, "open_s": 3600}
    await running.changed()
    await national.fault("business_registry", "status", operation="chiTietDoanhNghiep", status=500)
    first, second, *_ = await national.samples(ENTERPRISE)
    failed = await running.portal.look_up(ENTERPRISE, first)
    block["attempt_timeout_s"] = 4
    await running.changed()
    asked = await national.total("business_registry")
    after = await running.portal.look_up(ENTERPRISE, second)

    assert failed.status in {502, 503}
    assert after.json["reason"] == "breaker_open"
    assert await national.total("business_registry") == asked


async def test_another_address_is_probed_at_once(running: Changing, national: National) -> None:
    """A road that is switched because the old one fails does not wait for the old one's breaker."""
    block = running.file.upstream("business_registry", "ngsp")
    address = block["url"]
    block |= {"breaker": {"consecutive_failures": 1, "open_s": 3600}, "url": "http://127.0.0.1:9"}
    await running.changed()
    first, second, *_ = await national.samples(ENTERPRISE)
    failed = await running.portal.look_up(ENTERPRISE, first)
    block["url"] = address
    await running.changed()
    after = await running.portal.look_up(ENTERPRISE, second)

    assert failed.status == 503
    assert after.status == 200


async def test_a_spent_quota_stays_spent(running: Changing, national: National) -> None:
    """A quota that is raised grants the difference, not all of it again."""
    samples = await national.samples(ENTERPRISE)
    block = running.file.upstream("business_registry", "ngsp")
    block |= {"quota_per_day": 2, "quota_reserve": 0}
    await running.changed()
    first = [(await running.portal.look_up(ENTERPRISE, sample)).status for sample in samples[:3]]
    block["quota_per_day"] = 3
    await running.changed()
    left = await running.metric(f"lgsp_quota_remaining{UP}}}")
    then = [(await running.portal.look_up(ENTERPRISE, sample)).status for sample in samples[3:5]]

    del block["quota_per_day"], block["quota_reserve"]
    await running.changed()
    series = (await running.ops("GET", "/metrics")).body.decode()

    assert first == [200, 200, 503]
    assert left == 1
    assert "lgsp_quota_remaining{" not in series, "no quota is left that could alarm for ever"
    assert then == [200, 503]


async def test_a_request_ends_by_the_configuration_it_began_on(running: Changing, national: National) -> None:
    """A slow answer comes, although its upstream is left out and its connections are replaced meanwhile."""
    first, second, *_ = await national.samples(ENTERPRISE)
    await running.portal.look_up(ENTERPRISE, first)  # the token
    await national.fault("business_registry", "latency", operation="chiTietDoanhNghiep", seconds=1.0)
    slow = asyncio.create_task(running.portal.look_up(ENTERPRISE, second))
    asked = 0
    while asked < 2:
        asked = await national.total("business_registry", "chiTietDoanhNghiep")
    del running.file.values["connectors"]["business_registry"]
    await running.changed()
    gone = await running.portal.look_up(ENTERPRISE, first)

    assert gone.verdict == (404, "unknown-route")
    assert (await slow).status == 200


async def test_an_upstream_that_is_left_out_is_told_of_no_more(running: Changing, sample: Sample) -> None:
    """Neither the board nor the levels of the metrics name it; it comes back with what its counters had."""
    await running.portal.look_up(ENTERPRISE, sample)
    block = running.file.values["connectors"].pop("business_registry")
    await running.changed()
    listed = {one["name"] for one in (await running.ops("GET", "/connectors")).json["data"]}
    text = (await running.ops("GET", "/metrics")).body.decode()
    running.file.values["connectors"]["business_registry"] = block
    await running.changed()

    assert "business_registry" not in listed
    for name in ("lgsp_upstream_up", "lgsp_bulkhead_in_use", "lgsp_breaker_state", "lgsp_token_age_seconds"):
        assert f"{name}{UP}" not in text
    assert await running.metric(f"lgsp_upstream_up{UP}}}") == 1
    assert (await running.portal.look_up(ENTERPRISE, sample)).status == 200


async def test_a_dialect_is_switched(running: Changing, national: National) -> None:
    """The same question goes to the other generation of the system from the reload on."""
    first, second, *_ = await national.samples("legal_documents.document")
    operations = running.file.values["connectors"]["legal_documents"]["operations"]
    before = await running.portal.look_up("legal_documents.document", first)
    operations["document"]["upstream"] = "gateway"
    await running.changed()
    after = await running.portal.look_up("legal_documents.document", second)
    entry = next(
        one
        for connector in (await running.ops("GET", "/connectors")).json["data"]
        for one in connector["operations"]
        if one["operation"] == "legal_documents.document"
    )

    assert (before.status, after.status) == (200, 200)
    assert entry["upstream"] == "gateway"


async def test_a_rate_acts_at_once(running: Changing) -> None:
    """A caller that is given a rate is held to it from the reload on."""
    laptop = running.file.values["callers"]["laptop"]
    laptop["rate"] = {"per_second": 0.01, "burst": 1}
    await running.changed()
    codes = [(await running.portal.ask("GET", "/v1/legal-documents/documents?q=x")).status for _ in range(3)]

    assert codes[-1] == 429


async def test_an_operator_comes_and_goes(running: Changing) -> None:
    """A key acts from the reload on that names it, a session that it began ends with it."""
    operators = running.file.values["ops"]["operators"]
    operators["other"] = {"key_sha256": hashed(OTHER), "scopes": ["act"]}
    await running.changed()
    ops, session = running.portal.gateway.ops_url, running.portal.session
    async with session.post(f"{ops}/api/session", json={"key": OTHER}) as answer:
        cookie = {"Cookie": f"lgsp_session={answer.cookies['lgsp_session'].value}"}
    statuses = []
    for _ in range(2):
        async with session.post(f"{ops}/api/reload", headers=cookie) as answer:
            statuses += [answer.status, (await running.ops("POST", "/api/reload", key=OTHER)).status]
        operators.pop("other", None)
        await running.changed()

    assert statuses == [200, 200, 401, 401]


async def test_a_second_reload_finds_nothing_new(running: Changing) -> None:
    """What was not changed is not built again; two at once are done one after the other."""
    running.file.values["callers"]["other"] = {"key_sha256": hashed(OTHER)}
    running.file.write()
    both = await asyncio.gather(running.reload(), running.reload({"reason": "twice at once"}))

    assert sorted(answer.json["data"]["result"] for answer in both) == ["applied", "unchanged"]
    assert await running.metric('lgsp_config_reloads_total{result="applied"}') == 1
    assert await running.metric('lgsp_config_reloads_total{result="unchanged"}') == 1
    recorded = (await running.ops("GET", "/api/actions")).json["data"]
    assert {(one["who"], one["what"], one["target"], one["why"]) for one in recorded} == {
        ("laptop", "reload", "configuration", ""),
        ("laptop", "reload", "configuration", "twice at once"),
    }


async def test_who_may_not_act_may_not_reload(running: Changing) -> None:
    """The route wants an operator's key."""
    assert (await running.ops("POST", "/api/reload", key="wrong")).verdict == (401, "unauthenticated")


async def test_a_gateway_without_a_file_has_nothing_to_read_again(national: National) -> None:
    """It says so."""
    async with serving_portal(laptop_settings(national.url)) as portal:
        headers = {"Authorization": "Bearer lgsp_laptop_only"}
        async with portal.session.post(f"{portal.gateway.ops_url}/api/reload", headers=headers) as answer:
            told = await answer.json()

    assert (answer.status, told["reason"]) == (409, "no_configuration_file")
