"""Decisions about the head of a lane, without a store."""

from __future__ import annotations

import random
from dataclasses import replace as declared

import pytest
from msgspec.structs import replace

from gateway.core.canonical import Canonical
from gateway.core.durable import NotThere, There
from gateway.core.problems import AlreadyReceived
from gateway.durable.lanes.decisions import (
    ALREADY_THERE,
    Arrived,
    Head,
    Park,
    SendAgain,
    Unknown,
    after_arrival,
    after_failure,
    after_look,
    before_look,
)
from tests.support.toy_orders import Toy, line_to

ORDER = line_to(Toy(repeat="refused")).order
HEAD = Head(
    lane=1,
    system="toy",
    key="A",
    seq=1,
    epoch=1,
    operation="toy.take",
    unknown=True,
    may_have_arrived=True,
    since_left=0.0,
    last=True,
)


def test_source_that_has_another_order_gets_no_third_copy() -> None:
    """It says that it has the order, and what it has is not ours: after a second look the lane parks."""
    dice = random.Random(1)
    said = after_failure(HEAD, AlreadyReceived("", reason="known"), ORDER, dice, released=True)
    assert said == Unknown(0.0, ALREADY_THERE)

    again = replace(HEAD, reason=ALREADY_THERE)
    first = after_look(again, NotThere(), ORDER)
    assert first == Unknown(ORDER.settle_s, ALREADY_THERE, looked=True)
    assert after_look(replace(again, looks=1), NotThere(), ORDER) == Park(ALREADY_THERE)
    assert isinstance(after_look(again, There(Canonical()), ORDER), Arrived)


def test_order_that_is_only_not_there_yet_is_sent_again() -> None:
    """Nothing said that the source has it."""
    assert isinstance(after_look(replace(HEAD, reason="timeout"), NotThere(), ORDER), SendAgain)


@pytest.mark.parametrize(
    ("form", "read_back", "rests"), [("new", False, False), ("update", True, True), (None, True, True)]
)
def test_each_form_has_its_own_way_of_a_repeat(form: str | None, *, read_back: bool, rests: bool) -> None:
    """A source may refuse a second copy of one form and carry out a second copy of another."""
    order = declared(ORDER, repeat="overwrites", repeat_by_form={"new": "refused"})

    arrived = after_arrival(replace(HEAD, form=form), Canonical(), order)

    assert isinstance(arrived, Arrived)
    assert (arrived.read_back, arrived.rest_s > 0) == (read_back, rests)


def test_form_that_is_done_twice_settles_before_it_is_asked_for() -> None:
    """The first copy may still arrive."""
    order = declared(ORDER, repeat_by_form={"raw": "adds"})

    assert before_look(replace(HEAD, form="raw"), order) == Unknown(order.settle_s, "settling")
    assert before_look(replace(HEAD, form="other"), order) is None
