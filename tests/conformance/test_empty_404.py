"""A 404 without a body, where a record is missing: as the row "empty 404" of the contract says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from conformance.client import Answer
from conformance.rest import Rest
from conformance.service import open_service
from conformance.suite import discover
from conformance.values import Credentials
from tests.support.laptop import ROOT

CONTRACTS: Final = discover(ROOT / "contracts")
REGISTRY: Final = CONTRACTS["business_registry"]


@pytest.mark.parametrize("name", CONTRACTS)
def test_suite_accepts_it_where_the_readme_says_so(name: str) -> None:
    """Suite and README name the same calls."""
    rows = re.findall(r"^\| empty 404.*", (CONTRACTS[name].folder / "README.md").read_text("utf-8"), re.MULTILINE)
    said = {call for row in rows for call in re.findall(r"`(\w+)`", row.partition(";")[0])}
    services = CONTRACTS[name].suite.services.values()

    assert {call for suite in services for call, found in suite.calls.items() if found.empty_404} == said


@pytest.mark.parametrize(
    ("call", "answer", "right"),
    [
        ("chiTietDoanhNghiep", Answer(404), True),
        ("chiTietDoanhNghiep", Answer(410, body=b" \r\n"), True),
        ("chiTietDoanhNghiep", Answer(404, body=b"<html>"), False),
        ("chiTietDoanhNghiep", Answer(500), False),
        ("danhSachHoSo", Answer(404), False),
    ],
)
def test_it_is_the_answer_for_a_missing_record_alone(call: str, answer: Answer, right: bool) -> None:
    """With a body, with another status, or of a list it is none."""
    suite = REGISTRY.suite.services["ngsp"]
    service = open_service(REGISTRY.folder, suite, "", Credentials(Path(), {}))
    assert isinstance(service, Rest)
    missing = suite.calls["chiTietDoanhNghiep"].cases["absent"]

    found = service.good(call, missing, answer, None)

    assert (not any(found.values())) is right
    assert any(service.good(call, missing.model_copy(update={"kind": "found"}), answer, None).values())
