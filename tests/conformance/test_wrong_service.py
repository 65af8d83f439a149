"""A service that is wrong in one thing is found out, by the rule whose business it is."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from conformance.report import Report
from conformance.rules import RULES
from conformance.run import Wanted, check
from conformance.suite import Contract, discover
from tests.conformance.mutations import MUTATIONS, calls_of
from tests.conformance.wrong_service import Wrong, being_wrong
from tests.support.national import National

pytestmark = pytest.mark.asyncio(loop_scope="module")
CONTRACTS: Final = Path(__file__).parents[2] / "contracts"
#: Rules that no HTTP service can break alone: the contracts have no two shapes that fit one answer.
WITHOUT_A_SERVICE: Final = frozenset({"schema.shape"})


@pytest.fixture(scope="module")
def contracts() -> dict[str, Contract]:
    """Every contract that can be checked."""
    return dict(discover(CONTRACTS))


def narrowed(contract: Contract, service: str, calls: frozenset[str]) -> Contract:
    """The contract with these calls of one service alone; with all where none is named.

    What is wrong is wrong at one address, so that no other call could tell.
    """
    suite = contract.suite.services[service]
    kept = {name: call for name, call in suite.calls.items() if not calls or name in calls}
    services = {service: suite.model_copy(update={"calls": kept})}
    return contract.model_copy(update={"suite": contract.suite.model_copy(update={"services": services})})


async def checked(url: str, contracts: dict[str, Contract], wrong: Wrong) -> Report:
    """The report about the service that is wrong."""
    contract, _, name = wrong.service.partition("/")
    narrow = narrowed(contracts[contract], name, calls_of(wrong))
    return await check(Wanted(url, [narrow], only={contract: frozenset({name})}, samples=2))


async def test_the_mock_itself_scores_full_marks(shared_national: National, contracts: dict[str, Contract]) -> None:
    """Unspoilt, every rule of every contract holds, through the proxy too."""
    async with being_wrong(shared_national.url, None) as url:
        report = await check(Wanted(url, list(contracts.values())))

    assert [(service.name, list(service.findings)) for service in report.services if not service.findings] == []
    assert list(report.failures()) == []
    assert report.holds
    assert {finding.rule for service in report.services for finding in service.findings} <= RULES.keys()


async def test_what_changes_something_is_sent_when_asked_for(
    shared_national: National, contracts: dict[str, Contract]
) -> None:
    """As often as one likes: each time it is another application."""
    wanted = Wanted(shared_national.url, [contracts["criminal_records"]], samples=1, writes=True)
    for _ in range(2):
        report = await check(wanted)

        assert list(report.failures()) == []
        sent = {
            (service.service, one.call)
            for service in report.services
            for one in service.findings
            if one.case == "accepted"
        }
        assert sent == {("lltp2024", "guiHoSo"), ("ngsp", "nhanHoSoDangKy"), ("ws", "nhanHoSoDangKy")}


@pytest.mark.parametrize("wrong", MUTATIONS, ids=lambda wrong: wrong.name)
async def test_what_is_wrong_is_named_by_its_rule(
    shared_national: National, contracts: dict[str, Contract], wrong: Wrong
) -> None:
    """One thing wrong breaks the rules whose business it is, and no others."""
    async with being_wrong(shared_national.url, wrong) as url:
        report = await checked(url, contracts, wrong)

    assert not report.holds
    assert {finding.rule for finding in report.failures()} == set(wrong.rules), [
        (finding.call, finding.case, finding.rule, [str(one) for one in finding.differences[:2]])
        for finding in report.failures()
    ]


async def test_every_rule_has_a_service_that_breaks_it() -> None:
    """No rule is asked that never fails."""
    assert {rule for wrong in MUTATIONS for rule in wrong.rules} == RULES.keys() - WITHOUT_A_SERVICE
