"""Administration of a ledger for a tester: what was accepted of one dossier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict

from mocks.engine.service import Unfit


class _Asked(BaseModel):
    model_config = ConfigDict(extra="forbid")

    dossier: str


def counting(counts: Callable[[str], Mapping[str, int] | None]) -> Callable[[Mapping[str, Any]], object]:
    """Returns the answer to `?dossier=`: dossiers filed under the code, messages accepted and repeated."""

    def counted(query: Mapping[str, Any]) -> object:
        code = _Asked.model_validate(query).dossier
        found = counts(code)
        if found is None:
            raise Unfit(f"no dossier {code!r} was sent")
        return {"dossier": code, **found}

    return counted
