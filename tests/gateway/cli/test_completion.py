"""The shell's completion of operations, and the text of ``lgsp keys create --help``."""

from __future__ import annotations

from typer.testing import CliRunner

from gateway.__main__ import app, operation_names
from tests.support.connectors import OPERATIONS


def test_operations_are_completed() -> None:
    """By what has been typed so far; nothing typed: all."""
    assert operation_names("") == sorted(OPERATIONS)
    assert operation_names("legal_documents.p") == ["legal_documents.provisions"]
    assert operation_names("x") == []


def test_help_says_which_names_a_caller_may_have() -> None:
    """A name as the help describes it is accepted, and the one that it excludes is not."""
    runner = CliRunner()
    told = runner.invoke(app, ["keys", "create", "--help"], env={"COLUMNS": "200", "TERM": "dumb"}).output

    assert "lower-case letters, digits and hyphens" in told
    assert runner.invoke(app, ["keys", "create", "mot-cua-2"]).exit_code == 0
    assert runner.invoke(app, ["keys", "create", "mot_cua"]).exit_code != 0
