"""JSON is read the same whichever way it takes."""

from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.exact_json import parse_json

TEXTS = st.text(st.characters(codec="utf-8"))
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | TEXTS
    | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=20,
)


@given(VALUES)
def test_values_come_back_as_they_were_written(value: object) -> None:
    """Any value, with colons in its texts and integers of any size; decimals are Decimal, digit by digit."""
    numbers: list[Decimal] = []

    def keep(found: object) -> object:
        if isinstance(found, Decimal):
            numbers.append(found)
            return f"\0{len(numbers) - 1}\0"
        if isinstance(found, dict):
            return {key: keep(inner) for key, inner in found.items()}
        return [keep(inner) for inner in found] if isinstance(found, list) else found

    text = json.dumps(keep(value), ensure_ascii=False)
    for place, number in enumerate(numbers):
        text = text.replace(json.dumps(f"\0{place}\0"), written(number))
    expected = json.loads(text, parse_float=Decimal)

    assert parse_json(text.encode()) == expected
    assert types(parse_json(text.encode())) == types(expected)


def written(number: Decimal) -> str:
    """*number* as JSON, with a point or an exponent."""
    text = str(number)
    return text if "." in text or "E" in text else f"{text}.0"


def types(value: object) -> object:
    """The kinds of all values in *value*, so that 1 and Decimal(1) differ."""
    if isinstance(value, dict):
        return {key: types(inner) for key, inner in value.items()}
    return [types(inner) for inner in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 2}, "c": "x:y"}',
        '[{"a": 1}, {"b": "1:2", "b": 3}]',
        '{"a": 1, "a": "\\u003a"}',
        '{"a": 1, "a": "\\u003A"}',
        '{"\\u003a:": 1, "a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": -Infinity}',
        '{"a": 1.5, "a": 2}',
        "",
        "{",
        '"\ud800"'.encode("utf-8", "surrogatepass").decode("latin-1"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(text: str) -> None:
    """A key that stands twice, numbers that JSON has not, and texts that end early, at any depth."""
    with pytest.raises(ValueError, match=r".*"):
        parse_json(text.encode("latin-1"))


def test_a_byte_order_mark_is_passed_over() -> None:
    """Some of them send one."""
    assert parse_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}
