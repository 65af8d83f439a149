"""What the portal pushes: contract, mock and gateway are held to each other."""

from __future__ import annotations

import json
from typing import Any, Final

import jsonschema
import pytest
import yaml
from openapi_spec_validator import validate

from gateway.core.canonical import Wire
from gateway.dossiers import inbound_wire
from gateway.dossiers.inbound import PORTAL
from tests.support.laptop import ROOT
from tests.support.national import National
from tests.support.pusher import DOSSIER, SUPPLEMENT, TAX_NOTICE, new_dossier, province, supplement, tax_notice

DOCUMENT: Final[dict[str, Any]] = yaml.safe_load(
    (ROOT / "contracts/public_service_portal/inbound.yaml").read_text("utf-8")
)
SCHEMAS: Final = DOCUMENT["components"]["schemas"]
READ: Final[dict[str, type[Wire]]] = {
    "HoSoMoi": inbound_wire.NewDossier,
    "Tep": inbound_wire.AttachedFile,
    "BoSung": inbound_wire.Supplement,
    "NoiDungBoSung": inbound_wire.SupplementData,
    "ThongBaoThue": inbound_wire.TaxNotice,
}


def check(name: str, value: object) -> None:
    """Holds *value* to a schema of the contract."""
    jsonschema.Draft202012Validator(
        {"$ref": f"#/components/schemas/{name}", "components": {"schemas": SCHEMAS}}
    ).validate(value)


def test_the_contract_is_openapi() -> None:
    """A developer's tools can read it."""
    validate(DOCUMENT)


def test_every_route_is_described() -> None:
    """The gateway's routes of the portal and no others."""
    paths = {f"/inbound/{PORTAL.slug}/{kind.slug}" for kind in PORTAL.kinds}

    assert set(DOCUMENT["paths"]) == paths


@pytest.mark.parametrize("name", READ)
def test_the_gateway_reads_what_the_contract_names(name: str) -> None:
    """Field for field, with the same ones demanded; each has its mark."""
    schema, model = SCHEMAS[name], READ[name]

    assert set(schema["properties"]) == set(model.model_fields)
    demanded = {field for field, info in model.model_fields.items() if info.is_required()}
    assert set(schema.get("required", ())) == demanded
    assert {inner["x-mark"] for inner in schema["properties"].values()} <= {"C", "S"}


async def test_the_mock_pushes_what_the_contract_says(national: National, database: str) -> None:
    """Each kind as the mock portal sends it, and each answer as the gateway gives it, with files in both ways."""
    seen: list[tuple[str, dict[str, Any]]] = []
    async with province(database, national.url) as found:
        for kind, path, schema in (
            ("dossier", DOSSIER, "HoSoMoi"),
            ("supplement", SUPPLEMENT, "BoSung"),
            ("tax_notice", TAX_NOTICE, "ThongBaoThue"),
        ):
            for files in ("inline", "address", "none"):
                wish = {"system": "public_service_portal", "kind": kind, "to": found.inbound(path), "files": files}
                [pushed] = await national.push(**wish)
                assert [answer["status"] for answer in pushed["answers"]] == [200], pushed
                check("TiepNhan", pushed["answers"][0]["answer"])
                make = national.country.services["public_service_portal"].pushes[kind]
                seen.append((schema, dict(make(national.wish(**wish)).body)))
    for schema, body in seen:
        check(schema, json.loads(json.dumps(body)))


@pytest.mark.parametrize(
    ("schema", "body"), [("HoSoMoi", new_dossier()), ("BoSung", supplement()), ("ThongBaoThue", tax_notice())]
)
def test_the_tests_push_what_the_contract_says(schema: str, body: dict[str, Any]) -> None:
    """A test that pushed something else would prove nothing."""
    check(schema, body)


async def test_refusals_have_the_form_of_the_contract(database: str) -> None:
    """Whatever the cause."""
    async with province(database) as found:
        answers = [
            await found.pusher.push("{"),
            await found.pusher.push({}),
            await found.pusher.push({}, key="x"),
            await found.pusher.push({}, "/inbound/x"),
            await found.pusher.push(b"x" * 20_000_000),
        ]
    for answer in answers:
        check("TuChoi", answer.json)
        assert str(answer.status) in DOCUMENT["paths"][DOSSIER]["post"]["responses"]
