"""Commands as processes: how they start, what they refuse, and how they end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

from gateway.cli.demo import _stopping_on_signals
from gateway.cli.ports import free_ports, holder
from tests.support.documents import environment
from tests.support.laptop import ROOT

PATIENCE_S: Final = 60.0


def run(
    *arguments: str, variables: Mapping[str, str] | None = None, redirected: str = ""
) -> subprocess.CompletedProcess[str]:
    """``python -m gateway ARGUMENTS``, to its end, *redirected* as a shell spells it."""
    shell = ["/bin/sh", "-c", f'exec "$@" {redirected}', "sh"] if redirected else []
    return subprocess.run(
        [*shell, sys.executable, "-m", "gateway", *arguments],
        cwd=ROOT,
        env={**environment(ROOT), **(variables or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )


def test_an_argument_that_is_not_utf_8_is_one_sentence() -> None:
    """Bytes that no address can hold are wrong usage, and not a bug."""
    ran = run("applications", "show", os.fsdecode(b"\xff"))

    assert (ran.returncode, ran.stderr) == (2, "lgsp: an argument is not UTF-8; give it in UTF-8\n")


def test_standard_input_that_is_closed_is_one_sentence() -> None:
    """As where a service starts the command without any."""
    ran = run("audit", "search", "--subject", "-", redirected="<&-")

    assert (ran.returncode, ran.stderr) == (2, "lgsp: --subject: standard input is closed\n")


@pytest.mark.parametrize("command", ["schema", "connectors"])
def test_full_disk_behind_the_answer_is_one_sentence(command: str) -> None:
    """What is printed into a file on a full disk is told as that, and not as a bug."""
    ran = run(command, redirected=">/dev/full")

    assert (ran.returncode, ran.stderr) == (
        1,
        "lgsp: the answer could not be written whole (No space left on device)\n",
    )


def sentence(ran: subprocess.CompletedProcess[str]) -> str:
    """The one line that a refused command says."""
    assert ran.returncode == 2, ran.stderr
    (line,) = ran.stderr.strip().splitlines()
    return line


def test_missing_configuration_does_not_start() -> None:
    """``lgsp serve`` without its file: one sentence, exit 2, nothing else."""
    assert "nowhere.yaml could not be read" in sentence(run("serve", "--config", "nowhere.yaml"))


@pytest.mark.parametrize(
    ("url", "status"), [("postgresql://lgsp@127.0.0.1:1/lgsp", 1), ("postgresql://lgsp@127.0.0.1:1/lgsp?nope=1", 2)]
)
def test_store_that_is_away_is_worth_another_start(url: str, status: int) -> None:
    """A PostgreSQL that does not answer yet is 1, which a supervisor starts again; a wrong address is 2, as all that is
    wrong with the configuration.
    """
    ran = run("serve", "--port", "0", "--ops-port", "0", variables={"LGSP_STORE__URL": url})

    assert ran.returncode == status
    assert ran.stderr.splitlines()[-1].startswith("lgsp: store: PostgreSQL")


def test_misspelt_variable_does_not_start() -> None:
    """A variable that means nothing is refused with the nearest that does."""
    ran = run("serve", variables={"LGSP_LISEN__PORT": "0"})

    assert sentence(ran) == "lgsp: unknown variable LGSP_LISEN__PORT; did you mean 'LGSP_LISTEN'?"


def test_public_key_beyond_loopback_does_not_start() -> None:
    """The laptop's key is refused where others could use it."""
    assert "is accepted on loopback only" in sentence(run("serve", "--host", "0.0.0.0", "--port", "0"))


