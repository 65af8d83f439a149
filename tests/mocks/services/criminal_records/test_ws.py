"""Dialect `ws`, asked by zeep as a foreign client over the network, and held to the contract of `ngsp`."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from zeep import Client
from zeep.exceptions import Fault
from zeep.wsse.username import UsernameToken

from mocks.engine.schema import Contract
from tests.mocks.services.criminal_records.support import NEW, SEEDED, System, question

CONTRACT = Path(__file__).parents[4] / "contracts" / "criminal_records"
OPERATIONS = ("nhanHoSoDangKy", "traTrangThaiHs", "traDsTrangThaiHs", "danhDauHsThanhCong", "traHoSo", "traDanhMuc")
XSD = "{http://www.w3.org/2001/XMLSchema}"


async def by_zeep(system: System, ask: Callable[[Any], Any], password: str | None = None) -> Any:
    """What *ask* gets of the service proxy of a client that knows the address and the account only."""
    world = system.country.world
    name, known = (world.credential("criminal_records", f"ws_{what}") for what in ("username", "password"))

    def asked() -> Any:
        door = UsernameToken(name, known if password is None else password, use_digest=True)
        with Client(f"{system.url}/criminal-records/ws?wsdl", wsse=door) as client:
            return ask(client.service)

    return await asyncio.to_thread(asked)


@pytest.fixture
async def system(real_system: System) -> System:
    """On real time, as zeep's tokens are."""
    return real_system


async def test_zeep_gets_typed_answers(system: System) -> None:
    """Numbers are numbers, lists are lists, and what is not there is None."""
    state = await by_zeep(system, lambda service: service.traTrangThaiHs(idReceivedDec=SEEDED[9], infoType="2"))
    lists = await by_zeep(system, lambda service: service.traDanhMuc(infoType="3"))
    unborn = await by_zeep(system, lambda service: service.traTrangThaiHs(idReceivedDec=SEEDED[4], infoType="2"))

    assert (state.STATUS, state.DEC_STATUS_ID, state.DEC_STATUS_NAME) == ("1", 5, "Đã có phiếu")
    assert (unborn.DEC_STATUS_ID, unborn.ISSUE_DATE) == (4, None)
    assert [(row.ID, row.NAME) for row in lists.LISTCONTENT][:2] == [(55305, "Kinh"), (55306, "Tày")]


async def test_an_application_by_zeep_stands_in_the_one_register(system: System) -> None:
    """Sent by SOAP it is known to both other dialects, and sent again it is refused with their sentence."""
    message = question("nhanHoSoDangKy.mandate", idReceivedDec=NEW)

    taken = await by_zeep(system, lambda service: service.nhanHoSoDangKy(**message))
    again = await by_zeep(system, lambda service: service.nhanHoSoDangKy(**message))

    assert (taken.STATUS, len(taken.ID)) == ("1", 24)
    assert await system.state(NEW) == 2
    assert (await system.road("traTrangThaiHs", {"idReceivedDec": NEW, "infoType": "2"}))["STATUS"] == "1"
    assert again.STATUS == "0"
    assert "đã được tiếp nhận, không thể cập nhật thông tin" in again.DESCRIPTION


async def test_submit_state_changes_and_acknowledgement_go_by_soap(system: System) -> None:
    """The whole way of an order; the journal has the same decisions as for the other dialects."""
    order = question("nhanHoSoDangKy.person", idReceivedDec=NEW)

    def way(service: Any) -> tuple[Any, Any, Any, Any]:
        taken = service.nhanHoSoDangKy(**order)
        state = service.traTrangThaiHs(idReceivedDec=NEW, infoType="2")
        (row,) = [row for row in service.traDsTrangThaiHs(infoType="2").LISTCONTENT if row.RECEIVE_NO == NEW]
        marked = service.danhDauHsThanhCong(declarationId=row.DECLARATION_ID, infoType="2")
        left = [row for row in service.traDsTrangThaiHs(infoType="2").LISTCONTENT if row.RECEIVE_NO == NEW]
        return taken.ID == row.DECLARATION_ID, state.DEC_STATUS_ID, marked.STATUS, left

    assert await by_zeep(system, way) == (True, 3, "1", [])
    await by_zeep(system, lambda service: service.nhanHoSoDangKy(**order))
    _, journal = await system.admin("GET", "journal?system=criminal_records&operation=ws.nhanHoSoDangKy")
    first, second = (entry["decisions"][0] for entry in journal["entries"])
    assert (first["outcome"], first["dossier"]) == ("accepted", NEW)
    assert (second["outcome"], second["content"]) == ("repeated", first["content"])


