"""What a caller's rate counts, over HTTP."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest

from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National

KEY = "lgsp_rated_only-for-tests"
WRONG = "/v1/business-registry/enterprises/1"


async def statuses(national: National, burst: int, *asked: tuple[str | None, Mapping[str, str]]) -> list[int]:
    """The statuses of GET requests of one caller, whose rate is *burst* at once; a path None is a known enterprise."""
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    rated = {"key_sha256": digest, "scopes": ["business_registry.*"], "rate": {"per_second": 0.001, "burst": burst}}
    sample = (await national.samples("business_registry.enterprise"))[0]
    known = f"/v1/business-registry/enterprises/{sample['path']['enterprise_code']}"
    async with serving_portal(laptop_settings(national.url, callers={"rated": rated})) as portal:
        return [
            (await portal.ask("GET", path or known, purpose=False, headers=headers, key=KEY)).status
            for path, headers in asked
        ]


async def test_refused_requests_count(national: National) -> None:
    """A flood of mistakes spends the rate as answers do, and is then told to wait."""
    asked = await statuses(national, 3, (WRONG, {}), ("/v1/legal-documents/documents", {}), (None, {}), (WRONG, {}))

    assert asked == [400, 403, 200, 429]


@pytest.mark.parametrize("wish", ["no-cache", "no-store", "max-age=0", "max-age=5"])
async def test_passing_the_cache_over_is_dearer(wish: str, national: National) -> None:
    """It counts as five: seven at once are one plain question, one of these and one more plain one."""
    fresh = {"Cache-Control": wish}
    asked = await statuses(national, 7, (None, {}), (None, fresh), (None, {}), (None, fresh))

    assert asked == [200, 200, 200, 429]
