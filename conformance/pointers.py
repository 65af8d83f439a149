"""JSON pointers with `*` for all items of a list, and the values that an answer must have at pointers."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.masking import Mask
from conformance.report import Difference


def at(value: Any, pointer: str, found_at: str = "") -> Iterator[tuple[str, Any]]:
    """Yields each value at *pointer*, with its own pointer; `*` also accepts an object in place of a list."""
    head, _, rest = pointer.removeprefix("/").partition("/")
    if not pointer:
        yield found_at, value
    elif head == "*":
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield from at(item, f"/{rest}" if rest else "", f"{found_at}/{index}")
        elif isinstance(value, Mapping):
            yield from at(value, f"/{rest}" if rest else "", found_at)
    elif isinstance(value, Mapping) and head in value:
        yield from at(value[head], f"/{rest}" if rest else "", f"{found_at}/{head}")
    elif isinstance(value, list) and head.isdigit() and int(head) < len(value):
        yield from at(value[int(head)], f"/{rest}" if rest else "", f"{found_at}/{head}")


def said(value: Any, alternatives: list[dict[str, Any]], mask: Mask) -> tuple[Difference, ...]:
    """Returns the differences to the closest of *alternatives*; empty when one of them fits."""
    if not alternatives:
        return ()
    each = [_differences(value, one, mask) for one in alternatives]
    return min(each, key=len)


def _differences(value: Any, wanted: Mapping[str, Any], mask: Mask) -> tuple[Difference, ...]:
    found = []
    for pointer, rule in wanted.items():
        values = list(at(value, pointer))
        if not values and _is_empty_rule(rule):
            continue
        fits = [one for _, one in values if _fits(one, rule)]
        if not fits:
            met = mask.shown(pointer, values[0][1]) if values else "nothing"
            found.append(Difference(pointer, _words(rule), met))
    return tuple(found)


def _is_empty_rule(rule: Any) -> bool:
    return isinstance(rule, Mapping) and rule.get("empty") is True


def _fits(value: Any, rule: Any) -> bool:
    if not isinstance(rule, Mapping) or not rule:
        return bool(value == rule)
    if "empty" in rule:
        return (value in (None, "", [], {})) is bool(rule["empty"])
    if "one_of" in rule:
        return value in rule["one_of"]
    if "contains" in rule:
        return plain(rule["contains"]) in plain(value)
    return "pattern" in rule and re.search(rule["pattern"], str(value)) is not None


def plain(value: Any) -> str:
    """Returns a value for comparison: without outer blanks, letters composed, in one case."""
    return unicodedata.normalize("NFC", str(value)).strip().casefold()


def _words(rule: Any) -> str:
    if _is_empty_rule(rule):
        return "no value or an empty value"
    if isinstance(rule, Mapping) and "empty" in rule:
        return "a value"
    if isinstance(rule, Mapping) and rule:
        name, value = next(iter(rule.items()))
        return f"{name.replace('_', ' ')} {json.dumps(value, ensure_ascii=False)}"
    return json.dumps(rule, ensure_ascii=False)
