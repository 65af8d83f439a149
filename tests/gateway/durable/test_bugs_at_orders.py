"""A bug of ours at one order or one message keeps no other waiting."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.core.canonical import Canonical
from gateway.core.durable import CaseView
from gateway.core.problems import CallerError, Internal
from gateway.durable.lanes import tables
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support.toy_orders import Office, Toy, admit, open_office


@pytest.fixture
def toy() -> Toy:
    """A system that takes orders."""
    return Toy()


@pytest.fixture
async def office(store: Store, toy: Toy, clock: FakeClock) -> AsyncIterator[Office]:
    """A gateway's part over *store*."""
    opened = await open_office(store, toy, clock)
    yield opened
    await opened.close()


async def test_a_bug_at_one_order_keeps_no_other_waiting(store: Store, toy: Toy, clock: FakeClock) -> None:
    """Its caller is told of our fault, and orders that came with it and after it are accepted."""

    def broken(order: Canonical, known: CaseView | None, settings: object) -> CallerError | None:
        if order.model_dump()["dossier_code"] == "B":
            raise ZeroDivisionError
        return admit(order, known, settings)  # type: ignore[arg-type]  # the toy's own

    office = await open_office(store, toy, clock, admit=broken)
    together = await asyncio.gather(*map(office.order, "ABC"), return_exceptions=True)
    after = await office.order("D")

    assert [type(one) for one in together] == [tuple, Internal, tuple]
    assert after[0]["state"] == "accepted"
    await office.close()


async def test_a_bug_at_the_gate_keeps_no_message_waiting(
    office: Office, toy: Toy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Messages that wait to leave are held back and go with the next turn."""

    async def broken(*_: object) -> None:
        raise ZeroDivisionError

    await office.order("A")
    with monkeypatch.context() as patched:
        patched.setattr(tables, "still_held", broken)
        await office.work(1)
    assert toy.arrived == []

    await office.work()
    assert toy.arrived == [("A", 1)]
