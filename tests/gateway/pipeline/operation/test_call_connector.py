"""Where the operation ring ends: cut to the caller's view, rendered once, told apart by its entity tag."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, Final, Literal

import pytest

from gateway.core.call import Call, Rendered, Trace
from gateway.core.canonical import PERSONAL, Canonical, Gaps, Page, Wire
from gateway.core.connector import Binding
from gateway.core.events import DriftSeen, Event
from gateway.core.message import Exchange
from gateway.core.operation import Operation
from gateway.core.problems import GatewayError, InvalidRequest, NotFound, OffContract
from gateway.core.steps import Next
from gateway.core.unread import UNREAD, read
from gateway.core.upstream import UpstreamRequest
from gateway.pipeline.operation.call_connector import CallConnector, render
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.harness import SETTINGS


class Question(Canonical):
    """Which enterprise."""

    code: str


class Member(Canonical):
    """A member of an enterprise."""

    name: str
    citizen_id: Annotated[str | None, PERSONAL] = None


class Enterprise(Canonical):
    """An enterprise with its members."""

    code: str
    members: tuple[Member, ...] = ()


ENTERPRISE: Final = Operation(
    name="enterprise", query=Question, answer=Enterprise, path="enterprises/{code}", summary="An enterprise"
)
FOUND: Final = Enterprise(code="a", members=(Member(name="Nguyễn Văn A", citizen_id="079087000001"),))


def call(operation: Operation[Any, Any] = ENTERPRISE, view: Literal["full", "public"] = "full") -> Call:
    """A call for *operation*."""
    return Call(
        connector="register",
        operation=operation,
        query=Question(code="a"),
        caller="portal",
        request_id="r1",
        expires_at=1e9,
        trace=Trace(0.0),
        view=view,
    )


@pytest.mark.parametrize(("view", "shown"), [("full", True), ("public", False)])
@pytest.mark.parametrize("paged", [False, True])
def test_marked_fields_are_cut_before_anything_is_kept(
    view: Literal["full", "public"], *, shown: bool, paged: bool
) -> None:
    """What a view may not see is not in the bytes at all, in a record and in a list."""
    value = Page[Enterprise](items=(FOUND, FOUND)) if paged else FOUND

    rendered = render(value, call(view=view))

    assert (b"079087000001" in rendered.data) is shown
    assert rendered.data.count("Nguyễn".encode()) == (2 if paged else 1)


def test_equal_pointers_are_kept_once() -> None:
    """Answers of one shape share the pointers to what was cut, because each is kept with its own data."""
    one = render(FOUND, call(view="public"))
    other = render(FOUND.model_copy(update={"code": "b"}), call(view="public"))

    assert one.withheld == ("/members/0/citizen_id",)
    assert one.withheld is other.withheld


def test_entity_tag_follows_the_data_alone() -> None:
    """Equal data has an equal weak tag, other data or another view another (RFC 9110 section 8.8.3)."""
    full, again, public = render(FOUND, call()), render(FOUND, call()), render(FOUND, call(view="public"))

    assert full == again
    assert full.etag != public.etag
    assert full.etag.startswith('W/"')


def test_list_carries_its_page_and_total() -> None:
    """Token and total go to meta, the items to data."""
    rendered = render(Page[Enterprise](items=(FOUND,), next_page_token="p2", total=7), call())

    assert rendered.data[:1] + rendered.data[-1:] == b"[]"
    assert (rendered.paged, rendered.next_page_token, rendered.total) == (True, "p2", 7)


def test_location_is_filled_from_the_answer() -> None:
    """An accepted order says where its state stands."""
    order = replace(ENTERPRISE, effect="write", success=202, location="enterprises/{code}")

    assert render(FOUND, call(order)).location == "enterprises/a"


async def test_own_time_is_told_from_the_sources() -> None:
    """Translation is what the connector took beyond the exchanges; nothing found is a fact with its instant."""
    clock = FakeClock()

    async def run(_: Question, up: Any) -> Enterprise | None:
        """Two seconds, of which the source took one and a half."""
        await clock.sleep(2.0)
        up.call.trace.upstream += 1.5
        return None

    async def unused(_: UpstreamRequest) -> Wire | None:
        """Not asked."""
        raise AssertionError

    asked = call()
    source = CallConnector(Binding(ENTERPRISE, run), SETTINGS, unused, clock, lambda _: None, lambda: None, print, "ws")
    task = asyncio.create_task(source(asked))
    await clock.advance(2.0)
    answer = await task

    assert (answer.value, answer.fetched_at, answer.freshness) == (None, clock.now(), "live")
    assert asked.trace.translate == 0.5


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (OffContract("no PDF", reason="malformed"), 1),
        (ValueError("no date"), 1),
        (NotFound(), 0),
        (InvalidRequest(), 0),
    ],
)
async def test_an_answer_that_could_not_be_used_is_told(error: Exception, times: int) -> None:
    """The exchange went well: nobody else would know that the source gives nothing of use."""

    async def run(_: Question, __: Any) -> Enterprise | None:
        """Stumbles over the answer."""
        raise error

    async def unused(_: UpstreamRequest) -> Wire | None:
        """Not asked."""
        raise AssertionError

    assert await times_told(run, unused) == times


async def test_an_exchange_that_failed_has_told_so_itself() -> None:
    """The attempt's own event says it, once."""

    async def run(_: Question, up: Any) -> Enterprise | None:
        """Asks once."""
        await up.ask(Exchange(name="a"), Wire)
        return None

    async def broken(_: UpstreamRequest) -> Wire | None:
        """An answer off its contract."""
        raise OffContract("no JSON", reason="malformed")

    assert await times_told(run, broken) == 0


