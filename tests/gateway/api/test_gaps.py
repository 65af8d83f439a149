"""Where an answer could not be read whole, its ``meta`` says so."""

from __future__ import annotations

import json

import pytest

from gateway.api.response import after_id
from gateway.core.call import Rendered


@pytest.mark.parametrize("paged", [False, True])
def test_meta_tells_what_could_not_be_read(paged: bool) -> None:
    """Of a record and of a list; a row that was left out is counted."""
    rendered = Rendered(b"{}", "e", paged=paged, incomplete=("/founded_on", "/members/0/amount"), rows_left_out=2)
    meta = json.loads(b'{"meta":{"request_id":"1"' + after_id(rendered))["meta"]

    assert meta["incomplete"] == ["/founded_on", "/members/0/amount"]
    assert meta["rows_left_out"] == 2


def test_whole_answer_says_nothing_of_it() -> None:
    """The usual answer is as long as ever."""
    assert after_id(Rendered(b"{}", "e")) == b"}}"
