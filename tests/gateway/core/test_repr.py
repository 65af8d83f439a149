"""Values that hold personal data or credentials do not show them: a repr may reach a log or a traceback."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from gateway.core.call import Answer, Call, Rendered, Trace
from gateway.core.message import Exchange, Reply, Rest, Soap, Token
from gateway.core.upstream import Officer, UpstreamRequest
from gateway.testing import FakeClock
from tests.gateway.pipeline.cache.entries import entry_of, key_of
from tests.gateway.pipeline.harness import RECORD, RecordQuery, WireRecord

SECRET: Final = "079087000123"


def call() -> Call:
    """A call whose query names a person."""
    return Call(
        connector="register",
        operation=RECORD,
        query=RecordQuery(code=SECRET),
        caller="portal",
        request_id="r1",
        expires_at=0.0,
        trace=Trace(0.0),
    )


REST: Final = Rest(
    name="tra",
    path="records",
    query={"code": SECRET},
    headers={"Authorization": SECRET},
    json={"code": SECRET},
    form={"code": SECRET},
)
SOAP: Final = Soap(name="tra", arguments={"code": SECRET}, headers={"Authorization": SECRET})
RENDERED: Final = Rendered(SECRET.encode(), 'W/"e"', next_page_token="p2")
VALUES: Final[list[object]] = [
    call(),
    REST,
    SOAP,
    Reply(200, {"set-cookie": SECRET}, {"code": SECRET}),
    RENDERED,
    Answer(value=RENDERED, fetched_at=datetime(2026, 11, 24, tzinfo=UTC), hit_key=key_of(SECRET)),
    entry_of(FakeClock(), SECRET.encode()),
    Token(SECRET, None, {"more": SECRET}),
    Officer("Cán bộ Thử", SECRET),
    UpstreamRequest(REST, call(), "read", WireRecord, None),
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_a_repr_shows_no_secret(value: object) -> None:
    """Neither the query nor a header, a body, a token or a key's content."""
    assert SECRET not in repr(value)


@pytest.mark.parametrize("exchange", [REST, SOAP], ids=["rest", "soap"])
def test_a_repr_says_which_message_it_is(exchange: Exchange) -> None:
    """The name of the national call is enough to find the place."""
    assert "tra" in repr(exchange)
