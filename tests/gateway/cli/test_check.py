"""``lgsp check`` as it is typed: its warnings, their rules, its exit status."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

import pytest

from gateway.configuration_file import ConfigurationFile
from gateway.settings import ConfigurationError
from tests.support.command import Command


def test_strict_check_ends_with_1_where_something_is_lax(lgsp: Command, tmp_path: Path) -> None:
    """As text each warning has its rule at its end, as JSON beside it."""
    path = tmp_path / "lgsp.yaml"
    path.write_text("callers: {}\n", "utf-8")
    plain, strict = lgsp("check", "-c", str(path)), lgsp("check", "-c", str(path), "--strict")
    told = lgsp("check", "-c", str(path), "--json").json

    assert (plain.status, strict.status) == (0, 1)
    assert plain.out.splitlines()[-1].endswith("[no-callers]")
    assert [warning["rule"] for warning in told["warnings"]] == ["no-callers"]


def test_all_that_is_wrong_is_told_at_once(lgsp: Command, tmp_path: Path) -> None:
    """Each with its place, a misspelt key before the one that is missing because of it; status 2."""
    path = tmp_path / "lgsp.yaml"
    path.write_text(
        "listen: {prot: 1}\nops: {port: many}\nofficers: {service: {full_nam: 'env:HOME', citizen_id: 'env:HOME'}}\n",
        "utf-8",
    )
    ran = lgsp("check", "-c", str(path))
    told = lgsp("check", "-c", str(path), "--json").json

    assert ran.status == 2
    wrong = [line for line in ran.err.splitlines() if not line.startswith("lgsp: warning: ")]
    assert [line.partition(f"{path}: ")[2] for line in wrong] == [
        "unknown key 'listen.prot'; did you mean 'port'? [unknown-key]",
        "unknown key 'officers.service.full_nam'; did you mean 'full_name'? [unknown-key]",
        "ops.port: Input should be a valid integer, unable to parse string as an integer [invalid-value]",
        "officers.service.full_name is missing [missing-key]",
    ]
    assert [f"{one['says']} [{one['rule']}]" for one in told["errors"]] == [
        line.removeprefix("lgsp: ") for line in wrong
    ]
    assert told["valid"] is False


def test_authorities_of_webhooks_and_of_redis_are_read(
    lgsp: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A pipe is not waited for; all else that is wrong is told beside it."""
    path, pipe = tmp_path / "lgsp.yaml", tmp_path / "pipe.pem"
    os.mkfifo(pipe)
    monkeypatch.setenv("HOOK", f"whsec_{'c2VjcmV0' * 4}")
    monkeypatch.setenv("LONG", "k" * 64)
    path.write_text(
        """
store: {url: "postgresql://db.example/lgsp", key: "env:LONG"}
cache: {redis: {url: "rediss://redis/0", key: "env:LONG", ca_file: nowhere.pem}}
webhooks: {w: {url: "https://portal.example/hook", secret: "env:HOOK", ca_file: pipe.pem}}
connectors: {legal_documents: {upstreams: {gateway: {url: nowhere}}}}
""",
        "utf-8",
    )
    told = lgsp("check", "-c", str(path), "--json").json["errors"]
    with pytest.raises(ConfigurationError, match=r"webhooks\.w\.ca_file: "):
        ConfigurationFile(path).read()

    assert [one["says"].partition(": ")[0] for one in told] == [
        "connectors.legal_documents.upstreams.gateway.url",
        "webhooks.w.ca_file",
        "cache.redis.ca_file",
    ]
    assert [one["rule"] for one in told[1:]] == ["unreadable-authorities"] * 2


