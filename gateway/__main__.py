"""The ``lgsp`` command. Exit status: 0 success, 1 the command failed, 2 wrong usage or configuration."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import checking_commands, dossier_commands, errors, operating_commands

CONFIG = Path("config/laptop.yaml")
app = typer.Typer(
    name="lgsp",
    help="One gateway between a province's portal and the national databases.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Config = Annotated[Path, typer.Option("--config", "-c", envvar="LGSP_CONFIG", help="The deployment's YAML file.")]


def operation_names(incomplete: str) -> list[str]:
    """The names of declared operations that begin so, for the shell's completion."""
    from gateway.registry import scan

    names = (f"{connector.name}.{one.name}" for connector in scan().values() for one in connector.operations)
    return sorted(name for name in names if name.startswith(incomplete))


@app.command()
def serve(
    config: Config = CONFIG,
    host: Annotated[str | None, typer.Option(help="Address to listen on, instead of the file's listen.host.")] = None,
    port: Annotated[int | None, typer.Option(help="Public port; 0 takes a free one.")] = None,
    ops_port: Annotated[int | None, typer.Option(help="Operator's port; 0 takes a free one.")] = None,
    inbound_port: Annotated[
        int | None, typer.Option(help="Open a port for what systems push to the province; 0 takes a free one.")
    ] = None,
    workers: Annotated[
        int, typer.Option(help="Number of processes that share the ports: as many as there are cores.")
    ] = 1,
) -> None:
    """Run the gateway until Ctrl-C or SIGTERM."""
    from gateway.cli.serve import serve as run

    run(config, host=host, port=port, ops_port=ops_port, workers=workers, inbound_port=inbound_port)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Use free ports and exit after the lookups.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per lookup.")] = False,
    story: Annotated[
        str | None, typer.Option(help="Tell a story in place of the lookups and exit: issuance (a certificate).")
    ] = None,
) -> None:
    """Start mocks and gateway, look up one sample of each operation, and keep running."""
    from gateway.cli.demo import demo as run

    run(once=once, as_json=json, story=story)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def mocks(context: typer.Context) -> None:
    """Run the mock national systems (same options as python -m mocks; see --help there)."""
    from gateway.cli.mocks import mocks as run

    run(context.args)


@app.command()
def lookup(
    operation: Annotated[
        str, typer.Argument(help="connector.operation; `lgsp connectors` lists them.", autocompletion=operation_names)
    ],
    values: Annotated[list[str] | None, typer.Argument(help="Values of the path, in order.")] = None,
    data: Annotated[str | None, typer.Option(help="Other fields as JSON, or @FILE (- for standard input).")] = None,
    dossier: Annotated[
        str | None, typer.Option(envvar="LGSP_DOSSIER", help="The dossier that the lookup belongs to (X-Dossier-Id).")
    ] = None,
    user: Annotated[str | None, typer.Option(envvar="LGSP_USER", help="The officer who asks (X-User-Id).")] = None,
    url: Annotated[
        str, typer.Option(envvar="LGSP_URL", help="Address of a running gateway.")
    ] = "http://127.0.0.1:8080",
    key: Annotated[
        str, typer.Option(envvar="LGSP_KEY", help="API key.", show_default="the laptop's")
    ] = "lgsp_laptop_only",
    json: Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")] = False,
) -> None:
    """Ask a running gateway: prints a table on a terminal, JSON in a pipe."""
    from gateway.cli.lookup import Ask
    from gateway.cli.lookup import lookup as run

    run(Ask(operation, tuple(values or ()), data, dossier, user, url, key), as_json=json)


@app.command()
def connectors(
    config: Config = CONFIG,
    json: Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")] = False,
) -> None:
    """List connectors, their operations and routes, as this deployment offers them."""
    from gateway.cli.describe import connectors as run

    run(config, as_json=json)