async def times_told(run: Any, ring: Next[UpstreamRequest, Wire | None]) -> int:
    """How often the step told that an answer could not be used."""
    heard: list[None] = []
    told = partial(heard.append, None)
    source = CallConnector(Binding(ENTERPRISE, run), SETTINGS, ring, FakeClock(), lambda _: None, told, print, "ws")
    with pytest.raises(GatewayError):
        await source(call())
    return len(heard)


# ---- what could not be read

BROKEN: Final = {"code": "a", "members": [{"name": "A", "citizen_id": UNREAD}, None, {"name": UNREAD}]}


async def test_what_could_not_be_read_is_told_and_counted() -> None:
    """The answer says where, and the operator sees that a contract may have changed."""
    events: list[Event] = []

    async def run(_query: Question, _up: object) -> Enterprise:
        return read(Enterprise, BROKEN)

    async def unused(_: UpstreamRequest) -> Wire | None:
        raise AssertionError

    asked = call()
    step = CallConnector(
        Binding(ENTERPRISE, run), SETTINGS, unused, FakeClock(), lambda _: None, lambda: None, events.append, "ws"
    )
    found = (await step(asked)).value

    assert isinstance(found, Rendered)
    assert (found.incomplete, found.rows_left_out) == (("/members/0/citizen_id",), 2)
    assert events == [DriftSeen("register", "ws", "unreadable")]
    assert asked.trace.notes == ["unreadable=3"]


@pytest.mark.parametrize("paged", [False, True])
def test_pointers_are_of_fields_that_the_view_has(paged: bool) -> None:
    """Who may not see a field is not told about it either; rows count for all."""
    answer = Page[Enterprise](items=(read(Enterprise, BROKEN),)) if paged else read(Enterprise, BROKEN)
    row = "/0" if paged else ""
    gaps = Gaps((f"{row}/members/0/citizen_id", f"{row}/code"), 2)

    assert render(answer, call(view="public"), gaps).incomplete == (f"{row}/code",)
    assert render(answer, call(), gaps).incomplete == gaps.incomplete
    assert render(answer, call(view="public"), gaps).rows_left_out == 2