def test_every_system_that_can_not_be_used_is_told_at_once(lgsp: Command, tmp_path: Path) -> None:
    """One sentence for each upstream, and one for a connector whose parts do not fit."""
    path = tmp_path / "lgsp.yaml"
    path.write_text(
        """
connectors:
  legal_documents:
    upstreams:
      ws: {url: "https://law.example", attempt_timeout_s: 30}
      gateway: {url: "nowhere"}
  business_registry:
    upstreams:
      ngsp: {url: "https://dkkd.example", road: lgsp}
  criminal_records:
    upstreams: {lltp2024: {url: "https://lltp.example", auth_key: "env:PATH", province_code: "82", province_name: A}}
    operations: {send: {deadline_s: 3}}
""",
        "utf-8",
    )
    ran = lgsp("check", "-c", str(path))
    said = [line for line in ran.err.splitlines() if not line.startswith("lgsp: warning: ")]

    assert ran.status == 2
    assert len(said) == 4
    for number, part in enumerate(
        ("deadline-cannot-fit", "upstreams.gateway.url", "road lgsp needs a token block", "operations.send'")
    ):
        assert part in said[number]


MANY: Final = """
listen: {port: 8080, host: 0.0.0.0}
ops: {port: 8080, hots: [a]}
cachedd: {}
cache: {redis: {url: "redis://redis.example/0", key: "env:PATH"}}
callers:
  portal: {key_sha256: "0000000000000000000000000000000000000000000000000000000000000000", scopes: ["*"]}
  clerk: {key_sha256: "KEY", scopes: ["legal_documents.documents", "*", "laws.*"]}
  other: {key: "lgsp_in_clear", scopes: ["laws.all"]}
store: {url: "${database}/lgsp", key: "env:NOT_SET_ANYWHERE"}
privacy: {key: "in clear"}
webhooks:
  portal: {url: "https://portal.example", secret: "file:nowhere", caller: portal}
connectors:
  legal_documents:
    upstreams:
      gateway: {url: "http://law.example", api_key: "file:nowhere-else"}
      ws: {url: "https://law.example", attempt_timeout_s: 30}
  business_registry:
    upstreams:
      ngsp: {url: "http://dkkd.example", road: xroad}
  land: {upstreams: {a: {}}}
  social_insurance:
    upstreams: {gateway: {url: "https://bhxh.example", ca_file: authority.pem, dialect: ngps}}
"""


