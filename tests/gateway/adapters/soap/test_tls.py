"""Trust: a certificate that can't be trusted is an operator's business, and nothing was sent."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Final

import pytest
from aiohttp import web
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.adapters.soap.adapter import SoapAdapter
from gateway.core.problems import Refused
from gateway.core.settings import UpstreamSettings
from tests.gateway.adapters.soap.soap_server import DETAIL, WSDL, Script

HERE: Final = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
ELSEWHERE: Final = x509.SubjectAlternativeName([x509.DNSName("ministry.example")])


@dataclass(frozen=True)
class Authority:
    """Issues certificates; *file* is its own."""

    key: ec.EllipticCurvePrivateKey
    name: x509.Name
    folder: Path

    @property
    def file(self) -> Path:
        """Its certificate in PEM."""
        return self.folder / "ca.pem"

    def issue(self, names: x509.SubjectAlternativeName, days: int = 30) -> ssl.SSLContext:
        """A server's context with a certificate for *names* that ends in *days*."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = _certificate(self, key, x509.Name([]), days).add_extension(names, critical=True)
        (self.folder / "server.pem").write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + certificate.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.folder / "server.pem")
        return context


def _certificate(
    authority: Authority, key: ec.EllipticCurvePrivateKey, subject: x509.Name, days: int
) -> x509.CertificateBuilder:
    """A certificate yet to be signed, that ends in *days*."""
    ends = datetime.now(UTC) + timedelta(days=days)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(authority.name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(ends - timedelta(days=60))
        .not_valid_after(ends)
    )


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """A made-up authority."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test CA")])
    found = Authority(ec.generate_private_key(ec.SECP256R1()), name, tmp_path)
    own = _certificate(found, found.key, name, 50).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    found.file.write_bytes(own.sign(found.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    return found


async def asked(context: ssl.SSLContext, ca_file: Path | None) -> int:
    """The status of an answer over TLS."""
    script = Script()
    server = web.ServerRunner(web.Server(script.answer))
    await server.setup()
    await web.TCPSite(server, "127.0.0.1", 0, ssl_context=context).start()
    url = f"https://127.0.0.1:{server.addresses[0][1]}/ws"
    settings = UpstreamSettings(url=url, allow_private=True, ca_file=None if ca_file is None else str(ca_file))
    soap = SoapAdapter(settings, WSDL)
    try:
        await soap.open()
        return (await soap.send(DETAIL)).status
    finally:
        await soap.close()
        await server.cleanup()


async def test_a_trusted_certificate_is_trusted(authority: Authority) -> None:
    """By the authority that configuration names."""
    assert await asked(authority.issue(HERE), authority.file) == 200


@pytest.mark.parametrize(
    ("context", "known", "reason"),
    [
        (lambda ca: ca.issue(HERE, days=-1), True, "tls_expired"),
        (lambda ca: ca.issue(ELSEWHERE), True, "tls_wrong_host"),
        (lambda ca: ca.issue(HERE), False, "tls_untrusted"),
    ],
    ids=["expired", "wrong host", "unknown authority"],
)
async def test_a_certificate_that_is_not_trusted_is_refused(
    authority: Authority, context: Callable[[Authority], ssl.SSLContext], known: bool, reason: str
) -> None:
    """Neither retried nor held against the upstream's health."""
    with pytest.raises(Refused) as caught:
        await asked(context(authority), authority.file if known else None)

    assert (caught.value.reason, caught.value.may_have_arrived) == (reason, False)
    assert not caught.value.retry_inside
    assert not caught.value.counts_for_breaker
