"""The files that messages name by their address: fetched, tried again, given up; they never hold up their message."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta

import aiohttp
import pytest

from gateway.api.inbound import Reader
from gateway.core.problems import Failing
from gateway.dossiers.inbound import SUPPLEMENT
from gateway.durable.inbox import Inbox
from gateway.durable.inbox_care import InboxCare
from gateway.durable.inbox_desk import InboxDesk
from gateway.durable.inbox_files import FileWay, InboxFiles
from gateway.durable.inbox_reading import InboxReading
from gateway.durable.store import Store
from gateway.testing.clock import FakeClock
from tests.support import postgres
from tests.support.national import National
from tests.support.pusher import PDF, PNG, supplement

SYSTEM = "public_service_portal"


@dataclass
class Source:
    """A sender that gives files: *gives* says what each next question gets; the last one is repeated."""

    gives: list[bytes | Exception | None] = field(default_factory=lambda: [PDF])
    asked: list[str] = field(default_factory=list)
    room: int = 4

    async def fetch(self, address: str, _: str) -> bytes | None:
        """The next answer."""
        self.asked.append(address)
        given = self.gives.pop(0) if len(self.gives) > 1 else self.gives[0]
        if isinstance(given, Exception):
            raise given
        return given


@dataclass
class Desk:
    """A store with its inbox, and who works on it."""

    store: Store
    clock: FakeClock
    source: Source
    moved: list[None] = field(default_factory=list)

    def files(self, **more: float) -> InboxFiles:
        """The files of one gateway."""
        ways = {SYSTEM: FileWay(self.source.fetch, lambda: self.source.room)}
        return InboxFiles(
            self.store,
            self.clock,
            ways,
            worker="w",
            limit=100_000,
            days=7,
            moved=lambda: self.moved.append(None),
            **more,
        )

    async def push(self, name: str = "to-khai.pdf") -> None:
        """A supplement with a file at an address."""
        inbox = Inbox(self.store, self.clock, self.clock, lambda: None)
        await inbox.open()
        body = supplement(TenTepDangKy=name, URLTepDangKy="/tep/1")
        message = Reader(self.store.cipher, 100_000).read(SYSTEM, SUPPLEMENT, "portal", "r", json.dumps(body).encode())
        await inbox.keep(message)
        await inbox.close()

    async def file(self) -> tuple[str, str | None]:
        """State and reason of the file."""
        [entry] = await postgres.tell(self.store, "select state, reason from inbox_files")
        return str(entry[0]), entry[1] if entry[1] is None else str(entry[1])

    async def events(self) -> list[str]:
        """What webhooks are told of."""
        return [str(row[0]) for row in await postgres.tell(self.store, "select kind from events order by id")]


@pytest.fixture
async def desk(database: str, clock: FakeClock) -> AsyncIterator[Desk]:
    """An empty inbox."""
    async with postgres.store(database) as store:
        yield Desk(store, clock, Source())


async def test_a_file_is_fetched_and_kept(desk: Desk) -> None:
    """With its type by its content; the province is told, and can have it."""
    await desk.push()
    assert await desk.file() == ("waiting", None)

    await desk.files().turn()
    found = await InboxReading(desk.store, desk.clock).file(1, 1)

    assert desk.source.asked == ["/tep/1"]
    assert (found.name, found.media_type, found.content) == ("to-khai.pdf", "application/pdf", PDF)
    assert await desk.events() == ["received", "file_kept"]
    assert await desk.files().turn() == 0


async def test_a_failure_costs_time_only(desk: Desk) -> None:
    """While the sender fails the file waits, longer each time and never longer than an hour; then it comes."""
    desk.source.gives = [*[Failing(reason="unreachable")] * 20, PDF]
    await desk.push()
    files, tries = desk.files(), 0
    while (await desk.file())[0] == "waiting":
        tries += await files.turn()
        [[due]] = await postgres.tell(desk.store, "select due_at from inbox_files")
        if due is not None:
            rest = due - desk.clock.now()  # type: ignore[operator]  # an instant
            assert timedelta() < rest <= timedelta(seconds=3_960)
            assert await files.turn() == 0, "it is not due"
            await desk.clock.advance(rest.total_seconds())

    assert tries == 21
    assert await desk.file() == ("kept", None)


async def test_a_bug_at_one_file_is_told_and_tried_again(desk: Desk) -> None:
    """It does not stay claimed without a word; when the bug is mended, the file comes."""
    desk.source.gives = [ValueError("secret"), PDF]
    await desk.push()
    files = desk.files()
    await files.turn()
    assert await desk.file() == ("waiting", "internal")
    await desk.clock.advance(10)
    await files.turn()

    assert await desk.file() == ("kept", None)


async def test_a_file_that_never_comes_is_given_up(desk: Desk) -> None:
    """After its days, with the reason, and the message was there all the time."""
    desk.source.gives = [None]
    await desk.push()
    files = desk.files()
    for _ in range(200):
        if await files.turn() and (await desk.file())[0] != "waiting":
            break
        await desk.clock.advance(3_600)
    [listed] = await InboxDesk(desk.store, desk.clock, lambda: None).listed("files", None, None, 10)

    assert await desk.file() == ("missing", "no_such_file")
    assert await desk.events() == ["received", "file_lost"]
    assert listed["files_not_here"][0]["state"] == "missing"


@pytest.mark.parametrize(
    ("content", "reason"),
    [(PNG, "type_differs"), (b"MZ", "type_not_allowed"), (b"", "empty"), (PDF + b" " * 200_000, "too_large")],
)
async def test_a_file_is_checked_by_its_content(desk: Desk, content: bytes, reason: str) -> None:
    """What is not what it says is not kept; the operator can have it fetched again."""
    desk.source.gives = [content, PDF]
    await desk.push()
    files = desk.files()
    await files.turn()
    assert await desk.file() == ("refused", reason)

    assert await InboxDesk(desk.store, desk.clock, lambda: None).retry_files("an", "the portal mended it", 1) == [1]
    await files.turn()

    assert await desk.file() == ("kept", None)
    [[what]] = await postgres.tell(desk.store, "select what from actions")
    assert what == "retry_files"


async def test_a_closed_way_is_not_tried(desk: Desk) -> None:
    """While the sender's breaker is open no try is counted."""
    desk.source.room = 0
    await desk.push()

    assert await desk.files().turn() == 0
    assert desk.source.asked == []