def test_a_mistake_hides_no_other_one(lgsp: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of keys, values, secrets, references, variables, systems and scopes, each with its rule; and what is lax about
    the rest, but nothing that is only for want of what was wrong.
    """
    path = tmp_path / "lgsp.yaml"
    path.write_text(MANY, "utf-8")
    monkeypatch.setenv("LGSP_CACHEDD__REDIS", "x")
    told = lgsp("check", "-c", str(path), "--json").json
    errors = sorted(one["rule"] for one in told["errors"])

    assert errors == sorted(
        [
            *["unknown-key"] * 2,  # cachedd, ops.hots
            "unknown-variable",
            "unknown-reference",
            *["secret-in-clear"] * 2,  # callers.other.key, privacy.key
            *["unreadable-secret"] * 3,  # the store's, the webhook's, the gateway's api_key
            "invalid-value",  # clerk's hash
            "deadline-cannot-fit",
            "road-incomplete",
            "unknown-connector",
            "unknown-dialect",
        ]
    ), told["errors"]
    assert {one["rule"] for one in told["warnings"]} <= {"redis-in-clear", "redis-without-password"}
    assert "in clear" not in str(told)


def test_a_block_that_is_not_yaml_hides_no_other_one(lgsp: Command, tmp_path: Path) -> None:
    """With the line of each; the blocks beside it are looked at as far as they can be read."""
    path = tmp_path / "lgsp.yaml"
    path.write_text("ops: {port: 8081\nlisten: {prot: 1}\ncallers: [a: b: c]\nwarm_up: often\n", "utf-8")
    ran = lgsp("check", "-c", str(path))
    said = [line.removeprefix(f"lgsp: {path}") for line in ran.err.splitlines() if "warning: " not in line]

    assert ran.status == 2
    assert [line.split(":")[0] for line in said if line.endswith("[not-yaml]")] == [" line 2", " line 3"]
    assert [line for line in said if not line.endswith("[not-yaml]")] == [
        ": unknown key 'listen.prot'; did you mean 'port'? [unknown-key]",
        ": warm_up: Input should be a valid boolean, unable to interpret input [invalid-value]",
    ]


def test_each_scope_that_gives_nothing_is_told(lgsp: Command, tmp_path: Path) -> None:
    """By its place, of every caller."""
    path = tmp_path / "lgsp.yaml"
    digests = ["ab" * 31 + "cd", "ab" * 31 + "ce"]
    path.write_text(
        f"""
callers:
  a: {{key_sha256: {digests[0]}, scopes: ["*", "laws.*", "legal_documents.*"]}}
  b: {{key_sha256: {digests[1]}, scopes: ["law.all", "legal_documents.documents"]}}
connectors: {{legal_documents: {{upstreams: {{gateway: {{url: "https://law.example"}}}}}}}}
""",
        "utf-8",
    )
    told = lgsp("check", "-c", str(path), "--json").json

    assert [(one["says"].partition(":")[0], one["rule"]) for one in told["errors"]] == [
        ("callers.a.scopes.1", "unknown-scope"),
        ("callers.b.scopes.0", "unknown-scope"),
        ("callers.b.scopes.1", "unknown-scope"),
    ]


def test_what_only_a_start_would_find_is_told(lgsp: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A lease that a message can outlive, a contract that is not the approved one: nothing is started for it."""
    monkeypatch.setenv("LONG", "k" * 32)
    path = tmp_path / "lgsp.yaml"
    (tmp_path / "contracts" / "gateway" / "credentials").mkdir(parents=True)
    (tmp_path / "contracts" / "gateway" / "credentials" / "store_key").write_text("k" * 32, "utf-8")
    path.write_text(
        f"""
contracts: {tmp_path / "contracts"}
store: {{url: "postgresql://127.0.0.1/nowhere", key: "env:LONG", lease_s: 5}}
connectors:
  criminal_records:
    upstreams:
      ws: {{url: "https://lltp.example", ministry_justice_id: 82, username: "env:LONG", password: "env:LONG"}}
""",
        "utf-8",
    )
    told = lgsp("check", "-c", str(path), "--json").json

    assert [one["rule"] for one in told["errors"]] == ["contract-changed", "lease-cannot-fit"]


def test_a_configuration_that_can_not_be_read_at_all_is_one_sentence(lgsp: Command, tmp_path: Path) -> None:
    """With its rule."""
    (tmp_path / "latin.yaml").write_bytes(b"callers: {m\xe9: {}}")

    assert lgsp("check", "-c", str(tmp_path / "gone.yaml")).err.endswith("[unreadable-file]\n")
    assert lgsp("check", "-c", str(tmp_path / "latin.yaml")).err.endswith("[not-utf8]\n")


@pytest.mark.parametrize(
    "text", ["callers: &a [*a]", "callers: &a {portal: *a}", "[" * 100_000, f"callers: {'[' * 900}{']' * 900}"]
)
def test_a_file_without_end_or_bottom_is_told_as_any_other_mistake(text: str, lgsp: Command, tmp_path: Path) -> None:
    """With its rule and status 2, where an alias refers to itself or lists are nested as deep as one can."""
    (tmp_path / "endless.yaml").write_text(text)
    ran = lgsp("check", "-c", str(tmp_path / "endless.yaml"))

    assert ran.status == 2
    assert ran.err.splitlines()[0].endswith("[not-yaml]")


def test_a_variable_that_is_wrong_hides_no_mistake_of_the_file(
    lgsp: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each is told by its name."""
    monkeypatch.setenv("LGSP_LISTEN__PROT", "1")
    monkeypatch.setenv("LGSP_OPS__PORT", "many")
    path = tmp_path / "lgsp.yaml"
    path.write_text("warm_up: often\nconnectors: {land: {upstreams: {a: {}}}}\n", "utf-8")
    told = lgsp("check", "-c", str(path), "--json").json

    assert [(one["says"].partition(":")[0], one["rule"]) for one in told["errors"]] == [
        ("LGSP_LISTEN__PROT", "unknown-key"),
        ("LGSP_OPS__PORT", "invalid-value"),
        (str(path), "invalid-value"),
        ("unknown connector 'connectors.land'; known", "unknown-connector"),
    ]
