"""The administration is for its own page and for programs; a page of another origin can do nothing."""

from __future__ import annotations

import gzip
import json
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from mocks.engine.admin import ROUTES
from tests.mocks.engine.toy import Toy

FAULTS: Final = {"faults": [{"system": "toy", "operation": "*", "fault": {"kind": "status", "status": 500}}]}
WRITES: Final = [(method, path) for path, methods in ROUTES.items() for method in methods if method != "GET"]
BODIES: Final[dict[str, Any]] = {
    "/__mock/faults": FAULTS,
    "/__mock/clock": {"advance": "P3D"},
    "/__mock/journal": {"mark": "here"},
    "/__mock/repeat": {"system": "toy", "operation": "order", "mode": "same"},
    "/__mock/scenario": {"name": "calm"},
    "/__mock/try": {"operation": "x", "sample": {}},
}
#: Routes that refuse these bodies here: the toy has no buttons and no file for its journal.
NEEDS_MORE: Final = {"/__mock/try", "/__mock/journal", "/__mock/push"}


async def sent(toy: Toy, method: str, path: str, headers: dict[str, str], body: bytes | None = None) -> int:
    """The status of a request with these headers; JSON unless they say otherwise."""
    content = {} if body is None else {"Content-Type": "application/json"}
    async with toy.session.request(
        method, toy.url + path, data=body, headers={**content, **headers}, skip_auto_headers=["Content-Type"]
    ) as answer:
        return answer.status


def body_of(method: str, path: str) -> bytes | None:
    """What this route takes."""
    return json.dumps(BODIES[path]).encode() if path in BODIES and method != "DELETE" else None


@pytest.mark.parametrize("path", [path for path, methods in ROUTES.items() if "GET" in methods])
@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "[::1"])
async def test_another_host_is_refused(toy: Toy, path: str, host: str) -> None:
    """A name of another page that leads to this machine reads nothing, the page least of all."""
    assert await sent(toy, "GET", path, {"Host": host}) == 421


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_another_host_changes_nothing(toy: Toy, method: str, path: str) -> None:
    """Whatever it sends."""
    assert await sent(toy, method, path, {"Host": "evil.example"}, body_of(method, path)) == 421


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:1", "[::1]:9100", "localhost", "LOCALHOST.", "a.localhost", "mocks:9100", "Mocks"]
)
async def test_own_hosts_are_taken(toy: Toy, host: str) -> None:
    """Addresses, loopback names, and those that it was started with."""
    toy.country.names = frozenset({"mocks"})

    assert await sent(toy, "GET", "/__mock/faults", {"Host": host}) == 200


async def test_systems_answer_under_any_host(toy: Toy) -> None:
    """They are reached by the names that a ministry's are."""
    assert await sent(toy, "GET", "/toy/orders", {"Host": "registry.example"}) == 200


@pytest.mark.parametrize(("method", "path"), WRITES)
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_page_of_another_origin_can_do_nothing(toy: Toy, method: str, path: str, headers: dict[str, str]) -> None:
    """With a body or without one."""
    assert await sent(toy, method, path, headers, body_of(method, path)) == 403
    assert await sent(toy, method, path, headers) == 403


@pytest.mark.parametrize(("method", "path"), [way for way in WRITES if way[1] not in NEEDS_MORE])
async def test_own_page_can(toy: Toy, method: str, path: str) -> None:
    """As its buttons send it."""
    own = {"Origin": f"http://{urlsplit(toy.url).netloc}", "Sec-Fetch-Site": "same-origin"}

    assert await sent(toy, method, path, own, body_of(method, path)) == 200


@pytest.mark.parametrize(("method", "path"), [way for way in WRITES if body_of(*way) is not None])
@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "text/json"]
)
async def test_body_is_json_and_says_so(toy: Toy, method: str, path: str, kind: str) -> None:
    """A form, which any page may send, is no order."""
    assert await sent(toy, method, path, {"Content-Type": kind}, body_of(method, path)) == 415


async def test_yaml_is_for_scenarios_alone(toy: Toy) -> None:
    """Where files are posted."""
    yaml = {"Content-Type": "application/yaml"}

    assert await sent(toy, "PUT", "/__mock/faults", yaml, b"faults: []") == 415
    assert await sent(toy, "POST", "/__mock/scenario?name=own", yaml, b"description: none\nfaults: []") == 200


async def test_packed_body_is_not_unpacked(toy: Toy) -> None:
    """A little would become much before anybody has looked at it."""
    bomb = gzip.compress(b" " * 30_000_000, 1)

    assert await sent(toy, "PUT", "/__mock/faults", {"Content-Encoding": "gzip"}, bomb) == 400


@pytest.mark.parametrize("path", ["/", "/__mock/faults", "/nowhere", "/toy/orders", "/toy/openapi.yaml"])
async def test_no_answer_tells_how_the_mocks_are_built(toy: Toy, path: str) -> None:
    """A portal must not learn to rest on it."""
    async with toy.session.get(toy.url + path) as answer:
        assert "Server" not in answer.headers
