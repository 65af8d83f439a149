"""Decisions about the head of a lane, without a store."""

from __future__ import annotations

import random
from dataclasses import replace as declared

import pytest
from msgspec.structs import replace

from gateway.core.canonical import Canonical
from gateway.core.durable import NotThere, There
from gateway.core.problems import AlreadyReceived, CutOff, Failing, OffContract, TimedOut, UpstreamError
from gateway.durable.lanes.decisions import (
    ALREADY_THERE,
    MOST_ATTEMPTS,
    Arrived,
    Checked,
    Head,
    Park,
    SendAgain,
    Unknown,
    after_arrival,
    after_failed_look,
    after_failure,
    after_list_failure,
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


SENT = replace(HEAD, unknown=False, attempts=MOST_ATTEMPTS - 1)
"""A head that is sent for the tenth time."""
OFF = OffContract("", reason="malformed")


def test_order_that_is_always_answered_off_contract_is_parked_and_asked_for_later() -> None:
    """The tenth answer that nobody can read parks the lane; that the order may have arrived stays known."""
    dice = random.Random(1)
    first = after_failure(replace(SENT, attempts=0), OFF, ORDER, dice, released=True)
    assert isinstance(first, Unknown)
    assert (first.counts, first.left_now) == (True, True)
    assert after_failure(SENT, OFF, ORDER, dice, released=True) == Park("malformed", left_now=True)
    assert after_failure(SENT, OFF.replace(may_have_arrived=False), ORDER, dice, released=True) == Park("malformed")


def test_question_that_is_always_answered_off_contract_parks_the_order() -> None:
    """An order that was found, and is only read back, is done all the same."""
    dice = random.Random(1)
    asked = replace(SENT, unknown=True)
    assert after_failed_look(asked, OFF, dice) == Park("malformed")
    assert after_failed_look(replace(asked, read_back=True), OFF, dice) == Checked()


@pytest.mark.parametrize(
    "error", [Failing("", reason="maintenance"), CutOff("", reason="cut_off"), TimedOut()], ids=str
)
def test_failure_of_the_system_counts_where_another_order_got_through(error: UpstreamError) -> None:
    """A page for people, a lost answer and a timeout cost time only, in sending as in asking."""
    dice = random.Random(1)
    overtaken = replace(SENT, overtaken=True)
    for decided in (after_failure(SENT, error, ORDER, dice, released=True), after_failed_look(SENT, error, dice)):
        assert isinstance(decided, Unknown)
        assert not decided.counts
    assert after_failure(overtaken, error, ORDER, dice, released=True) == Park(
        error.reason or error.code, left_now=True
    )
    assert after_failed_look(overtaken, error, dice) == Park(error.reason or error.code)


def test_answer_off_contract_to_a_list_counts_for_no_order() -> None:
    """Each is asked for, and counts when it is alone."""
    decided = after_list_failure([SENT, SENT], OFF, ORDER, random.Random(1), released=True)
    assert [(type(one), one.counts) for one in decided if isinstance(one, Unknown)] == [(Unknown, False)] * 2


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
