"""Trust: a certificate that can't be trusted is an operator's business, and nothing was sent."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest
from aiohttp import web

from gateway.adapters.soap.adapter import SoapAdapter
from gateway.core.problems import Refused
from gateway.core.settings import UpstreamSettings
from tests.gateway.adapters.soap.soap_server import DETAIL, WSDL, Script
from tests.support.certificates import Authority


async def asked(context: ssl.SSLContext, ca_file: str | None) -> int:
    """The status of an answer over TLS."""
    script = Script()
    server = web.ServerRunner(web.Server(script.answer))
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{server.addresses[0][1]}/ws"
    settings = UpstreamSettings(url=url, allow_private=True, ca_file=ca_file)
    soap = SoapAdapter(settings, WSDL)
    try:
        await soap.open()
        return (await soap.send(DETAIL)).status
    finally:
        await soap.close()
        await server.cleanup()


async def test_a_trusted_certificate_is_trusted(tmp_path: Path) -> None:
    """By the authority that configuration names."""
    authority = Authority.make()

    assert await asked(authority.server(tmp_path), authority.bundle(tmp_path)) == 200


@pytest.mark.parametrize(
    ("host", "days", "known", "reason"),
    [
        ("127.0.0.1", (-60, -1), True, "tls_expired"),
        ("ministry.example", (-1, 30), True, "tls_wrong_host"),
        ("127.0.0.1", (-1, 30), False, "tls_untrusted"),
    ],
    ids=["expired", "wrong host", "unknown authority"],
)
async def test_a_certificate_that_is_not_trusted_is_refused(
    host: str, days: tuple[int, int], known: bool, reason: str, tmp_path: Path
) -> None:
    """Neither retried nor held against the upstream's health."""
    authority = Authority.make()
    context = authority.server(tmp_path, host=host, days=days)
    with pytest.raises(Refused) as caught:
        await asked(context, authority.bundle(tmp_path) if known else None)

    assert (caught.value.reason, caught.value.may_have_arrived) == (reason, False)
    assert not caught.value.retry_inside
    assert not caught.value.counts_for_breaker
