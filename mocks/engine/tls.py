"""TLS ports: a valid one, and one for each mistake in a certificate. Certificates follow real time."""

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

#: TLS ports in order, from `--tls-port` upwards.
DOORS: Final[Mapping[str, str]] = {
    "valid": "a valid certificate",
    "expired": "the certificate expired yesterday",
    "wrong_host": "the certificate is for another host",
    "unknown_ca": "the certificate is signed by an untrusted authority",
    "incomplete_chain": "the intermediate authority's certificate is not sent",
    "client_certificate": "a valid certificate; the client must send its own",
}
_ALWAYS: Final = ("localhost", "127.0.0.1", "::1")
_ANY_ADDRESS: Final = {"0.0.0.0", "::", ""}  # noqa: S104  # compared with, not listened on


@dataclass(frozen=True, slots=True)
class TlsPorts:
    """The open TLS ports, and the folder with the files for clients."""

    urls: Mapping[str, str]
    """URLs by the name of the port: `https://127.0.0.1:9443`."""
    folder: Path
    """Folder of `ca.pem` and of clients' certificates and keys; removed when the country closes."""
    certificates: Certificates

    def as_json(self) -> dict[str, object]:
        """Returns the answer of `GET /__mock/tls`."""
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
    """Serves *runner* on TLS ports too: from *port* upwards, or on free ports when *port* is 0.

    Raises:
        OSError: a port can't be opened.
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
