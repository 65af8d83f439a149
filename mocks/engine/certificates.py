"""Makes certificates at start: an authority, valid certificates, and one for each common mistake."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

WRONG_HOST: Final = "wrong-host.example"
#: Days left on the client certificate that is about to expire.
EXPIRING_DAYS: Final = 10
_DAY: Final = timedelta(days=1)
_KeyUsage = ExtendedKeyUsageOID


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its intermediate certificates, and its key, all PEM."""

    chain: bytes
    key: bytes


@dataclass(frozen=True, slots=True)
class Authority:
    """Signs certificates."""

    certificate: x509.Certificate
    key: ec.EllipticCurvePrivateKey

    @property
    def pem(self) -> bytes:
        return self.certificate.public_bytes(Encoding.PEM)


@dataclass(frozen=True, slots=True)
class Certificates:
    """The authority to trust, one server pair per TLS port (by name), and the client pairs."""

    authority: bytes
    servers: dict[str, Pair]
    clients: dict[str, Pair]


def make_certificates(hosts: Sequence[str], now: datetime | None = None) -> Certificates:
    """Makes keys and certificates for servers named *hosts*, on real time. Slow: call it off the event loop."""
    now = now or datetime.now(UTC)
    authority = _authority("LGSP mock country, test authority", now)
    stranger = _authority("LGSP mock country, untrusted authority", now)
    between = _authority("LGSP mock country, intermediate authority", now, under=authority)

    def server(names: Sequence[str], signer: Authority, ends: timedelta = 365 * _DAY) -> Pair:
        return _pair("mock national system", names, signer, _KeyUsage.SERVER_AUTH, (now - 60 * _DAY, now + ends))

    def client(ends: timedelta) -> Pair:
        return _pair("mock client", (), authority, _KeyUsage.CLIENT_AUTH, (now - 60 * _DAY, now + ends))

    return Certificates(
        authority.pem,
        {
            "valid": server(hosts, authority),
            "expired": server(hosts, authority, -_DAY),
            "wrong_host": server((WRONG_HOST,), authority),
            "unknown_ca": server(hosts, stranger),
            "incomplete_chain": server(hosts, between),
            "client_certificate": server(hosts, authority),
        },
        {
            "client": client(365 * _DAY),
            "client_expiring": client(EXPIRING_DAYS * _DAY),
            "client_expired": client(-_DAY),
        },
    )


def _authority(name: str, now: datetime, under: Authority | None = None) -> Authority:
    key = ec.generate_private_key(ec.SECP256R1())
    signer = under.certificate.subject if under else _name(name)
    builder = (
        _builder(_name(name), signer, key.public_key(), (now - 60 * _DAY, now + 3650 * _DAY))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_usage(signs=True), critical=True)
    )
    if under:
        builder = builder.add_extension(_issued_by(under), critical=False)
    return Authority(builder.sign(under.key if under else key, hashes.SHA256()), key)


def _pair(
    name: str,
    hosts: Sequence[str],
    signer: Authority,
    usage: x509.ObjectIdentifier,
    life: tuple[datetime, datetime],
) -> Pair:
    key = ec.generate_private_key(ec.SECP256R1())
    builder = (
        _builder(_name(name), signer.certificate.subject, key.public_key(), life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        .add_extension(_issued_by(signer), critical=False)
    )
    if hosts:
        builder = builder.add_extension(x509.SubjectAlternativeName(list(map(_host, hosts))), critical=False)
    certificate = builder.sign(signer.key, hashes.SHA256())
    return Pair(
        certificate.public_bytes(Encoding.PEM),
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: tuple[datetime, datetime]
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(life[0])
        .not_valid_after(life[1])
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _issued_by(signer: Authority) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.key.public_key())


def _usage(*, signs: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs,
        key_cert_sign=signs,
        crl_sign=signs,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _host(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)
