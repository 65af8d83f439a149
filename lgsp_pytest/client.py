"""Client of a running mock country, for tests: faults, journal, samples and clock.

Each call blocks for one request on loopback; within a running event loop use `asyncio.to_thread`.
"""

from __future__ import annotations

import contextlib
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

#: The console script `lgsp`, isolated: neither the working folder nor PYTHONPATH can put another package in its place.
_LGSP: Final = (sys.executable, "-I", "-u", "-X", "utf8", "-m", "gateway")
_PATIENCE_S: Final = 30.0
_OPEN: Final = re.compile(r"The mock country is open: (http://\S+)/ ")


class MockCountryError(Exception):
    """The country refused the request or did not answer; the text lists the valid names."""


@dataclass(frozen=True, slots=True)
class MockSystem:
    """One national system of a country."""

    country: MockCountry
    name: str

    @property
    def url(self) -> str:
        """The base URL of its calls: `http://127.0.0.1:9100/business-registry`."""
        return f"{self.country.url}/{self.name.replace('_', '-')}"

    def fault(self, kind: str, *, operation: str = "*", **more: object) -> None:
        """Adds a fault at the end of the plan.

        *more*: parameters of the kind (`seconds=2`) and of the plan: `requests="1-2"`, `probability=0.5`, `seed=7`,
        `key="…"`, `match={"msdn": "…"}`, `between="22:00-05:00"`, `beyond_per_day=100`, `for_days=1`.

        Raises:
            MockCountryError: a name is unknown, or the kind does not fit the operation.
        """
        planned: dict[str, object] = {name: more.pop(name) for name in PLAN if name in more}
        fault = {"kind": kind, **more}
        entry: dict[str, object] = {"system": self.name, "operation": operation, **planned, "fault": fault}
        self.country.ask("POST", "faults", {"faults": [entry]})

    def journal(self, operation: str | None = None, *, limit: int = 100) -> list[dict[str, Any]]:
        """Returns the last requests to this system, newest last, personal values masked."""
        return self.country.journal(self.name, operation, limit=limit)

    def arrivals(self, operation: str | None = None) -> int:
        """Counts the requests since start or reset, including those no longer in the journal."""
        return self.country.arrivals(self.name, operation)

    def repeat(self, mode: str, *, operation: str = "*") -> None:
        """Says what a repeated message does: `refused`, `same` (answered as the first), `overwrites` or `adds`.

        Raises:
            MockCountryError: a name is unknown, or the operation takes no messages.
        """
        self.country.ask("PUT", "repeat", {"system": self.name, "operation": operation, "mode": mode})

    def samples(self, operation: str) -> list[dict[str, Any]]:
        """Returns identifiers to try, as requests of the gateway's API; `exists` is False for a missing record.

        Raises:
            KeyError: the system has no samples for this operation (`enterprise`, not `business_registry.enterprise`).
        """
        return self.country.samples()[f"{self.name}.{operation}"]


