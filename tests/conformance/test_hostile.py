"""Whatever a target answers, the check ends, says which rule broke, and prints nothing that steers a terminal."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from conformance.report import report_lines
from conformance.run import Wanted, check
from conformance.suite import Contract, discover
from tests.conformance.mutations import DETAIL, authorized
from tests.conformance.test_wrong_service import narrowed
from tests.conformance.wrong_service import Wrong, being_wrong, body
from tests.support.national import National

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONTRACTS: Final = Path(__file__).parents[2] / "contracts"
FAULTS: Final[dict[str, dict[str, Any]]] = {
    "reset_before": {},
    "reset_mid_body": {},
    "truncate": {},
    "html_page": {},
    "malformed": {},
    "bom": {},
    "wrong_content_type": {"content_type": "text/csv"},
    "deep_json": {"depth": 5_000},
    "huge_body": {"megabytes": 40},
    "gzip_bomb": {"megabytes": 40},
    "status": {"status": 503},
}


@pytest.fixture(scope="module")
def contract() -> Contract:
    """One call of the business registry."""
    return narrowed(discover(CONTRACTS)["business_registry"], "ngsp", frozenset({"chiTietDoanhNghiep"}))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def national(shared_national: National) -> AsyncIterator[National]:
    """The country; no fault stays."""
    yield shared_national
    shared_national.country.clear_faults()


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_fault_of_any_kind_is_found(national: National, contract: Contract, kind: str) -> None:
    """By a rule about answers, with the fault said in words; never by an exception."""
    fault = {"system": "business_registry", "operation": "chiTietDoanhNghiep", "fault": {"kind": kind, **FAULTS[kind]}}
    async with national.session.put(f"{national.url}/__mock/faults", json={"faults": [fault]}) as put:
        assert put.status == 200, await put.text()

    report = await check(Wanted(national.url, [contract], samples=1))

    broken = {finding.rule for finding in report.failures()}
    assert broken & {"answer.arrives", "answer.encoding", "answer.status", "answer.content_type"}, broken


async def test_nothing_that_a_system_says_steers_a_terminal(national: National, contract: Contract) -> None:
    """Names of fields stand in pointers, so escapes and lone surrogates in them are made visible."""
    national.country.clear_faults()
    spoil = body(lambda old: old.replace(b'"Status"', b'"\\u001b[2J\\ud800":1,"Status"'))
    wicked = Wrong("wicked", "", DETAIL, [], spoil, authorized)
    async with being_wrong(national.url, wicked) as url:
        report = await check(Wanted(url, [contract], samples=1))

    told = "\n".join(report_lines("x", report.failures()))
    assert "/\\u001b[2J\\ud800: expected no such field, got a field" in told
    assert json.dumps(report.as_json(), ensure_ascii=False).encode()
    assert "\x1b" not in told
