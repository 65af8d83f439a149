"""The portal keeps the contract that it serves, and offers whole requests to try."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator, ValidationError
from openapi_spec_validator import validate

from mocks.engine.schema import Contract
from mocks.one_stop_shop.dossiers import STATUSES
from mocks.services.public_service_portal.catalogues import FIELDS as CATALOGUE_FIELDS
from mocks.services.public_service_portal.files import FILE_FIELDS
from mocks.services.public_service_portal.portal import DOSSIER_FIELDS, PROCEDURE_FIELDS
from tests.mocks.services.public_service_portal.support import Portal

FOLDER = Path(__file__).parents[4] / "contracts" / "public_service_portal"
TEXT = (FOLDER / "openapi.yaml").read_text(encoding="utf-8")
CONTRACT: dict[str, Any] = yaml.safe_load(TEXT)
OTHERS: dict[str, dict[str, Any]] = {
    name: yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8")) for name in ("gen2", "page")
}
"""The contracts of the other dialects."""
SAMPLES = sorted((FOLDER / "samples").glob("*.json"))
ANSWERS = {
    "login": "Phien",
    "LayDanhSachTTHC": "KetQuaThuTuc",
    "LayThuTuc": "KetQuaThuTuc",
    "TraCuuHoSo": "KetQuaHoSo",
    "DongBoHoSoMC": "KetQua",
    "CapNhatTienDoHoSoMC": "KetQua",
    "DongBoTrangThaiHoSo": "KetQua",
    "LayDanhMucLinhVuc": "KetQuaDanhMuc",
    "LayDanhMucCoQuan": "KetQuaDanhMuc",
    "LayDanhMuc": "KetQuaDanhMuc",
}
OF_OTHERS = {
    "procedure_advanced_search_service_v2": ("page", "ThamSo", "DanhSachThuTuc"),
    "ThemMoiHoSo": ("gen2", "DanhSachHoSo", "KetQua"),
    "CapNhatHoSo": ("gen2", "DanhSachHoSo", "KetQua"),
    "DongBoTienTrinh": ("gen2", "DanhSachTienTrinh", "KetQuaTienTrinh"),
}
"""Calls of other dialects: the contract, and the schemas of question and answer."""


def conforms(name: str, value: object, contract: dict[str, Any] = CONTRACT) -> None:
    """Fails unless *value* is what the schema of this name allows."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": contract["components"]}
    Draft202012Validator(schema).validate(value)


@pytest.mark.parametrize("contract", [CONTRACT, *OTHERS.values()], ids=["openapi", *OTHERS])
def test_the_contract_is_valid_openapi(contract: dict[str, Any]) -> None:
    """3.1, without an error."""
    validate(contract)


async def test_the_contract_describes_exactly_what_the_service_offers(portal: Portal) -> None:
    """Every address has its path, and every service its schema."""
    calls = portal.country.services["public_service_portal"].calls
    offered = {f"/{call.path}" for call in calls if call.kind != "document"}
    services = {call.name for call in calls if call.match is not None}

    assert offered == set().union(*(contract["paths"] for contract in (CONTRACT, *OTHERS.values())))
    assert services <= set(CONTRACT["components"]["schemas"])


