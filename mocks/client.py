"""The mock country from outside, for tests: faults, journal, samples and time of a country that runs somewhere.

Calls block for as long as one request on loopback takes; within a running event loop use `asyncio.to_thread`.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import IO, Any, Final
from urllib.parse import quote, urlencode, urlsplit

import orjson

_PATIENCE_S: Final = 30.0
_OPEN: Final = re.compile(r"The mock country is open: (http://\S+)/ ")


class MockCountryError(Exception):
    """The country refused or was not there; the text says what exists instead."""


@dataclass(frozen=True, slots=True)
class MockSystem:
    """One national system of a country."""

    country: MockCountry
    name: str

    @property
    def url(self) -> str:
        """Where its calls begin: `http://127.0.0.1:9100/business-registry`."""
        return f"{self.country.url}/{self.name.replace('_', '-')}"

    def fault(self, kind: str, *, operation: str = "*", **more: object) -> None:
        """Adds a fault behind those that are.

        *more* are parameters of the kind (`seconds=2`) and of the plan: `requests="1-2"`, `probability=0.5`, `seed=7`,
        `key="…"`, `match={"msdn": "…"}`, `between="22:00-05:00"`, `beyond_per_day=100`, `for_days=1`.

        Raises:
            MockCountryError: what was named does not exist, or does not fit.
        """
        planned: dict[str, object] = {name: more.pop(name) for name in PLAN if name in more}
        fault = {"kind": kind, **more}
        entry: dict[str, object] = {"system": self.name, "operation": operation, **planned, "fault": fault}
        self.country.ask("POST", "faults", {"faults": [entry]})

    def journal(self, operation: str | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
        """The last requests that arrived here, newest last, personal values masked."""
        return self.country.journal(self.name, operation, limit=limit)

    def arrivals(self, operation: str | None = None) -> int:
        """How many requests arrived since start or reset, those included that the journal no longer holds."""
        return self.country.arrivals(self.name, operation)

    def samples(self, operation: str) -> list[dict[str, Any]]:
        """Identifiers to try, as requests of the gateway's API; `exists` is False where there is no such record.

        Raises:
            KeyError: the system has no samples for this operation (`enterprise`, not `business_registry.enterprise`).
        """
        return self.country.samples()[f"{self.name}.{operation}"]


#: What belongs to the plan and not to the kind of a fault.
PLAN: Final = ("requests", "probability", "seed", "key", "match", "between", "beyond_per_day", "for_days")


class MockCountry:
    """A running country; each system is an attribute: `country.business_registry`."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")

    def __repr__(self) -> str:
        return f"<MockCountry {self.url}>"

    def __getattr__(self, name: str) -> MockSystem:
        if name.startswith("_"):
            raise AttributeError(name)
        systems = self.ask("GET", "systems")
        if name not in systems:
            raise AttributeError(f"the country has no system {name!r}; it has {', '.join(sorted(systems))}")
        return MockSystem(self, name)

    def system(self, name: str) -> MockSystem:
        """The same as the attribute, for a name in a variable, and without asking whether it exists."""
        return MockSystem(self, name)

    def clear_faults(self) -> None:
        """No fault acts any more, those of a scenario included; whoever was kept waiting is let go."""
        self.ask("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        """Those that act, each with how often it `matched` and `struck`."""
        told = self.ask("GET", "faults")
        return [{**fault, **counts} for fault, counts in zip(told["faults"], told["counts"], strict=True)]

    def journal(
        self, system: str | None = None, operation: str | None = None, *, limit: int = 100
    ) -> list[dict[str, Any]]:
        """The last requests that fit, newest last, personal values masked."""
        found: list[dict[str, Any]] = self._journal(system, operation, limit)["entries"]
        return found

    def arrivals(self, system: str | None = None, operation: str | None = None) -> int:
        """How many requests that fit arrived since start or reset."""
        return int(self._journal(system, operation, 0)["total"])

    def _journal(self, system: str | None, operation: str | None, limit: int) -> dict[str, Any]:
        named = {"system": system, "operation": operation, "limit": str(limit)}
        return self.ask("GET", "journal?" + urlencode({name: value for name, value in named.items() if value}))

    def samples(self) -> dict[str, list[dict[str, Any]]]:
        """Identifiers to try, by gateway operation."""
        return self.ask("GET", "samples")

    def scenario(self, name: str | Path) -> None:
        """Picks a scenario by name, or one's own by the path of its file.

        Raises:
            MockCountryError: there is none of this name, or the file has an error: the text says line and expectation.
        """
        if isinstance(name, Path):
            self._send("POST", f"scenario?name={quote(name.stem)}", name.read_bytes(), "application/yaml")
        else:
            self.ask("POST", "scenario", {"name": name})

    def advance(self, by: str | timedelta) -> datetime:
        """Moves the virtual clock forward, by `"P3D"` or a timedelta; the new now, aware."""
        if isinstance(by, timedelta):
            by = f"{'-' if by < timedelta() else ''}PT{abs(by).total_seconds():.6f}S"
        return datetime.fromisoformat(self.ask("POST", "clock", {"advance": by})["now"])

    def tls(self) -> dict[str, Any]:
        """TLS ports by what is wrong with their certificates (`urls`), the authority to trust, clients' pairs.

        Raises:
            MockCountryError: the country has no TLS ports; one by `running()` has.
        """
        return self.ask("GET", "tls")

    def now(self) -> datetime:
        """The virtual now, aware."""
        return datetime.fromisoformat(self.ask("GET", "clock")["now"])

    def reset(self) -> None:
        """Everything back to the start: journal, faults, scenario, tokens, applications, clock."""
        self.ask("POST", "reset")

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """A request to the administration, for what has no method here.

        Raises:
            MockCountryError: it was refused, or the country is not there.
        """
        return self._send(method, path, None if body is None else orjson.dumps(body), "application/json")

    def _send(self, method: str, path: str, body: bytes | None, content_type: str) -> dict[str, Any]:
        address = urlsplit(self.url)
        connection = HTTPConnection(address.hostname or "", address.port, timeout=_PATIENCE_S)
        with contextlib.closing(connection):
            try:
                headers = {} if body is None else {"Content-Type": content_type}
                connection.request(method, f"/__mock/{path}", body=body, headers=headers)
                answer = connection.getresponse()
                told: dict[str, Any] = orjson.loads(answer.read())
            except (OSError, HTTPException, orjson.JSONDecodeError) as error:
                raise MockCountryError(f"no mock country answers at {self.url}: {error}") from error
        if answer.status >= 400:
            exists = "; ".join(f"{name}: {value}" for name, value in told.items() if name not in {"error", "kinds"})
            raise MockCountryError(f"{told['error']}" + (f" ({exists})" if exists else ""))
        return told


@contextlib.contextmanager
def running(*, seed: int = 1, scenario: str = "calm") -> Iterator[MockCountry]:
    """A country of its own in a process of its own, on free ports; it ends with the block, or with this process.

    Raises:
        MockCountryError: it did not start; the text is what it said.
    """
    options = {"--port": "0", "--tls-port": "0", "--seed": str(seed), "--scenario": scenario}
    command = [sys.executable, "-m", "mocks", "--until-eof", *(word for pair in options.items() for word in pair)]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1", "PYTHONIOENCODING": "utf-8"}
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603  # this very interpreter, and arguments of our own
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said, env=environment
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield MockCountry(_address(process.stdout, said))
        finally:
            process.stdin.close()  # which is how it is told to end
            try:
                process.wait(_PATIENCE_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            process.stdout.close()


def _address(stdout: IO[bytes], stderr: IO[bytes]) -> str:
    told = ""
    for line in stdout:
        text = line.decode("utf-8", "replace")
        if found := _OPEN.search(text):
            return found[1]
        told += text
    stderr.seek(0)
    raise MockCountryError(f"the mock country did not start: {told}{stderr.read().decode('utf-8', 'replace')}".strip())
