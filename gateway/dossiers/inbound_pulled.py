"""Reads what a system gave when it was asked: nobody there can be told what is wrong, so all of it is kept."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final, Literal

from pydantic import ValidationError

from gateway.core.inbound import UNKNOWN, InboundMessage, Pulled
from gateway.core.problems import InvalidRequest
from gateway.dossiers.inbound_model import InboundUnknown
from gateway.dossiers.inbound_wire import CODE

DATES: Final = frozenset({"NgayNopHoSo", "NgayKetThucXuLy"})
EXACT: Final = 2**53
"""Whole numbers from here on are rounded by some readers of JSON."""


def read_pulled(read: Callable[[Mapping[str, Any]], InboundMessage], sent: Mapping[str, Any]) -> InboundMessage | None:
    """As *read*, but a date in a form that nobody knows is kept among the other fields; None: it can't be read."""
    try:
        return read(sent)
    except InvalidRequest:
        return None
    except ValidationError as error:
        odd = {str(problem["loc"][0]) for problem in error.errors(include_url=False) if problem["loc"]}
    if not odd or not odd <= DATES:
        return None
    message = read({name: value for name, value in sent.items() if name not in odd})
    others = {**dict(message.data)["other_fields"], **{name: as_json(sent[name]) for name in sorted(odd)}}
    return replace(message, data=message.data.model_copy(update={"other_fields": others}))


def as_it_came(sent: object, *, receipt: str, code: str | None, source_code: str | None, is_known: bool) -> Pulled:
    """A message that could not be read, as it came; *is_known*: its kind is.

    In the inbox it has the code of its dossier, else its own, else a name that is made of its own.
    """
    whole = as_json(sent)
    cause: Literal["unknown_kind", "unreadable"] = "unreadable" if is_known else "unknown_kind"
    data = InboundUnknown(message_id=receipt, source_code=source_code, cause=cause, sent=whole)
    own = f"unknown-{hashlib.sha256(receipt.encode()).hexdigest()[:16]}"
    named = next((one for one in (code, receipt) if one is not None and re.fullmatch(CODE, one)), own)
    return Pulled(receipt, UNKNOWN, InboundMessage(named, data))


def as_json(value: object) -> object:
    """*value* without members that are nothing; a number that could be rounded is a text."""
    match value:
        case Mapping():
            return {str(name): as_json(one) for name, one in value.items() if one is not None and one != []}
        case list() | tuple():
            return [as_json(one) for one in value]
        case Decimal() | float():
            return str(value)
        case int() if abs(value) >= EXACT:
            return str(value)
        case _:
            return value
