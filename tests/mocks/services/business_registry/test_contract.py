"""The mock keeps the contract that it serves."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError
from openapi_spec_validator import validate

from mocks.population import Population
from mocks.services.business_registry.render import (
    DETAIL_FIELDS,
    LIST_FIELDS,
    STATUS_FIELDS,
    enterprise_body,
    unit_body,
)
from tests.mocks.services.business_registry.conftest import CONTRACT, Conforms, Registry

POPULATION = Population(1)
SCHEMAS = {
    "certificate": "Certificates",
    "detail": "DetailOrEnvelope",
    "handled": "HandledList",
    "received": "ReceivedList",
    "status": "StatusAnswer",
}


def test_the_contract_is_valid_openapi(contract: dict[str, Any]) -> None:
    """3.1, without an error."""
    validate(contract)

    assert contract["openapi"].startswith("3.1")


async def test_the_contract_describes_exactly_what_the_service_offers(
    registry: Registry, contract: dict[str, Any]
) -> None:
    """Every call has its path and method, and there is no other."""
    calls = registry.country.services["business_registry"].calls
    offered = {(f"/{call.path}", call.method.lower()) for call in calls if call.kind != "document"}
    described = {(path, method) for path, item in contract["paths"].items() for method in item}

    assert offered == described


def test_the_fields_that_drift_may_name_are_those_of_the_contract(contract: dict[str, Any]) -> None:
    """A field that is not described can't be named, and each described one can."""
    names: set[str] = set()
    waiting: list[Any] = [contract["components"]["schemas"]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            names |= set(node.get("properties", {}))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    tokens = {"access_token", "token_type", "expires_in", "scope", "fault", "code", "message", "description"}

    assert names - tokens == DETAIL_FIELDS | LIST_FIELDS | STATUS_FIELDS


@pytest.mark.parametrize("path", sorted((CONTRACT / "samples").glob("*.json")), ids=lambda path: path.stem)
def test_samples_conform(path: Any, conforms: Conforms) -> None:
    """Each file beside the contract is an answer that it allows."""
    conforms(SCHEMAS[path.stem.partition("-")[0]], orjson.loads(path.read_bytes()))


@given(st.integers(0, 2_499))
def test_every_enterprise_conforms(conforms: Conforms, index: int) -> None:
    """Whatever shape a record takes, the contract allows it."""
    conforms("Detail", enterprise_body(POPULATION.enterprises[index]))


@given(st.integers(0, 2_499).filter(lambda index: POPULATION.enterprises[index].units > 0))
def test_every_unit_conforms(conforms: Conforms, index: int) -> None:
    """Units have neither capital nor members."""
    enterprise = POPULATION.enterprises[index]

    conforms("Detail", unit_body(POPULATION.enterprises.unit(enterprise, enterprise.units), enterprise))


def test_the_contract_would_notice(conforms: Conforms) -> None:
    """A renamed field, a wrong date and an unknown status are each found."""
    body = enterprise_body(POPULATION.enterprises[0])
    main = body["MainInformation"]
    assert isinstance(main, dict)
    for broken in (
        {**body, "HOAddress": body["HOAdress"]},
        {**body, "MainInformation": {**main, "FOUNDING_DATE": "2020-01-01"}},
        {**body, "MainInformation": {**main, "ENTERPRISE_STATUS": "9"}},
    ):
        with pytest.raises(ValidationError):
            conforms("Detail", broken)


async def test_answers_over_the_wire_conform(registry: Registry, conforms: Conforms) -> None:
    """All samples of all operations, by both addresses."""
    samples = registry.country.services["business_registry"].samples()
    for sample in samples["business_registry.enterprise"]:
        code = sample["path"]["enterprise_code"]
        conforms("DetailOrEnvelope", await registry.get("apiCSDLDKDN/chiTietDoanhNghiep", msdn=code))
        conforms("Certificates", await registry.get("apiDKKD/DoanhNghiep/chiTietDoanhNghiep", msdn=code))
    for sample in samples["business_registry.registration"]:
        number = sample["body"]["registration_number"]
        conforms("StatusAnswer", await registry.get("apiCSDLDKDN/tinhTrangHoSo", in_journal_no=number))
    conforms("HandledList", await registry.get("apiCSDLDKDN/danhSachHoSoTrongNgay", from_ts="00:00", to_ts="23:59"))
    conforms(
        "ReceivedList",
        await registry.get("apiCSDLDKDN/danhSachHoSo", from_date="16/11/2026", to_date="20/11/2026"),
    )
