"""The command and the server: starting, stopping, and callers who are no HTTP clients."""

from __future__ import annotations

import asyncio
import io
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mocks.__main__ import main
from mocks.engine.country import MAX_BODY
from mocks.engine.server import serving
from tests.mocks.engine.toy import Toy

ROOT = Path(__file__).parents[3]


@pytest.fixture
def running() -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "mocks", "--port", "0"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    yield process
    if process.poll() is None:
        process.kill()
    process.communicate()


def port_of(process: subprocess.Popen[str]) -> int:
    assert process.stdout is not None
    for line in process.stdout:
        if found := re.search(r"is open: http://127\.0\.0\.1:(\d+)/", line):
            return int(found[1])
    raise AssertionError("it never said that it is open")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_the_command_says_where_it_listens_and_ends_when_told_even_while_requests_hang(
    running: subprocess.Popen[str], how: signal.Signals
) -> None:
    """Port 0 is printed as the one taken; a signal ends it with 0 and without a traceback."""
    port = port_of(running)
    plan = b'{"faults": [{"system": "business_registry", "fault": {"kind": "hang"}}]}'
    with socket.create_connection(("127.0.0.1", port), timeout=5) as tester:
        tester.sendall(
            b"PUT /__mock/faults HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(plan), plan)
        )
        assert b"200 OK" in tester.recv(1024)
        with socket.create_connection(("127.0.0.1", port), timeout=5) as hanging:
            hanging.sendall(b"GET /business-registry/apiCSDLDKDN/chiTietDoanhNghiep HTTP/1.1\r\nHost: m\r\n\r\n")
            tester.sendall(b"GET /__mock/clock HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert tester.recv(1024)

            os.kill(running.pid, how)
            _, errors = running.communicate(timeout=20)

    assert running.returncode == 0
    assert errors == ""


def test_a_taken_port_is_one_sentence_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback: what is wrong and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        status = main(["--port", str(port)])

    error = capsys.readouterr().err
    assert status == 2
    assert error.count("\n") == 1
    assert str(port) in error
    assert "--port 0" in error


def test_an_unknown_scenario_is_one_sentence_and_exit_2(capsys: pytest.CaptureFixture[str]) -> None:
    """The scenarios that exist are named."""
    assert main(["--scenario", "tuesday"]) == 2

    assert "calm" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--port", "99999"], ["--port", "x"], ["--prot", "1"], ["--seed", "x"]])
def test_wrong_usage_is_exit_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """argparse says what is wrong."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)

    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_missing_contracts_are_one_sentence_and_exit_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wheel without its contracts does not end in a traceback."""
    assert main([], contracts=tmp_path) == 2

    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "credentials" in error


async def test_two_countries_live_beside_each_other() -> None:
    """Each has its port and its state: tests can run in parallel."""
    async with serving() as (one, first), serving(seed=2) as (other, second):
        first.clock.advance(first.clock.now() - first.clock.now().replace(year=2020))
        assert one != other
        assert first.clock.ahead != second.clock.ahead
        assert first.world.population.seed != second.world.population.seed


async def test_a_caller_who_leaves_does_not_stay(toy: Toy) -> None:
    """A peer that goes away while the system is silent takes its request with it."""
    await toy.fault("hang")
    host, port = toy.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"GET /toy/fact HTTP/1.1\r\nHost: toy\r\n\r\n")
    await toy.arrived()
    before = len(asyncio.all_tasks())

    writer.close()
    await writer.wait_closed()
    while len(asyncio.all_tasks()) >= before:  # noqa: ASYNC110 - nothing tells when a server's own task ends
        await asyncio.sleep(0.001)

    assert len(asyncio.all_tasks()) < before


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"POST /toy/orders HTTP/1.1\r\nHost: t\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nabcde", b"400"),
        (b"POST /toy/orders HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET /toy/\xff HTTP/1.1\r\nHost: t\r\n\r\n", b"400"),
        (b"GET /toy/%ff?%ff=%fe HTTP/1.1\r\nHost: t\r\n\r\n", b"404"),
        (b"nonsense\r\n\r\n", b"400"),
        (b"HEAD /toy/fact HTTP/1.1\r\nHost: t\r\n\r\n", b"404"),
    ],
)
async def test_a_callers_mistake_is_never_500(toy: Toy, request_bytes: bytes, status: bytes) -> None:
    """Broken encodings and broken HTTP are the caller's."""
    host, port = toy.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(request_bytes)
    answer = await reader.readline()
    writer.close()

    assert answer.split()[1] == status


async def test_a_body_beyond_the_limit_is_413_and_journalled(toy: Toy) -> None:
    """The limit is refused with its size, and the arrival counts."""
    async with toy.session.post(f"{toy.url}/toy/orders", data=io.BytesIO(b"x" * (MAX_BODY + 1))) as answer:
        status, body = answer.status, await answer.text()

    assert status == 413
    assert str(MAX_BODY) in body
    assert (await toy.entries())[0]["status"] == 413


async def test_a_caller_who_expects_to_be_asked_is(toy: Toy) -> None:
    """`Expect: 100-continue` is answered before the body is sent, as curl waits for it."""
    host, port = toy.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST /toy/orders HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
    asked = await reader.readuntil(b"\r\n\r\n")
    writer.write(b"{}")
    answer = await reader.readline()
    writer.close()

    assert asked == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer == b"HTTP/1.1 200 OK\r\n"
