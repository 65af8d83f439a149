"""A portal is told of its applications while they go their way, whatever gateway it listens to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import aiohttp
import pytest
from lgsp_client.questions import criminal_records

from gateway.connectors.criminal_records.operations import EXAMPLE
from lgsp_client import AsyncClient, Client, NotFound, WrongSignature, verify
from tests.support import postgres
from tests.support.laptop import OTHER_DIALECTS, PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import KEY, Portal
from tests.support.receiver import PREVIOUS, SECRET, receiving

WHERE: Final = f"/v1/criminal-records/applications/{EXAMPLE['dossier_code']}"
PURPOSE: Final = {"X-Dossier-Id": str(EXAMPLE["dossier_code"]), "X-User-Id": "canbo.demo"}


@dataclass(frozen=True)
class Event:
    """An event as a client reads it."""

    id: int
    kind: str
    data: Mapping[str, Any]


async def read_events(answer: aiohttp.ClientResponse) -> AsyncIterator[Event]:
    """The events of a stream, until it ends."""
    fields: dict[str, str] = {}
    async for line in answer.content:
        name, _, value = line.decode().rstrip("\n").partition(": ")
        if name:
            fields[name] = value
        elif "id" in fields:
            yield Event(int(fields["id"]), fields["event"], json.loads(fields["data"]))
            fields = {}


@asynccontextmanager
async def listening(portal: Portal, last: int | None = None) -> AsyncIterator[AsyncIterator[Event]]:
    """The events of the application from a gateway."""
    headers = {"Authorization": f"Bearer {KEY}", **PURPOSE}
    if last is not None:
        headers["Last-Event-ID"] = str(last)
    async with portal.session.get(f"{portal.gateway.url}{WHERE}/events", headers=headers) as answer:
        assert answer.status == 200, await answer.text()
        yield read_events(answer)


@asynccontextmanager
async def gateway(national: National, database: str, **more: Any) -> AsyncIterator[Portal]:
    """One gateway over *database*, beside *national*, whose clock it follows."""
    store, clock = {"url": postgres.address(database)}, {"follow": national.url}
    settings = laptop_settings(national.url, upstreams=PLAIN, store=store, clock=clock, **more)
    async with serving_portal(settings) as portal:
        yield portal


async def apply(portal: Portal) -> None:
    """Applies for a certificate."""
    headers = {**PURPOSE, "Idempotency-Key": "once"}
    answer = await portal.ask("POST", "/v1/criminal-records/applications", body=EXAMPLE, headers=headers)
    assert answer.status == 202, answer.body


async def until(events: AsyncIterator[Event], kind: str, found: list[Event]) -> None:
    """Puts events into *found* up to the first of *kind*."""
    async for event in events:
        found.append(event)
        if event.kind == kind:
            return
    pytest.fail(f"the stream ended before {kind}")


@pytest.mark.timeout(40)
async def test_a_client_goes_from_gateway_to_gateway_and_misses_nothing(national: National, database: str) -> None:
    """An application is accepted by one gateway and heard of at another; when that leaves, the client goes on at the
    first with its last id; what it has read is the history of the application, each entry once.
    """
    found: list[Event] = []
    async with gateway(national, database) as first:
        async with gateway(national, database) as second:
            await apply(first)
            async with listening(second) as events:
                await until(events, "arrived", found)
                await national.advance("P4D")
                await until(events, "state", found)
                leaving = events
        async with listening(first, found[-1].id) as events:
            await national.advance("P14D")
            await until(events, "certificate", found)
        answer = await first.ask("GET", WHERE, headers=PURPOSE)
    del leaving

    assert [one.kind for one in found[:2]] == ["accepted", "arrived"]
    assert [one.id for one in found] == sorted({one.id for one in found})
    history = [(entry["at"][:19], entry["state"], entry["note"]) for entry in answer.json["data"]["history"]]
    assert [(one.data["at"][:19], one.data["state"], one.data["detail"]) for one in found] == history[: len(found)]


@pytest.mark.timeout(40)
@pytest.mark.parametrize("dialect", ["ngsp", "ws"])
async def test_events_are_told_in_the_words_of_the_history(national: National, database: str, dialect: str) -> None:
    """The generations of the department's service, which say by a list what has changed, are told of as any other."""
    block = {
        "upstreams": {dialect: OTHER_DIALECTS["criminal_records"]["upstreams"][dialect]},
        "operations": {name: {"upstream": dialect} for name in ("apply", "application")},
    }
    found: list[Event] = []
    async with gateway(national, database, connectors={"criminal_records": block}) as portal:
        await apply(portal)
        async with listening(portal) as events:
            await until(events, "arrived", found)
            await national.advance("P14D")
            async for event in events:
                found.append(event)
                if event.data["state"] in {"issued", "handed_over"}:
                    break
        answer = await portal.ask("GET", WHERE, headers=PURPOSE)

    assert [(one.kind, one.data["state"]) for one in found[:2]] == [("accepted", "accepted"), ("arrived", "received")]
    assert found[-1].kind == "state"
    history = [(entry["at"][:19], entry["state"], entry["note"]) for entry in answer.json["data"]["history"]]
    assert [(one.data["at"][:19], one.data["state"], one.data["detail"]) for one in found] == history[: len(found)]


