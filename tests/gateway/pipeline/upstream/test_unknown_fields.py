"""An answer is decoded, and the keys in it that its model does not know are counted."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from pydantic import ValidationError

from gateway.core.canonical import Wire
from gateway.pipeline.upstream.unknown_fields import decode


class Part(Wire):
    """A part of an answer."""

    CODE: str


class Whole(Wire):
    """An answer with parts at every kind of place."""

    NAME: str
    main: Part | None = None
    rows: tuple[Part, ...] = ()
    by_kind: Mapping[str, tuple[Part, ...]] = {}


KNOWN: dict[str, object] = {"NAME": "x", "main": {"CODE": "1"}, "rows": [{"CODE": "2"}, {"CODE": "3"}]}


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (KNOWN, 0),
        ({**KNOWN, "news": 1}, 1),
        ({**KNOWN, "main": {"CODE": "1", "news": 1, "more": 2}}, 2),
        ({**KNOWN, "rows": [{"CODE": "2", "news": 1}, {"CODE": "3", "news": 1}]}, 2),
        ({**KNOWN, "Status": "1", "Message": "ok"}, 0),
    ],
)
def test_unknown_keys_are_counted_at_every_depth(body: object, count: int) -> None:
    """Keys around the facts are known to the table of codes, and count for nothing."""
    found, news = decode(Whole, body)

    assert news == count
    assert (found.model_dump()["NAME"], found.model_dump()["main"]) == ("x", {"CODE": "1"})


def test_keys_of_a_mapping_are_not_unknown_fields() -> None:
    """A mapping by kind has the keys that its source chooses."""
    assert decode(Whole, {**KNOWN, "by_kind": {"amends": [{"CODE": "4"}]}})[1] == 0


def test_a_broken_answer_is_refused_whatever_else_is_new_in_it() -> None:
    """The error says what breaks the contract, and not what is merely new."""
    with pytest.raises(ValidationError) as caught:
        decode(Whole, {"main": {"CODE": "1", "news": 1}})

    assert [error["loc"] for error in caught.value.errors()] == [("NAME",)]
