"""What can be known without starting anything: help, check, connectors, explain, openapi, schema, keys."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import re
from pathlib import Path
from typing import Final

import pytest
import yaml

from gateway.settings import load
from tests.support.command import Command, on_terminal

COMMANDS = {
    "serve": ("--config", "-c", "--host", "--port", "--ops-port", "--workers", "LGSP_CONFIG"),
    "demo": ("--once", "--json"),
    "lookup": ("OPERATION", "--data", "--dossier", "--user", "--url", "--key", "--json", "LGSP_URL", "LGSP_DOSSIER"),
    "connectors": ("--config", "--json"),
    "explain": ("OPERATION", "--config"),
    "check": ("--config", "-c", "--strict", "--json"),
    "doctor": ("--config", "-c", "--json"),
    "openapi": ("--output",),
    "schema": ("--output",),
    "keys": ("create",),
    "store": ("migrate", "status", "rotate-key", "recovered"),
    "contracts": ("check", "record", "diff"),
    "procedures": ("show", "refresh"),
    "dossiers": ("import", "show", "reconcile", "report", "pulls"),
}
"""Each command, and what a person must find in its help."""


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_the_commands(flag: str, lgsp: Command) -> None:
    """Whoever asks sees every command with a line about it."""
    ran = lgsp(flag)

    assert ran.status == 0
    assert all(re.search(rf"\b{command}\b", ran.out) for command in (*COMMANDS, "mocks"))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str, lgsp: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each command says what it does and what it takes, with the variables that stand for its options."""
    monkeypatch.setenv("COLUMNS", "200")
    ran = lgsp(command, "--help")
    usage, what = [line.strip() for line in ran.out.splitlines() if line.strip()][:2]

    assert ran.status == 0
    assert usage.startswith(f"Usage: lgsp {command} ")
    assert re.search(rf"\b{command}\s+{re.escape(what)}", lgsp("--help").out)
    missing = [
        part for part in COMMANDS[command] if not re.search(rf"(?<![\w-]){part}(?![\w-])", ran.out, re.IGNORECASE)
    ]
    assert missing == []


@pytest.mark.parametrize(
    "arguments", [[], ["nope"], ["lookup"], ["serve", "--prot", "1"], ["serve", "--port", "x"], ["keys", "nope"]]
)
def test_wrong_usage_is_2(arguments: list[str], lgsp: Command) -> None:
    """What is no command, or not its options, ends with 2 and no traceback."""
    ran = lgsp(*arguments)

    assert ran.status == 2
    assert "Traceback" not in ran.err


def test_version_is_the_packages(lgsp: Command) -> None:
    """The version is the installed one."""
    assert lgsp("--version").out.strip() == importlib.metadata.version("lgsp-gateway")


# ---- check


def test_check_counts_what_a_deployment_has(lgsp: Command) -> None:
    """The laptop's configuration is well, and says how much it connects."""
    ran = lgsp("check")

    assert ran.status == 0
    assert re.match(r"config/laptop\.yaml: OK; \d+ connectors, \d+ upstreams, \d+ operations, 0 not offered", ran.out)


def test_check_says_how_much_memory_is_needed(lgsp: Command, deployment: Path) -> None:
    """A larger cache needs more."""
    said = []
    for cache_bytes in (2**27, 2**28):
        deployment.write_text(f"cache: {{data_bytes: {cache_bytes}}}", encoding="utf-8")
        found = re.search(r"memory: up to (\d+) MiB", lgsp("check", "--config", str(deployment)).out)
        assert found is not None
        said.append(int(found[1]))

    assert said[1] - said[0] == 128


@pytest.mark.parametrize(("strict", "warned"), [("false", True), ("true", False)])
def test_check_warns_of_certificates_that_are_not_held_to_the_rules(
    strict: str, warned: bool, lgsp: Command, deployment: Path
) -> None:
    """``tls.strict: false`` is a way out for a while, and stays in sight."""
    upstream = f"{{url: 'https://x.example', tls: {{strict: {strict}}}}}"
    deployment.write_text(f"connectors: {{legal_documents: {{upstreams: {{ws: {upstream}}}}}}}", encoding="utf-8")

    said = lgsp("check", "--config", str(deployment)).out

    assert ("warning: connectors.legal_documents.upstreams.ws: tls.strict is off" in said) is warned


