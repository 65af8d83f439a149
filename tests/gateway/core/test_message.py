"""Messages to a source, and what stays of them when the steps of the ring add to them."""

from __future__ import annotations

import msgspec
import pytest

from gateway.core.message import Exchange, Rest, Soap


class Opened:
    """A gate that holds nothing back."""

    async def release(self) -> None: ...

    def left(self) -> None: ...


REST = Rest(
    name="call",
    gate=Opened(),
    before_order=True,
    path="call",
    method="PUT",
    query={"a": "1"},
    headers={"X-One": "1"},
    json={"b": 2},
    form={"c": "3"},
    absolute=True,
    raw=True,
)
SOAP = Soap(name="call", gate=Opened(), before_order=True, arguments={"a": 1}, headers={"X-One": "1"})


@pytest.mark.parametrize("exchange", [REST, SOAP], ids=["rest", "soap"])
def test_headers_are_all_that_with_headers_changes(exchange: Rest | Soap) -> None:
    """Every other field stays: a step of the ring loses no flag of a message."""
    before, after = msgspec.structs.asdict(exchange), msgspec.structs.asdict(exchange.with_headers({"X-Two": "2"}))

    assert after.pop("headers") == before.pop("headers") | {"X-Two": "2"}
    assert after == before
    assert not [it.name for it in msgspec.structs.fields(exchange) if before.get(it.name) in (it.default, {})]


def test_a_message_without_headers_is_itself() -> None:
    """There is nothing to add them to."""
    exchange = Exchange(name="call")

    assert exchange.with_headers({"X-One": "1"}) is exchange
