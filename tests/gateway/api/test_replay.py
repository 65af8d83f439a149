"""A replayed hit equals the answer that the ring would have given."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping

from gateway.testing.clock import FakeClock
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Answered, Portal

OPERATION = "business_registry.enterprise"
#: What belongs to one request alone.
OWN = {"x-request-id", "server-timing", "date"}


async def enterprise(national: National) -> str:
    code = (await national.samples(OPERATION))[0]["path"]["enterprise_code"]
    return f"/v1/business-registry/enterprises/{code}"


def common(answered: Answered) -> tuple[int, Mapping[str, str], object]:
    headers = {name: value for name, value in answered.headers.items() if name.lower() not in OWN}
    body = answered.json
    assert body["meta"].pop("request_id") == answered.headers["X-Request-Id"]
    return answered.status, headers, body


async def count(portal: Portal, line: str) -> float:
    async with portal.session.get(f"{portal.gateway.ops_url}/metrics") as answer:
        text = await answer.text()
    found = re.search(rf"^{re.escape(line)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


async def test_a_replayed_hit_equals_the_rings_own(portal: Portal, national: National) -> None:
    """The second plain hit has the same status, headers, data and meta as the first, but for what is each request's."""
    path = await enterprise(national)
    asked = [await portal.ask("GET", path, purpose=False) for _ in range(4)]

    assert [answered.headers["Cache-Status"].split(";")[1].strip() for answered in asked] == ["fwd=miss"] + ["hit"] * 3
    first, again, last = map(common, asked[1:])
    assert again == last == first
    assert len({answered.headers["X-Request-Id"] for answered in asked}) == 4


async def test_repeated_hits_are_replayed_and_counted(portal: Portal, national: National) -> None:
    """The first hit is the ring's, all others are replayed; metrics know each request and the age of each hit."""
    path = await enterprise(national)
    for _ in range(5):
        await portal.ask("GET", path, purpose=False)

    labels = 'connector="business_registry",operation="enterprise"'
    assert await count(portal, f'lgsp_cache_requests_total{{{labels},result="hit"}}') == 1
    assert await count(portal, f'lgsp_cache_requests_total{{{labels},result="replayed"}}') == 3
    assert await count(portal, f'lgsp_requests_total{{caller="laptop",{labels},outcome="ok"}}') == 5
    assert await count(portal, f"lgsp_request_duration_seconds_count{{{labels}}}") == 5
    assert await count(portal, f"lgsp_cache_age_seconds_count{{{labels}}}") == 4


async def test_a_head_request_gets_the_same_headers_and_no_body(portal: Portal, national: National) -> None:
    """HEAD of what is given again has the length that GET has."""
    path = await enterprise(national)
    for _ in range(3):
        whole = await portal.ask("GET", path, purpose=False)
    head = await portal.ask("HEAD", path, purpose=False)

    assert head.body == b""
    assert head.headers["Content-Length"] == whole.headers["Content-Length"]


async def test_what_is_not_plain_goes_through_the_ring(portal: Portal, national: National) -> None:
    """A condition, a wish, a purpose and a wrong header are heard though the answer stands."""
    path = await enterprise(national)
    for _ in range(3):
        plain = await portal.ask("GET", path, purpose=False)

    same = await portal.ask("GET", path, purpose=False, headers={"If-None-Match": plain.headers["ETag"]})
    fresh = await portal.ask("GET", path, purpose=False, headers={"Cache-Control": "no-cache"})
    wrong = await portal.ask("GET", path, purpose=False, headers={"X-Request-Timeout": "soon"})
    public, full = plain.json["data"], (await portal.ask("GET", path)).json["data"]

    assert same.status == 304
    assert "fwd" in fresh.headers["Cache-Status"]
    assert wrong.verdict == (400, "invalid-request")
    assert "identity_number" not in str(public)
    assert "identity_number" in str(full)


async def test_a_wrong_key_never_gets_a_replay(portal: Portal, national: National) -> None:
    """Who calls is asked each time."""
    path = await enterprise(national)
    for _ in range(3):
        await portal.ask("GET", path, purpose=False)

    assert (await portal.ask("GET", path, purpose=False, key=None)).verdict == (401, "unauthenticated")
    assert (await portal.ask("GET", path, purpose=False, key="lgsp_other")).verdict == (401, "unauthenticated")


async def test_the_callers_own_request_id_comes_back(portal: Portal, national: National) -> None:
    """In header and meta, though the bytes around it are old."""
    path = await enterprise(national)
    for number in range(4):
        answered = await portal.ask("GET", path, purpose=False, headers={"X-Request-Id": f"mine-{number}"})

        assert answered.headers["X-Request-Id"] == answered.json["meta"]["request_id"] == f"mine-{number}"


async def test_age_and_rest_of_life_move_with_the_clock_until_the_end(national: National, clock: FakeClock) -> None:
    """Ten seconds later the same answer is ten seconds older; past its life the source is asked again."""
    path = await enterprise(national)
    operations = {"enterprise": {"fresh_s": 100}}
    settings = laptop_settings(national.url, cache={"jitter": 0.0})
    blocks = dict(settings.connectors)
    registry = blocks["business_registry"]
    blocks["business_registry"] = type(registry)(upstreams=registry.upstreams, operations=operations)
    settings = settings.model_copy(update={"connectors": blocks})
    async with serving_portal(settings, clock) as portal:
        for _ in range(3):
            await portal.ask("GET", path, purpose=False)
        await clock.advance(10)
        later = await portal.ask("GET", path, purpose=False)
        await clock.advance(100)
        renewed = await portal.ask("GET", path, purpose=False)

    assert later.headers["Age"] == "10"
    assert later.headers["Cache-Status"] == "lgsp; hit; ttl=90"
    assert later.headers["Cache-Control"] == "private, max-age=100"
    assert later.json["meta"]["age_seconds"] == 10
    assert "fwd=miss" in renewed.headers["Cache-Status"]


async def test_a_caller_with_a_rate_is_held_to_it_on_hits_too(national: National) -> None:
    """What stands is never given past a step that must see every request."""
    path = await enterprise(national)
    key = "lgsp_rated_only-for-tests"
    digest = hashlib.sha256(key.encode()).hexdigest()
    rated = {"key_sha256": digest, "scopes": ["*"], "rate": {"per_second": 0.001, "burst": 3}}
    async with serving_portal(laptop_settings(national.url, callers={"rated": rated})) as portal:
        asked = [await portal.ask("GET", path, purpose=False, key=key) for _ in range(5)]

    assert [answered.status for answered in asked] == [200, 200, 200, 429, 429]


async def test_what_the_door_turns_away_is_counted_too(portal: Portal, national: National) -> None:
    """Without a key, without a right, with a wrong code, on no route: each is one request with its outcome."""
    path = await enterprise(national)
    await portal.ask("GET", path, key=None)
    await portal.ask("GET", "/v1/business-registry/enterprises/1")
    await portal.ask("GET", "/v1/nothing")

    labels = 'connector="business_registry",operation="enterprise"'
    assert await count(portal, f'lgsp_requests_total{{caller="",{labels},outcome="unauthenticated"}}') == 1
    assert await count(portal, f'lgsp_requests_total{{caller="laptop",{labels},outcome="invalid-request"}}') == 1
    assert await count(portal, 'lgsp_requests_total{caller="",connector="",operation="",outcome="unknown-route"}') == 1
