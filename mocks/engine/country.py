"""The country: services, faults, journal, clock and population; it handles each request to a system."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib
import pkgutil
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import partial
from http.client import BAD_REQUEST
from pathlib import Path
from typing import Final

from aiohttp import web

from mocks.engine.clock import HANOI, VirtualClock, real_now
from mocks.engine.contracts import contract_calls
from mocks.engine.decisions import Repeats
from mocks.engine.delivery import Hangs, Later, Sleep, deliver, response_of
from mocks.engine.faults import Faults, UnfitPlan
from mocks.engine.journal import Entry, Journal, masked
from mocks.engine.journal_file import JournalFile
from mocks.engine.kinds import Scene
from mocks.engine.latecomers import Latecomers
from mocks.engine.matching import Place, Switchboard, hidden, near_miss
from mocks.engine.scenarios import CALM, Named
from mocks.engine.scenarios_file import load_scenarios
from mocks.engine.service import Call, Reply, Request, Service, World, json_reply
from mocks.engine.tls import TlsPorts
from mocks.engine.xroad import Directory
from mocks.population import population_of

CONTRACTS: Final = Path(__file__).parents[2] / "contracts"
#: Large enough for a dossier with its scans; longer bodies are refused with 413.
MAX_BODY: Final = 32 * 1_048_576
#: Maximum number of posted scenarios that are kept.
MAX_OWN_SCENARIOS: Final = 100

#: Seconds that a security server of the road waits for a provider's answer.
ROAD_PATIENCE_S: Final = 60.0

OpenService = Callable[[World], Service]


def installed_services() -> dict[str, OpenService]:
    """Returns all services of `mocks/services/`, by name."""
    package = importlib.import_module("mocks.services")
    names = sorted(module.name for module in pkgutil.iter_modules(package.__path__))
    return {name: importlib.import_module(f"mocks.services.{name}").open_service for name in names}


class Country:
    """Holds all state that a reset restores, and handles every request to a system.

    The constructor reads files: call it off the event loop, as `mocks.engine.server.serving` does.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        scenario: str | Named = CALM,
        services: Iterable[OpenService] | None = None,
        contracts: Path = CONTRACTS,
        wall: Callable[[], datetime] = real_now,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Sleep = asyncio.sleep,
        road_patience_s: float = ROAD_PATIENCE_S,
        journal: Path | None = None,
    ) -> None:
        self.road_patience_s = road_patience_s
        self.scenarios: dict[str, Named] = load_scenarios()
        if isinstance(scenario, Named):
            self.scenarios[scenario.name] = scenario
            scenario = scenario.name
        if scenario not in self.scenarios:
            raise ValueError(f"unknown scenario {scenario!r}; use one of {', '.join(self.scenarios)}")
        self._known_at_start = dict(self.scenarios)
        self.clock = VirtualClock(wall)
        self.world = World(population=population_of(seed), clock=self.clock, contracts=contracts, monotonic=monotonic)
        self.directory = Directory.read(self.world)
        """The registered clients and services of the X-Road road."""
        self._sleep = sleep
        self._openers = tuple(installed_services().values() if services is None else services)
        self._documents: dict[OpenService, tuple[Call, ...]] = {}
        self.journal = Journal(file=JournalFile(journal, lambda: wall().astimezone(HANOI)) if journal else None)
        self.repeats = Repeats()
        self.faults = Faults(now=self.clock.now)
        self.hangs = Hangs()
        self.latecomers = Latecomers(sleep)
        self.scenario = scenario
        self.address = ""
        """The address it listens on, `http://127.0.0.1:9100`; empty until then."""
        self.names: frozenset[str] = frozenset()
        """Names under which its administration answers, besides addresses and loopback names."""
        self.tls: TlsPorts | None = None
        """The open TLS ports; None without `--tls-port`."""
        self.switchboard = self._open()
        self.pick_scenario(scenario)
        if self.journal.file is not None:
            self.journal.file.note("started", seed=seed, scenario=self.scenario)

    def _open(self) -> Switchboard:
        services = []
        for opener in self._openers:
            service = opener(self.world)
            documents = self._documents.get(opener)
            if documents is None:
                documents = self._documents[opener] = contract_calls(self.world, service.name)
            services.append(dataclasses.replace(service, calls=(*service.calls, *documents)))
        return Switchboard(services)

    @property
    def services(self) -> dict[str, Service]:
        return self.switchboard.services

    def reset(self) -> None:
        """Restores the state at start: journal, faults, scenario, services with their state, clock."""
        self.latecomers.drop()
        self.clock.reset()
        self.repeats.clear()
        self.journal.reset()
        self.switchboard = self._open()
        self.scenarios = dict(self._known_at_start)
        self.pick_scenario(CALM)

    async def sleep(self, seconds: float) -> None:
        """Waits *seconds*, in the way that the country was given."""
        await self._sleep(seconds)

    def learn_scenario(self, named: Named) -> None:
        """Adds a scenario and picks it; it can be picked again by its name until the reset.

        Raises:
            ValueError: a scenario loaded at start has this name, or too many scenarios were added.
            UnfitPlan: as `pick_scenario`.
        """
        if named.name in self._known_at_start:
            raise ValueError(f"the name {named.name} is in use; choose another")
        if len(self.scenarios) >= len(self._known_at_start) + MAX_OWN_SCENARIOS:
            raise ValueError(f"{MAX_OWN_SCENARIOS} posted scenarios are kept at most; POST /__mock/reset removes them")
        before = self.scenarios
        self.scenarios = {**before, named.name: named}
        try:
            self.pick_scenario(named.name)
        except UnfitPlan:
            self.scenarios = before
            raise

    def pick_scenario(self, name: str) -> None:
        """Replaces the faults by the scenario's, and moves the virtual clock to the scenario's start.

        Raises:
            KeyError: the name is unknown.
            UnfitPlan: the scenario names a system or operation that this country does not have; nothing changes then.
        """
        named = self.scenarios[name]
        wait = named.scenario.wait(self.clock.now())
        self.clock.advance(wait)
        try:
            self.faults.put(named.scenario.faults, self.services)
        except UnfitPlan as unfit:
            self.clock.advance(-wait)
            raise UnfitPlan(f"{named.where(unfit.position)}: {unfit}", **unfit.exists) from unfit
        self.scenario = name
        self.hangs.release()

    def clear_faults(self) -> None:
        """Removes all faults and ends the requests that wait because of `hang`."""
        self.faults.clear()
        self.hangs.release()

    async def handle(self, http: web.BaseRequest, service: Service) -> web.StreamResponse:
        """Handles one request to *service*: matches it, writes the journal, applies faults, answers."""
        body, refusal = await read_body(http)
        request = Request(http.method, http.path, http.query, http.headers, body)
        place = self.switchboard.find(request)
        entry = Entry(
            service.name,
            place.call.name if place else None,
            request.method,
            hidden(request.path),
            self.clock.now(),
            masked(request, place.call.shown if place else frozenset()),
        )
        self.journal.arrived(entry)
        try:
            if refusal is not None:
                request.decide("refused")
                return self._sent(refusal, request, entry)
            if place is None:
                return self._lost(service, request, entry)
            request.repeat = self.repeats.mode(place.key, place.call.repeat or request.repeat)
            if place.key in self.faults.by_call:
                return await self._struck(http, place, request, entry)
            return self._sent(_answer(place, request), request, entry)
        except Exception:
            entry.status = 500  # aiohttp answers 500 and logs the traceback
            raise
        finally:
            self.journal.decided(entry, request, entry.status)
            self.journal.finished(entry)

    def _sent(self, reply: Reply, request: Request, entry: Entry) -> web.Response:
        self.journal.decided(entry, request, reply.status)
        entry.status = reply.status
        return response_of(reply)

    async def _struck(self, http: web.BaseRequest, place: Place, request: Request, entry: Entry) -> web.StreamResponse:
        strike = self.faults.strike(place.key, request)
        if strike is None:
            return self._sent(_answer(place, request), request, entry)
        entry.fault = strike.label
        if strike.kind is None:
            reply = _answer(place, request)
            # Before the wait: lines of the file stand in the order in which the system decided.
            self.journal.decided(entry, request, reply.status)
            await self._sleep(strike.delay_s)
            return self._sent(reply, request, entry)
        delivery = strike.kind.deliver(Scene(place.call, request, lambda: _answer(place, request)))
        self.journal.decided(entry, request, delivery.status)
        if strike.delay_s:
            await self._sleep(strike.delay_s)
        entry.status = delivery.status
        if isinstance(delivery, Later):
            self.latecomers.send(delivery.seconds, partial(self._work_late, place, delivery, request, entry))
        return await deliver(http, delivery, self.hangs, self._sleep)

    def _work_late(self, place: Place, delivery: Later, request: Request, entry: Entry) -> None:
        request.repeat = self.repeats.mode(place.key, place.call.repeat or "refused")
        try:
            delivery.work()
        finally:
            entry.worked_at = self.clock.now()
            self.journal.worked(entry, request)

    def _lost(self, service: Service, request: Request, entry: Entry) -> web.Response:
        entry.near_miss = near_miss(service, request)
        reply = service.unmatched(request) if service.unmatched is not None else None
        if reply is None:
            reply = json_reply({"error": f"{service.title}: unknown call", "near_miss": entry.near_miss}, status=404)
        request.decide("refused")
        return self._sent(reply, request, entry)


async def read_body(http: web.BaseRequest) -> tuple[bytes, Reply | None]:
    """Reads the body; returns a refusal when it is too long or can't be decompressed."""
    if not http.body_exists:
        return b"", None
    try:
        if http.headers.get("Expect", "").lower() == "100-continue":
            await http.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            http.writer.output_size = 0  # the next byte written is the first of the answer
        return await http.read(), None
    except web.HTTPRequestEntityTooLarge:
        error, status = f"the body is longer than {MAX_BODY} bytes", 413
    except web.RequestPayloadError:
        error, status = "the body is not encoded as Content-Encoding or Transfer-Encoding says", 400
    return b"", json_reply({"error": error}, status=status, headers=(("Connection", "close"),))


def _answer(place: Place, request: Request) -> Reply:
    call = place.call
    if call.authenticate is not None:
        refusal = call.authenticate(request)
        if refusal is not None:
            request.decide("refused", code="credentials")
            return refusal
    reply = call.answer(request)
    if not request.decisions:
        request.decide("refused" if request.breaches or reply.status >= BAD_REQUEST else "asked")
    return reply
