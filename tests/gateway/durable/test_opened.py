"""Messages that were accepted a moment ago, kept open for the worker."""

from __future__ import annotations

import pytest

from gateway.core.call import Purpose
from gateway.core.canonical import Canonical
from gateway.durable import opened
from gateway.durable.opened import Message, OpenedOrders

MESSAGE = Message(Canonical(), Purpose("dossier", "officer"))


def test_a_message_is_found_by_its_encrypted_bytes_alone() -> None:
    """Other bytes of the same order, as an edit makes them, find nothing."""
    kept = OpenedOrders()
    kept.keep(b"sealed", MESSAGE)
    assert kept.get(b"sealed") is MESSAGE
    assert kept.get(b"sealed anew") is None


def test_a_message_is_forgotten_after_twice_the_time_at_most() -> None:
    """Also where no further order is accepted."""
    kept = OpenedOrders()
    kept.age(100.0)
    kept.keep(b"sealed", MESSAGE)
    kept.age(100.0 + opened.KEPT_S)
    assert kept.get(b"sealed") is MESSAGE
    kept.age(100.0 + 2 * opened.KEPT_S)
    assert kept.get(b"sealed") is None
    assert len(kept) == 0


def test_the_first_look_at_the_time_forgets_nothing() -> None:
    """What was accepted before the worker's first claim is as new as what follows."""
    kept = OpenedOrders()
    kept.keep(b"before", MESSAGE)
    kept.age(100.0)
    for number in range(opened.MOST):
        kept.keep(b"%d" % number, MESSAGE)
    assert kept.get(b"before") is MESSAGE


@pytest.mark.parametrize("size", [10, opened.MOST_BYTES // 100, opened.MOST_BYTES + 1])
def test_memory_is_bounded_in_number_and_in_bytes(size: int) -> None:
    """The oldest go first; one that is too large is never kept."""
    kept = OpenedOrders()
    last = 3 * opened.MOST if size < opened.MOST_BYTES else 3
    for number in range(last):
        kept.keep(b"%d" % number + bytes(size), MESSAGE)
        assert len(kept) <= 2 * opened.MOST
        assert len(kept) * size <= 2 * opened.MOST_BYTES
    assert (kept.get(b"%d" % (last - 1) + bytes(size)) is None) == (size > opened.MOST_BYTES)
