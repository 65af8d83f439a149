"""``lgsp dossiers show``, ``reconcile`` and ``report``, over the operator's port."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from gateway.cli.errors import FAILED, USAGE, fail
from gateway.cli.operating import Port, code_in_path
from gateway.core.days import VIETNAM
from gateway.core.printable import printable, printable_json

REPAIRED_AT_ONCE: Final = 200
_OF_WAITS: Final = ("system", "seq", "operation", "state", "reason", "accepted_at")
_OF_MESSAGES: Final = ("seq", "operation", "accepted_at", "ended", "ended_at", "reason")
_OF_HISTORY: Final = ("at", "kind", "what")
_OF_RECEIVED: Final = ("id", "system", "kind", "code", "received_at", "acknowledged_at")
_OF_FINDINGS: Final = ("key", "seq", "operation", "verdict", "why")

_OF_PULLS: Final = (
    *("system", "pulled_at", "reached", "kept", "waiting", "unknown", "left_out"),
    *("failures", "failing_since", "reason", "due_at"),
)


def pulls(port: Port) -> None:
    """Prints the systems that are asked by the clock."""
    found = port.ask("GET", "/api/inbox/pulls")
    if found or port.plain:
        port.show(found, _OF_PULLS, "asked by the clock")
    else:
        print("no system is asked by the clock; see pull at its entry of the configuration")


def show(port: Port, code: str) -> None:
    """Prints all that the gateway knows of a dossier, by either of its codes."""
    data = port.ask("GET", f"/api/dossiers/{code_in_path(code)}")
    if port.plain:
        print(printable_json(data, indent=2))
        return
    for linked in data["codes"]:
        print(printable(f"{linked['dossier_code']} is {linked['national_code']} at {linked['system']}"))
    for lane in data["sent"]:
        _show_lane(port, lane)
    if data["received"]:
        port.show(data["received"], _OF_RECEIVED, "received")
    if data["waits"]:
        port.show(data["waits"], _OF_WAITS, "what the systems do not have yet, in its order")
    else:
        print("the systems have all that was sent")


def _show_lane(port: Port, lane: Mapping[str, Any]) -> None:
    case = lane["case"] or {}
    said = f", {lane['reason']}" if lane["reason"] else ""
    print(printable(f"{lane['system']} {lane['key']}: {case.get('state', 'no case')}, lane {lane['state']}{said}"))
    port.show(lane["messages"][::-1], _OF_MESSAGES, "sent")
    told = [
        {
            "at": one["at"],
            "kind": one["kind"],
            "what": ", ".join(f"{name} {value}" for name, value in one.items() if name not in {"at", "kind"}),
        }
        for one in lane["history"]
    ]
    port.show(told, _OF_HISTORY, "history")


def reconcile(port: Port, system: str, since: str, *, repair: bool, reason: str | None, yes: bool) -> None:
    """Compares with *system* what it took since *since*; with *repair* sends what it lost again.

    Ends with 1 where the system lacks something that was not repaired, or something could not be compared.
    """
    if repair and not reason:
        fail("--repair needs --reason TEXT; the record of actions keeps it", USAGE)
    data = _compared(port, system, _instant(since))
    missing = [one for one in data["findings"] if one["verdict"] == "missing"]
    told = _repaired(port, system, missing, str(reason), yes=yes) if repair and missing else None
    if port.plain:
        print(printable_json({**data, "repaired": told}, indent=2))
    else:
        unknown = len(data["findings"]) - len(missing)
        print(f"{data['dossiers']} dossiers: {data['there']} there, {len(missing)} missing, {unknown} not known")
        if data["findings"]:
            port.show(data["findings"], _OF_FINDINGS, f"{system} since {since}")
        if told is not None:
            print(f"{len(told['done'])} are sent again, {len(told['left'])} left as they are")
            port.show(told["left"], ("key", "hindrance", "waiting"), "left as they are") if told["left"] else None
    if len(data["findings"]) > (0 if told is None else len(missing)) or (told is not None and told["left"]):
        raise SystemExit(FAILED)


def _compared(port: Port, system: str, since: str) -> dict[str, Any]:
    """The whole comparison, page by page, with a progress bar on a terminal."""
    data: dict[str, Any] = {"dossiers": 0, "there": 0, "findings": []}
    after: int | None = 0
    bar = None
    while after is not None:
        page = port.ask("POST", "/api/dossiers/compare", {"system": system, "since": since, "after": after})
        for name in ("dossiers", "there", "findings"):
            data[name] += page[name]
        after = page["after"]
        if page["total"] and after is not None and not port.plain:
            from rich.progress import Progress

            bar = Progress()
            bar.add_task(f"asking {system} …", total=page["total"])
            bar.start()
        if bar is not None:
            bar.update(bar.task_ids[0], completed=data["dossiers"])
    if bar is not None:
        bar.stop()
    return data


def _repaired(port: Port, system: str, missing: list[Any], reason: str, *, yes: bool) -> dict[str, list[Any]]:
    """The effects, after a dry run whose numbers a person has seen."""
    messages = [{"key": one["key"], "seq": one["seq"]} for one in missing]
    tried = _sent(port, system, messages, reason, dry_run=True)
    if not port.plain and not yes:
        from rich.prompt import Confirm

        if not Confirm.ask(f"{len(tried['done'])} dossiers would be sent again, {len(tried['left'])} not. Send?"):
            raise SystemExit(FAILED)
    return _sent(port, system, messages, reason, dry_run=False)


def _sent(port: Port, system: str, messages: list[Any], reason: str, *, dry_run: bool) -> dict[str, list[Any]]:
    told: dict[str, list[Any]] = {"done": [], "left": []}
    for part in _by_dossier(messages):
        body = {"system": system, "reason": reason, "messages": part, "dry_run": dry_run}
        found = port.ask("POST", "/api/dossiers/repair", body)
        told["done"] += found["done"]
        told["left"] += found["left"]
    return told


def _by_dossier(messages: list[Any]) -> list[list[Any]]:
    """*messages* in parts; those of one dossier stay together, for they go in one sequence."""
    parts: list[list[Any]] = [[]]
    for one in messages:
        if len(parts[-1]) >= REPAIRED_AT_ONCE and parts[-1][-1]["key"] != one["key"]:
            parts.append([])
        parts[-1].append(one)
    return parts


def _instant(said: str) -> str:
    """*said*, a day in Vietnam or an instant with its offset, as the API takes it."""
    try:
        found = datetime.fromisoformat(said)
    except ValueError:
        fail("--since is not a date; use YYYY-MM-DD, or an instant such as 2026-11-01T07:00:00+07:00", USAGE)
    return (found if found.tzinfo is not None else found.replace(tzinfo=VIETNAM)).isoformat()


def report(port: Port, system: str, month: str) -> None:
    """Prints which points the dossiers of *month* keep and lose, and by which fields."""
    data: dict[str, Any] = {"month": month, "system": system, "dossiers": 0, "unread": 0}
    points: dict[str, dict[str, int]] = {}
    missing: dict[str, int] = {}
    lost: list[Any] = []
    after: int | None = 0
    while after is not None:
        page = port.ask("GET", f"/api/worth?{urlencode({'system': system, 'month': month, 'after': after})}")
        for name in ("dossiers", "unread"):
            data[name] += page[name]
        for name, counted in page["points"].items():
            sums = points.setdefault(name, {"kept": 0, "lost": 0, "open": 0})
            for verdict, number in counted.items():
                sums[verdict] += number
        for name, number in page["missing"].items():
            missing[name] = missing.get(name, 0) + number
        lost += page["lost"]
        after = page["after"]
    worst = sorted(missing.items(), key=lambda one: -one[1])
    if port.plain:
        print(printable_json({**data, "points": points, "missing": dict(worst), "lost": lost}, indent=2))
        return
    print(f"{data['dossiers']} dossiers of {month}, {len(lost)} lose points, {data['unread']} could not be read")
    rows = [{"point": name, **counted} for name, counted in points.items()]
    port.show(rows, ("point", "kept", "lost", "open"), "points")
    port.show([{"field": name, "dossiers": number} for name, number in worst], ("field", "dossiers"), "lost by")
