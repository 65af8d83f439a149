"""An operator in a test: asks the operator's port of a running gateway."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.support.portal import KEY, Portal


async def operate(
    portal: Portal,
    method: str,
    path: str,
    body: object = None,
    *,
    key: str | None = KEY,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Any]:
    """One request with the laptop's key unless said otherwise; its status and JSON."""
    sent = {**({} if key is None else {"Authorization": f"Bearer {key}"}), **(headers or {})}
    url = portal.gateway.ops_url + path
    async with portal.session.request(method, url, json=body, headers=sent) as answer:
        return answer.status, await answer.json(content_type=None)


async def recorded(portal: Portal) -> list[tuple[str, str, str, str]]:
    """The record of actions, newest first: who, what, target, why."""
    _, told = await operate(portal, "GET", "/api/actions")
    return [(one["who"], one["what"], one["target"], one["why"]) for one in told["data"]]
