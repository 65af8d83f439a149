"""``lgsp demo``: mocks and gateway side by side, one lookup of each operation, live addresses."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

from gateway.cli.client import Answered, Client, names_its_dossier
from gateway.cli.demo_inbox import followed
from gateway.cli.errors import FAILED, USAGE, fail
from gateway.cli.hook import hooked
from gateway.cli.ports import free_ports, holder
from gateway.cli.story import Story
from gateway.core.printable import printable_json

CONFIG = Path(__file__).resolve().parents[2] / "config" / "laptop.yaml"
PATIENCE_S = 30.0
KEY = "lgsp_laptop_only"
WITHOUT_TERMINAL = 160
"""Columns of a line in a pipe."""
LEAST_SHOWN = 16
"""Letters of the data that each line has, however narrow the terminal."""
STATE = "LGSP_STATE_DIR"
DOSSIER = "000.00.04.H58-261124-0001"


@dataclass(frozen=True, slots=True)
class Ports:
    mocks: int = 9100
    gateway: int = 8080
    ops: int = 8081
    inbound: int = 8082


STORIES = ("issuance",)


def demo(*, once: bool, as_json: bool, story: str | None = None) -> None:
    """Exits with 0 after all lookups succeeded (``--once``) or after Ctrl-C, with 1 after the first failure.

    A *story* is told on free ports in place of the lookups, and ends the command.
    """
    if story is not None and story not in STORIES:
        fail(f"there is no story {story!r}; there is {', '.join(STORIES)}", USAGE)
    once = once or story is not None
    ports = Ports(*free_ports(4)) if once else _fixed_ports()
    if story is not None:
        with _stopping_on_signals(), hooked() as hook, _state(once=once) as state, _pair(ports, state | hook.variables):
            Story(_client(ports), f"http://127.0.0.1:{ports.mocks}", print, hook).run()
        return
    with _stopping_on_signals(), _state(once=once) as state, _pair(ports, state):
        client = _client(ports)
        samples = _get(f"http://127.0.0.1:{ports.mocks}/__mock/samples")
        asked = chain(lookups(client, samples), pushed(client, ports))
        failed = [done for done in asked if not _shown(done, as_json=as_json)]
        if once or failed:
            raise SystemExit(FAILED if failed else 0)
        _say_where(ports)
        with suppress(KeyboardInterrupt):
            signal.pause()
        print("\nstopping…")


def _client(ports: Ports) -> Client:
    return Client(f"http://127.0.0.1:{ports.gateway}", KEY, DOSSIER, "canbo.demo")


@dataclass(frozen=True, slots=True)
class DemoLookup:
    """One lookup of the demonstration."""

    operation: str
    request: str
    answered: Answered
    seconds: float

    @property
    def data(self) -> Any:
        if self.answered.json is None:
            return {"media_type": self.answered.media_type, "bytes": len(self.answered.body)}
        return self.answered.json.get("data", self.answered.json)


def lookups(client: Client, samples: Mapping[str, Sequence[Mapping[str, Any]]]) -> Iterator[DemoLookup]:
    """Asks one sample that exists of each operation that the gateway offers and the mocks know; cancels nothing."""
    offered = {
        described["operationId"]: described
        for methods in client.description["paths"].values()
        for method, described in methods.items()
        if method != "delete"
    }
    for operation, described in sorted(offered.items()):
        known = [sample for sample in samples.get(operation, ()) if sample.get("exists", True)]
        if not known:
            continue
        sample = known[0]
        path = {name: str(value) for name, value in sample.get("path", {}).items()}
        fields = sample.get("body") or sample.get("query") or {}
        headers = {"Idempotency-Key": f"demo-{os.getpid()}-{time.time_ns()}", **sample.get("headers", {})}
        if names_its_dossier(described):
            headers["X-Dossier-Id"] = ""
        began = time.monotonic()
        answered = client.ask(operation, path, fields, headers)
        yield DemoLookup(operation, " ".join(path.values()), answered, time.monotonic() - began)


def pushed(client: Client, ports: Ports) -> Iterator[DemoLookup]:
    """Follows one dossier that the mock portal pushes."""
    mocks, inbound = f"http://127.0.0.1:{ports.mocks}", f"http://127.0.0.1:{ports.inbound}"
    began = time.monotonic()
    for step in followed(client, mocks, inbound):
        yield DemoLookup(step.operation, step.request, step.answered, time.monotonic() - began)
        began = time.monotonic()


def _shown(done: DemoLookup, *, as_json: bool) -> bool:
    ok = done.answered.ok
    if as_json:
        row = {
            "operation": done.operation,
            "ok": ok,
            "status": done.answered.status,
            "seconds": round(done.seconds, 4),
            "data": done.data,
        }
        print(printable_json(row), flush=True)
        return ok
    text = printable_json(done.data)
    mark = "ok    " if ok else "FAILED"
    begin = f"{mark} {done.operation:37} {done.answered.status} {done.seconds * 1000:6.0f} ms  "
    room = shutil.get_terminal_size((WITHOUT_TERMINAL, 24)).columns - len(begin)
    print(f"{begin}{text[: max(room, LEAST_SHOWN)]}", flush=True)
    return ok


def _say_where(ports: Ports) -> None:
    base = f"http://127.0.0.1:{ports.gateway}"
    print(
        f"""
  API         {base}/v1/connectors   (Authorization: Bearer {KEY})
  docs        {base}/docs
  operator    http://127.0.0.1:{ports.ops}/metrics  /readyz  /connectors
  inbound     http://127.0.0.1:{ports.inbound}/inbound/public-service-portal/dossier   (systems push here)
  mocks       http://127.0.0.1:{ports.mocks}/

  try         .venv/bin/lgsp lookup legal_documents.search --data '{{"q": "đầu tư"}}'
  Ctrl-C ends all of it.""",
        flush=True,
    )


def _fixed_ports() -> Ports:
    ports = Ports()
    for name, port in (
        ("mocks", ports.mocks),
        ("gateway", ports.gateway),
        ("operator's port", ports.ops),
        ("inbound port", ports.inbound),
    ):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                fail(
                    f"port {port} ({name}) is taken by {holder(port)}; stop it, or use `lgsp demo --once` (free ports)"
                )
    return ports


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Lets SIGTERM, and the end of the terminal, be Ctrl-C, so that mocks and gateway end too.

    A second one is passed over: it would leave behind what is not ended yet.
    """

    def stop(*_: object) -> None:
        for one in ends:
            signal.signal(one, signal.SIG_IGN)
        raise KeyboardInterrupt

    numbers = signal.SIGINT, signal.SIGTERM, signal.SIGHUP
    ends = [one for one in numbers if signal.getsignal(one) is not signal.SIG_IGN]
    before = {one: signal.signal(one, stop) for one in ends}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@contextmanager
