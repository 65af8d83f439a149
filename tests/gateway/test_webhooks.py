"""Webhooks: from an event in the store to a receiver that checks each signature by itself."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from gateway.durable import events
from gateway.durable.claiming import WorkerSettings
from gateway.durable.events import CaseEvent
from gateway.durable.following import Looking
from gateway.durable.lanes import operating
from gateway.durable.release import Releases
from gateway.durable.sending import Sending
from gateway.durable.store import Store
from gateway.durable.webhooks import WebhookOutbox
from gateway.durable.worker import Worker
from gateway.settings.webhooks import WebhookSettings
from gateway.testing.clock import FakeClock
from gateway.webhooks import TOLERATED, open_webhooks
from tests.support import postgres
from tests.support.postgres import tell
from tests.support.receiver import PREVIOUS, SECRET, Receiver, receiving
from tests.support.toy_orders import Toy, line_to


@dataclass
class Teller:
    """One gateway's part: its outbox and its worker, driven turn by turn."""

    store: Store
    clock: FakeClock
    outbox: WebhookOutbox
    worker: Worker

    async def happens(self, key: str, *kinds: str, system: str = "toy", **detail: object) -> None:
        """Commits events of a case."""
        now = self.clock.now()
        async with self.store.connection() as connection, connection.transaction():
            told = [CaseEvent(system, key, now, kind, detail=detail) for kind in kinds]  # type: ignore[arg-type]
            await events.add(connection, told)

    async def work(self, turns: int = 4) -> None:
        """Some turns."""
        while await self.outbox.turn():
            pass
        for _ in range(turns):
            await self.worker.turn()
            await self.worker.quiet()

    async def try_again(self, times: int = 1) -> None:
        """Time passes, and what waits is tried again."""
        for _ in range(times):
            await self.clock.advance(61)
            await self.work(2)


def settings_of(url: str, *, previous_secret: str | None = None, **more: Any) -> WebhookSettings:
    """The settings of a receiver, as they are once the references of secrets are read."""
    previous = None if previous_secret is None else SecretStr(previous_secret)
    return WebhookSettings.model_construct(url=url, secret=SecretStr(SECRET), previous_secret=previous, **more)


@asynccontextmanager
async def telling(database: str, clock: FakeClock, receiver: Receiver, **more: Any) -> AsyncIterator[Teller]:
    """A gateway that tells *receiver* of events; *more* changes its settings."""
    async with AsyncExitStack() as stack:
        store = Store(postgres.settings(database), database, postgres.RowCipher(postgres.KEY))
        store.outbox = True
        await store.open()
        stack.push_async_callback(store.close)
        chosen = {"allow_private": True, **more}
        ways = await open_webhooks({"portal": settings_of(receiver.url, **chosen)}, clock)
        stack.push_async_callback(ways.close)
        lines = ways.entries
        following = line_to(Toy()).following
        assert following is not None
        releases = Releases(store, clock.now)
        dice = random.Random(1)
        worker = Worker(
            store,
            clock,
            [line for _, line in lines],
            [],
            sending=Sending(store.cipher, releases, 90.0, dice),
            looking=Looking(store.cipher, dice),
            releases=releases,
            settings=WorkerSettings(name="one"),
        )
        await releases.open()
        stack.push_async_callback(releases.close)
        stack.push_async_callback(worker.close, 0.0)
        yield Teller(
            store, clock, WebhookOutbox(store, clock, lines, {"toy": following.entry_of}, lambda: None), worker
        )


async def lane(teller: Teller, key: str) -> tuple[object, ...]:
    """State, reason and waiting messages of the webhook's lane of a dossier."""
    rows = await tell(
        teller.store,
        "select state, reason, tail - head + 1 from lanes where system = 'webhook.portal' and key = %s",
        key,
    )
    return rows[0]


