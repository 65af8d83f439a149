"""The command line of ``lgsp check`` and ``lgsp doctor``; the work is imported when it is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

import typer

CONFIG: Final = Path("config/laptop.yaml")
Config = Annotated[Path, typer.Option("--config", "-c", envvar="LGSP_CONFIG", help="The deployment's YAML file.")]
MOST_WORKERS: Final = 64
Json = Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")]


def add_to(app: typer.Typer) -> None:
    """Adds the commands."""
    app.command()(check)
    app.command()(doctor)


def check(
    config: Config = CONFIG,
    strict: Annotated[bool, typer.Option("--strict", help="End with 1 where there are warnings.")] = False,
    json: Json = False,
    workers: Annotated[
        int, typer.Option(min=1, max=MOST_WORKERS, help="Processes with which `lgsp serve --workers` serves it.")
    ] = 1,
) -> None:
    """Check a configuration without starting anything: what is wrong, what is lax, and the rule of each."""
    from gateway.cli.check import check as run

    run(config, strict=strict, as_json=json, workers=workers)


def doctor(config: Config = CONFIG, json: Json = False) -> None:
    """Try each system, the store, Redis, disk and limits, and say what to do; exit status 1 where one is wrong."""
    from gateway.cli.doctor import doctor as run

    run(config, json=json)
