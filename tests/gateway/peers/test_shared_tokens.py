"""Tokens that gateways with the same credential share."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.core.clock import Clock
from gateway.core.events import Event, TokenRenewed
from gateway.core.facts import FactsAway
from gateway.core.message import Exchange, Reply, Rest, Token
from gateway.peers.facts import Facts, FolderFacts
from gateway.peers.shared_tokens import SharedTokens
from gateway.pipeline.upstream.token import EARLY_S, TokenSource
from gateway.testing.clock import FakeClock, settle

SECRET: Final = "the secret that the gateways of these tests share"
CREDENTIAL: Final = b"a hash of the token request"
LIFE: Final = timedelta(minutes=30)


class Endpoint:
    """Gives tokens, each of them new."""

    def __init__(self) -> None:
        self.given = 0

    async def send(self, _: Exchange) -> Reply:
        """One more."""
        self.given += 1
        return Reply(200, {}, f"token-{self.given}")

    @staticmethod
    def read(reply: Reply, now: datetime) -> Token:
        """With half an hour."""
        return Token(str(reply.body), now + LIFE, {"scope": "read"})


def source(
    endpoint: Endpoint, facts: Facts, clock: Clock, events: list[Event], credential: bytes = CREDENTIAL
) -> TokenSource:
    """One gateway's."""
    return TokenSource(
        lambda: Rest(name="token", path="/token"),
        endpoint.read,
        endpoint.send,
        clock=clock,
        observer=events.append,
        names=("register", "ws"),
        timeout_s=5.0,
        shelf=SharedTokens(facts, clock),
        credential=credential,
    )


async def given(one: TokenSource) -> str:
    """The token that a call gets; those that are told reach the others meanwhile."""
    value = (await one.current()).token.value
    await settle()
    return value


async def test_the_second_gateway_asks_for_no_token_of_its_own(tmp_path: Path, clock: FakeClock) -> None:
    """With its end and what came beside it; another credential's is another."""
    endpoint, events = Endpoint(), list[Event]()
    one, other = (source(endpoint, facts_in(tmp_path, clock), clock, events) for _ in range(2))
    stranger = source(endpoint, facts_in(tmp_path, clock), clock, events, b"another")
    first = await given(one)
    await told(tmp_path, clock)
    held = await other.current()

    assert (held.token.value, held.token.expires_at, held.token.more) == (
        first,
        clock.now() + LIFE,
        {"scope": "read"},
    )
    assert await given(stranger) == "token-2"
    assert [event.outcome for event in events if isinstance(event, TokenRenewed)] == ["ok", "ok"]


async def test_a_token_that_is_refused_is_not_taken_again_and_a_newer_one_is(tmp_path: Path, clock: FakeClock) -> None:
    """An endpoint that ends a token when it gives the next: the gateways meet at the newest."""
    endpoint, events = Endpoint(), list[Event]()
    one, other = (source(endpoint, facts_in(tmp_path, clock), clock, events) for _ in range(2))
    held = await one.current()
    await told(tmp_path, clock)
    same = await other.current()
    assert (await one.instead_of(held)).token.value == "token-2"
    await told(tmp_path, clock, "token-2")
    assert (await other.instead_of(same)).token.value == "token-2"

    assert endpoint.given == 2


async def test_one_early_renewal_serves_both(tmp_path: Path, clock: FakeClock) -> None:
    """A token near its end is renewed by the first that notices."""
    endpoint, events = Endpoint(), list[Event]()
    one, other = (source(endpoint, facts_in(tmp_path, clock), clock, events) for _ in range(2))
    await one.current()
    await told(tmp_path, clock)
    await other.current()
    await clock.advance(LIFE.total_seconds() - EARLY_S + 1)
    await one.current()
    await told(tmp_path, clock, "token-2")
    await other.current()
    for _ in range(200):
        await settle()

    assert await given(other) in {"token-1", "token-2"}
    assert endpoint.given == 2


class Away(FolderFacts):
    """Facts that can't be had."""

    async def find(self, kind: str, name: str) -> bytes | None:
        """Not now."""
        raise FactsAway(kind, name)


async def test_without_the_others_each_gateway_asks(tmp_path: Path, clock: FakeClock) -> None:
    """Nothing depends on what is shared."""
    endpoint, events = Endpoint(), list[Event]()
    facts = [Facts(Away(tmp_path / "file"), [SECRET], clock) for _ in range(2)]
    (tmp_path / "file").write_text("in the way", "utf-8")
    sources = [source(endpoint, one, clock, events) for one in facts]

    assert [await given(one) for one in sources] == ["token-1", "token-2"]


def facts_in(folder: Path, clock: Clock) -> Facts:
    """Those of one gateway."""
    return Facts(FolderFacts(folder), [SECRET], clock)


async def told(folder: Path, clock: Clock, value: str = "token-1") -> None:
    """Returns once *value* was told to all."""
    shelf = SharedTokens(facts_in(folder, clock), clock)
    for _ in range(10_000):
        found = await shelf.find(CREDENTIAL)
        if found is not None and found.value == value:
            return
    raise AssertionError(value)
