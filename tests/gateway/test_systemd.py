"""What systemd is told, over a socket of the test."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
import yaml

from gateway.systemd import ServiceManager
from gateway.testing.clock import FakeClock
from tests.support.documents import ROOT, environment
from tests.support.laptop import LAPTOP

PATIENCE_S: Final = 60.0


@pytest.fixture
def listening(tmp_path: Path) -> Iterator[socket.socket]:
    """systemd's end of the socket."""
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as receiver:
        receiver.bind(str(tmp_path / "notify"))
        receiver.settimeout(PATIENCE_S)
        yield receiver


def heard(receiver: socket.socket) -> list[str]:
    """The lines of the next datagram."""
    return receiver.recv(4096).decode().split("\n")


def test_each_word_is_a_datagram(listening: socket.socket) -> None:
    """Ready with a status, reloading with its instant, stopping, alive: as sd_notify(3) writes them."""
    manager = ServiceManager(listening.getsockname())
    manager.ready("answers on http://127.0.0.1:8080")
    manager.reloading(12.5)
    manager.stopping()
    manager.alive()

    assert [heard(listening) for _ in range(4)] == [
        ["READY=1", "STATUS=answers on http://127.0.0.1:8080"],
        ["RELOADING=1", "MONOTONIC_USEC=12500000"],
        ["STOPPING=1", "STATUS=leaving"],
        ["WATCHDOG=1"],
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="abstract sockets are Linux's")
def test_abstract_address_is_understood() -> None:
    """A name that begins with @ has no file."""
    name = f"lgsp-{secrets.token_hex(8)}"
    with closing(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)) as receiver:
        receiver.bind(f"\0{name}")
        receiver.settimeout(PATIENCE_S)
        ServiceManager(f"@{name}").alive()

        assert heard(receiver) == ["WATCHDOG=1"]


@pytest.mark.parametrize("address", ["", "/nowhere/notify"])
def test_nobody_who_listens_changes_nothing(address: str) -> None:
    """Without systemd, or with one that is gone, nothing is sent and nothing is raised."""
    ServiceManager(address).ready("answers")


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000"}, 30.0),
        ({"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"NOTIFY_SOCKET": "/run/n", "WATCHDOG_USEC": "soon"}, None),
        ({"NOTIFY_SOCKET": "/run/n"}, None),
        ({"WATCHDOG_USEC": "30000000"}, None),
    ],
)
def test_watchdog_is_that_of_this_process(variables: dict[str, str], seconds: float | None) -> None:
    """A span that is meant for another process, or that is not a number, is not ours."""
    assert ServiceManager.of(variables, 7).watchdog_s == seconds


async def test_watchdog_hears_of_the_loop_three_times_in_its_span(listening: socket.socket, clock: FakeClock) -> None:
    """One beat may be late and another lost; a loop that does not turn sends none."""
    async with ServiceManager(listening.getsockname(), 30.0).watched(clock):
        await clock.advance(29)
    await clock.advance(60)

    listening.setblocking(False)
    beats = [heard(listening) for _ in range(3)]
    assert beats == [["WATCHDOG=1"]] * 3
    with pytest.raises(BlockingIOError):
        listening.recv(1)


def test_served_gateway_tells_its_life(listening: socket.socket) -> None:
    """Alive from its first moment, ready when it answers, stopping when it is told to leave."""
    variables = {"NOTIFY_SOCKET": listening.getsockname(), "WATCHDOG_USEC": "600000000"}
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "serve", "--port", "0", "--ops-port", "0"],
        cwd=ROOT,
        env={**environment(ROOT), **variables},
        stderr=subprocess.DEVNULL,
    )
    try:
        first, second = heard(listening), heard(listening)
        os.kill(process.pid, signal.SIGTERM)
        third = heard(listening)
        status = process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait()

    assert first == ["WATCHDOG=1"]
    assert second[0] == "READY=1"
    assert second[1].startswith("STATUS=answers on http://127.0.0.1:")
    assert (third[0], status) == ("STOPPING=1", 0)


def test_a_line_is_one_field(listening: socket.socket) -> None:
    """What comes from elsewhere can't say a word of its own to systemd."""
    ServiceManager(listening.getsockname()).ready("answers\nSTOPPING=1")

    assert heard(listening) == ["READY=1", "STATUS=answers STOPPING=1"]


@pytest.mark.parametrize("more", [(), ("--workers", "2")], ids=["alone", "workers"])
def test_served_gateway_tells_of_each_reload(listening: socket.socket, tmp_path: Path, more: tuple[str, ...]) -> None:
    """As Type=notify-reload demands: it reloads since an instant after the signal, and is ready again when it has, also
    where the new configuration is refused, and where nobody asked and a file has changed; the status says which.
    """
    config = tmp_path / "lgsp.yaml"
    written = yaml.safe_load(LAPTOP.read_text("utf-8").replace("file:../", f"file:{ROOT}/"))
    kept = ("officers", "service_officer", "callers", "mocks_url")
    only = {"connectors": {name: written["connectors"][name] for name in ("business_registry",)}}
    config.write_text(yaml.safe_dump({name: written[name] for name in kept} | only), "utf-8")
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "gateway", "serve", "--config", str(config)),
            *("--port", "0", "--ops-port", "0", *more),
        ],
        cwd=ROOT,
        env={**environment(ROOT), "NOTIFY_SOCKET": listening.getsockname()},
        stderr=subprocess.DEVNULL,
    )
    try:
        assert heard(listening)[0] == "READY=1"
        before = time.monotonic_ns() // 1000
        os.kill(process.pid, signal.SIGHUP)
        taken = heard(listening), heard(listening)
        after = time.monotonic_ns() // 1000
        config.write_text(f"{config.read_text('utf-8')}no_such_key: 1\n", "utf-8")
        os.kill(process.pid, signal.SIGHUP)
        refused = heard(listening), heard(listening)
        config.write_text(config.read_text("utf-8").removesuffix("no_such_key: 1\n"), "utf-8")
        found = heard(listening), heard(listening)
    finally:
        process.terminate()
        process.wait(PATIENCE_S)

    for reloading, ready in (taken, refused, found):
        assert (reloading[0], ready[0]) == ("RELOADING=1", "READY=1")
    assert before <= int(taken[0][1].removeprefix("MONOTONIC_USEC=")) <= after
    assert taken[1][1].endswith("; configuration read again")
    assert found[1][1].endswith("; configuration read again")
    assert refused[1][1].endswith("; the new configuration is refused (unknown-key), see the log")
