"""TLS ports, one for each thing that can be wrong with a certificate. Certificates live on real time."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from aiohttp import web

from mocks.engine.certificates import Certificates, make_certificates

#: In the order of the ports, from `--tls-port` upwards.
DOORS: Final[Mapping[str, str]] = {
    "valid": "a certificate as it should be",
    "expired": "it ended yesterday",
    "wrong_host": "it is another host's",
    "unknown_ca": "signed by an authority that nobody trusts",
    "incomplete_chain": "the intermediate authority's certificate is not sent with it",
    "client_certificate": "a valid one, and the client has to show its own",
}
_ALWAYS: Final = ("localhost", "127.0.0.1", "::1")
_ANY_ADDRESS: Final = {"0.0.0.0", "::", ""}  # noqa: S104  # compared with, not listened on


@dataclass(frozen=True, slots=True)
class TlsPorts:
    """The open TLS ports, with what a client needs to meet them."""

    urls: Mapping[str, str]
    """By what is wrong with the certificate: `https://127.0.0.1:9443`."""
    folder: Path
    """`ca.pem` and clients' certificates and keys as files; gone when the country closes."""
    certificates: Certificates

    def as_json(self) -> dict[str, object]:
        """As `GET /__mock/tls` shows it."""
        return {
            "ca": self.certificates.authority.decode(),
            "ca_file": str(self.folder / "ca.pem"),
            "ports": {name: int(url.rpartition(":")[2]) for name, url in self.urls.items()},
            "urls": dict(self.urls),
            "told": dict(DOORS),
            **{
                name: {
                    "certificate": pair.chain.decode(),
                    "key": pair.key.decode(),
                    "certificate_file": str(self.folder / f"{name}.pem"),
                    "key_file": str(self.folder / f"{name}.key"),
                }
                for name, pair in self.certificates.clients.items()
            },
        }


@asynccontextmanager
async def tls_ports(runner: web.BaseRunner, host: str, port: int) -> AsyncIterator[TlsPorts]:
    """Serves what *runner* does on TLS ports too: from *port* upwards, or on free ones where it is 0.

    Raises:
        OSError: a port can't be had.
    """
    certificates, folder, contexts = await asyncio.to_thread(_prepared, host)
    try:
        urls = {}
        for offset, (name, context) in enumerate(contexts.items()):
            known = len(runner.addresses)
            wanted = port + offset if port else 0
            await web.TCPSite(runner, host, wanted, ssl_context=context, reuse_address=True).start()
            bound_host, bound_port = runner.addresses[known][:2]
            shown = f"[{bound_host}]" if ":" in bound_host else bound_host
            urls[name] = f"https://{shown}:{bound_port}"
        yield TlsPorts(urls, folder, certificates)
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _prepared(host: str) -> tuple[Certificates, Path, dict[str, ssl.SSLContext]]:
    hosts = _ALWAYS if host in {*_ALWAYS, *_ANY_ADDRESS} else (*_ALWAYS, host)
    certificates = make_certificates(hosts)
    folder = Path(tempfile.mkdtemp(prefix="lgsp-mocks-tls-"))
    (folder / "ca.pem").write_bytes(certificates.authority)
    for name, pair in {**certificates.clients, **certificates.servers}.items():
        (folder / f"{name}.pem").write_bytes(pair.chain)
        key = folder / f"{name}.key"
        key.touch(0o600)
        key.write_bytes(pair.key)
    contexts = {}
    for name in DOORS:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
        if name == "client_certificate":
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(cadata=certificates.authority.decode())
        contexts[name] = context
    return certificates, folder, contexts