async def test_two_gateways_fetch_a_file_once(desk: Desk) -> None:
    """One holds it; only when its lease is over another takes it, and then the first one's late answer is dropped."""
    await desk.push()
    one, two = desk.files(), desk.files()
    [held] = await one._claim()
    assert await two._claim() == []

    await postgres.tell(desk.store, "update inbox_files set held_until = clock_timestamp()")
    desk.source.gives = [PDF]
    assert await two.turn() == 1
    desk.source.gives = [PNG]
    await one._bring(held)

    assert await desk.file() == ("kept", None)
    assert await desk.events() == ["received", "file_kept"]


async def test_a_file_without_a_way_is_given_up_too(desk: Desk) -> None:
    """Where the deployment has no connection to the sender, the operator is told so after the same days."""
    await desk.push()
    care = InboxCare(desk.store, desk.clock, desk.clock, systems=[SYSTEM], fetched=[], file_days=7)
    await care.purge()
    assert await desk.file() == ("waiting", None)
    await desk.clock.advance(8 * 86_400)
    await care.purge()
    await care.count()

    assert await desk.file() == ("missing", "not_configured")
    assert care.levels.files[SYSTEM, "missing"] == 1
    assert care.levels.waiting[SYSTEM,] == 1
    assert care.levels.oldest_s[SYSTEM,] == 8 * 86_400


async def test_what_was_kept_long_enough_is_deleted(desk: Desk) -> None:
    """A message after its acknowledgement and its days, its files before; one that nobody has taken is kept."""
    await desk.push()
    await desk.files().turn()
    reading = InboxReading(desk.store, desk.clock)
    care = InboxCare(desk.store, desk.clock, desk.clock, systems=[SYSTEM], fetched=[SYSTEM], file_days=7)
    await desk.clock.advance(400 * 86_400)
    await care.purge()
    assert await desk.file() == ("kept", None)

    await reading.acknowledge(1, "province", "A-1")
    await desk.clock.advance(31 * 86_400)
    await care.purge()
    assert await desk.file() == ("missing", "deleted")
    await desk.clock.advance(150 * 86_400)
    await care.purge()

    counts = await postgres.tell(
        desk.store,
        "select (select count(*) from inbox), (select count(*) from inbox_files), (select count(*) from events),"
        " (select count(*) from dossier_codes)",
    )
    assert counts == [(0, 0, 0, 0)]


async def test_files_of_the_mock_portal(national: National, desk: Desk) -> None:
    """The mock gives by ``getfile`` what its messages name, to a session of the province's agency."""
    async with aiohttp.ClientSession() as session:
        base = f"{national.url}/public-service-portal"
        names = {name: national.country.world.credential(SYSTEM, name) for name in ("username", "password")}
        async with session.post(f"{base}/auth", json=names) as answer:
            envelope = {"session": (await answer.json())["session"], "madonvi": "000.00.04.H58", "service": "getfile"}
        make = national.country.services[SYSTEM].pushes["dossier"]
        wish = national.wish(system=SYSTEM, kind="dossier", to="http://127.0.0.1:9/x", files="address")
        address = make(wish).body["TaiLieuNop"][0]["DuongDan"]
        found = []
        for asked in (address, "/tep/none", ""):
            async with session.post(f"{base}/integration", json={**envelope, "DuongDan": asked}) as answer:
                found.append(await answer.json())

    assert found[0]["error_code"] == 0
    assert found[0]["result"]["Base64"].startswith("JVBERi0")
    assert [one["error_code"] for one in found[1:]] == [12, 3]
