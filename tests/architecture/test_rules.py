"""The habits of the house, checked on the source: each exception stands here, with its reason."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from tests.support.laptop import ROOT

OURS: Final = ("gateway", "conformance", "mocks", "lgsp_pytest", "lgsp_client", "tests", "benchmarks")
LONGEST_FILE: Final = 400
LONGEST_FUNCTION: Final = 50


@cache
def sources(*folders: str) -> tuple[Path, ...]:
    """Our Python files below these folders."""
    return tuple(sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py")))


@cache
def tree(path: Path) -> ast.Module:
    """A file, parsed."""
    return ast.parse(path.read_text("utf-8"), str(path))


def name(path: Path) -> str:
    """A file's path as the exceptions below spell it."""
    return path.relative_to(ROOT).as_posix()


def dotted(node: ast.expr) -> str:
    """``time.monotonic`` for the expression that says so; empty for anything else."""
    match node:
        case ast.Name(id=found):
            return found
        case ast.Attribute(value=inner, attr=found):
            return f"{dotted(inner)}.{found}".lstrip(".")
        case _:
            return ""


def calls(path: Path) -> Iterator[tuple[str, int]]:
    """What a file calls, and on which line."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call):
            yield dotted(node.func), node.lineno


Exceptions = dict[str, set[str]]


def differences(found: Exceptions, allowed: Exceptions) -> Exceptions:
    """What is done and not allowed, and what is allowed and no longer done: lists of exceptions only shrink."""
    both = {path: found.get(path, set()) ^ allowed.get(path, set()) for path in {*found, *allowed}}
    return {path: names for path, names in both.items() if names}


# ---- imports


def test_import_contracts_hold() -> None:
    """Floors, strangers and worlds keep apart, as ``.importlinter`` says."""
    # A process of its own: the checker changes how this one logs.
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as run; run()", "--no-cache"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)

    assert ran.returncode == 0, ran.stdout


# ---- time

CLOCKS: Final = re.compile(
    r"^(time\.(time|monotonic|perf_counter|time_ns|monotonic_ns|sleep)|(datetime\.)?(datetime|date)\.(now|utcnow|today)"
    r"|asyncio\.(sleep|timeout|timeout_at|wait_for)|.*\bloop\.(time|call_later|call_at)|.*\.call_later)$"
)
MAY_LOOK_AT_A_CLOCK: Final[Exceptions] = {
    # The clocks themselves.
    "gateway/core/clock.py": {"datetime.now", "time.monotonic", "asyncio.sleep"},
    "gateway/testing/clock.py": {"asyncio.sleep", "asyncio.timeout", "loop.time"},
    # A socket's own pace: how long a peer may take over a head or a body is no policy.
    "gateway/api/server.py": {"self._loop.call_later"},
    "gateway/api/request.py": {"asyncio.timeout"},
    # The log is written when the loop has nothing else to do.
    "gateway/observe/event_buffer.py": {"self._loop.call_later"},
    # A checker that stands in for a caller stamps its messages with real time, as WS-Security wants.
    "conformance/envelope.py": {"datetime.now"},
    # Commands wait for processes that they have started, and tell a person how long a lookup took.
    "gateway/cli/demo.py": {"time.monotonic", "time.sleep", "time.time_ns"},
    "gateway/cli/story.py": {"time.monotonic", "time.sleep", "time.time", "time.time_ns"},
    "gateway/cli/demo_inbox.py": {"datetime.now", "time.monotonic", "time.sleep"},
    # PostgreSQL on the laptop is a process of the machine: it starts, stops and is looked after in the machine's time.
    "gateway/durable/embedded.py": {"time.monotonic", "time.sleep", "asyncio.sleep"},
    "gateway/durable/embedded_keeper.py": {"time.monotonic", "time.sleep"},
}  # fmt: skip


def test_time_is_an_argument() -> None:
    """Policies, adapters and connectors never read a clock of their own nor wait by themselves."""
    found: Exceptions = {}
    for path in sources("gateway", "conformance"):
        for called, _ in calls(path):
            if CLOCKS.match(called):
                found.setdefault(name(path), set()).add(called)

    assert differences(found, MAY_LOOK_AT_A_CLOCK) == {}


# ---- patches

MAY_PATCH: Final[Exceptions] = {
    # The names that a resolver finds are the network's: no test may depend on what a name server says today.
    "tests/gateway/adapters/test_rest_connections.py": {
        "test_unknown_name_sent_nothing",
        "test_name_with_a_private_address_is_not_connected_to",
        "test_resolver_keeps_public_addresses_alone",
    },
    # A contract that takes long to read: disks are quick here.
    "tests/acceptance/test_policies.py": {"test_scenario_37_ready_only_when_contracts_are_loaded"},
    # Mutants: the tests above them must notice a key that drops a part.
    "tests/gateway/pipeline/cache/test_cache_key.py": {"test_a_key_that_drops_a_part_is_found_out"},
    # Bugs that the random walk of the lanes must find.
    "tests/gateway/durable/test_planted_bugs.py": {"put"},
    # A bug where messages leave, which a test can't bring.
    "tests/gateway/durable/test_bugs_at_orders.py": {"test_a_bug_at_the_gate_keeps_no_message_waiting"},
}


def patching(path: Path) -> Iterator[str]:
    """The functions of a file that replace an attribute of something else."""
    for node in tree(path).body:
        if any(
            isinstance(inner, ast.Call) and re.search(r"\bpatch(\.|$)|\.setattr$", dotted(inner.func))
            for inner in ast.walk(node)
        ):
            yield getattr(node, "name", "")


def test_nothing_is_patched() -> None:
    """Tests bring their own clock, servers and arguments; what replaces an attribute is listed with its reason."""
    found: Exceptions = {}
    for path in sources("tests"):
        for function in patching(path):
            found.setdefault(name(path), set()).add(function)

    assert differences(found, MAY_PATCH) == {}


# ---- errors

MAY_CATCH_ALL: Final[Exceptions] = {
    # The outermost: a bug of ours becomes a 500 with an id and no detail, and its traceback goes to the log.
    "gateway/api/dispatch.py": {"__call__"},
    # In the middle of a file no answer can be given any more: the connection is cut, whatever went wrong.
    "gateway/api/files.py": {"_send"},
    # A hostile file makes its reader fail in any way; the process has no other task.
    "gateway/papers/child.py": {"read"},
    # A bug of ours at one order or one case must lose neither it nor the others: it is logged and decided upon.
    "gateway/durable/sending.py": {"_message", "_prepare", "_send", "_send_many", "_look", "_look_many"},
    "gateway/durable/following.py": {"_looked"},
    "gateway/durable/worker.py": {"_run"},
    # Rows that can't be written are counted as missing, whatever is wrong with them; the requests go on.
    "gateway/durable/audit_writer.py": {"_run"},
    # A bug of ours at some pushed messages must not stop those that come after them: their senders get error_code 99.
    "gateway/durable/inbox.py": {"_run"},
    # A bug of ours at one system that is asked must not stop the others: it is logged, told, and tried again.
    "gateway/durable/inbox_pulls.py": {"_bring"},
    # A bug of ours at one file must not leave it claimed and untold: it is logged, told, and tried again.
    "gateway/durable/inbox_files.py": {"_bring"},
    # A bug of ours at one order of a batch, or in a loop beside the requests, must not keep the others waiting.
    "gateway/durable/accept.py": {"_commit"},
    "gateway/durable/release.py": {"_run"},
    "gateway/core/lasting.py": {"_last"},
    # A bug of ours in building a new configuration must not end the one that works: the new one is refused.
    "gateway/reload.py": {"_reloaded"},
}


def catch_alls(path: Path) -> Iterator[str]:
    """The functions of a file that catch every exception and do not let it go on."""
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for inner in ast.walk(node):
            if isinstance(inner, ast.ExceptHandler):
                caught = inner.type.elts if isinstance(inner.type, ast.Tuple) else [inner.type]
                passes_on = any(isinstance(last, ast.Raise) and last.exc is None for last in inner.body[-1:])
                if not passes_on and any(k is None or dotted(k) in {"Exception", "BaseException"} for k in caught):
                    yield node.name


def test_errors_are_caught_by_name() -> None:
    """Who keeps everything to himself hides bugs; where it must be, it is listed with its reason."""
    found: Exceptions = {}
    for path in sources("gateway", "conformance", "mocks", "lgsp_pytest", "lgsp_client"):
        for function in catch_alls(path):
            found.setdefault(name(path), set()).add(function)

    assert differences(found, MAY_CATCH_ALL) == {}


def test_errors_are_raised_by_what_they_ask_for() -> None:
    """No vanilla exception: its class says what the reader must do."""
    found = [
        f"{name(path)}:{node.lineno}"
        for path in sources("gateway", "conformance", "mocks", "lgsp_pytest", "lgsp_client")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Raise)
        and node.exc is not None
        and dotted(node.exc.func if isinstance(node.exc, ast.Call) else node.exc)
        in {"Exception", "BaseException", "NotImplementedError"}
    ]

    assert found == []


# ---- sizes

GENERATED: Final = tuple(f"lgsp_client/src/lgsp_client/{folder}/" for folder in ("calls", "models", "questions"))
"""A generated method is as long as its question has fields, and a module of models has those of its connector."""


@pytest.mark.parametrize("folder", OURS)
def test_files_are_short(folder: str) -> None:
    """A file is one idea: what grows beyond the limit is split along ideas."""
    long = [
        name(path)
        for path in sources(folder)
        if not name(path).startswith(GENERATED) and len(path.read_text("utf-8").splitlines()) > LONGEST_FILE
    ]

    assert long == []


@pytest.mark.parametrize("folder", OURS)
def test_functions_are_short(folder: str) -> None:
    """A function fits on a screen."""
    long = [
        f"{name(path)}:{node.name}"
        for path in sources(folder)
        if not name(path).startswith(GENERATED)
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION
    ]

    assert long == []


# ---- what is left behind

BINARY: Final = {".ttf", ".png", ".pdf", ".bin", ".svg", ".pyc"}
LEFT_OUT: Final = {".git", ".venv", ".lgsp", ".hypothesis", "__pycache__", "node_modules"}
HOMES: Final = ("work", "root", "home", "tmp")
#: Absolute paths, and the two shapes in which the address of a package index is written.
OF_A_MACHINE: Final = re.compile(rf"(?<![\w.<>*}}-])/(?:{'|'.join(HOMES)})/[a-z]|-index-url \S*//|https?://\S+/simple/")


def texts() -> Iterator[Path]:
    """The project's own text files."""
    waiting = [ROOT]
    while waiting:
        for path in waiting.pop().iterdir():
            if path.name in LEFT_OUT or path.name.startswith(".venv") or path.name.endswith(("_cache", ".egg-info")):
                continue
            if path.is_dir():
                waiting.append(path)
            elif path.suffix not in BINARY and path != Path(__file__):
                yield path