@pytest.mark.parametrize(
    ("road", "said"),
    [
        (
            "road: xroad, xroad: {client: VN/GOV/H58/lgsp, service: VN/GOV/G15/vbpl/vb, path: ws}",
            "road xroad to VN/GOV/G15/vbpl/vb as VN/GOV/H58/lgsp, request hash counted",
        ),
        ("road: xrdadapter, xrdadapter: {dstcode: 'VN:GOV:G15:vb'}", "road xrdadapter to VN:GOV:G15:vb"),
    ],
)
def test_check_and_explain_name_the_road_of_a_security_server(
    road: str, said: str, lgsp: Command, deployment: Path
) -> None:
    """To whom, and as whom: the two names by which security servers decide."""
    upstream = f"{{url: 'https://ss.example', {road}}}"
    deployment.write_text(f"connectors: {{legal_documents: {{upstreams: {{ws: {upstream}}}}}}}", encoding="utf-8")

    checked = lgsp("check", "--config", str(deployment)).out
    explained = lgsp("explain", "legal_documents.document", "--config", str(deployment)).out

    assert f"connectors.legal_documents.upstreams.ws: {said}\n" in checked
    assert f"upstream: ws, dialect ws, {said}\n" in explained
    assert ("road id" in explained) is ("xroad to" in said)


CRIMINAL_RECORDS: Final = """
connectors:
  criminal_records:
    upstreams:
      lltp2024: {url: "https://x.example", auth_key: env:AUTH, province_code: "82", province_name: Đồng Tháp}
"""


def test_check_warns_of_orders_that_are_not_kept(
    lgsp: Command, deployment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without a store a restart forgets them; whoever only reads needs none."""
    monkeypatch.setenv("AUTH", "secret")
    deployment.write_text(CRIMINAL_RECORDS, encoding="utf-8")
    said = lgsp("check", "--config", str(deployment)).out
    deployment.write_text("callers: {}", encoding="utf-8")
    without_orders = lgsp("check", "--config", str(deployment)).out

    assert "warning: no store: criminal_records.apply, " in said
    assert "no store" not in without_orders


def test_check_says_where_orders_are_kept(lgsp: Command, deployment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Host and database, and neither user nor password."""
    monkeypatch.setenv("STORE_URL", "postgresql://lgsp:hunter2@db.example:5433/orders?sslmode=require")
    monkeypatch.setenv("STORE_KEY", "secret")
    monkeypatch.setenv("AUTH", "secret")
    deployment.write_text(f"store: {{url: env:STORE_URL, key: env:STORE_KEY}}{CRIMINAL_RECORDS}", encoding="utf-8")
    served = lgsp("check", "--config", str(deployment)).out
    deployment.write_text(f"store: embedded{CRIMINAL_RECORDS}", encoding="utf-8")
    own = lgsp("check", "--config", str(deployment)).out

    assert "store: PostgreSQL at db.example:5433/orders, encrypted with store.key\n" in served
    assert "hunter2" not in served
    assert "store: a PostgreSQL of its own in /" in own
    assert "encrypted with the published key" in own
    assert "no store" not in served + own


def test_check_names_what_is_not_offered(lgsp: Command, deployment: Path) -> None:
    """An operation that no configured upstream answers is named."""
    deployment.write_text(
        "connectors: {legal_documents: {upstreams: {ws: {url: 'http://x.example'}}}}", encoding="utf-8"
    )
    ran = lgsp("check", "--config", str(deployment))

    assert ran.status == 0
    assert "not offered: legal_documents.provisions" in ran.out


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("conectors: {}", "unknown key 'conectors'; did you mean 'connectors'?"),
        (
            "connectors: {busines_registry: {upstreams: {x: {}}}}",
            "unknown connector 'connectors.busines_registry'; did you mean",
        ),
        (
            "connectors: {business_registry: {upstreams: {ngsp: {url: x}}}}",
            "upstreams.ngsp.url: Input should be a valid URL",
        ),
        ("officers: {service: {full_name: An, citizen_id: env:HOME}}", "a secret must be a reference"),
        ("listen: {port: 5}\nops: {port: 5}", "listen and ops have the same port 5"),
        ("[", "not YAML"),
    ],
)
def test_wrong_configuration_is_one_sentence_and_2(text: str, said: str, lgsp: Command, deployment: Path) -> None:
    """Each mistake is one line on standard error, exit 2; what is lax about the rest is told after it."""
    deployment.write_text(text, encoding="utf-8")
    ran = lgsp("check", "-c", str(deployment))
    [sentence] = [line for line in ran.err.splitlines() if not line.startswith("lgsp: warning: ")]

    assert ran.status == 2
    assert said in sentence


