"""The operator's API for orders, where the store has stopped to answer."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from aiohttp.test_utils import make_mocked_request
from pydantic import ValidationError

from gateway.api.operators import OperatorAccess
from gateway.api.ops_orders import STORE_S, OrdersApi, PauseBody
from gateway.api.request import invalid
from gateway.api.routes import Request, Routes
from gateway.core.problems import Overloaded
from gateway.testing.clock import FakeClock


class Waiting:
    """A desk whose store answers nothing."""

    async def paused(self) -> list[object]:
        return cast("list[object]", await asyncio.Event().wait())

    async def lane(self, system: str, key: str) -> object:
        """Of *system* and *key*."""
        return await asyncio.Event().wait()


@pytest.mark.parametrize("path", ["/api/pauses", "/api/lanes/criminal_records/1"])
async def test_request_ends_where_the_store_stops_to_answer(path: str, clock: FakeClock) -> None:
    """As one for which the store can't be reached; an operator does not wait for a wire that nobody mends."""
    routes = Routes()
    OrdersApi(cast("Any", Waiting()), OperatorAccess({}), clock).add_to(routes)
    found = routes.find("GET", path)
    request = Request(make_mocked_request("GET", path), "id", 0.0, "")
    request.path_values = found.path_values
    asked = asyncio.ensure_future(found.handler(request))
    await clock.advance(STORE_S - 1)
    assert not asked.done()
    await clock.advance(1)

    with pytest.raises(Overloaded) as refused:
        await asked
    assert refused.value.reason == "store"


@pytest.mark.parametrize(
    ("until", "code"),
    [("tomorrow", "not_an_instant"), ("2027-01-01", "not_an_instant"), ("2027-01-01T00:00:00", "not_an_instant")],
)
def test_instant_of_an_operator_says_its_form(until: str, code: str) -> None:
    """An operator who gives a day, or leaves the zone out, is told what to write."""
    with pytest.raises(ValidationError) as caught:
        PauseBody.model_validate_json(f'{{"reason": "they called", "target": "x", "until": "{until}"}}')
    [error] = invalid(caught.value).errors

    assert (error.pointer, error.mistake.code) == ("/until", code)
    assert "+07:00" in error.mistake.en


@pytest.mark.parametrize("until", ["9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00"])
def test_pause_has_an_end_that_can_be_kept(until: str) -> None:
    """One that the store could keep and nobody could read again is refused."""
    with pytest.raises(ValidationError):
        PauseBody.model_validate_json(f'{{"reason": "they called", "target": "x", "until": "{until}"}}')