@pytest.mark.timeout(40)
async def test_a_stream_ends_when_its_gateway_leaves(national: National, database: str) -> None:
    """A gateway that is stopped ends its streams by itself, so that it does not wait for clients that wait for it."""
    async with aiohttp.ClientSession() as session:
        async with gateway(national, database) as portal:
            await apply(portal)
            listener = Portal(portal.gateway, session)
            stream = listening(listener)
            events = await stream.__aenter__()
            found: list[Event] = []
            await until(events, "arrived", found)
        rest = [event async for event in events]
        await stream.__aexit__(None, None, None)

    assert rest == []


@pytest.mark.timeout(60)
async def test_a_webhook_is_told_what_a_stream_tells(
    national: National, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each event of an application, in order, signed, whichever gateway it happens at; its data are those of the
    stream, and nothing personal is in them.
    """
    monkeypatch.setenv("HOOK", SECRET)
    async with receiving(answers=[503, 500]) as receiver:
        hook = {"portal": {"url": receiver.url, "secret": "env:HOOK", "allow_private": True}}
        async with (
            gateway(national, database, webhooks=hook) as first,
            gateway(national, database, webhooks=hook) as second,
        ):
            await apply(first)
            found: list[Event] = []
            async with listening(second) as events:
                await until(events, "arrived", found)
                await national.advance("P14D")
                await until(events, "certificate", found)
            await receiver.has_taken(len(found))

    assert receiver.wrong == []
    told = [(one["data"]["id"], one["type"], one["data"]["state"], one["data"]["detail"]) for one in receiver.taken]
    assert told[: len(found)] == [
        (one.id, f"criminal_records.{one.kind}", one.data["state"], one.data["detail"]) for one in found
    ]
    name = str(EXAMPLE["applicant"]["full_name"])  # type: ignore[index]
    assert name not in json.dumps(receiver.taken, ensure_ascii=False)


@pytest.mark.timeout(60)
async def test_the_client_iterates_events_and_checks_webhooks(
    national: National, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """lgsp_client reads the stream, goes on after an id, and believes the gateway's signature and no other."""
    monkeypatch.setenv("HOOK", SECRET)
    question = criminal_records.application(str(EXAMPLE["dossier_code"]))
    async with receiving() as receiver:
        hook = {"portal": {"url": receiver.url, "secret": "env:HOOK", "allow_private": True}}
        async with gateway(national, database, webhooks=hook) as portal:
            await apply(portal)
            purpose: dict[str, Any] = {"dossier": PURPOSE["X-Dossier-Id"], "user": PURPOSE["X-User-Id"]}
            async with AsyncClient(portal.gateway.url, KEY, **purpose) as client:
                found = []
                async for event in client.events(question):
                    found.append(event)
                    if event.kind == "arrived":
                        break
                async for event in client.events(question, after=found[0].id):
                    assert event == found[1]
                    break

            def first() -> Any:
                with Client(portal.gateway.url, KEY, **purpose) as own:
                    return next(iter(own.events(question)))

            assert await asyncio.to_thread(first) == found[0]
            async with AsyncClient(portal.gateway.url, KEY, **purpose) as client:
                nothing = client.events(criminal_records.application("H58-none"))
                with pytest.raises(NotFound):
                    await anext(nothing)
            await receiver.has_taken(1)
    headers, body = receiver.raw[0]
    assert verify(body, headers, SECRET)["type"] == "criminal_records.accepted"
    for wrong in ((body + b" ", headers, SECRET), (body, headers, PREVIOUS), (body, {}, SECRET)):
        with pytest.raises(WrongSignature):
            verify(*wrong)
    with pytest.raises(WrongSignature):
        verify(body, headers, SECRET, now=float(headers["webhook-timestamp"]) + 301)
