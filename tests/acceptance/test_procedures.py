"""The portal's catalogue as versions: a gateway as on a laptop takes it, and sees what the portal changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

import aiohttp
import pytest

from mocks.one_stop_shop.procedures import procedures
from tests.support.laptop import OTHER_DIALECTS, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import KEY

NAME: Final = "public_service_portal.procedures"
OTHER: Final = {"public_service_portal": OTHER_DIALECTS["public_service_portal"]}


async def refresh(session: aiohttp.ClientSession, ops_url: str, **more: object) -> dict[str, Any]:
    """What a refresh tells."""
    url, key = f"{ops_url}/api/catalogues/{NAME}/refresh", {"Authorization": f"Bearer {KEY}"}
    async with session.post(url, json=more, headers=key) as answer:
        assert answer.status == 200, await answer.text()
        found: dict[str, Any] = json.loads(await answer.read())["data"]
        return found


async def change(session: aiohttp.ClientSession, national: National, message: Mapping[str, object]) -> None:
    """Changes what the portal publishes."""
    async with session.put(f"{national.url}/__mock/procedures", json=message) as answer:
        assert answer.status == 200, await answer.text()


@pytest.mark.parametrize("connectors", [{}, OTHER], ids=["ngsp", "page"])
async def test_refresh_shows_what_the_portal_added_changed_and_withdrew(
    national: National, connectors: dict[str, Any]
) -> None:
    """By code and name, from each source; a dry run keeps nothing, and an equal catalogue makes no version."""
    renamed, withdrawn = (known.code for known in procedures()[:2])
    async with serving_portal(laptop_settings(national.url, connectors=connectors)) as portal:
        session, ops_url = portal.session, portal.gateway.ops_url
        first = await refresh(session, ops_url)
        await change(session, national, {"code": "9.999999", "title": "Thủ tục mới"})
        await change(session, national, {"code": renamed, "title": "Tên mới"})
        await change(session, national, {"code": withdrawn, "published": False})
        shown = await refresh(session, ops_url, dry_run=True)
        kept = await refresh(session, ops_url)
        again = await refresh(session, ops_url)

    assert (first["version"]["number"], len(first["added"])) == (1, len(procedures()))
    for told in (shown, kept):
        assert told["added"] == [{"code": "9.999999", "name": "Thủ tục mới"}]
        assert told["changed"] == [{"code": renamed, "name": "Tên mới", "fields": ["name"]}]
        assert [one["code"] for one in told["gone"]] == [withdrawn]
    assert shown["version"] is None
    assert (kept["version"]["number"], again["version"]["number"]) == (2, 2)
    assert again["added"] == again["changed"] == again["gone"] == []
