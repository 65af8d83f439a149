"""The event of a request, as the outermost step of the operation ring tells it."""

from __future__ import annotations

import pytest

from gateway.core.call import Answer, Call
from gateway.core.events import Event, RequestFinished
from gateway.core.problems import Failing, GatewayError, Internal, NotFound, OffContract, Refused
from gateway.pipeline.operation.look_up import LookUps, SubjectHash
from gateway.pipeline.operation.observe import ObserveRequests
from gateway.testing.clock import FakeClock
from tests.gateway.pipeline.operation.test_call_connector import call


@pytest.mark.parametrize(
    ("error", "detail"),
    [
        (Refused("They refuse the key.", reason="credentials"), "They refuse the key."),
        (
            OffContract("The answer breaks its contract at /NAME.", reason="malformed"),
            "The answer breaks its contract at /NAME.",
        ),
        (Internal("The message does not fit."), "The message does not fit."),
        (Failing("They are down.", reason="unreachable"), ""),
        (NotFound("No such record."), ""),
    ],
)
async def test_what_an_operator_or_developer_must_look_into_is_told(
    error: GatewayError, detail: str, clock: FakeClock
) -> None:
    """The sentence of the error is in the event, and so in the log, though callers read the text of its reason."""
    seen: list[Event] = []

    async def fails(_: Call) -> Answer:
        raise error

    with pytest.raises(type(error)):
        await ObserveRequests(clock, seen.append, LookUps(call().operation, SubjectHash()))(fails, call())

    assert [(event.outcome, event.detail) for event in seen if isinstance(event, RequestFinished)] == [
        (error.code, detail)
    ]