def test_the_fields_that_drift_may_name_are_those_of_the_contract() -> None:
    """A field that is not described can't be named, and each described one can."""
    names: set[str] = set()
    waiting: list[Any] = [CONTRACT["components"]["schemas"]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            names |= set(node.get("properties", {}))
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    asked = {"session", "madonvi", "service", "isUpdating", "data", "mahoso", "maTTHC", "DuongDan", "type"}
    asked |= {"loaiDanhMuc", "MaHoSoDonVi", "NoiDung", "NgayXuLy", "TaiLieuXuLy"}

    assert names - asked == DOSSIER_FIELDS | PROCEDURE_FIELDS | FILE_FIELDS | CATALOGUE_FIELDS


async def test_answers_conform(portal: Portal) -> None:
    """All that the portal knows, sent and unsent."""
    listed = await portal.ask("LayDanhSachTTHC")
    conforms("KetQuaThuTuc", listed)
    for row in listed["result"]:
        conforms("KetQuaThuTuc", await portal.ask("LayThuTuc", maTTHC=row["MATTHC"]))
    for sample in await _samples(portal, "dossier_sync"):
        answer = await portal.ask("TraCuuHoSo", mahoso=sample["path"]["dossier_code"])
        conforms("KetQuaHoSo", answer)
        assert bool(answer["result"]) is sample.get("exists", True)
        for found in answer["result"]:
            conforms("HoSo", {name: value for name, value in found.items() if name != "TienDo"})
    conforms("KetQua", await portal.ask("DongBoHoSoMC", isUpdating="False", data=[portal.dossier()]))
    for service, more in (("LayDanhMucLinhVuc", {}), ("LayDanhMucCoQuan", {}), ("LayDanhMuc", {"loaiDanhMuc": "KENH"})):
        catalogue = await portal.ask(service, path="share", **more)
        conforms("KetQuaDanhMuc", catalogue)
        assert catalogue["result"]


def test_the_contract_would_notice() -> None:
    """A renamed field and an unknown state are found, by the mock's own reader as by jsonschema."""
    good = json.loads((FOLDER / "samples" / "DongBoHoSoMC.request.json").read_text(encoding="utf-8"))
    reader = Contract(TEXT)
    assert list(reader.breaches(reader.named("DongBoHoSoMC"), good)) == []
    for broken in (
        {**good, "isUpdating": True},
        {**good, "data": []},
        {**good, "data": [{**good["data"][0], "TrangThaiHoSo": "0"}]},
    ):
        with pytest.raises(ValidationError):
            conforms("DongBoHoSoMC", broken)
        assert list(reader.breaches(reader.named("DongBoHoSoMC"), broken))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_committed_samples_conform(path: Path) -> None:
    """Each file beside the contract is a message that it allows."""
    call = path.stem.partition(".")[0]
    asked = path.stem.endswith(".request")
    if call in OF_OTHERS:
        name, question, answer = OF_OTHERS[call]
        written = json.loads(path.read_text(encoding="utf-8"))
        conforms(question if asked else answer, spoken(written) if asked else written, OTHERS[name])
        return
    conforms(call if asked and call != "login" else ANSWERS[call], json.loads(path.read_text(encoding="utf-8")))


def spoken(written: Any) -> Any:
    """A question; that of the page is JSON in a text of its form."""
    return json.loads(written["params"]) if isinstance(written, dict) and "params" in written else written


async def test_whole_orders_are_of_dossiers_that_nobody_sent(portal: Portal) -> None:
    """Each with a code of its own; and progress is offered of dossiers that the portal knows."""
    orders, steps = await _samples(portal, "sync_dossier"), await _samples(portal, "report_progress")
    codes = [order["path"]["dossier_code"] for order in orders]

    assert len(set(codes)) == len(codes) >= 5
    assert {order["body"]["subject"]["kind"] for order in orders} == {"citizen", "enterprise"}
    assert [code for code in codes if await portal.known(code)] == []
    for wanted in steps:
        (known,) = await portal.known(wanted["path"]["dossier_code"])
        assert known["TienDo"][-1]["ThoiDiemXuLy"] < wanted["body"]["processed_at"].translate(
            {ord(c): None for c in "-T:"}
        )
        assert wanted["body"]["status"] in STATUSES.values()


async def _samples(portal: Portal, operation: str) -> list[Mapping[str, Any]]:
    _, listed = await portal.admin("GET", "samples")
    found: list[Mapping[str, Any]] = listed[f"public_service_portal.{operation}"]
    return found


@pytest.mark.parametrize(
    "operation", ["sync_dossier", "report_progress", "report_status", "dossier_sync", "procedures"]
)
async def test_every_sample_has_a_button_that_works(portal: Portal, operation: str) -> None:
    """What the page sends for it is taken, twice as well as once."""
    service = portal.country.services["public_service_portal"]
    name = f"public_service_portal.{operation}"
    for sample in [*service.samples()[name]] * 2:
        ask = service.tries[name](sample)
        answer = await portal.post(ask.path, json.loads(ask.body))
        assert answer["error_code"] in {0, "00"}