@app.command()
def explain(
    operation: Annotated[str, typer.Argument(help="connector.operation", autocompletion=operation_names)],
    config: Config = CONFIG,
) -> None:
    """Print the steps of an operation with their effective settings and the source of each."""
    from gateway.cli.describe import explain as run

    run(config, operation)


@app.command()
def openapi(
    output: Annotated[
        Path | None, typer.Option(help="File to write as YAML, instead of JSON on standard output.")
    ] = None,
) -> None:
    """Describe every declared operation as OpenAPI 3.1."""
    from gateway.cli.describe import openapi as run

    run(output)


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option(help="File to write, instead of standard output.")] = None,
) -> None:
    """JSON Schema of the configuration file, for editors."""
    from gateway.cli.describe import schema as run

    run(output)


keys = typer.Typer(help="API keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")


@keys.command("create")
def keys_create(
    name: Annotated[str, typer.Argument(help="Caller's name: lower-case letters, digits and hyphens, a letter first.")],
) -> None:
    """Make an API key: prints the key once, and the configuration block with its hash."""
    from gateway.cli.new_key import create

    create(name)


store = typer.Typer(help="The store of accepted orders.", no_args_is_help=True)
app.add_typer(store, name="store")
Json = Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")]


@store.command("migrate")
def store_migrate(config: Config = CONFIG, json: Json = False) -> None:
    """Bring the schema of the store up to date; gateways may run meanwhile."""
    from gateway.cli.store import migrate as run

    run(config, as_json=json)


@store.command("status")
def store_status(config: Config = CONFIG, json: Json = False) -> None:
    """Print version, size, counts and health of the store; exit status 1 where something is to be done."""
    from gateway.cli.store import status as run

    run(config, as_json=json)


@store.command("rotate-key")
def store_rotate_key(config: Config = CONFIG, json: Json = False) -> None:
    """Encrypt what is in the store with store.key; it is safe to stop and to start again, and gateways may run."""
    from gateway.cli.store import rotate_key as run

    run(config, as_json=json)


@store.command("recovered")
def store_recovered(
    reason: Annotated[str, typer.Option(help="Why, for the record of actions.")],
    config: Config = CONFIG,
    json: Json = False,
) -> None:
    """Let a store that was restored from a backup send again: every order that waits is asked for before it is sent."""
    from gateway.cli.store import recovered as run

    run(config, reason, as_json=json)


contracts = typer.Typer(
    help="Check, record and compare the answers of national systems against their contracts.", no_args_is_help=True
)
app.add_typer(contracts, name="contracts")
Target = Annotated[
    str, typer.Option(help="Address of the mocks or of the real system, for example http://127.0.0.1:9100")
]
Named = Annotated[
    list[str] | None, typer.Option("--contract", help="business_registry or social_insurance/vss; all when not given.")
]
Credentials = Annotated[
    Path | None,
    typer.Option(
        help="One folder per contract with one file per credential; when not given, the mocks' published ones."
    ),
]
SampleValues = Annotated[
    Path | None,
    typer.Option(
        "--values",
        help="File of identifiers to ask for, in the form of /__mock/samples; when not given, the mocks' own.",
    ),
]
Base = Annotated[
    str | None, typer.Option(help="Path of the one contract below the target, instead of the mocks' path.")
]
Seconds = Annotated[float, typer.Option(min=0.1, help="Longest time for one answer, in seconds.")]
Writes = Annotated[bool, typer.Option("--writes", help="Also send the calls that change data at the target.")]
Samples = Annotated[int, typer.Option(min=1, help="How many records of each kind to ask for; each one uses the quota.")]


@contracts.command("check")
def contracts_check(
    *,
    target: Target,
    contract: Named = None,
    credentials: Credentials = None,
    values: SampleValues = None,
    base: Base = None,
    writes: Writes = False,
    timeout: Seconds = 15.0,
    samples: Samples = 6,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object at the end and nothing else.")] = False,
) -> None:
    """Check a mock or a real system against its contract; exit status 0 only when every rule holds."""
    from gateway.cli.contracts import Options
    from gateway.cli.contracts import check as run

    run(Options(target, tuple(contract or ()), credentials, values, base, writes, timeout, samples), as_json=json)