#: Parameters of the plan, as opposed to those of a kind of fault.
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
            raise AttributeError(f"unknown system {name!r}; the systems are {', '.join(sorted(systems))}")
        return MockSystem(self, name)

    def system(self, name: str) -> MockSystem:
        """Returns the system of this name, like the attribute, without a check that it exists."""
        return MockSystem(self, name)

    def clear_faults(self) -> None:
        """Removes all faults, including those of a scenario, and ends the requests that `hang` keeps waiting."""
        self.ask("DELETE", "faults")

    def faults(self) -> list[dict[str, Any]]:
        """Returns the current faults, each with how often it `matched` and `struck`."""
        told = self.ask("GET", "faults")
        return [{**fault, **counts} for fault, counts in zip(told["faults"], told["counts"], strict=True)]

    def journal(
        self, system: str | None = None, operation: str | None = None, *, limit: int = 100
    ) -> list[dict[str, Any]]:
        """Returns the last requests that fit, newest last, personal values masked."""
        found: list[dict[str, Any]] = self._journal(system, operation, limit)["entries"]
        return found

    def arrivals(self, system: str | None = None, operation: str | None = None) -> int:
        """Counts the requests that fit since start or reset."""
        return int(self._journal(system, operation, 0)["total"])

    def _journal(self, system: str | None, operation: str | None, limit: int) -> dict[str, Any]:
        named = {"system": system, "operation": operation, "limit": str(limit)}
        return self.ask("GET", "journal?" + urlencode({name: value for name, value in named.items() if value}))

    def samples(self) -> dict[str, list[dict[str, Any]]]:
        """Returns identifiers to try, by gateway operation."""
        return self.ask("GET", "samples")

    def scenario(self, name: str | Path) -> None:
        """Picks a scenario by its name, or by the path of a scenario file.

        Raises:
            MockCountryError: the name is unknown, or the file has an error: the text gives line and expected value.
        """
        if isinstance(name, Path):
            self._send("POST", f"scenario?name={quote(name.stem)}", name.read_bytes(), "application/yaml")
        else:
            self.ask("POST", "scenario", {"name": name})

    def advance(self, by: str | timedelta) -> datetime:
        """Moves the virtual clock forward by `"P3D"` or a timedelta; returns the new time, aware."""
        if isinstance(by, timedelta):
            by = f"{'-' if by < timedelta() else ''}PT{abs(by).total_seconds():.6f}S"
        return datetime.fromisoformat(self.ask("POST", "clock", {"advance": by})["now"])

    def plan(self, course: str, *, dossier: str = "*") -> None:
        """Sets the course of an application for a criminal record, or of all that come: `supplement`, `revoke`, …

        Raises:
            MockCountryError: the course is unknown (the text lists them), or the application has a fixed state.
        """
        self.ask("PUT", "applications/plan", {"dossier": dossier, "course": course})

    def application(self, dossier: str) -> dict[str, Any] | None:
        """Returns an application for a criminal record: `state`, `course`, `filed`, `accepted`, `repeated`; or None."""
        found: list[dict[str, Any]] = self.ask("GET", "applications?" + urlencode({"dossier": dossier}))["applications"]
        return found[0] if found else None

    def applications(self) -> Iterator[dict[str, Any]]:
        """Yields all applications that were sent, in the order of their last change."""
        last = ""
        while page := self.ask("GET", "applications?" + urlencode({"after": last, "limit": 1_000}))["applications"]:
            yield from page
            last = page[-1]["dossier"]

    def mark(self, text: str) -> None:
        """Writes a mark into the journal's file.

        Raises:
            MockCountryError: the country was started without one.
        """
        self.ask("POST", "journal", {"mark": text})

    def tls(self) -> dict[str, Any]:
        """Returns the TLS ports by name (`urls`), the authority to trust, and the clients' certificates and keys.

        Raises:
            MockCountryError: the country has no TLS ports; a country started by `running()` has them.
        """
        return self.ask("GET", "tls")

    def now(self) -> datetime:
        """Returns the virtual time, aware."""
        return datetime.fromisoformat(self.ask("GET", "clock")["now"])

    def reset(self) -> None:
        """Restores the state at start: journal, faults, scenario, tokens, applications, clock."""
        self.ask("POST", "reset")

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Sends a request to the administration, for routes without a method here.

        Raises:
            MockCountryError: the request was refused, or the country does not answer.
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
def running(*, seed: int = 1, scenario: str = "calm", journal: Path | None = None) -> Iterator[MockCountry]:
    """Starts a country in its own process, on free ports; it ends with the block, or with this process.

    With *journal* it appends every arrival to that file, one JSON object a line.

    Raises:
        MockCountryError: the country did not start; the text is its output.
    """
    options = {"--port": "0", "--tls-port": "0", "--seed": str(seed), "--scenario": scenario}
    if journal is not None:
        options["--journal"] = str(journal)
    command = [*_LGSP, "mocks", "--until-eof", *(word for pair in options.items() for word in pair)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(  # noqa: S603  # this interpreter, with our own arguments
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        )
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield MockCountry(_address(process.stdout, said))
        finally:
            process.stdin.close()  # the end of its input tells the process to end
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