def test_taken_port_does_not_start() -> None:
    """A port that somebody has is told by its key."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
        said = sentence(run("serve", "--port", str(port), "--ops-port", "0"))

    assert f"listen: could not listen on 127.0.0.1:{port}" in said
    assert "in use" in said


@pytest.mark.parametrize("number", ["0", "65"])
def test_number_of_workers_is_bounded(number: str) -> None:
    """None, or more than any machine has cores for, is refused."""
    assert "--workers is from 1 to 64" in sentence(run("serve", "--workers", number))


def test_workers_do_not_share_a_port_that_somebody_has() -> None:
    """Another gateway's workers would let them share it."""
    with closing(socket.socket()) as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = sentence(run("serve", "--workers", "2", "--port", str(port), "--ops-port", "0"))

    assert f"listen: could not listen on 127.0.0.1:{port}" in said


def test_import_of_another_folder_works(tmp_path: Path) -> None:
    """The command finds its files from wherever it is called; only the configuration is relative to the caller."""
    ran = subprocess.run(
        [sys.executable, "-m", "gateway", "check", "--config", str(ROOT / "config" / "laptop.yaml")],
        cwd=tmp_path,
        env={**environment(ROOT), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )

    assert (ran.returncode, ran.stderr) == (0, "")


@contextmanager
def served() -> Iterator[subprocess.Popen[str]]:
    """``lgsp serve`` on free ports; it is over when left."""
    process = subprocess.Popen(
        [sys.executable, "-m", "gateway", "serve", "--port", "0", "--ops-port", "0"],
        cwd=ROOT,
        env=environment(ROOT),
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait(PATIENCE_S)
        if process.stderr is not None:
            process.stderr.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGUSR1, signal.SIGUSR2])
def test_served_gateway_ends_well(number: signal.Signals) -> None:
    """A signal ends it with 0 after its farewell, and with no traceback."""
    with served() as process:
        assert process.stderr is not None
        first = process.stderr.readline()
        process.send_signal(number)
        rest = process.stderr.read()
        status = process.wait(PATIENCE_S)

    assert json.loads(first)["event"].startswith("gateway on http://127.0.0.1:")
    assert status == 0
    assert "Traceback" not in rest


def test_hangup_reads_the_configuration_again() -> None:
    """A terminal that is closed does not end it either."""
    with served() as process:
        assert process.stderr is not None
        process.stderr.readline()
        process.send_signal(signal.SIGHUP)
        said = json.loads(process.stderr.readline())
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE_S)

    assert (said["event"], said["trigger"]) == ("configuration read again: nothing has changed", "SIGHUP")
    assert status == 0


def waiting_for(port: int) -> None:
    """Waits until somebody listens on *port* and answers."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/livez", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers on {port}")


@pytest.mark.parametrize("sink", ["full", "closed", "nobody reads", "broken"])
def test_log_that_can_not_be_written_stops_nothing(sink: str) -> None:
    """Neither the start nor an answer nor the end; what is lost is counted."""
    _, ops = ports = free_ports(2)
    variables = {"LGSP_LISTEN__PORT": str(ports[0]), "LGSP_OPS__PORT": str(ops), "LGSP_LOG__LEVEL": "info"}
    command = f'exec "{sys.executable}" -m gateway serve'
    reading, writing = os.pipe()
    if sink == "nobody reads":
        os.set_blocking(writing, False)
        with suppress(BlockingIOError):
            while True:
                os.write(writing, b"x" * 4096)
        os.set_blocking(writing, True)
    if sink == "broken":
        os.close(reading)
    redirected = {"full": "2>/dev/full", "closed": "2>&-"}.get(sink, "")
    process = subprocess.Popen(
        ["/bin/sh", "-c", f"{command} {redirected}"],
        cwd=ROOT,
        env={**environment(ROOT), **variables},
        stderr=writing,
    )
    os.close(writing)
    try:
        waiting_for(ops)
        process.send_signal(signal.SIGHUP)
        metrics = ""
        while sink != "nobody reads" and "lgsp_log_lines_lost_total 2.0" not in metrics:
            with urllib.request.urlopen(f"http://127.0.0.1:{ops}/metrics", timeout=5) as answer:
                metrics = answer.read().decode()
        process.send_signal(signal.SIGTERM)
        status = process.wait(PATIENCE_S)
    finally:
        process.kill()
        process.wait(PATIENCE_S)
        if sink != "broken":
            os.close(reading)

    assert status == 0


def test_reader_that_leaves_early_ends_the_command_quietly() -> None:
    """A reader that is gone before the first word ends the command with 1, and without a word."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as broken:
        ran = subprocess.run(
            [sys.executable, "-m", "gateway", "connectors"],
            cwd=ROOT,
            env=environment(ROOT),
            stdout=broken,
            stderr=subprocess.PIPE,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )

    assert ran.stderr == ""
    assert ran.returncode == 1


