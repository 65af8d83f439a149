"""The page's answers, field for field [C]; ``contracts/public_service_portal/README.md`` marks each."""

from __future__ import annotations

from typing import Annotated

from pydantic import PlainValidator, model_validator

from gateway.core.canonical import Wire
from gateway.core.wire_types import Required, Text

NotRead = Annotated[None, PlainValidator(lambda _: None)]
"""A field of the contract that the uniform answer does not have."""


class WireProcedure(Wire):
    """A row; it says nothing of fees, steps and papers."""

    PROCEDURE_CODE: Required
    PROCEDURE_NAME: Required
    FIELD_NAME: Text = None
    IMPLEMENTATION_AGENCY: Text = None
    PUBLISHED_AGENCY: NotRead = None
    ID: NotRead = None
    QDCBID: NotRead = None
    AMOUNT: NotRead = None
    ROW_STT: NotRead = None


def _listed(body: object) -> object:
    """*body* with a name for its list; what is no list is left, and does not fit."""
    return {"rows": body} if isinstance(body, list) else body


class WireProcedures(Wire):
    """The answer: a list without a name."""

    rows: tuple[WireProcedure | None, ...]

    _open = model_validator(mode="before")(_listed)

    @classmethod
    def opened(cls, body: object) -> object:
        return _listed(body)
