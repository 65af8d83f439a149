"""A replay maps a target and a caller to a cache key: the entry alone decides whether there is something to replay."""

from __future__ import annotations

import hashlib
import weakref
from dataclasses import dataclass, field
from typing import Final

from aiohttp.test_utils import make_mocked_request
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from gateway.api.auth import KeyGrant, Keyring
from gateway.api.raw_response import RawResponse
from gateway.api.replay import MOST, HitReplay
from gateway.api.response import Envelope
from gateway.core.call import Answer, CacheNote, Rendered
from gateway.core.connector import Connector, Offer
from gateway.core.events import Event, RequestFinished
from gateway.pipeline.cache.hits import ReplayableHits
from gateway.pipeline.cache.invalidation import InvalidationLog, Tag
from gateway.pipeline.cache.memory import Memory, MemorySettings
from gateway.testing import FakeClock
from tests.gateway.pipeline.cache.entries import entry_of, key_of
from tests.gateway.pipeline.harness import RECORD

NAMES: Final = ("register", "record")
LARGE: Final = 500_000


class Watched(Rendered, frozen=True, weakref=True):
    """A body whose end can be seen: a weak reference can point to it."""


def grant(caller: str) -> KeyGrant:
    """A key that is the caller's name."""
    return KeyGrant(caller, hashlib.sha256(caller.encode()).digest(), ("*",))


@dataclass
class Door:
    """A replay over one memory, without a ring."""

    settings: MemorySettings = field(default_factory=MemorySettings)
    clock: FakeClock = field(default_factory=FakeClock)
    invalidations: InvalidationLog = field(default_factory=InvalidationLog)
    events: list[Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.memory = Memory(self.settings)
        self.hits = ReplayableHits(self.memory, self.invalidations, self.clock)
        connector = Connector(name="register", title="Sổ đăng ký", operations=(RECORD,), dialects=())
        offer = Offer(connector=connector, operation=RECORD, upstream="ws", run=self._unused, hits=self.hits)
        self.envelope = Envelope.of(offer)
        self.keyring = Keyring([grant("portal"), grant("other")], ["register.record"])
        self.replay = HitReplay(self.keyring, self.clock, self.events.append)

    async def _unused(self, _: object) -> Answer:
        raise AssertionError("a replay asks no ring")

    def hit(self, code: str, data: bytes = b'{"code":"a"}', caller: str = "portal") -> weakref.ref[Watched]:
        """Keeps an answer, and remembers it as the ring's hit of *caller*; gives a weak reference to its body."""
        value = Watched(data, 'W/"e"')
        held = self.memory.put(key_of(code), replace(entry_of(self.clock), value=value))
        assert held is not None
        held.version = self.invalidations.version
        answer = Answer(
            value=value,
            fetched_at=held.entry.fetched_at,
            freshness="cached",
            cache=CacheNote("hit", ttl=60.0),
            hit_key=key_of(code),
        )
        self.replay.remember(f"/v1/register/records/{code}", caller, self.envelope, answer)
        return weakref.ref(value)

    def ask(self, code: str, caller: str = "portal", **headers: str) -> RawResponse | None:
        """A GET of *code*."""
        named = {"Authorization": f"Bearer {caller}", **headers}
        http = make_mocked_request("GET", f"/v1/register/records/{code}", headers=named)
        return self.replay.lookup(http, "r1", self.clock.monotonic(), "Tue, 24 Nov 2026 03:00:00 GMT")


def test_an_evicted_body_is_gone() -> None:
    """With room for one body of 500 kB, the evicted one is freed, though its target is still remembered."""
    door = Door(MemorySettings(entries=1))
    body = door.hit("a", b"x" * LARGE)
    assert door.ask("a") is not None
    assert body() is not None
    door.hit("b", b"y" * LARGE)

    assert body() is None
    assert door.ask("a") is None
    assert door.ask("b") is not None
    assert LARGE < door.memory.size < LARGE + 3_000


async def test_a_body_past_its_life_is_gone_once_it_is_swept() -> None:
    """The end of a life needs nothing of the replay either."""
    door = Door()
    body = door.hit("a", b"x" * LARGE)
    assert door.ask("a") is not None
    await door.clock.advance(60.0)
    stale = door.ask("a")
    door.memory.sweep(door.clock.monotonic() + 600.0, 10)

    assert (stale, body(), door.memory.size) == (None, None, 0)


def test_a_purge_ends_the_replay_at_once() -> None:
    """Whatever was purged, the ring decides next."""
    door = Door()
    door.hit("a")
    assert door.ask("a") is not None
    door.invalidations.add(Tag(b"anything"), at=0.0)

    assert door.ask("a") is None


def test_what_one_caller_asked_is_not_replayed_to_another() -> None:
    """A caller who has not asked goes through the ring, which looks at its rights and rates."""
    door = Door()
    door.hit("a", caller="portal")

    assert door.ask("a", caller="portal") is not None
    assert door.ask("a", caller="other") is None


def test_a_revoked_right_ends_the_replay_at_once() -> None:
    """The keyring is read at each request."""
    door = Door()
    door.hit("a")
    door.keyring.replace([])

    assert door.ask("a") is None


async def test_a_replay_tells_of_itself_as_the_ring_would() -> None:
    """One event says who asked and how old the answer is."""
    door = Door()
    door.hit("a")
    await door.clock.advance(3)
    door.ask("a")
    [request] = door.events

    assert isinstance(request, RequestFinished)
    assert (request.connector, request.operation) == NAMES
    assert (request.caller, request.outcome, request.cache) == ("portal", "ok", "hit")
    assert request.replayed_age == 3


def test_the_number_of_remembered_targets_is_bounded() -> None:
    """The least recently asked is forgotten first; nothing grows with the number of different questions."""
    door = Door(MemorySettings(entries=10))
    for number in range(MOST + 5):
        door.hit(str(number))

    assert len(door.replay) == MOST


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), st.booleans(), st.integers(0, 4_000)), max_size=40))
def test_encoded_bytes_count_and_go_with_their_entry(steps: list[tuple[str, bool, int]]) -> None:
    """After any history the size is that of entries, keys and encoded hits, and the bound holds."""
    door = Door(MemorySettings(entries=2, data_bytes=60_000))
    for code, store, size in steps:
        if store:
            door.hit(code, b"x" * size)
        else:
            door.ask(code)
        held = [(key, found) for key, found in door.memory._held.items()]
        expected = sum(len(key) + one.entry.size + (one.encoded.size if one.encoded else 0) for key, one in held)
        assert door.memory.size == expected <= 60_000
        assert len(held) <= 2
