"""The joint service for births and deaths: strings in strings, an order of states, and sentences for answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from jsonschema import Draft202012Validator
from lxml import etree
from openapi_spec_validator import validate

from mocks.services.ministry_portals import birth_death
from tests.mocks.services.ministry_portals.support import Ministries

FOLDER = Path(__file__).parents[4] / "contracts" / "ministry_portals"
CONTRACT: dict[str, Any] = yaml.safe_load((FOLDER / "birth_death.yaml").read_text(encoding="utf-8"))
SENTENCES: dict[str, list[str]] = yaml.safe_load((FOLDER / "birth_death.sentences.yaml").read_text(encoding="utf-8"))
CODE = "000.00.00.G15-260105-0001"
AGENCY = "000.00.01.H58"


class Service:
    """Asks with a token."""

    def __init__(self, ministries: Ministries) -> None:
        self.ministries = ministries
        self.base = f"{ministries.url}/ministry-portals/birth-death"
        self.headers: dict[str, str] = {}

    async def log_in(self) -> None:
        """Gets a token for the published account."""
        world = self.ministries.country.world
        account = {
            name: world.credential("ministry_portals", f"birth_death_{name}") for name in ("username", "password")
        }
        _, told = await self.ask("POST", "login", account)
        self.headers = {"Authorization": f"Bearer {told['token']}"}

    async def ask(self, method: str, path: str, message: object = None) -> tuple[int, Any]:
        """Status and answer."""
        asked = self.ministries.http.request(method, f"{self.base}/{path}", json=message, headers=self.headers)
        async with asked as answer:
            return answer.status, await answer.json()

    async def report(self, state: str, code: str = CODE, agency: str = AGENCY) -> str:
        """The sentence."""
        message = {"maHoSo": code, "maDonVi": agency, "trangThai": state, "ngayXuLy": "2026-01-06T09:00:00"}
        status, told = await self.ask("POST", "trang-thai", message)
        assert status == 200
        return str(told["message"])


@pytest.fixture
async def service(ministries: Ministries) -> Service:
    """With a token."""
    found = Service(ministries)
    await found.log_in()
    return found


def conforms(name: str, value: object) -> None:
    """Fails unless *value* is what the schema of this name allows."""
    Draft202012Validator({"$ref": f"#/components/schemas/{name}", "components": CONTRACT["components"]}).validate(value)


def test_the_contract_is_valid_openapi() -> None:
    """3.1, without an error."""
    validate(CONTRACT)


def test_each_sentence_is_in_the_contract() -> None:
    """A sentence of the mock without a kind could not be read by anybody."""
    names = ("UPDATED", "TAKEN", "HAD", "FINISHED", "WRONG_LOGIC", "UNKNOWN", "WRONG_AGENCY", "OFF_CONTRACT")
    known = [sentence for kind in SENTENCES.values() for sentence in kind]

    assert set(SENTENCES) == {"accepted", "try_again", "final"}
    assert {getattr(birth_death, name) for name in names} <= set(known)


async def test_a_dossier_is_xml_in_json_in_json(service: Service) -> None:
    """Two strings are parsed until the citizen's data are there; the list has one row for each dossier."""
    _, listed = await service.ask("GET", f"danh-sach?maDonVi={AGENCY}")
    for row in listed["data"]:
        conforms("Dong", row)
        _, told = await service.ask("GET", f"chi-tiet/{row['maHoSo']}")
        inner = orjson.loads(told["data"])
        conforms("ChiTiet", inner)
        root = etree.fromstring(inner["hoTich"].encode())
        assert root.tag == "hoTich"
        assert root.findtext("nguoiYeuCau/hoTen")
        assert root.find("nguoiMat" if row["module"] == "KT" else "nguoiDuocKhaiSinh") is not None
    assert {row["module"] for row in listed["data"]} == {"KS", "KT"}
    assert (await service.ask("GET", "chi-tiet/khong-co"))[1]["data"] is None


async def test_a_dossier_is_listed_until_it_is_acknowledged(service: Service) -> None:
    """The receipt may come twice; one of an unknown dossier is refused."""
    receipt = {"maHoSo": CODE, "daNhan": True}
    assert (await service.ask("PUT", "xac-nhan", receipt))[1]["message"] == birth_death.TAKEN
    assert (await service.ask("PUT", "xac-nhan", receipt))[1]["message"] == birth_death.TAKEN
    _, listed = await service.ask("GET", f"danh-sach?maDonVi={AGENCY}")

    assert CODE not in [row["maHoSo"] for row in listed["data"]]
    assert (await service.ask("PUT", "xac-nhan", {**receipt, "maHoSo": "x"}))[1]["message"] == birth_death.UNKNOWN
    assert (await service.ask("PUT", "xac-nhan", {"maHoSo": CODE}))[1]["message"] == birth_death.OFF_CONTRACT


async def test_states_1_3_and_7_come_before_4_and_5(service: Service) -> None:
    """In any order among themselves; a state that it has, and any after the end, is answered with a sentence."""
    assert await service.report("4") == birth_death.WRONG_LOGIC
    for state in ("7", "1"):
        assert await service.report(state) == birth_death.UPDATED
    assert await service.report("5") == birth_death.WRONG_LOGIC
    assert await service.report("3") == birth_death.UPDATED
    assert await service.report("5") == birth_death.UPDATED
    assert await service.report("5") == birth_death.HAD
    assert await service.report("4") == birth_death.FINISHED
    told = await service.ministries.admin("GET", f"dossiers/birth-death?dossier={CODE}")
    assert told["accepted"] == 4


async def test_a_wrong_state_is_refused_with_a_sentence(service: Service) -> None:
    """Unknown dossier, foreign agency, unknown state."""
    assert await service.report("1", code="000.00.00.G15-260105-9999") == birth_death.UNKNOWN
    assert await service.report("1", agency="000.00.01.H99") == birth_death.WRONG_AGENCY
    assert await service.report("2") == birth_death.OFF_CONTRACT


async def test_a_token_is_needed(service: Service) -> None:
    """Without one, with a wrong one, and with a wrong password."""
    for headers in ({}, {"Authorization": "Bearer khac"}):
        service.headers = headers
        assert (await service.ask("GET", f"danh-sach?maDonVi={AGENCY}"))[0] == 401
    assert (await service.ask("POST", "login", {"username": "x", "password": "y"}))[1]["token"] is None


@pytest.mark.parametrize("mode", ["refused", "same", "overwrites", "adds"])
async def test_a_repeated_state_is_worked_as_the_switch_says(service: Service, mode: str) -> None:
    """The journal tells what a repetition did."""
    switch = {"system": "ministry_portals", "operation": "birth-death.trangThai", "mode": mode}
    await service.ministries.admin("PUT", "repeat", switch)
    await service.report("1")
    said = await service.report("1")

    outcome = (await service.ministries.last())["outcome"]
    assert (said, outcome) == {
        "refused": (birth_death.WRONG_LOGIC, "repeated"),
        "same": (birth_death.HAD, "repeated"),
        "overwrites": (birth_death.UPDATED, "overwritten"),
        "adds": (birth_death.UPDATED, "added"),
    }[mode]


async def test_another_dossier_can_be_planned(service: Service) -> None:
    """Well-formed, and about somebody else."""
    entry = {"system": "ministry_portals", "operation": "birth-death.chiTiet", "fault": {"kind": "wrong_record"}}
    await service.ministries.admin("PUT", "faults", {"faults": [entry]})

    _, told = await service.ask("GET", f"chi-tiet/{CODE}")
    assert orjson.loads(told["data"])["maHoSo"] != CODE
