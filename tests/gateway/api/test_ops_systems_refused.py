"""Operators' deeds that are refused: wrong orders, missing keys, foreign pages."""

from __future__ import annotations

from typing import Any, Final

import pytest

from tests.support.operator import operate, recorded
from tests.support.portal import Portal

pytestmark = pytest.mark.asyncio(loop_scope="module")

UPSTREAM: Final = "/api/upstreams/business_registry/ngsp"
CALLED: Final = "the ministry called"
IN_ORDER: Final = {"from": "2026-01-01T00:00:00Z", "until": "2026-01-02T00:00:00Z"}

NEVER: Final = {"from": "9999-12-31T00:00:00-14:00", "until": "9999-12-31T23:59:59-14:00"}
"""Both are in no year of UTC that can be written."""


@pytest.mark.parametrize(
    ("path", "body", "verdict", "pointers"),
    [
        (f"{UPSTREAM}/isolate", {"minutes": 10}, 400, ["/reason"]),
        (f"{UPSTREAM}/isolate", {"reason": "x", "minutes": 10}, 400, ["/reason"]),
        (f"{UPSTREAM}/isolate", {"reason": "a\nb\nc", "minutes": 10}, 400, ["/reason"]),
        (f"{UPSTREAM}/isolate", {"reason": "     ", "minutes": 10}, 400, ["/reason"]),
        (f"{UPSTREAM}/isolate", {"reason": CALLED}, 400, ["/minutes"]),
        (f"{UPSTREAM}/isolate", {"reason": CALLED, "minutes": 0}, 400, ["/minutes"]),
        (f"{UPSTREAM}/isolate", {"reason": CALLED, "minutes": 1e9}, 400, ["/minutes"]),
        (f"{UPSTREAM}/isolate", {"reason": CALLED, "minutes": "ten"}, 400, ["/minutes"]),
        ("/api/upstreams/business_registry/ws/isolate", {"reason": CALLED, "minutes": 1}, 404, ["/upstream"]),
        ("/api/upstreams/nobody/ngsp/release", {"reason": CALLED}, 404, ["/upstream"]),
        (f"{UPSTREAM}/release", {}, 400, ["/reason"]),
        (f"{UPSTREAM}/release", {"reason": CALLED, "more": 1}, 400, ["/more"]),
        (f"{UPSTREAM}/maintenance", {"reason": CALLED, **IN_ORDER}, 400, ["/until"]),
        (f"{UPSTREAM}/maintenance", {"reason": CALLED, "until": "2126-01-01T00:00:00Z"}, 400, ["/from"]),
        (f"{UPSTREAM}/maintenance", {"reason": CALLED, **IN_ORDER, "until": "2126-01-01T00:00:00Z"}, 400, ["/until"]),
        (f"{UPSTREAM}/maintenance", {"reason": CALLED, **IN_ORDER, "from": "2026-01-01T00:00:00"}, 400, ["/from"]),
        (f"{UPSTREAM}/maintenance", {"reason": CALLED, **NEVER}, 400, ["/from", "/until"]),
        (f"{UPSTREAM}/maintenance/1/withdraw", {"reason": CALLED}, 404, []),
        (f"{UPSTREAM}/maintenance/x/withdraw", {"reason": CALLED}, 404, []),
        ("/api/purge", {"reason": CALLED, "operation": "business_registry.enterprises"}, 400, ["/operation"]),
        ("/api/purge", {"reason": CALLED, "operation": "registry.*"}, 400, ["/operation"]),
        ("/api/purge", {"reason": CALLED, "operation": "*", "subject": "1"}, 400, ["/subject"]),
    ],
)
async def test_wrong_orders_change_nothing(
    shared_portal: Portal, path: str, body: object, verdict: int, pointers: list[str]
) -> None:
    """Each is refused with the field that is wrong, and nothing is recorded."""
    status, problem = await operate(shared_portal, "POST", path, body)

    assert (status, [one["pointer"] for one in problem.get("errors", ())]) == (verdict, pointers), problem
    assert await recorded(shared_portal) == []
    _, seen = await operate(shared_portal, "GET", "/api/isolations")
    assert seen["data"] == []


@pytest.mark.parametrize(
    ("more", "verdict"),
    [
        ({"key": None}, 401),
        ({"key": "lgsp_wrong"}, 401),
        ({"headers": {"Origin": "https://evil.example"}}, 403),
        ({"headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
        ({"headers": {"Host": "evil.example"}}, 421),
    ],
    ids=["no key", "wrong key", "foreign origin", "cross-site", "foreign host"],
)
@pytest.mark.parametrize("path", [f"{UPSTREAM}/isolate", f"{UPSTREAM}/close-breaker", "/api/purge"])
async def test_deeds_want_an_operators_key_and_the_ports_own_pages(
    shared_portal: Portal, path: str, more: dict[str, Any], verdict: int
) -> None:
    """On loopback too, whatever the body is."""
    assert (await operate(shared_portal, "POST", path, {"reason": CALLED}, **more))[0] == verdict
