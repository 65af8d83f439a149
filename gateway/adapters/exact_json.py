"""JSON from an upstream: decimals exact, a key once, no NaN."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal
from typing import NoReturn

import orjson

from gateway.adapters.limits import count_of


def parse_json(body: bytes) -> object:
    """JSON with exact decimals; raises :class:`ValueError` on duplicate keys, NaN, infinities and wrong UTF-8.

    orjson is five times as fast, but makes floats of decimals and keeps the last of two equal keys. So its result is
    taken where it shows neither: no float in it, and no key lost. Else the standard library reads the text again, with
    care.
    """
    body = body.removeprefix(codecs.BOM_UTF8)
    found: object = orjson.loads(body)
    keys = _keys_without_floats(found)
    if keys is not None and _none_lost(found, keys, body):
        return found
    return json.loads(body.decode("utf-8"), parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_unique)


def _none_lost(found: object, keys: int, body: bytes) -> bool:
    """Whether *found*, with so many *keys*, has all the keys of *body*: then both have as many colons.

    Colons in texts (times, addresses) are counted by writing *found* again, unless *body* may hide some in escapes.
    """
    colons = count_of(b":", body)
    return keys == colons or (b"\\u003" not in body and orjson.dumps(found).count(b":") == colons)


def _keys_without_floats(value: object) -> int | None:
    """The number of keys in *value*; None if it has a float."""
    keys = 0
    pending = [value]
    for found in pending:
        kind = type(found)
        if kind is str:
            continue
        if isinstance(found, dict):
            keys += len(found)
            pending += found.values()
        elif isinstance(found, list):
            pending += found
        elif kind is float:
            return None
    return keys


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is given twice")
    return found