async def test_the_switch_is_for_soap_too(system: System) -> None:
    """A repeated order is answered as the first where a tester says so."""
    wanted = {"system": "criminal_records", "operation": "ws.nhanHoSoDangKy", "mode": "same"}
    assert (await system.admin("PUT", "repeat", wanted))[0] == 200
    order = question("nhanHoSoDangKy.person", idReceivedDec=NEW)

    answers = [await by_zeep(system, lambda service: service.nhanHoSoDangKy(**order)) for _ in range(2)]

    assert [(answer.STATUS, answer.ID == answers[0].ID) for answer in answers] == [("1", True), ("1", True)]


async def test_every_operation_answers_as_the_road_does(system: System) -> None:
    """Fields, rows and values of both are the same; text and number aside."""
    asked = {
        "traTrangThaiHs": {"idReceivedDec": SEEDED[10], "infoType": "2"},
        "traDsTrangThaiHs": {"infoType": "2"},
        "danhDauHsThanhCong": {"declarationId": "khong-co", "infoType": "2"},
        "traHoSo": {"infoType": "1"},
        "traDanhMuc": {"infoType": "9"},
    }
    for name, message in asked.items():
        told = await by_zeep(system, lambda service, name=name, message=message: service[name](**message))
        assert plain(told) == plain(await system.road(name, message)), name


async def test_a_wrong_password_is_a_fault_that_zeep_can_read(system: System) -> None:
    """With the standard's code as subcode."""
    with pytest.raises(Fault) as caught:
        await by_zeep(system, lambda service: service.traDanhMuc(infoType="2"), password="wrong")

    assert caught.value.message == "The security token could not be authenticated or authorized"
    assert [code.localname for code in caught.value.subcodes] == ["FailedAuthentication"]


def test_the_schema_has_the_operations_and_fields_of_the_road() -> None:
    """Name by name, in the same order, and the obligatory ones obligatory."""
    schema = etree.parse(CONTRACT / "ws.xsd").getroot()
    contract = Contract((CONTRACT / "ngsp.yaml").read_text(encoding="utf-8"))
    forms = {"DeclarationWSForm": "ToKhai", "ResidenceWSForm": "CuTru", "MandatorWSForm": "UyQuyen"}
    for theirs, ours in forms.items():
        assert elements(schema.find(f"{XSD}complexType[@name='{theirs}']")) == properties(contract.named(ours))
    for operation in OPERATIONS:
        asked = contract.resolved(contract.question(operation))
        assert elements(schema.find(f"{XSD}element[@name='{operation}']")) == properties(asked)


def elements(node: etree._Element | None) -> dict[str, bool]:
    """Names of a complex type's elements, and whether they are obligatory."""
    assert node is not None
    found = node.iterfind(f".//{XSD}element") if node.tag == f"{XSD}complexType" else node.iterfind(f"*//{XSD}element")
    return {
        str(element.get("name")): element.get("minOccurs") != "0" or element.get("maxOccurs") == "unbounded"
        for element in found
    }


def properties(schema: Any) -> dict[str, bool]:
    """The same of a JSON Schema."""
    return {name: name in schema["required"] for name in schema["properties"]}


def plain(value: Any) -> Any:
    """zeep's objects and JSON alike: text, without what is empty."""
    if hasattr(value, "__values__"):
        value = dict(value.__values__)
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items() if inner not in (None, "", [])}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return str(value)


@pytest.mark.parametrize("path", sorted((CONTRACT / "samples").glob("ws.tra*.xml")), ids=lambda path: path.stem)
def test_committed_samples_conform(path: Path) -> None:
    """The element in the Body is one that the schema allows."""
    body = etree.parse(path).getroot().find("{*}Body")
    assert body is not None

    etree.XMLSchema(etree.parse(CONTRACT / "ws.xsd")).assertValid(body[0])
