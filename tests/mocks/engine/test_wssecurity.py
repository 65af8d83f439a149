"""UsernameToken: what stands, and what WSS4J would say to all that does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import aiohttp
import pytest

from mocks.engine.clock import HANOI
from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.engine.service import Request
from mocks.engine.wssecurity import DIGEST, UsernameTokens
from mocks.services.criminal_records import open_service
from tests.mocks.engine.wss import Told, envelope, send, token

MONDAY = datetime(2026, 10, 5, 10, 0, tzinfo=HANOI)
ASK = (
    '<l:traTrangThaiHs xmlns:l="urn:vn:gov:moj:lltp:ws:1"><l:idReceivedDec>000.00.04.H58-260105-0022'
    "</l:idReceivedDec><l:infoType>2</l:infoType></l:traTrangThaiHs>"
)


@dataclass(slots=True)
class Door:
    """A service behind WS-Security, and its account."""

    url: str
    country: Country
    session: aiohttp.ClientSession
    wall: list[datetime]

    def token(self, **changes: Any) -> str:
        """A token that stands, unless changed."""
        world = self.country.world
        account = {name: world.credential("criminal_records", f"ws_{name}") for name in ("username", "password")}
        return token(**{**account, "at": self.wall[0], **changes})

    async def knock(self, header: str) -> Told:
        """A question under this header."""
        return await send(self.session, f"{self.url}/criminal-records/ws", envelope(ASK, header))

    async def breaches(self) -> list[str]:
        """Of the latest request."""
        async with self.session.get(f"{self.url}/__mock/journal?limit=1") as answer:
            found: list[str] = (await answer.json())["entries"][-1]["breaches"]
            return found

    async def admin(self, method: str, path: str, message: object) -> None:
        """A route of the administration."""
        async with self.session.request(method, f"{self.url}/__mock/{path}", json=message) as answer:
            assert answer.status == 200, await answer.text()


@pytest.fixture
async def door() -> AsyncIterator[Door]:
    """At ten on a Monday."""
    wall = [MONDAY]

    def made() -> Country:
        return Country(services=[open_service], wall=lambda: wall[0])

    country = await asyncio.to_thread(made)
    async with listening(country) as url, aiohttp.ClientSession() as session:
        yield Door(url, country, session, wall)


async def test_a_right_token_is_let_in(door: Door) -> None:
    """And the answer is a SOAP 1.2 message."""
    told = await door.knock(door.token())

    assert (told.status, told.content_type) == (200, "application/soap+xml")
    assert (told.text("STATUS"), told.text("DEC_STATUS_ID")) == ("1", "5")
    assert await door.breaches() == []


async def test_a_nonce_is_good_once(door: Door) -> None:
    """The same message again is a replay, with a fresh digest too."""
    header = door.token(nonce=b"once")
    assert (await door.knock(header)).status == 200

    for again in (header, door.token(nonce=b"once", at=MONDAY + timedelta(seconds=1))):
        told = await door.knock(again)
        assert (told.status, told.codes) == (500, ("soap:Sender", "wsse:InvalidSecurity"))
        assert told.reason == 'An error happened processing a Username Token "A replay attack has been detected"'
        assert await door.breaches() == ["header wsse:Nonce: used before"]


async def test_a_nonce_written_otherwise_is_the_same_nonce(door: Door) -> None:
    """Base64 has several spellings of the same bytes; a replay hides behind none of them."""
    header = door.token(nonce=b"x")
    assert ">eA==<" in header
    assert (await door.knock(header)).status == 200

    assert (await door.knock(header.replace(">eA==<", ">eB==<"))).codes[-1] == "wsse:InvalidSecurity"


@pytest.mark.parametrize(
    ("stamp", "stands"),
    [
        ("<wsu:Created>2026-10-05T03:00:00Z</wsu:Created><wsu:Expires>2026-10-05T03:05:00Z</wsu:Expires>", True),
        ("<wsu:Created>2026-10-05T02:50:00Z</wsu:Created><wsu:Expires>2026-10-05T02:59:59Z</wsu:Expires>", False),
        ("<wsu:Created>2026-10-05T03:02:00Z</wsu:Created>", False),
        ("<wsu:Expires>soon</wsu:Expires>", False),
        ("", True),
    ],
)
async def test_a_timestamp_that_is_there_must_hold(door: Door, stamp: str, *, stands: bool) -> None:
    """It may be left out; one that has run out, lies ahead or is none is refused beside a good token."""
    header = door.token().replace("<wsse:Security>", f"<wsse:Security><wsu:Timestamp>{stamp}</wsu:Timestamp>")

    assert ((await door.knock(header)).status == 200) is stands


async def test_a_nonce_is_kept_for_as_long_as_its_token_could_stand(door: Door) -> None:
    """And not much longer, on real time."""
    header = door.token(nonce=b"kept")
    await door.knock(header)
    door.wall[0] += timedelta(seconds=299)
    assert (await door.knock(header)).codes[-1] == "wsse:InvalidSecurity"
    door.wall[0] += timedelta(seconds=10)
    assert (await door.knock(header)).codes[-1] == "wsse:MessageExpired"
    assert (await door.knock(door.token(nonce=b"kept"))).status == 200


async def test_a_flood_of_nonces_does_not_grow_without_end(door: Door) -> None:
    """The oldest are forgotten."""
    tokens = UsernameTokens(door.country.world, "criminal_records", most_nonces=2)

    def refused(nonce: bytes) -> bool:
        message = Request("POST", "ws", {}, {}, envelope(ASK, door.token(nonce=nonce)))
        return tokens.refusal(message) is not None

    assert [refused(nonce) for nonce in (b"1", b"1", b"2", b"3", b"1")] == [False, True, False, False, False]


@pytest.mark.parametrize(("seconds", "side"), [(-301, "past"), (61, "future"), (-86_400, "past"), (3_600, "future")])
async def test_a_skewed_clock_is_an_expired_message(door: Door, seconds: int, side: str) -> None:
    """Older than five minutes, or more than one minute ahead."""
    told = await door.knock(door.token(at=MONDAY + timedelta(seconds=seconds)))

    assert (told.status, told.codes) == (500, ("soap:Sender", "wsse:MessageExpired"))
    assert told.reason == "The message has expired"
    assert await door.breaches() == [f"header wsu:Created: too far in the {side}"]


@pytest.mark.parametrize("seconds", [-299, 59])
async def test_small_differences_of_clocks_pass(door: Door, seconds: int) -> None:
    """Real machines are never quite together."""
    assert (await door.knock(door.token(at=MONDAY + timedelta(seconds=seconds)))).status == 200


async def test_virtual_days_do_not_age_a_token(door: Door) -> None:
    """Skew is measured on real time."""
    await door.admin("POST", "clock", {"advance": "P30D"})

    assert (await door.knock(door.token())).status == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"digest": "AAAAAAAAAAAAAAAAAAAAAAAAAAA="},
        {"digest": "not base64 ü"},
        {"password": "another"},
        {"username": "somebody"},
        {"username": "ngườilạ"},
        {"kind": DIGEST.replace("PasswordDigest", "PasswordText"), "digest": "criminal-records-mock-ws-not-a-secret"},
        {"without": "Password"},
    ],
)
async def test_a_wrong_digest_fails_authentication(door: Door, changes: dict[str, Any]) -> None:
    """A stranger, a wrong password and a password in clear are told the same."""
    told = await door.knock(door.token(**changes))

    assert (told.status, told.codes) == (500, ("soap:Sender", "wsse:FailedAuthentication"))
    assert told.reason == "The security token could not be authenticated or authorized"
    assert len(await door.breaches()) == 1


@pytest.mark.parametrize(
    ("header", "rule"),
    [
        ("", "header wsse:Security: missing"),
        ("<wsse:Security/>", "header wsse:Security: not exactly one UsernameToken"),
        ("<wsse:Security/><wsse:Security/>", "header wsse:Security: more than one"),
        ("<wsse:Security><wsse:UsernameToken/></wsse:Security>", "header wsse:Username: not exactly one with a text"),
    ],
)
async def test_a_header_that_is_none_is_invalid_security(door: Door, header: str, rule: str) -> None:
    """Missing, empty, twice."""
    told = await door.knock(header)

    assert told.codes == ("soap:Sender", "wsse:InvalidSecurity")
    assert told.reason == "An error was discovered processing the <wsse:Security> header"
    assert await door.breaches() == [rule]


@pytest.mark.parametrize("without", ["Username", "Nonce", "Created"])
async def test_parts_are_not_left_out(door: Door, without: str) -> None:
    """A digest needs both its nonce and its instant."""
    assert (await door.knock(door.token(without=without))).codes[-1] == "wsse:InvalidSecurity"


async def test_nonsense_in_nonce_or_instant_is_invalid(door: Door) -> None:
    """Neither base64 nor an instant."""
    good = door.token(nonce=b"x")
    for wrong in (
        good.replace(">eA==<", ">!<"),
        *(good.replace("2026-10-05T03:00:00Z", written) for written in ("yesterday", "0001-01-01T00:00:00+14:00")),
    ):
        assert wrong != good
        assert (await door.knock(wrong)).codes[-1] == "wsse:InvalidSecurity"


async def test_an_expired_token_can_be_planned(door: Door) -> None:
    """The fault `token_expired` says it as this service would."""
    entry = {"system": "criminal_records", "operation": "ws.traTrangThaiHs", "fault": {"kind": "token_expired"}}
    await door.admin("PUT", "faults", {"faults": [entry]})

    assert (await door.knock(door.token())).codes == ("soap:Sender", "wsse:MessageExpired")


async def test_a_wrong_clock_can_be_planned(door: Door) -> None:
    """The fault `clock_skew` moves the service's own clock, so that good tokens are too old for it."""
    entry = {"system": "criminal_records", "operation": "*", "fault": {"kind": "clock_skew", "seconds": 600}}
    await door.admin("PUT", "faults", {"faults": [entry]})

    assert (await door.knock(door.token())).codes == ("soap:Sender", "wsse:MessageExpired")
