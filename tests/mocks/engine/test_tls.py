"""TLS ports: one for each thing that can be wrong with a certificate, met by a client that looks."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import pytest
from cryptography import x509

from mocks.__main__ import main
from mocks.engine.certificates import EXPIRING_DAYS, WRONG_HOST, make_certificates
from mocks.engine.country import Country
from mocks.engine.server import listening
from mocks.engine.tls import DOORS, TlsPorts
from tests.mocks.engine.toy import open_toy


@pytest.fixture
async def tls(contracts: Path) -> AsyncIterator[TlsPorts]:
    """The toy country with its TLS ports on free ones."""
    country = await asyncio.to_thread(Country, services=[open_toy], contracts=contracts)
    async with listening(country, tls_port=0):
        assert country.tls is not None
        yield country.tls


def trusting(tls: TlsPorts, client: str | None = None) -> ssl.SSLContext:
    """A client's context that trusts the test authority and checks host names."""
    context = ssl.create_default_context(cadata=tls.certificates.authority.decode())
    if client is not None:
        context.load_cert_chain(tls.folder / f"{client}.pem", tls.folder / f"{client}.key")
    return context


async def status(url: str, context: ssl.SSLContext) -> int:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/toy/items/1", ssl=context) as answer:
        return answer.status


async def test_the_valid_port_serves_what_the_plain_one_does(tls: TlsPorts) -> None:
    """Systems, journal and administration; who trusts no test authority is warned."""
    context = await asyncio.to_thread(trusting, tls)

    assert await status(tls.urls["valid"], context) == 200
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        await status(tls.urls["valid"], await asyncio.to_thread(ssl.create_default_context))


@pytest.mark.parametrize(
    ("door", "said"),
    [
        ("expired", "certificate has expired"),
        ("wrong_host", "not valid for"),
        ("unknown_ca", "unable to get local issuer"),
        ("incomplete_chain", "unable to get local issuer"),
    ],
)
async def test_a_wrong_certificate_is_seen_by_who_looks(tls: TlsPorts, door: str, said: str) -> None:
    """Each port has just its one fault; the country goes on for those who do not mind."""
    context = await asyncio.to_thread(trusting, tls)
    with pytest.raises(aiohttp.ClientConnectorCertificateError, match=said):
        await status(tls.urls[door], context)

    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    assert await status(tls.urls[door], context) == 200


@pytest.mark.parametrize(
    ("client", "welcome"), [("client", True), ("client_expiring", True), ("client_expired", False)]
)
async def test_a_client_shows_its_own_certificate(tls: TlsPorts, client: str, welcome: bool) -> None:
    """A valid one is let in, one that ended is not."""
    context = await asyncio.to_thread(trusting, tls, client)

    if welcome:
        assert await status(tls.urls["client_certificate"], context) == 200
    else:
        with pytest.raises(aiohttp.ClientError):
            await status(tls.urls["client_certificate"], context)


async def test_a_client_without_a_certificate_is_turned_away(tls: TlsPorts) -> None:
    """The connection ends before a request is read."""
    context = await asyncio.to_thread(trusting, tls)

    with pytest.raises(aiohttp.ClientError):
        await status(tls.urls["client_certificate"], context)


async def test_the_administration_tells_ports_authority_and_client(contracts: Path) -> None:
    """As text and as files, which are gone when the country closes."""
    country = await asyncio.to_thread(Country, services=[open_toy], contracts=contracts)
    async with (
        listening(country, tls_port=0) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/__mock/tls") as answer,
    ):
        told = await answer.json()
        files = [Path(told["ca_file"]), Path(told["client"]["key_file"]), Path(told["client"]["certificate_file"])]
        read = [await asyncio.to_thread(file.read_text) for file in files]
        mode = files[1].stat().st_mode & 0o777

    assert read == [told["ca"], told["client"]["key"], told["client"]["certificate"]]
    assert set(told["ports"]) == set(told["urls"]) == set(told["told"]) == set(DOORS)
    assert len(set(told["ports"].values())) == len(DOORS)
    assert mode == 0o600
    assert not files[0].parent.exists()
    assert country.tls is None


async def test_without_tls_ports_it_says_how_to_open_them(contracts: Path) -> None:
    """404 with the option."""
    country = await asyncio.to_thread(Country, services=[open_toy], contracts=contracts)
    async with (
        listening(country) as url,
        aiohttp.ClientSession() as session,
        session.get(f"{url}/__mock/tls") as answer,
    ):
        told = await answer.json()

    assert answer.status == 404
    assert "--tls-port" in told["error"]


async def test_a_taken_port_is_told_and_nothing_is_left(contracts: Path) -> None:
    """`OSError`, as for the plain port; those that were open already are closed."""
    country = await asyncio.to_thread(Country, services=[open_toy], contracts=contracts)
    taken = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    port = taken.sockets[0].getsockname()[1]
    async with taken:
        with pytest.raises(OSError, match="address already in use"):
            async with listening(country, tls_port=port):
                pass

    assert country.tls is None


@pytest.mark.parametrize("port", ["65531", "-1", "many"])
def test_the_command_takes_no_port_beyond_the_last(port: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Six ports have to find a place: exit 2 in words."""
    with pytest.raises(SystemExit, match="2"):
        main(["--tls-port", port])

    assert "--tls-port" in capsys.readouterr().err


def test_certificates_say_what_they_are_for() -> None:
    """Host names and addresses of the valid one, the other host of the wrong one, days left of the expiring one."""
    now = datetime(2026, 11, 24, tzinfo=UTC)
    made = make_certificates(("localhost", "127.0.0.1", "::1"), now)
    pairs = {**made.servers, **made.clients}
    certificates = {name: x509.load_pem_x509_certificate(pair.chain) for name, pair in pairs.items()}

    def names(door: str) -> list[str]:
        extension = certificates[door].extensions.get_extension_for_class(x509.SubjectAlternativeName)
        return [str(name.value) for name in extension.value]

    assert names("valid") == ["localhost", "127.0.0.1", "::1"]
    assert names("wrong_host") == [WRONG_HOST]
    assert certificates["expired"].not_valid_after_utc == now - timedelta(days=1)
    assert certificates["client_expiring"].not_valid_after_utc == now + timedelta(days=EXPIRING_DAYS)