@contracts.command("record")
def contracts_record(
    *,
    target: Target,
    output: Annotated[Path, typer.Option(help="An empty directory, or a new one.")],
    contract: Named = None,
    credentials: Credentials = None,
    values: SampleValues = None,
    base: Base = None,
    writes: Writes = False,
    timeout: Seconds = 15.0,
    samples: Samples = 6,
) -> None:
    """Record the answers of a system, masked, one file per call and case."""
    from gateway.cli.contracts import Options
    from gateway.cli.contracts import record as run

    run(Options(target, tuple(contract or ()), credentials, values, base, writes, timeout, samples), output)


@contracts.command("diff")
def contracts_diff(
    before: Annotated[Path, typer.Argument(help="The older recording.")],
    after: Annotated[Path, typer.Argument(help="The newer recording.")],
    json: Annotated[bool, typer.Option("--json", help="Print a JSON list of the differences.")] = False,
) -> None:
    """Compare the shape of two recordings (fields, types, new codes); exit status 1 when they differ."""
    from gateway.cli.contracts import diff as run

    run(before, after, as_json=json)


audit = typer.Typer(help="Who looked at whom: the record that a deployment with a store keeps.", no_args_is_help=True)
app.add_typer(audit, name="audit")
Since = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"], help="Only from this day or instant on (local time)."),
]


@audit.command("search")
def audit_search(
    *,
    subject: Annotated[
        str,
        typer.Option(
            metavar="@FILE|-",
            help="File (- for standard input) with one number of the person, or the question's fields as JSON.",
        ),
    ],
    config: Config = CONFIG,
    since: Since = None,
    most: Annotated[int, typer.Option(min=1, max=1_000_000, help="Largest number of rows, the newest first.")] = 1_000,
    json: Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")] = False,
) -> None:
    """List who looked at a person, and who ordered something about it."""
    from gateway.cli.audit import search as run

    run(config, subject, since, most, as_json=json)


@audit.command("verify")
def audit_verify(
    config: Config = CONFIG,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")] = False,
) -> None:
    """Check that the record is as it was written; exit status 1 names the first row of each chain that is not."""
    from gateway.cli.audit import verify as run

    run(config, as_json=json)


checking_commands.add_to(app)
operating_commands.add_to(app)
dossier_commands.add_to(app)


subject = typer.Typer(help="What the store has about a person, for requests under the law.", no_args_is_help=True)
app.add_typer(subject, name="subject")
Person = Annotated[
    str,
    typer.Option(
        "--subject",
        metavar="@FILE|-",
        help="File (- for standard input) with one number of the person; never the number itself.",
    ),
]


@subject.command("find")
def subject_find(
    person: Person,
    config: Config = CONFIG,
    json: Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")] = False,
) -> None:
    """List the dossiers in whose orders the number is."""
    from gateway.cli.subject import find as run

    run(config, person, as_json=json)


@subject.command("erase")
def subject_erase(
    *,
    person: Person,
    reason: Annotated[str, typer.Option("--reason", help="Why; the record of actions keeps it.")],
    config: Config = CONFIG,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be erased, and erase nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print JSON on a terminal too.")] = False,
) -> None:
    """Erase the person's dossiers that have ended; exit status 1 where some have not."""
    from gateway.cli.subject import erase as run

    run(config, person, reason, dry_run=dry_run, as_json=json)


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """Options of the command itself."""
    if version:
        import importlib.metadata

        typer.echo(importlib.metadata.version("lgsp-gateway"))
        raise typer.Exit


def main(arguments: list[str] | None = None) -> Any:
    """Entry point of ``lgsp``; a user's mistake is one sentence, never a stack trace."""
    with errors.as_sentences():
        return app(args=arguments, prog_name="lgsp")


if __name__ == "__main__":
    sys.exit(main())
