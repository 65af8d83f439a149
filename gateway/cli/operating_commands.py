"""The command line of ``lgsp applications``, ``pause``, ``resume`` and ``reload``; the work is imported when it is
asked for.
"""

from __future__ import annotations

from typing import Annotated

import typer

Reason = Annotated[str, typer.Option("--reason", help="Why; the record of actions keeps it.")]
Url = Annotated[str, typer.Option(envvar="LGSP_OPS_URL", help="The operator's port of a running gateway.")]
Key = Annotated[str, typer.Option(envvar="LGSP_OPS_KEY", help="Operator's key.", show_default="the laptop's")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")]
Codes = Annotated[list[str] | None, typer.Argument(help="Dossier codes.")]
AllWith = Annotated[
    str | None, typer.Option("--all-with", help="All parked applications with this reason, in place of codes.")
]
URL = "http://127.0.0.1:8081"
KEY = "lgsp_laptop_only"

applications = typer.Typer(help="Applications for criminal records in the store.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(applications, name="applications")
    app.command()(pause)
    app.command()(resume)
    app.command()(reload)


@applications.command("list")
def list_(
    state: Annotated[str, typer.Option(help="parked, open, sending, unknown or any.")] = "any",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many at most.")] = 100,
    url: Url = URL,
    key: Key = KEY,
    json: Json = False,
) -> None:
    """List the applications with an order that the system does not have yet."""
    from gateway.cli.operating import Port
    from gateway.cli.operating import applications as run

    run(Port(url, key, json), state, limit)


@applications.command()
def show(
    code: Annotated[str, typer.Argument(help="Dossier code.")], url: Url = URL, key: Key = KEY, json: Json = False
) -> None:
    """Show the timeline of one application: what was sent, what was answered, what waits."""
    from gateway.cli.operating import Port
    from gateway.cli.operating import application as run

    run(Port(url, key, json), code)


@applications.command()
def retry(
    reason: Reason,
    codes: Codes = None,
    all_with: AllWith = None,
    dry_run: DryRun = False,
    url: Url = URL,
    key: Key = KEY,
    json: Json = False,
) -> None:
    """Send parked orders again, or ask the system for those whose outcome is not known."""
    from gateway.cli.operating import Port, act

    act(Port(url, key, json), "retry", codes or (), every=all_with, reason=reason, dry_run=dry_run)


@applications.command()
def skip(
    reason: Reason,
    codes: Codes = None,
    all_with: AllWith = None,
    dry_run: DryRun = False,
    url: Url = URL,
    key: Key = KEY,
    json: Json = False,
) -> None:
    """Pass over the order that fails; those behind it go."""
    from gateway.cli.operating import Port, act

    act(Port(url, key, json), "skip", codes or (), every=all_with, reason=reason, dry_run=dry_run)


@applications.command()
def cancel(
    reason: Reason,
    codes: Codes = None,
    all_with: AllWith = None,
    dry_run: DryRun = False,
    url: Url = URL,
    key: Key = KEY,
    json: Json = False,
) -> None:
    """Give up all orders of an application that the system does not have."""
    from gateway.cli.operating import Port, act

    act(Port(url, key, json), "cancel", codes or (), every=all_with, reason=reason, dry_run=dry_run)


@applications.command()
def edit(
    code: Annotated[str, typer.Argument(help="Dossier code.")],
    reason: Reason,
    data: Annotated[str, typer.Option(help="The fields to change as JSON, or @FILE (- for standard input).")],
    dry_run: DryRun = False,
    url: Url = URL,
    key: Key = KEY,
    json: Json = False,
) -> None:
    """Change fields of an application that the system refused, and send it."""
    from gateway.cli.lookup import read_fields
    from gateway.cli.operating import Port
    from gateway.cli.operating import edit as run

    run(Port(url, key, json), code, read_fields(data), reason=reason, dry_run=dry_run)


def pause(
    target: Annotated[str, typer.Argument(help="criminal_records, criminal_records.apply, criminal_records/lltp2024")],
    reason: Reason,
    until: Annotated[str | None, typer.Option(help="Until when, for example 2026-12-01T07:00:00+07:00.")] = None,
    url: Url = URL,
    key: Key = KEY,
    json: Json = False,
) -> None:
    """Stop sending the orders of an operation or to an upstream, on every gateway."""
    from gateway.cli.operating import Port
    from gateway.cli.operating import pause as run

    run(Port(url, key, json), target, reason=reason, until=until)


def resume(
    target: Annotated[str, typer.Argument(help="As it was paused.")],
    reason: Reason,
    url: Url = URL,
    key: Key = KEY,
    json: Json = False,
) -> None:
    """End a pause."""
    from gateway.cli.operating import Port
    from gateway.cli.operating import resume as run

    run(Port(url, key, json), target, reason=reason)


def reload(
    reason: Annotated[str | None, typer.Option("--reason", help="Why, for the log.")] = None,
    url: Url = URL,
    key: Key = KEY,
    json: Json = False,
) -> None:
    """Let a running gateway read its configuration again, without a restart."""
    from gateway.cli.operating import Port
    from gateway.cli.operating import reload as run

    run(Port(url, key, json), reason=reason)