def test_missing_configuration_is_one_sentence_and_2(lgsp: Command) -> None:
    """A file that is not there is told by its name."""
    ran = lgsp("check", "--config", "nowhere.yaml")

    assert ran.status == 2
    assert "nowhere.yaml could not be read: No such file or directory" in ran.sentence


def test_configuration_is_named_by_a_variable(lgsp: Command, deployment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """``LGSP_CONFIG`` stands for the option."""
    deployment.write_text("", encoding="utf-8")
    monkeypatch.setenv("LGSP_CONFIG", str(deployment))

    assert lgsp("check").out.startswith(f"{deployment}: OK; 0 connectors")


# ---- connectors and explain


def test_connectors_are_json_in_a_pipe(lgsp: Command) -> None:
    """Each operation with its route and who answers it."""
    rows = {row["operation"]: row for row in lgsp("connectors").json}

    assert rows["business_registry.enterprise"]["route"] == "GET /v1/business-registry/enterprises/{enterprise_code}"
    assert rows["legal_documents.document"]["upstream"] == "ws (ws)"


def test_connectors_are_a_table_on_a_terminal(lgsp: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """A person sees rows, unless JSON is asked for."""
    monkeypatch.setenv("COLUMNS", "200")
    with on_terminal():
        table, as_json = lgsp("connectors").out, lgsp("connectors", "--json").json

    assert "business_registry.enterprise" in table
    assert not table.startswith("[")
    assert as_json == lgsp("connectors").json


def test_explain_says_numbers_and_their_origin(lgsp: Command) -> None:
    """The rings of an operation, with each number and who said it."""
    ran = lgsp("explain", "legal_documents.document")

    assert ran.status == 0
    assert re.search(r"fresh_s = 3600\s+\(configuration\)", ran.out)
    assert "consecutive_failures" in ran.out
    assert "upstream ring" in ran.out


def test_unknown_operation_is_told_the_nearest(lgsp: Command) -> None:
    """A misspelt operation is usage, exit 2."""
    ran = lgsp("explain", "business_registry.enterprize")

    assert ran.status == 2
    assert (
        "the operation 'business_registry.enterprize' is not offered; did you mean 'business_registry.enterprise'?"
        in ran.sentence
    )


# ---- generated files


def test_openapi_is_json_or_a_file(lgsp: Command, tmp_path: Path) -> None:
    """The same document on standard output and as YAML in a file, in a folder that is made."""
    file = tmp_path / "new" / "openapi.yaml"
    printed = lgsp("openapi").json
    ran = lgsp("openapi", "--output", str(file))

    assert (ran.status, ran.out) == (0, "")
    assert yaml.safe_load(file.read_text("utf-8")) == printed


def test_schema_is_printed_or_a_file(lgsp: Command, tmp_path: Path) -> None:
    """The same schema either way."""
    file = tmp_path / "schema.json"
    printed = lgsp("schema").json
    lgsp("schema", "--output", str(file))

    assert json.loads(file.read_text("utf-8")) == printed


@pytest.mark.parametrize("command", ["openapi", "schema"])
def test_file_that_cannot_be_written_is_one_sentence(command: str, lgsp: Command, tmp_path: Path) -> None:
    """A folder in place of a file is told, exit 2."""
    ran = lgsp(command, "--output", str(tmp_path))

    assert ran.status == 2
    assert "could not be written (Is a directory)" in ran.sentence


# ---- keys


def test_created_key_opens_the_door(lgsp: Command, deployment: Path) -> None:
    """The printed block is configuration as it stands, with the hash of the printed key and no key."""
    printed = lgsp("keys", "create", "portal").out
    (key,) = re.findall(r"^#\s+(lgsp_\S+)$", printed, re.MULTILINE)
    deployment.write_text(printed.replace(key, "…"), encoding="utf-8")
    found = load(deployment)

    assert re.fullmatch(r"lgsp_portal_[\w-]{43}", key)
    assert found.callers["portal"].key_sha256 == hashlib.sha256(key.encode()).hexdigest()
    assert lgsp("check", "-c", str(deployment)).status == 0


def test_two_keys_differ(lgsp: Command) -> None:
    """No key is made twice."""
    assert lgsp("keys", "create", "a").out != lgsp("keys", "create", "a").out


@pytest.mark.parametrize("name", ["A", "a b", "1a", "a/b", "ă", "a" * 60])
def test_odd_caller_name_is_refused(name: str, lgsp: Command) -> None:
    """A name that could not be a label is usage, exit 2."""
    ran = lgsp("keys", "create", name)

    assert ran.status == 2
    assert "lower-case letters, digits and hyphens" in ran.sentence