@pytest.mark.parametrize(("longest_s", "deadline_s"), [(87.0, 15.0), (4.0, 4.0)])
async def test_a_message_ends_before_its_lease(longest_s: float, deadline_s: float, clock: FakeClock) -> None:
    """Else its last bytes would be held back for ever, and nobody would be told."""
    hook = {"portal": settings_of("http://127.0.0.1:9/hook")}
    ways = await open_webhooks(hook, clock, longest_s=longest_s)
    await ways.close()

    assert [line.deadline_s for _, line in ways.entries] == [deadline_s]


async def test_a_receiver_is_told_in_the_form_of_standard_webhooks(database: str, clock: FakeClock) -> None:
    """Signed by both secrets while one is changed for the other; type, time and the case's state, and nothing more."""
    async with (
        receiving(secrets=(SECRET, PREVIOUS)) as receiver,
        telling(database, clock, receiver, previous_secret=PREVIOUS) as teller,
    ):
        await teller.happens("A", "accepted", "state", state="processing", name="never told")
        await teller.work()

    assert receiver.wrong == []
    assert [message["type"] for message in receiver.taken] == ["toy.accepted", "toy.state"]
    number = receiver.taken[1]["data"].pop("id")
    assert isinstance(number, int)
    assert receiver.taken[1] == {
        "type": "toy.state",
        "timestamp": "2026-11-24T03:00:00Z",
        "data": {"system": "toy", "key": "A", "state": "processing", "detail": None},
    }


async def test_a_retried_message_has_the_same_id_and_nothing_overtakes_it(database: str, clock: FakeClock) -> None:
    """An outage costs time: each message comes until it is taken, in the sequence of its dossier, with one id."""
    async with receiving(answers=[503, 503]) as receiver, telling(database, clock, receiver) as teller:
        await teller.happens("A", "accepted", "arrived", "state")
        await teller.work()
        await teller.try_again(4)

    assert [message["type"] for message in receiver.taken] == ["toy.accepted", "toy.arrived", "toy.state"]
    assert len({name for name, _ in receiver.seen[:3]}) == 1
    assert len({name for name, _ in receiver.seen}) == 3


async def test_a_receiver_that_is_down_is_left_alone_and_then_told_all(database: str, clock: FakeClock) -> None:
    """After some failures one message at a time tries it; no lane is parked, and all is told when it is back."""
    async with receiving() as receiver, telling(database, clock, receiver) as teller:
        receiver.answers = [503] * 10_000
        for number in range(30):
            await teller.happens(f"D{number}", "accepted")
        await teller.try_again(3)
        before = len(receiver.seen)
        await teller.try_again(20)
        assert len(receiver.seen) - before <= 45
        parked = await tell(teller.store, "select count(*) from lanes where state = 'parked'")
        receiver.answers = []
        await teller.try_again(10)

    assert parked == [(0,)]
    assert sorted(message["data"]["key"] for message in receiver.taken) == sorted(f"D{n}" for n in range(30))
    assert before > TOLERATED


@pytest.mark.parametrize("status", [400, 401, 410])
async def test_what_is_refused_for_good_waits_for_an_operator(status: int, database: str, clock: FakeClock) -> None:
    """Its dossier's lane is parked, the others go on; a retry by an operator sends it with the same id."""
    async with receiving(of={"A": status}) as receiver, telling(database, clock, receiver) as teller:
        await teller.happens("A", "accepted", "arrived")
        await teller.happens("B", "accepted")
        await teller.work()
        assert await lane(teller, "A") == ("parked", f"webhook_{status}", 2)
        receiver.of = {}
        async with teller.store.connection() as connection, connection.transaction():
            locked = await operating.lock(connection, "webhook.portal", ["A"])
            await operating.retry(connection, locked, clock.now())
        await teller.work()

    assert [message["data"]["key"] for message in receiver.taken] == ["B", "A", "A"]
    refused = [name for name, message in receiver.seen if message["data"]["key"] == "A"]
    assert refused[0] == refused[1] != refused[2]


async def test_a_message_that_always_fails_is_a_dead_letter(database: str, clock: FakeClock) -> None:
    """While others get through, failures count against it: after ten its lane is parked."""
    async with receiving(of={"A": 500}) as receiver, telling(database, clock, receiver) as teller:
        await teller.happens("A", "accepted")
        for number in range(30):
            await teller.happens(f"B{number}", "accepted")
            await teller.try_again()

    assert len([1 for _, message in receiver.seen if message["data"]["key"] == "A"]) == 11
    assert len(receiver.taken) == 30


