"""The command line of ``lgsp dossiers`` and ``lgsp procedures``; the work is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.operating_commands import KEY, URL, DryRun, Json, Url
from gateway.cli.operating_commands import Key as OpsKey

GATEWAY = "http://127.0.0.1:8080"
CATALOGUE = "public_service_portal.procedures"
Catalogue = Annotated[str, typer.Option("--catalogue", help="The list, as connector.operation.")]

dossiers = typer.Typer(help="Dossiers of the one-stop shop at the portals of the State.", no_args_is_help=True)
procedures = typer.Typer(help="The portal's catalogue of procedures, as versions.", no_args_is_help=True)


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.add_typer(dossiers, name="dossiers")
    app.add_typer(procedures, name="procedures")


@dossiers.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A .jsonl file, one dossier a line, or a .csv file with named columns.")],
    officer: Annotated[str, typer.Option(envvar="LGSP_USER", help="Officer in whose name the dossiers are sent.")],
    operation: Annotated[str, typer.Option(help="The order that each line is.")] = "public_service_portal.sync_dossier",
    ministry: Annotated[str | None, typer.Option(help="The ministry, for ministry_portals.send_dossier.")] = None,
    url: Annotated[str, typer.Option(envvar="LGSP_URL", help="A running gateway.")] = GATEWAY,
    key: Annotated[str, typer.Option(envvar="LGSP_KEY", help="API key.", show_default="the laptop's")] = KEY,
) -> None:
    """Send the dossiers of a file.

    An import that was stopped goes on where it was; bad lines are told in FILE.bad.jsonl.
    """
    from gateway.cli.client import Client
    from gateway.cli.dossier_import import Import

    more = {} if ministry is None else {"ministry": ministry}
    Import(file, Client(url, key), operation, officer, more).run()


@dossiers.command()
def show(
    code: Annotated[str, typer.Argument(help="The dossier's own code, or the portal's.")],
    url: Url = URL,
    key: OpsKey = KEY,
    json: Json = False,
) -> None:
    """Show the timeline of one dossier at all systems: sent, answered, received, and what waits in which order."""
    from gateway.cli.dossiers import show as run
    from gateway.cli.operating import Port

    run(Port(url, key, json), code)


@dossiers.command()
def reconcile(
    since: Annotated[str, typer.Option(help="Dossiers that the system took something of since then: YYYY-MM-DD.")],
    system: Annotated[str, typer.Option(help="The system to ask.")] = "public_service_portal",
    repair: Annotated[bool, typer.Option("--repair", help="Send again what the system does not have.")] = False,
    reason: Annotated[str | None, typer.Option(help="Why; the record of actions keeps it. For --repair.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before the repair.")] = False,
    url: Url = URL,
    key: OpsKey = KEY,
    json: Json = False,
) -> None:
    """Compare the dossiers that a system took with those that it has.

    Without --repair nothing is changed. With it a dry run comes first.
    """
    from gateway.cli.dossiers import reconcile as run
    from gateway.cli.operating import Port

    run(Port(url, key, json), system, since, repair=repair, reason=reason, yes=yes)


@dossiers.command()
def report(
    month: Annotated[str, typer.Option(help="YYYY-MM, by the date of receipt in Vietnam.")],
    system: Annotated[str, typer.Option(help="The portal that counts.")] = "public_service_portal",
    url: Url = URL,
    key: OpsKey = KEY,
    json: Json = False,
) -> None:
    """Say which points of Quyết định 766 the dossiers of a month keep and lose, and by which fields."""
    from gateway.cli.dossiers import report as run
    from gateway.cli.operating import Port

    run(Port(url, key, json), system, month)


@dossiers.command()
def pulls(url: Url = URL, key: OpsKey = KEY, json: Json = False) -> None:
    """List the ministries that are asked by the clock: when, how many messages were new, and why a turn failed."""
    from gateway.cli.dossiers import pulls as run
    from gateway.cli.operating import Port

    run(Port(url, key, json))


@procedures.command("show")
def show_procedures(
    name: Catalogue = CATALOGUE,
    since: Annotated[int | None, typer.Option(help="Compare with this version; else with the one before.")] = None,
    url: Url = URL,
    key: OpsKey = KEY,
    json: Json = False,
) -> None:
    """Show what differs in the newest version of the catalogue: added, changed, gone."""
    from gateway.cli.operating import Port
    from gateway.cli.procedures import show as run

    run(Port(url, key, json), name, since)


@procedures.command()
def refresh(
    name: Catalogue = CATALOGUE,
    dry_run: DryRun = False,
    force: Annotated[bool, typer.Option("--force", help="Keep it although much of it is gone.")] = False,
    url: Url = URL,
    key: OpsKey = KEY,
    json: Json = False,
) -> None:
    """Ask the portal for its catalogue, keep it as a version where it differs, and show the difference."""
    from gateway.cli.operating import Port
    from gateway.cli.procedures import refresh as run

    run(Port(url, key, json), name, dry_run=dry_run, force=force)
