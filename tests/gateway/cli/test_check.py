"""``lgsp check`` as it is typed: its warnings, their rules, its exit status."""

from __future__ import annotations

from pathlib import Path

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
    assert [line.partition(f"{path}: ")[2] for line in ran.err.splitlines()] == [
        "unknown key 'listen.prot'; did you mean 'port'?",
        "unknown key 'officers.service.full_nam'; did you mean 'full_name'?",
        "ops.port: Input should be a valid integer, unable to parse string as an integer",
        "officers.service.full_name is missing",
    ]
    assert told == {"valid": False, "errors": [line.removeprefix("lgsp: ") for line in ran.err.splitlines()]}


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
    said = ran.err.splitlines()

    assert ran.status == 2
    assert len(said) == 4
    for number, part in enumerate(
        ("deadline-cannot-fit", "upstreams.gateway.url", "road lgsp needs a token block", "operations.send'")
    ):
        assert part in said[number]
