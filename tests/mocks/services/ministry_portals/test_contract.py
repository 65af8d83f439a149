"""The ministries keep their contracts, which are the national portal's but for what `ministries.yaml` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from lxml import etree
from openapi_spec_validator import validate

from mocks.engine.schema import Contract
from mocks.services.ministry_portals.ws import ASKED
from tests.mocks.services.ministry_portals.support import THEIRS, Ministries

CONTRACTS = Path(__file__).parents[4] / "contracts"
REST: dict[str, Any] = yaml.safe_load((CONTRACTS / "ministry_portals" / "rest.yaml").read_text(encoding="utf-8"))
NATIONAL = (CONTRACTS / "public_service_portal" / "openapi.yaml").read_text(encoding="utf-8")
XSD = "{http://www.w3.org/2001/XMLSchema}"


def conforms(name: str, value: object) -> None:
    """Fails unless *value* is what the schema of this name allows."""
    Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": REST["components"]}).validate(value)


def test_the_contract_is_valid_openapi() -> None:
    """3.1, without an error."""
    validate(REST)


def test_what_differs_from_the_national_portal_is_data() -> None:
    """Dossier and step are the same, field by field and rule by rule, under the names of `ministries.yaml`."""
    national = yaml.safe_load(NATIONAL)["components"]["schemas"]
    written = yaml.safe_load((CONTRACTS / "ministry_portals" / "ministries.yaml").read_text(encoding="utf-8"))

    assert written["construction"]["fields"] == THEIRS
    for name in ("HoSo", "TienDo"):
        theirs, ours = REST["components"]["schemas"][name], national[name]
        assert {THEIRS.get(field, field): rule for field, rule in ours["properties"].items()} == theirs["properties"]
        assert [THEIRS.get(field, field) for field in ours["required"]] == theirs["required"]


def test_the_soap_schema_has_the_national_portals_fields() -> None:
    """Name by name, in the same order; steps are given with a dossier besides."""
    schema = etree.parse(CONTRACTS / "ministry_portals" / "ws.xsd").getroot()
    national = Contract(NATIONAL)

    assert names(schema, "complexType[@name='TienDo']") == list(national.named("TienDo")["properties"])
    assert names(schema, "complexType[@name='HoSo']") == [*national.named("HoSo")["properties"], "TienDo"]
    for operation, asked in ASKED.items():
        assert names(schema, f"element[@name='{operation}']") == list(asked["properties"])


def names(schema: etree._Element, path: str) -> list[str]:
    """Of the elements of one type."""
    node = schema.find(f"{XSD}{path}")
    assert node is not None
    inner = node if node.tag == f"{XSD}complexType" else node[0]
    return [str(element.get("name")) for element in inner.iterfind(f"{XSD}sequence/{XSD}element")]


@pytest.mark.parametrize(
    ("service", "more", "schema"),
    [
        ("TraCuuHoSo", {"mahoso": "000.00.04.H58-260105-9309"}, "KetQuaHoSo"),
        ("TraCuuHoSo", {"mahoso": "000.00.04.H58-260105-0000"}, "KetQuaHoSo"),
        ("LayHoSoGuiTinh", {}, "KetQuaThongDiep"),
        ("XacNhanHoSoGuiTinh", {"MaThongDiep": ["khong-co"]}, "KetQua"),
    ],
)
async def test_answers_conform(ministries: Ministries, service: str, more: dict[str, Any], schema: str) -> None:
    """Found and not found, refused and well."""
    conforms(schema, await ministries.by_json(service, **more))


async def test_the_contracts_are_served(ministries: Ministries) -> None:
    """The description of the one, the WSDL of the other with the address it was asked at."""
    base = f"{ministries.url}/ministry-portals"
    async with ministries.http.get(f"{base}/construction/openapi.json") as answer:
        assert (await answer.json())["info"]["title"] == REST["info"]["title"]
    async with ministries.http.get(f"{base}/health/ws?wsdl") as answer:
        assert f'location="{base}/health/ws"' in await answer.text()
    async with ministries.http.get(f"{base}/health/ws.xsd") as answer:
        assert answer.status == 200


SAMPLES = CONTRACTS / "ministry_portals" / "samples"
ANSWERS = {"TraCuuHoSo": "KetQuaHoSo", "LayHoSoGuiTinh": "KetQuaThongDiep"}


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("construction.*.json")), ids=lambda path: path.stem)
def test_committed_samples_conform(path: Path) -> None:
    """Each file beside the contract is a message that it allows."""
    _, service, case = path.stem.split(".")
    schema = service if case == "request" else ANSWERS.get(service, "KetQua")

    conforms(schema, json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("[!ch]*.json")), ids=lambda path: path.stem)
def test_committed_samples_of_other_dialects_conform(path: Path) -> None:
    """So are those of the ministries that are not shaped like the national portal."""
    ministry, call, case = path.stem.split(".")
    contract = yaml.safe_load(
        (CONTRACTS / "ministry_portals" / f"{ministry.replace('-', '_')}.yaml").read_text(encoding="utf-8")
    )
    operations = [one for path in contract["paths"].values() for one in path.values()]
    operation = next(one for one in operations if one["operationId"] == f"{ministry}.{call}")
    body = operation["requestBody"] if case == "request" else operation["responses"]["200"]
    if "$ref" in body:
        body = contract["components"]["responses"][body["$ref"].rpartition("/")[2]]
    schema = {**body["content"]["application/json"]["schema"], "components": contract["components"]}

    Draft202012Validator(schema).validate(json.loads(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("path", sorted(SAMPLES.glob("*.xml")), ids=lambda path: path.stem)
def test_committed_soap_samples_conform(path: Path) -> None:
    """The element in the Body is one that the XML schema allows."""
    schema = etree.XMLSchema(etree.parse(CONTRACTS / "ministry_portals" / "ws.xsd"))

    schema.assertValid(etree.parse(path).getroot().find("{*}Body")[0])
