"""The ``lgsp`` command. Exit status: 0 well, 1 the thing asked failed, 2 wrong usage or configuration."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from gateway.cli import errors

CONFIG = Path("config/laptop.yaml")
app = typer.Typer(
    name="lgsp",
    help="One door from a province's portal to the national databases.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
Config = Annotated[Path, typer.Option("--config", "-c", envvar="LGSP_CONFIG", help="The deployment's YAML file.")]


@app.command()
def serve(
    config: Config = CONFIG,
    host: Annotated[str | None, typer.Option(help="Listen here instead of the file's listen.host.")] = None,
    port: Annotated[int | None, typer.Option(help="Public port; 0 takes a free one.")] = None,
    ops_port: Annotated[int | None, typer.Option(help="Operator's port; 0 takes a free one.")] = None,
    workers: Annotated[int, typer.Option(help="Processes; one for now, run one process a container.")] = 1,
) -> None:
    """Run the gateway until Ctrl-C or SIGTERM."""
    from gateway.cli.serve import serve as run

    run(config, host=host, port=port, ops_port=ops_port, workers=workers)


@app.command()
def demo(
    once: Annotated[bool, typer.Option("--once", help="Leave after the lookups, on free ports.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON object a lookup.")] = False,
) -> None:
    """Start mocks and gateway, look up one of each operation, and stay up with live addresses."""
    from gateway.cli.demo import demo as run

    run(once=once, as_json=json)


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, add_help_option=False)
def mocks(context: typer.Context) -> None:
    """Run the mock national systems (same options as python -m mocks; see --help there)."""
    from gateway.cli.mocks import mocks as run

    run(context.args)


@app.command()
def lookup(
    operation: Annotated[str, typer.Argument(help="connector.operation, see `lgsp connectors`.")],
    values: Annotated[list[str] | None, typer.Argument(help="Values of the path, in order.")] = None,
    data: Annotated[str | None, typer.Option(help="Other fields as JSON, or @FILE (- for standard input).")] = None,
    dossier: Annotated[
        str | None, typer.Option(envvar="LGSP_DOSSIER", help="For which dossier (X-Dossier-Id).")
    ] = None,
    user: Annotated[str | None, typer.Option(envvar="LGSP_USER", help="Which officer asks (X-User-Id).")] = None,
    url: Annotated[str, typer.Option(envvar="LGSP_URL", help="A running gateway.")] = "http://127.0.0.1:8080",
    key: Annotated[
        str, typer.Option(envvar="LGSP_KEY", help="API key.", show_default="the laptop's")
    ] = "lgsp_laptop_only",
    json: Annotated[bool, typer.Option("--json", help="JSON also on a terminal.")] = False,
) -> None:
    """Ask a running gateway: a table on a terminal, JSON in a pipe."""
    from gateway.cli.lookup import Ask
    from gateway.cli.lookup import lookup as run

    run(Ask(operation, tuple(values or ()), data, dossier, user, url, key), as_json=json)


@app.command()
def connectors(
    config: Config = CONFIG,
    json: Annotated[bool, typer.Option("--json", help="JSON also on a terminal.")] = False,
) -> None:
    """List connectors, their operations and routes, as this deployment offers them."""
    from gateway.cli.describe import connectors as run

    run(config, as_json=json)


@app.command()
def explain(
    operation: Annotated[str, typer.Argument(help="connector.operation")],
    config: Config = CONFIG,
) -> None:
    """Print an operation's two rings with the numbers that apply, and where each comes from."""
    from gateway.cli.describe import explain as run

    run(config, operation)


@app.command()
def check(config: Config = CONFIG) -> None:
    """Check a configuration without starting anything."""
    from gateway.cli.describe import check as run

    run(config)


@app.command()
def openapi(
    output: Annotated[Path | None, typer.Option(help="Write YAML here instead of JSON to standard output.")] = None,
) -> None:
    """Describe every declared operation as OpenAPI 3.1."""
    from gateway.cli.describe import openapi as run

    run(output)


@app.command()
def schema(
    output: Annotated[Path | None, typer.Option(help="Write here instead of standard output.")] = None,
) -> None:
    """JSON Schema of the configuration file, for editors."""
    from gateway.cli.describe import schema as run

    run(output)


keys = typer.Typer(help="API keys.", no_args_is_help=True)
app.add_typer(keys, name="keys")


@keys.command("create")
def keys_create(name: Annotated[str, typer.Argument(help="Caller's name: letters, digits and _")]) -> None:
    """Make a key: the secret once, and the block for configuration with its hash."""
    from gateway.cli.new_key import create

    create(name)


contracts = typer.Typer(help="What ministries say, held against what their systems answer.", no_args_is_help=True)
app.add_typer(contracts, name="contracts")
Target = Annotated[str, typer.Option(help="The mock country, or the real system: http://127.0.0.1:9100")]
Named = Annotated[
    list[str] | None, typer.Option("--contract", help="business_registry or social_insurance/vss; all, if not said.")
]
Credentials = Annotated[
    Path | None, typer.Option(help="Holds a folder a contract with one file a credential; else the mock's published.")
]
SampleValues = Annotated[
    Path | None, typer.Option("--values", help="Identifiers to ask for, as /__mock/samples; else the mock's own.")
]
Base = Annotated[str | None, typer.Option(help="Path of the one contract below the target, in place of the mock's.")]
Seconds = Annotated[float, typer.Option(min=0.1, help="How long one answer may take, in seconds.")]
Writes = Annotated[bool, typer.Option("--writes", help="Also send what changes something at the target.")]
Samples = Annotated[int, typer.Option(min=1, help="How many records of each kind to ask for: mind the quota.")]


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
    json: Annotated[bool, typer.Option("--json", help="One JSON object at the end, nothing before it.")] = False,
) -> None:
    """Hold a mock or a real system to its contract; 0 only when every rule holds."""
    from gateway.cli.contracts import Options
    from gateway.cli.contracts import check as run

    run(Options(target, tuple(contract or ()), credentials, values, base, writes, timeout, samples), as_json=json)


@contracts.command("record")
def contracts_record(
    *,
    target: Target,
    output: Annotated[Path, typer.Option(help="An empty directory, or one to be made.")],
    contract: Named = None,
    credentials: Credentials = None,
    values: SampleValues = None,
    base: Base = None,
    writes: Writes = False,
    timeout: Seconds = 15.0,
    samples: Samples = 6,
) -> None:
    """Keep what a system answers, masked, one file a call and case."""
    from gateway.cli.contracts import Options
    from gateway.cli.contracts import record as run

    run(Options(target, tuple(contract or ()), credentials, values, base, writes, timeout, samples), output)


@contracts.command("diff")
def contracts_diff(
    before: Annotated[Path, typer.Argument(help="The older recording.")],
    after: Annotated[Path, typer.Argument(help="The newer recording.")],
    json: Annotated[bool, typer.Option("--json", help="A JSON list of the differences.")] = False,
) -> None:
    """Tell how two recordings differ in shape: fields, types, new codes; 1 when they do."""
    from gateway.cli.contracts import diff as run

    run(before, after, as_json=json)


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