def test_nothing_tells_of_the_machine_it_was_made_on() -> None:
    """No path of somebody's machine and no package index stands in a file."""
    found = [
        f"{name(path)}: {match[0]}"
        for path in texts()
        if (match := OF_A_MACHINE.search(path.read_text("utf-8", errors="replace")))
    ]

    assert found == []


def test_nothing_is_left_for_later() -> None:
    """What is not done is not written down as to be done: it is an issue, or it is done."""
    mark = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
    found = [
        f"{name(path)}:{number}"
        for path in sources(*OURS)
        if path != Path(__file__)
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if mark.search(line)
    ]

    assert found == []


# ---- values

MAY_BE_LOOSE: Final = {"gateway/cli/client.py:Client"}
"""Its description is asked for once and kept, which needs a dictionary."""


def test_values_inside_are_slotted() -> None:
    """A dataclass of the gateway has slots: a misspelt attribute is an error, and thousands of them are small."""
    loose = [
        f"{name(path)}:{node.name}"
        for path in sources("gateway", "conformance", "lgsp_client")
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ClassDef)
        for mark in node.decorator_list
        if dotted(mark.func if isinstance(mark, ast.Call) else mark) in {"dataclass", "dataclasses.dataclass"}
        and not (isinstance(mark, ast.Call) and any(key.arg == "slots" for key in mark.keywords))
    ]

    assert set(loose) == MAY_BE_LOOSE
