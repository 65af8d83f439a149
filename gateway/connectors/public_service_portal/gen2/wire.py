"""The portal's answers [C]; ``contracts/public_service_portal/README.md`` marks each field."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator, model_validator

from gateway.core.canonical import Wire
from gateway.core.lenient import table_code
from gateway.core.wire_types import Identifier, Text


class WireAnswer(Wire):
    """A code and a sentence; the answer about one step of a list names its dossier [S]."""

    error_code: Annotated[str | None, BeforeValidator(table_code)] = None
    message: Text = None
    MaHoSo: Identifier = None


def _answers(body: object) -> object:
    """*body* with a name for its answers: a list, one for all, or a sentence alone."""
    if isinstance(body, dict) and body.keys() == {"answers", "whole"}:
        return body
    whole = not isinstance(body, list)
    found = [{"message": body}] if isinstance(body, str) else [body] if whole else body
    return {"answers": found, "whole": whole}


class WireAnswers(Wire):
    """The answer to a list of steps; ``whole``: one for all of them."""

    answers: tuple[WireAnswer | None, ...]
    whole: bool

    _open = model_validator(mode="before")(_answers)

    @classmethod
    def opened(cls, body: object) -> object:
        return _answers(body)
