"""``lgsp lookup``."""

from __future__ import annotations

import os
import secrets
import sys
from dataclasses import dataclass, replace
from typing import Any

from gateway.cli.client import Answered, Client, names_its_dossier, path_of, stdout_is_terminal
from gateway.cli.errors import FAILED, USAGE, fail
from gateway.cli.given import json_of, text_of
from gateway.core.printable import printable, printable_json


@dataclass(frozen=True, slots=True)
class Ask:
    """The command line."""

    operation: str
    values: tuple[str, ...]
    data: str | None
    dossier: str | None
    user: str | None
    url: str
    key: str


def lookup(ask: Ask, *, as_json: bool) -> None:
    """Asks, prints, and ends with 1 where the answer is a problem."""
    client = Client(ask.url, ask.key, ask.dossier, ask.user)
    method, template, described = client.route(ask.operation)
    if names_its_dossier(described) and ask.dossier == os.environ.get("LGSP_DOSSIER"):
        client = replace(client, dossier=None)  # said for other lookups
    fields = read_fields(ask.data)
    headers = {"Idempotency-Key": secrets.token_hex(16)} if method != "GET" and _demands_key(described) else {}
    answered = client.ask(ask.operation, path_of(template, ask.values), fields, headers)
    if "json" not in answered.media_type:
        _write_file(answered)
    elif as_json or not stdout_is_terminal():
        print(printable_json(answered.json, indent=2))
    else:
        show(answered.json, ok=answered.ok)
    if not answered.ok:
        raise SystemExit(FAILED)


def read_fields(data: str | None) -> dict[str, Any]:
    """The JSON object of ``--data``: literal, ``@FILE`` or ``-``."""
    if data is None:
        return {}
    try:
        fields = json_of("--data", text_of("--data", data))
    except ValueError:
        fail('--data is not JSON; give an object, for example --data \'{"q": "hộ tịch"}\'', USAGE)
    if not isinstance(fields, dict):
        fail("--data must be a JSON object of fields", USAGE)
    found: dict[str, Any] = fields
    return found


def _demands_key(described: dict[str, Any]) -> bool:
    return any(p["name"] == "Idempotency-Key" and p["required"] for p in described["parameters"])


def _write_file(answered: Answered) -> None:
    if stdout_is_terminal():
        name = answered.headers.get("Content-Disposition", "").rpartition("''")[2] or "answer"
        fail(f"the answer is a file ({name}, {len(answered.body)} bytes, {answered.media_type}); redirect it: … > file")
    sys.stdout.buffer.write(answered.body)


def show(document: dict[str, Any], *, ok: bool) -> None:
    """Prints the answer as a table."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    def said(text: object, style: str = "") -> Text:
        return Text(printable(str(text)), style)

    console = Console()
    if not ok:
        console.print(
            Text.assemble(said(f"{document['status']} {document['title']}", "bold red"), ": ", said(document["detail"]))
        )
        for error in document.get("errors", ()):
            console.print(said(f"  {error['pointer'] or '(request)'}: {error['message']}"))
        return
    meta = document["meta"]
    table = Table(show_header=False, title=said(f"{meta['system']}.{meta['operation']}"), title_justify="left")
    table.add_column(style="cyan", no_wrap=True)
    table.add_column(overflow="fold")
    for name, value in flatten(document["data"]):
        table.add_row(said(name), said(value))
    console.print(table)
    console.print(said(f"{meta['freshness']}, fetched {meta['fetched_at']}, request {meta['request_id']}", "dim"))


def flatten(value: Any, name: str = "") -> list[tuple[str, str]]:
    """*value* as rows of dotted names and texts; only nulls are left out."""
    if isinstance(value, dict):
        return [row for key, inner in value.items() for row in flatten(inner, f"{name}.{key}" if name else key)]
    if isinstance(value, list):
        return [row for index, inner in enumerate(value) for row in flatten(inner, f"{name}[{index}]")]
    return [] if value is None else [(name, str(value))]
