"""Trust in an upstream's certificate: what is wrong with it decides the word, and nothing is sent."""

from __future__ import annotations

import math
import time
from pathlib import Path
from typing import Final

import pytest

from gateway.adapters.rest import RestAdapter
from gateway.core.message import Reply, Rest
from gateway.core.problems import GatewayError, Refused
from gateway.core.settings import TlsSettings, UpstreamSettings
from tests.support.certificates import Authority
from tests.support.odd_server import http, odd_server, saying

ASK: Final = Rest(name="ask", path="ask", method="GET")
ANSWER: Final = saying(http(b"{}", "Content-Type: application/json"))


async def send(url: str, ca_file: str | None, *, strict: bool | None = None) -> Reply:
    """Asks *url*, trusting *ca_file*."""
    tls = TlsSettings(strict=strict)
    adapter = RestAdapter(UpstreamSettings(url=url, allow_private=True, ca_file=ca_file, tls=tls))
    await adapter.open()
    try:
        return await adapter.send(ASK)
    finally:
        await adapter.close()


async def test_own_authority_is_trusted_for_its_upstream(tmp_path: Path) -> None:
    """A province's own authority, named in configuration, is trusted."""
    authority = Authority.make()
    tls, bundle = authority.server(tmp_path), authority.bundle(tmp_path)
    async with odd_server(ANSWER, tls=tls) as server:
        reply = await send(server.url, bundle)

    assert reply.status == 200


@pytest.mark.parametrize(
    ("host", "days", "known", "reason"),
    [
        ("127.0.0.1", (-10, -1), True, "tls_expired"),
        ("127.0.0.2", (-1, 30), True, "tls_wrong_host"),
        ("ministry.example", (-1, 30), True, "tls_wrong_host"),
        ("127.0.0.1", (-1, 30), False, "tls_untrusted"),
        ("127.0.0.1", (5, 30), True, "tls_untrusted"),
    ],
    ids=["expired", "other address", "other name", "unknown authority", "not yet valid"],
)
async def test_untrusted_certificate_is_refused(
    host: str, days: tuple[int, int], known: bool, reason: str, tmp_path: Path
) -> None:
    """Expired, of another host, or vouched for by nobody: each has its word, and not a byte of the question left."""
    authority = Authority.make()
    tls = authority.server(tmp_path, host=host, days=days)
    trusted = authority if known else Authority.make()
    async with odd_server(ANSWER, tls=tls) as server:
        with pytest.raises(Refused) as met:
            await send(server.url, trusted.bundle(tmp_path))

    assert (met.value.reason, met.value.may_have_arrived) == (reason, False)
    assert server.heard == []


async def test_certificate_of_an_older_authority_has_its_own_word(tmp_path: Path) -> None:
    """A certificate that is trusted, but is not made as RFC 5280 demands, does not look like an unknown authority."""
    authority = Authority.make()
    async with odd_server(ANSWER, tls=authority.server(tmp_path, whole=False)) as server:
        with pytest.raises(Refused) as met:
            await send(server.url, authority.bundle(tmp_path), strict=True)

    assert (met.value.reason, met.value.may_have_arrived) == ("tls_not_strict", False)
    assert server.heard == []


@pytest.mark.parametrize("whole", [True, False])
async def test_upstream_may_accept_certificates_of_older_authorities(whole: bool, tmp_path: Path) -> None:
    """``tls: {strict: false}`` accepts them on every Python."""
    authority = Authority.make()
    async with odd_server(ANSWER, tls=authority.server(tmp_path, whole=whole)) as server:
        reply = await send(server.url, authority.bundle(tmp_path), strict=False)

    assert reply.status == 200


@pytest.mark.parametrize("whole", [True, False])
async def test_unknown_authority_stays_unknown_without_strictness(whole: bool, tmp_path: Path) -> None:
    """The setting concerns the form of a certificate and never the trust in it."""
    authority, stranger = Authority.make(), Authority.make("Another authority")
    async with odd_server(ANSWER, tls=stranger.server(tmp_path, whole=whole)) as server:
        with pytest.raises(Refused) as met:
            await send(server.url, authority.bundle(tmp_path), strict=False)

    assert met.value.reason == "tls_untrusted"


async def test_public_authorities_do_not_vouch_for_a_stranger(tmp_path: Path) -> None:
    """Without an authority of its own an upstream needs a certificate that the world trusts."""
    tls = Authority.make().server(tmp_path)
    async with odd_server(ANSWER, tls=tls) as server:
        with pytest.raises(Refused) as met:
            await send(server.url, None)

    assert met.value.reason == "tls_untrusted"


async def test_plain_server_on_a_tls_address_is_no_trust() -> None:
    """A server that speaks no TLS where TLS is expected is not spoken to."""
    async with odd_server(ANSWER, hears=False) as server:
        with pytest.raises(GatewayError) as met:
            await send(server.url.replace("http:", "https:"), None)

    assert met.value.may_have_arrived is False


async def test_the_end_of_the_certificate_is_known_after_the_first_exchange(tmp_path: Path) -> None:
    """An operator can renew it, or call the ministry, before it ends."""
    authority = Authority.make()
    tls = authority.server(tmp_path, days=(-1, 30))
    async with odd_server(ANSWER, tls=tls) as server:
        settings = UpstreamSettings(url=server.url, allow_private=True, ca_file=authority.bundle(tmp_path))
        adapter = RestAdapter(settings)
        await adapter.open()
        assert math.isnan(adapter.certificate_ends_at)
        await adapter.send(ASK)
        await adapter.close()

    left = adapter.certificate_ends_at - time.time()
    assert 29 * 86_400 < left < 31 * 86_400
