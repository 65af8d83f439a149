"""Lets a tester put messages of a kind that the contract does not name before all others of a ministry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mocks.engine.service import Desk
from mocks.services.ministry_portals.ministry import Ministry


class _Wish(BaseModel):
    model_config = ConfigDict(extra="forbid")

    kind: str = Field(default="THONGBAO", pattern="^[A-Z]{1,20}$")
    count: int = Field(default=1, ge=1, le=500)


def giving(ministry: Ministry) -> Desk:
    """Returns the route of the administration."""

    def give(asked: Mapping[str, Any]) -> object:
        wish = _Wish.model_validate(asked)
        return {"messages": ministry.give(wish.kind, wish.count)}

    return {"PUT": give}