async def test_a_redirect_is_not_followed(database: str, clock: FakeClock) -> None:
    """A receiver can't send messages on to another address, such as one within our network."""
    async with receiving(answers=[307] * 100) as receiver, telling(database, clock, receiver) as teller:
        await teller.happens("A", "accepted")
        await teller.work()
        await teller.try_again(12)
        parked = await lane(teller, "A")

    assert receiver.redirected == 0
    assert parked == ("parked", "webhook_redirects", 1)


async def test_a_private_address_is_refused_when_connecting(database: str, clock: FakeClock) -> None:
    """A name that leads to a private address is not connected to, unless the configuration allows it."""
    async with receiving() as receiver, telling(database, clock, receiver, allow_private=False) as teller:
        await teller.happens("A", "accepted")
        await teller.work()
        _, reason, waiting = await lane(teller, "A")

    assert (receiver.seen, reason, waiting) == ([], "private_address", 1)


async def test_a_webhook_is_told_of_what_it_asks_for(database: str, clock: FakeClock) -> None:
    """Events by their names, of the cases of one caller where that is said."""
    async with receiving() as receiver:
        async with telling(database, clock, receiver, events=("toy.state", "other.*")) as teller:
            await teller.happens("A", "accepted", "state")
            await teller.happens("A", "accepted", system="other")
            await teller.work()
        async with telling(database, clock, receiver, caller="portal") as teller:
            await teller.happens("A", "accepted")
            await teller.work()

    assert [message["type"] for message in receiver.taken] == ["toy.state", "other.accepted"]


async def test_a_message_of_a_dead_gateway_is_sent_again_with_its_id(database: str, clock: FakeClock) -> None:
    """Nobody knows whether it arrived: the receiver gets it again and knows it by its id."""
    async with receiving(answers=[503]) as receiver, telling(database, clock, receiver) as teller:
        await teller.happens("A", "accepted")
        await teller.work()
        await tell(
            teller.store,
            "update lanes set head_state = 'sending', marked_at = clock_timestamp(), held_by = 'dead',"
            " held_until = clock_timestamp() where system = 'webhook.portal'",
        )
        await teller.try_again(3)

    assert len(receiver.taken) == 1
    assert len({name for name, _ in receiver.seen}) == 1


async def test_two_gateways_tell_each_event_once(database: str, clock: FakeClock) -> None:
    """Both see the marked events; one puts them into the lanes."""
    async with (
        receiving() as receiver,
        telling(database, clock, receiver) as one,
        telling(database, clock, receiver) as two,
    ):
        for number in range(20):
            await one.happens(f"D{number}", "accepted", "arrived")
        for _ in range(5):  # the lanes of a gateway's last turn are free only after its next one
            await asyncio.gather(one.work(), two.work())

    assert len(receiver.seen) == len({name for name, _ in receiver.seen}) == 40


@pytest.mark.parametrize(
    ("secret", "url", "said"),
    [
        ("whsec_short", "https://portal.example/hook", "base64"),
        ("c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0", "https://portal.example/hook", "whsec_"),
        (SECRET, "http://portal.example/hook", "https://"),
    ],
    ids=["short", "bare", "http"],
)
def test_a_wrong_setting_is_one_sentence(secret: str, url: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret in another form, or an address that anybody can listen to, is refused at start."""
    monkeypatch.setenv("HOOK", secret)
    with pytest.raises(ValidationError, match=said):
        WebhookSettings.model_validate({"url": url, "secret": "env:HOOK"})


def test_an_address_on_loopback_may_be_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """On the laptop a receiver has no certificate."""
    monkeypatch.setenv("HOOK", SECRET)
    found = WebhookSettings.model_validate({"url": "http://127.0.0.1:9/hook", "secret": "env:HOOK"})

    assert len(found.signing_keys) == 1