def test_mocks_are_started_by_name() -> None:
    """``lgsp mocks`` takes what ``python -m mocks`` takes, and its exit status."""
    help_text = run("mocks", "--help")
    wrong = run("mocks", "--scenario", "nothing")

    assert (help_text.returncode, "--scenario" in help_text.stdout) == (0, True)
    assert (wrong.returncode, "nothing" in wrong.stderr) == (2, True)


@pytest.mark.slow
def test_demo_looks_up_one_of_each_operation() -> None:
    """``lgsp demo --once --json`` takes free ports, shows an object a lookup, and leaves with 0."""
    ran = run("demo", "--once", "--json")
    rows = [json.loads(line) for line in ran.stdout.splitlines()]

    assert ran.returncode == 0, ran.stderr
    assert {frozenset(row) for row in rows} == {frozenset({"operation", "ok", "status", "seconds", "data"})}
    assert {row["operation"].partition(".")[0] for row in rows} >= {
        "business_registry", "social_insurance", "legal_documents", "criminal_records", "public_service_portal",
        "ministry_portals",
    }  # fmt: skip
    assert [row["operation"] for row in rows if row["operation"].startswith("inbox.")] == [
        "inbox.push", "inbox.list", "inbox.ack", "inbox.result_file", "inbox.result"
    ]  # fmt: skip
    assert (rows[-1]["operation"], rows[-1]["data"]["outcome"]) == ("mocks.heard", "accepted")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_demo_ends_what_it_started(number: signal.Signals) -> None:
    """SIGTERM, and the end of the terminal, are Ctrl-C to ``lgsp demo``; a second one does not disturb the end."""
    usual = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
    outside = signal.signal(number, usual)  # a suite that was begun by nohup ignores it
    try:
        with ExitStack() as ending:
            ending.enter_context(pytest.raises(KeyboardInterrupt))
            ending.enter_context(_stopping_on_signals())
            ending.callback(signal.raise_signal, number)  # an impatient user
            signal.raise_signal(number)

        assert signal.getsignal(number) is usual
    finally:
        signal.signal(number, outside)


# ---- ports


def test_free_ports_are_free_and_differ() -> None:
    """Each can be listened on."""
    ports = free_ports(3)

    assert len(set(ports)) == 3
    for port in ports:
        socket.create_server(("127.0.0.1", port)).close()


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux tells who holds a port")
def test_holder_of_a_port_is_named() -> None:
    """Who has the port that the demonstration wants is told by name and number."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        assert f"(pid {os.getpid()})" in holder(listener.getsockname()[1])


def test_a_library_that_is_not_installed_is_one_sentence() -> None:
    """An environment that is older than the locked versions says what to install, and shows no traceback."""
    code = (
        "import sys; sys.modules['psycopg'] = None; from gateway.__main__ import main; main(['serve', '--port', '0'])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)

    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "psycopg" in done.stderr
    assert "requirements/runtime.lock" in done.stderr


@pytest.mark.timeout(120)
def test_the_story_of_an_issuance() -> None:
    """Apply, supplement, certificate that opens, and the portal's webhook told of each step, in seconds."""
    ran = run("demo", "--story", "issuance")

    assert ran.returncode == 0, ran.stderr
    for said in ("202 accepted", "supplement_requested", "issued", "opens with 1 page", "signed messages"):
        assert said in ran.stdout
