"""The wishes of a request's ``Cache-Control``, as the caller sees them kept."""

from __future__ import annotations

import pytest

from tests.support.national import National
from tests.support.portal import Answered, Portal


async def ask(portal: Portal, national: National, wish: str | None = None) -> Answered:
    """The same enterprise each time."""
    sample = (await national.samples("business_registry.enterprise"))[0]
    path = f"/v1/business-registry/enterprises/{sample['path']['enterprise_code']}"
    return await portal.ask("GET", path, headers={"Cache-Control": wish} if wish else None)


@pytest.mark.parametrize("wish", ["no-cache", "max-age=0", "no-store"])
async def test_source_is_asked_because_the_request_asks_for_it(wish: str, portal: Portal, national: National) -> None:
    """Past a fresh answer it is ``fwd=request`` (RFC 9211 section 2.2), and a miss where there is none."""
    none_yet = await ask(portal, national, wish)
    await ask(portal, national)
    fresh = await ask(portal, national, wish)

    assert none_yet.headers["Cache-Status"].startswith("lgsp; fwd=miss")
    assert fresh.headers["Cache-Status"].startswith("lgsp; fwd=request")


async def test_no_store_is_not_kept(portal: Portal, national: National) -> None:
    """The next question goes to the source; an answer that was kept before stays."""
    said = await ask(portal, national, "No-Store")
    first = await ask(portal, national)
    await ask(portal, national, "no-store")
    later = await ask(portal, national)

    assert said.headers["Cache-Status"] == "lgsp; fwd=miss"
    assert first.headers["Cache-Status"] == "lgsp; fwd=miss; stored"
    assert later.headers["Cache-Status"].startswith("lgsp; hit")
    assert later.json["meta"]["fetched_at"] == first.json["meta"]["fetched_at"]
