"""The upstream that connectors' authors script: it answers as the gateway would, and nothing that was not scripted."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from gateway.core.canonical import Canonical, Wire
from gateway.core.connector import Dialect, answers
from gateway.core.events import DriftSeen
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest, Soap
from gateway.core.operation import Operation
from gateway.core.problems import CutOff, Failing, OffContract, TimedOut, Withheld
from gateway.core.settings import UpstreamSettings
from gateway.core.upstream import Upstream
from gateway.testing import FakeClock, FakeUpstream, InTurn, NotScripted, Script, make_call


class Query(Canonical):
    """Which record."""

    code: str


class Record(Canonical):
    """A record."""

    code: str


class WireRecord(Wire):
    """The same, as the register spells it."""

    code: str


async def look_up(query: Query, up: Upstream[UpstreamSettings]) -> Record | None:
    """One exchange."""
    wire = await up.ask(Rest(name="tra", path="tra"), WireRecord, same=lambda found: found.code == query.code)
    return None if wire is None else Record(code=wire.code)


def classify(_: Exchange, reply: Reply) -> Outcome:
    """ "90" is their failure, "01" no such record."""
    match reply.body:
        case {"status": "90"}:
            return Failing("Their database failed.", reason="upstream_error")
        case {"status": "01"}:
            return ReplyKind.NO_RECORD
    return None


READ = Operation(name="read", query=Query, answer=Record, path="records/{code}", summary="A record (hồ sơ)")
ORDER = Operation(
    name="order", query=Query, answer=Record, path="records", method="POST", effect="write", summary="An order (đơn)"
)
REGISTER = Dialect(
    name="register",
    adapter="rest",
    settings=UpstreamSettings,
    classify=classify,
    calls=(answers(READ, look_up), answers(ORDER, look_up)),
)
SETTINGS = UpstreamSettings(url="https://register.example")
QUERY = Query(code="a")


def scripted(replies: Script = (), **more: Any) -> FakeUpstream[UpstreamSettings]:
    """The register with this script."""
    return FakeUpstream(REGISTER, SETTINGS, replies, **more)


async def test_replies_come_in_order() -> None:
    """A list answers the first exchange with its first entry, and remembers both exchanges."""
    up = scripted([{"code": "a"}, {"status": "01"}])

    assert await look_up(QUERY, up) == Record(code="a")
    assert await look_up(QUERY, up) is None
    assert [exchange.name for exchange in up.sent] == ["tra", "tra"]


async def test_replies_by_name_come_every_time() -> None:
    """A mapping answers each exchange of a name alike, unless its replies come in turn."""
    always, in_turn = scripted({"tra": {"code": "a"}}), scripted({"tra": InTurn({"code": "a"}, {"status": "01"})})

    assert [await look_up(QUERY, always) for _ in range(3)] == [Record(code="a")] * 3
    assert [await look_up(QUERY, in_turn) for _ in range(2)] == [Record(code="a"), None]


async def test_function_answers_by_the_exchange() -> None:
    """An async function sees the exchange and says the reply."""

    async def echo(exchange: Exchange) -> object:
        return Reply(200, {}, {"code": "a", "name": exchange.name})

    assert await look_up(QUERY, scripted(echo)) == Record(code="a")


@pytest.mark.parametrize(
    ("replies", "said"),
    [
        ((), r"exchange 1, 'tra'; the script has no reply left"),
        ({"hoi": {}}, r"asked 'tra'; replies are scripted for 'hoi'\."),
        ({}, r"asked 'tra'; replies are scripted for nothing\."),
        ({"tra": InTurn()}, r"asked 'tra' once more; the script has no reply left"),
    ],
)
async def test_what_is_not_scripted_fails_the_test(replies: Script, said: str) -> None:
    """An exchange without a reply fails by its name, and no connector takes it for an error of the source."""
    with pytest.raises(NotScripted, match=said):
        await look_up(QUERY, scripted(replies))


@pytest.mark.parametrize(
    ("reply", "raised", "reason"),
    [
        ({"status": "90"}, Failing, "upstream_error"),
        (Reply(429, {}, None), Withheld, "quota_spent"),
        ({"code": "b"}, OffContract, "inconsistent_response"),
        ({"name": "a"}, OffContract, "malformed"),
        (TimedOut("No answer.", reason="attempt"), TimedOut, "attempt"),
    ],
)
async def test_reply_means_what_it_means_in_the_gateway(reply: object, raised: type[Failing], reason: str) -> None:
    """Table, status, wire model and comparison act as around a real upstream."""
    with pytest.raises(raised) as caught:
        await look_up(QUERY, scripted([reply]))

    assert caught.value.reason == reason


async def test_lost_answer_to_an_order_is_of_unknown_outcome() -> None:
    """Whether an exchange is a write follows from the operation of the call."""
    lost = Failing("The connection broke.", reason="unreachable", may_have_arrived=True)
    with pytest.raises(Failing):
        await look_up(QUERY, scripted([lost], call=make_call(READ, QUERY)))
    with pytest.raises(CutOff):
        await look_up(QUERY, scripted([lost], call=make_call(ORDER, QUERY)))


async def test_unknown_field_is_an_event() -> None:
    """Drift is seen under the connector's name, and breaks nothing."""
    up = scripted([{"code": "a", "moi": 1}], call=make_call(READ, QUERY, connector="registry"))

    assert await look_up(QUERY, up) == Record(code="a")
    assert up.events == [DriftSeen("registry", "register", "unknown_field")]
    assert up.call.trace.notes == ["unknown_fields=1"]


async def test_exchanges_are_of_one_protocol() -> None:
    """REST messages are given with their own fields, and a SOAP message among them fails."""
    up = scripted([{"code": "a"}, {"code": "a"}])
    await look_up(QUERY, up)
    assert [message.path for message in up.rest] == ["tra"]

    await up.ask(Soap(name="Tra"), WireRecord)
    for of_one_protocol in ("rest", "soap"):
        with pytest.raises(AssertionError, match="is not a"):
            getattr(up, of_one_protocol)


async def test_time_is_the_tests() -> None:
    """Retry-After as a date is read by the clock that the test brings."""
    clock = FakeClock()
    reply = Reply(503, {"retry-after": f"{clock.now():%a, %d %b %Y %H:%M:%S} GMT"}, None)
    await clock.advance(10)
    with pytest.raises(Failing) as caught:
        await look_up(QUERY, scripted([reply], clock=clock))

    assert caught.value.retry_after == 0


def test_it_brings_no_test_framework() -> None:
    """Whoever imports it without pytest installed can use it."""
    code = "import sys, gateway.testing; print({'pytest', 'hypothesis', '_pytest'} & set(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60)

    assert ran.stdout.strip() == "set()"
