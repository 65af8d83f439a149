"""``lgsp applications``, ``lgsp pause`` and ``lgsp resume``: an operator's hand on orders, over the operator's port."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlencode

from gateway.cli.client import Answered, Client, stdout_is_terminal
from gateway.cli.errors import FAILED, USAGE, fail
from gateway.core.printable import printable, printable_json

SYSTEM: Final = "criminal_records"
MOST: Final = 1_000
"""Applications that the gateway lists at most."""
AT_ONCE: Final = 200
"""Applications in one message, so that a progress bar has something to show."""


@dataclass(frozen=True, slots=True)
class Port:
    """The operator's port of a running gateway; *as_json* prints JSON on a terminal too."""

    url: str
    key: str
    as_json: bool = False

    def ask(self, method: str, path: str, body: Mapping[str, object] | None = None) -> Any:
        """The ``data`` of an answer; a problem is printed and ends the command."""
        client = Client(self.url, self.key, variable="LGSP_OPS_URL")
        sent = None if body is None else json.dumps(body).encode()
        answered: Answered = client.send(method, path, sent)
        document = answered.json
        if not isinstance(document, dict) or ("data" if answered.ok else "code") not in document:
            fail(f"the server at {self.url} is not the operator's port of a gateway with a store; set LGSP_OPS_URL")
        if answered.ok:
            return document["data"]
        for error in document.get("errors", ()):
            where = error["pointer"] or f"refused ({error['code']})"
            fail(f"{where}: {error['message']}", USAGE)
        return fail(f"{document.get('title', 'refused')}: {document.get('detail', '')}")

    @property
    def plain(self) -> bool:
        """Whether JSON is printed."""
        return self.as_json or not stdout_is_terminal()

    def show(self, data: object, columns: Sequence[str], title: str) -> None:
        """Prints rows as a table, or JSON."""
        if self.plain or not isinstance(data, list):
            print(printable_json(data, indent=2))
            return
        from rich.console import Console
        from rich.table import Table
        from rich.text import Text

        table = Table(title=title, title_justify="left")
        for name in columns:
            table.add_column(name, overflow="fold")
        for row in data:
            table.add_row(*(Text(printable("" if row.get(name) is None else str(row[name]))) for name in columns))
        Console().print(table)


def applications(port: Port, state: str, limit: int) -> None:
    """Prints the applications that wait."""
    data = port.ask("GET", f"/api/lanes?{urlencode({'system': SYSTEM, 'state': state, 'limit': limit})}")
    port.show(data, ("key", "state", "operation", "waiting", "reason", "waiting_since"), "applications")


def application(port: Port, code: str) -> None:
    """Prints the timeline of one application."""
    data = port.ask("GET", f"/api/lanes/{SYSTEM}/{code_in_path(code)}")
    if port.plain:
        print(printable_json(data, indent=2))
        return
    case = data["case"] or {}
    waits = f"{data['waiting']} wait" if data["waiting"] else "nothing waits"
    print(printable(f"{code}: {case.get('state', 'no case')}, lane {data['state']}, {waits}"))
    if data["reason"]:
        print(printable(f"reason: {data['reason']}"))
    port.show(data["messages"], ("seq", "operation", "accepted_at", "ended", "ended_at", "reason"), "orders")
    told = [{"at": one["at"], "kind": one["kind"], "what": _what(one)} for one in data["history"]]
    port.show(told, ("at", "kind", "what"), "history")


def code_in_path(code: str) -> str:
    """*code* as a part of a path; ends the command where it is blank, for that would be another path."""
    if not code.strip():
        fail("the code is blank; give the dossier's code", USAGE)
    return quote(code.strip(), safe="")


def _what(entry: Mapping[str, object]) -> str:
    return ", ".join(f"{name} {value}" for name, value in entry.items() if name not in {"at", "kind"})


def act(port: Port, deed: str, codes: Sequence[str], *, every: str | None, reason: str, dry_run: bool) -> None:
    """Does *deed* to the applications *codes*, or to all with the reason *every*; more than one only with a dry run
    before, or with its numbers told.
    """
    if bool(codes) == (every is not None):
        fail("give the dossier codes, or --all-with REASON", USAGE)
    keys = list(codes) or [row["key"] for row in _parked(port, str(every))]
    if len(keys) > 1 and not dry_run and not port.plain:
        from rich.prompt import Confirm

        if not Confirm.ask(f"{deed} {len(keys)} applications?"):
            raise SystemExit(FAILED)
    done: list[Any] = []
    left: list[Any] = []
    for part in _parts(keys, f"{deed} …", bar=not port.plain and len(keys) > AT_ONCE):
        told = port.ask("POST", f"/api/lanes/{SYSTEM}/{deed}", {"reason": reason, "keys": part, "dry_run": dry_run})
        done += told["done"]
        left += told["left"]
    known = {row["key"] for row in (*done, *left)}
    unknown = [key for key in keys if key not in known]
    if port.plain:
        print(printable_json({"dry_run": dry_run, "done": done, "left": left, "unknown": unknown}, indent=2))
    else:
        word = "would be done" if dry_run else "done"
        print(f"{len(done)} {word}, {len(left)} left as they are, {len(unknown)} unknown")
        port.show(left, ("key", "hindrance", "waiting"), "left as they are") if left else None
    if left or unknown:
        raise SystemExit(FAILED)


def _parked(port: Port, reason: str) -> list[dict[str, Any]]:
    wanted = urlencode({"system": SYSTEM, "state": "parked", "reason": reason, "limit": MOST})
    found: list[dict[str, Any]] = port.ask("GET", f"/api/lanes?{wanted}")
    if len(found) == MOST:
        print(
            f"these are the first {MOST:,}; there may be more: give the command again when it is done", file=sys.stderr
        )
    return found


def _parts(keys: list[str], title: str, *, bar: bool) -> Any:
    parts = [keys[start : start + AT_ONCE] for start in range(0, len(keys), AT_ONCE)]
    if not bar:
        return parts
    from rich.progress import track

    return track(parts, description=title)


def edit(port: Port, code: str, fields: Mapping[str, object], *, reason: str, dry_run: bool) -> None:
    """Changes fields of an application that the system refused, and sends it."""
    body = {"reason": reason, "body": fields, "dry_run": dry_run}
    told = port.ask("POST", f"/api/lanes/{SYSTEM}/{code_in_path(code)}/edit", body)
    print(printable_json(told, indent=2) if port.plain else f"{code}: {'would be sent' if dry_run else 'sent'}")


def pause(port: Port, target: str, *, reason: str, until: str | None) -> None:
    """Pauses an operation or an upstream on every gateway."""
    told = port.ask("POST", "/api/pause", {"reason": reason, "target": target, "until": until})
    end = f" until {until}" if until else ""
    print(printable_json(told, indent=2) if port.plain else f"{target} is paused{end}")


def reload(port: Port, *, reason: str | None) -> None:
    """Lets the gateway read its configuration again; a refusal is printed with its rule, and ends the command."""
    told = port.ask("POST", "/api/reload", {} if reason is None else {"reason": reason})
    if port.plain:
        print(printable_json(told, indent=2))
    elif told["result"] == "unchanged":
        print("nothing has changed")
    else:
        print(printable(f"reloaded: {', '.join(told['changed']) or 'no key differs'}"))


def resume(port: Port, target: str, *, reason: str) -> None:
    """Ends a pause."""
    told = port.ask("POST", "/api/resume", {"reason": reason, "target": target})
    said = f"{target} goes on" if told["was_paused"] else f"{target} was not paused"
    print(printable_json(told, indent=2) if port.plain else said)
