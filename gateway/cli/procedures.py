"""``lgsp procedures``: the versions of the portal's catalogue, over the operator's port."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from gateway.cli.operating import Port
from gateway.core.printable import printable, printable_json

_COLUMNS: Final = ("what", "code", "name", "fields")


def show(port: Port, name: str, since: int | None) -> None:
    """Prints what differs in the newest version, from the one before it or from *since*."""
    query = "" if since is None else f"?since={since}"
    data = port.ask("GET", f"/api/catalogues/{quote(name, safe='')}{query}")
    if port.plain:
        print(printable_json(data, indent=2))
        return
    version = data["version"]
    print(
        printable(
            f"{name}: version {version['number']} of {version['taken_at']}, {version['entries']} entries, "
            f"checked {version['checked_at']}"
        )
    )
    _show_difference(port, data, f"since version {data['since']}")


def refresh(port: Port, name: str, *, dry_run: bool, force: bool) -> None:
    """Asks the portal for its catalogue, keeps it where it differs, and prints the difference."""
    body = {"dry_run": dry_run, "force": force}
    data = port.ask("POST", f"/api/catalogues/{quote(name, safe='')}/refresh", body)
    if port.plain:
        print(printable_json(data, indent=2))
        return
    if data["doubtful"]:
        print("doubtful: much is gone or could not be read; the source may have answered only a part")
    _show_difference(port, data, "not kept (dry run)" if dry_run else f"version {data['version']['number']}")


def _show_difference(port: Port, data: Mapping[str, Any], title: str) -> None:
    rows = [
        {**one, "what": what, "fields": ", ".join(one.get("fields", ()))}
        for what in ("added", "changed", "gone")
        for one in data[what]
    ]
    if rows:
        port.show(rows, _COLUMNS, title)
    else:
        print("nothing differs")
