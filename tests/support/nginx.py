"""nginx as ``deploy/nginx.conf`` sets it up, before gateways of a test."""

from __future__ import annotations

import asyncio
import getpass
import os
import re
import shutil
import signal
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.proof.processes import ROOT, free_port, until_connects
from tests.support.certificates import Authority

EXECUTABLE: Final = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
MISSING: Final = "no nginx on this machine; install it (Debian: nginx-light)"
FAIL_TIMEOUT_S: Final = 5.0
"""For so long nginx leaves a gateway alone that it could not reach; the file says the same."""
_MAIN: Final = """
daemon off;
{user}
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/lgsp.conf;
}}
"""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A running nginx: its address, and what a client needs to trust it."""

    url: str
    trust: ssl.SSLContext
    errors: Path


def _shipped(folder: Path, ports: Sequence[int], public: int) -> str:
    """The shipped file with the addresses and certificates of a test, and nothing else changed."""
    text = (ROOT / "deploy" / "nginx.conf").read_text("utf-8")
    addresses = iter(ports)
    text, found = re.subn(r"server 10\.0\.0\.\d+:8080 ", lambda _: f"server 127.0.0.1:{next(addresses)} ", text)
    assert found == len(ports)
    for shown, used in (
        ("listen 443 ssl", f"listen 127.0.0.1:{public} ssl"),
        ("listen 80;", f"listen 127.0.0.1:{free_port()};"),
        ("/etc/ssl/lgsp/fullchain.pem", f"{folder}/server.pem"),
        ("/etc/ssl/lgsp/key.pem", f"{folder}/server.key"),
    ):
        assert text.count(shown) == 1, shown
        text = text.replace(shown, used)
    assert f"fail_timeout={FAIL_TIMEOUT_S:.0f}s" in text
    return text


def _prepare(folder: Path, authority: Authority, ports: Sequence[int], public: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    authority.server(folder, host="127.0.0.1")
    (folder / "lgsp.conf").write_text(_shipped(folder, ports, public), "utf-8")
    # Its workers must reach the folder of the test, which is its user's alone.
    user = f"user {getpass.getuser()};" if os.getuid() == 0 else ""
    (folder / "nginx.conf").write_text(_MAIN.format(folder=folder, user=user), "utf-8")


@asynccontextmanager
async def behind_nginx(folder: Path, ports: Sequence[int]) -> AsyncIterator[Proxy]:
    """nginx before the gateways at *ports*; it has ended well when left."""
    assert EXECUTABLE is not None, MISSING
    authority, public = Authority.make(), free_port()
    await asyncio.to_thread(_prepare, folder, authority, ports, public)
    process = await asyncio.create_subprocess_exec(
        *(EXECUTABLE, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log"))
    )
    try:
        await until_connects(public)
        trust = ssl.create_default_context(cafile=authority.bundle(folder))
        yield Proxy(f"https://127.0.0.1:{public}", trust, folder / "error.log")
    finally:
        process.send_signal(signal.SIGQUIT)
        status = await process.wait()
    assert status == 0, (folder / "error.log").read_text("utf-8")
