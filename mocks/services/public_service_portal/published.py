"""The procedures that the portal publishes; a tester adds, renames and withdraws them (`PUT /__mock/procedures`)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from mocks.engine.service import Desk
from mocks.one_stop_shop.procedures import Procedure, procedures


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid")

    code: str = Field(min_length=1, max_length=100)
    title: str | None = Field(default=None, min_length=1, max_length=2000)
    published: bool = True


class _Nothing(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Published:
    """The procedures by code, as a collection of codes; a reset makes a new one."""

    def __init__(self) -> None:
        self._known = {known.code: known for known in procedures()}

    def __contains__(self, code: object) -> bool:
        return code in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def all(self) -> list[Procedure]:
        """Returns all procedures, in order."""
        return list(self._known.values())

    def find(self, code: str) -> Procedure | None:
        """Returns the procedure, None where it is not published."""
        return self._known.get(code)

    def desk(self) -> Desk:
        """Returns the route of the administration."""
        return {"GET": self._listed, "PUT": self._change}

    def _listed(self, asked: Mapping[str, Any]) -> object:
        _Nothing.model_validate(asked)
        return {"procedures": [{"code": known.code, "title": known.title} for known in self._known.values()]}

    def _change(self, asked: Mapping[str, Any]) -> object:
        """Publishes, renames or withdraws one procedure; a new one is like the first but for code and title."""
        wanted = _Change.model_validate(asked)
        if not wanted.published:
            self._known.pop(wanted.code, None)
        else:
            before = self._known.get(wanted.code) or replace(procedures()[0], code=wanted.code)
            self._known[wanted.code] = replace(before, title=wanted.title or before.title)
        return {"code": wanted.code, "published": wanted.published, "procedures": len(self._known)}
