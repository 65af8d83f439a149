"""Many rows as one parameter of a statement; psycopg writes the items of a list one by one in Python."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

_ENCODER: Final = msgspec.json.Encoder()


def as_json(rows: Sequence[object]) -> str:
    """*rows*, which are dataclasses, for ``json_to_recordset``; bytes are in base64."""
    return _ENCODER.encode(rows).decode()


def as_array(numbers: Iterable[int]) -> str:
    """*numbers* for ``%s::bigint[]``."""
    return f"{{{','.join(map(str, numbers))}}}"