def _state(*, once: bool) -> Iterator[dict[str, str]]:
    """The gateway's state folder as a variable: one for this time alone where others may run beside it."""
    if not once or os.environ.get(STATE):
        yield {}
        return
    with tempfile.TemporaryDirectory(prefix="lgsp-demo-") as folder:
        yield {STATE: folder}


@contextmanager
def _pair(ports: Ports, state: Mapping[str, str]) -> Iterator[None]:
    """Starts mocks and gateway as processes; both are stopped on exit, whatever happened."""
    environment = {**os.environ, "LGSP_MOCKS_URL": f"http://127.0.0.1:{ports.mocks}", **state}
    serve = ["serve", "--config", str(CONFIG), "--port", str(ports.gateway), "--ops-port", str(ports.ops)]
    commands = {
        "mocks": (["mocks", "--port", str(ports.mocks)], f"http://127.0.0.1:{ports.mocks}/__mock/manifest"),
        "gateway": (
            [*serve, "--inbound-port", str(ports.inbound)],
            f"http://127.0.0.1:{ports.ops}/readyz",
        ),
    }
    running: list[subprocess.Popen[bytes]] = []
    with tempfile.TemporaryFile() as log:
        try:
            for words, _ in commands.values():
                # A session of its own, so that Ctrl-C reaches this process alone and it ends them in order.
                running.append(
                    subprocess.Popen(  # noqa: S603  # our own command
                        [sys.executable, "-m", "gateway", *words],
                        env=environment,
                        stdout=log,
                        stderr=log,
                        start_new_session=True,
                    )
                )
            for process, (name, (_, url)) in zip(running, commands.items(), strict=True):
                _wait_for(name, process, url, log)
            yield
        finally:
            _stop(running)


def _wait_for(name: str, process: subprocess.Popen[bytes], url: str, log: Any) -> None:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        if process.poll() is not None:
            break
        with suppress(OSError), urllib.request.urlopen(url, timeout=2):  # noqa: S310  # our own process
            return
        time.sleep(0.05)
    log.seek(0)
    tail = log.read().decode(errors="replace").strip().splitlines()[-3:]
    fail(f"the {name} did not start: {' | '.join(tail) or 'it printed nothing'}")


def _stop(running: Sequence[subprocess.Popen[bytes]]) -> None:
    for process in reversed(running):
        if process.poll() is None:
            process.terminate()
    for process in running:
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _get(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=10) as reply:  # noqa: S310  # our own process
        return json.load(reply)
