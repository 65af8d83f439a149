"""Both sides of the contract: what the connector sends, what the mock answers, and the samples between them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml
import zeep
from jsonschema import Draft202012Validator
from lxml import etree
from openapi_spec_validator import validate
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from gateway.connectors.legal_documents.gateway import GATEWAY
from gateway.connectors.legal_documents.gateway import translate as rest
from gateway.connectors.legal_documents.gateway.translate import API
from gateway.connectors.legal_documents.model import SearchQuery
from gateway.connectors.legal_documents.ws import WS
from gateway.connectors.legal_documents.ws import translate as soap
from gateway.connectors.legal_documents.ws.wire import WireContent, WireDetail, WireSearch
from gateway.core.message import Rest, Soap
from tests.gateway.adapters.soap.soap_server import Script, sent
from tests.support.laptop import ROOT
from tests.support.national import National

CONTRACT: Final = ROOT / "contracts" / "legal_documents"
WSDL: Final = CONTRACT / "ws.wsdl"
DOCUMENT: Final = yaml.safe_load((CONTRACT / "gateway.yaml").read_text("utf-8"))
REGISTRY: Final = Registry().with_resource("urn:gateway", Resource(DOCUMENT, DRAFT202012))
OPERATIONS: Final = {
    operation["operationId"]: (method, path, operation)
    for path, item in DOCUMENT["paths"].items()
    for method, operation in item.items()
    if method in {"get", "post"}
}
SCHEMA: Final = etree.XMLSchema(etree.fromstring((CONTRACT / "ws.xsd").read_bytes()))
XML: Final = sorted((CONTRACT / "samples").glob("*.xml"))
JSON: Final = sorted((CONTRACT / "samples").glob("*.json"))
KEY: Final = (CONTRACT / "credentials" / "api_key").read_text("utf-8").strip()
HEADERS: Final = {"X-API-KEY": KEY, "Accept": "application/json"}
NS: Final = "urn:vn:gov:moj:csdlqg-vbpl:ws:1"
QUERIES: Final = [
    SearchQuery(),
    SearchQuery(number="61/2018/NĐ-CP", issuer="Chính phủ", type="decree", q="một cửa"),
    SearchQuery(type="unknown", q="x" * 200, number="x" * 64, issuer="y" * 200),
]


def schema_of(operation: str, status: str) -> Mapping[str, Any]:
    """The schema of an answer, or of the request body."""
    method, path, declared = OPERATIONS[operation]
    where = "/".join(step.replace("~", "~0").replace("/", "~1") for step in ("paths", path, method))
    if status == "request":
        return {"$ref": f"urn:gateway#/{where}/requestBody/content/application~1json/schema"}
    reference = declared["responses"][status].get("$ref")
    where = reference.removeprefix("#/") if reference else f"{where}/responses/{status}"
    return {"$ref": f"urn:gateway#/{where}/content/application~1json/schema"}


def check(operation: str, status: str, value: object) -> None:
    """Fails where *value* breaks the contract."""
    errors = Draft202012Validator(schema_of(operation, status), registry=REGISTRY).iter_errors(value)

    assert [(list(error.absolute_path), error.message) for error in errors] == [], operation


def check_element(element: etree._Element) -> None:
    """Fails where a body element breaks the schema."""
    SCHEMA.assertValid(element)


def first_in_body(envelope: bytes) -> etree._Element:
    """The body element."""
    body = etree.fromstring(envelope).find("{*}Body")
    assert body is not None
    return body[0]


def test_the_description_is_valid_openapi() -> None:
    """OpenAPI 3.1."""
    validate(DOCUMENT)


def test_the_schemas_notice_what_is_wrong() -> None:
    """Else the tests below would hold of anything."""
    with pytest.raises(AssertionError):
        check("docDetail", "200", {"success": True, "data": {"docNum": "1"}})
    with pytest.raises(AssertionError):
        check("docAll", "request", {"pageNumber": 0, "pageSize": 20})
    with pytest.raises(etree.DocumentInvalid):
        check_element(etree.fromstring(f'<ChiTietVanBan xmlns="{NS}"><Id>a/b</Id></ChiTietVanBan>'))


@pytest.mark.parametrize("path", JSON, ids=lambda path: path.stem)
def test_a_json_sample_keeps_the_contract(path: Path) -> None:
    """Named after the call whose answer it is."""
    operation, case = path.stem.split(".", 1)
    status = {"absent": "404", "no-key": "401", "words.request": "request"}.get(case, "200")

    check(operation, status, json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize("path", XML, ids=lambda path: path.stem)
def test_an_xml_sample_keeps_the_contract(path: Path) -> None:
    """The element of the body, or the detail of the fault."""
    element = first_in_body(path.read_bytes())
    name = path.name.partition(".")[0]
    if element.tag.endswith("Fault"):
        detail = element.find("detail/{*}ChiTietLoi")
        assert detail is not None
        check_element(detail)
        return

    check_element(element)
    assert etree.QName(element).localname == (name if ".request" in path.name else f"{name}Response")


def test_every_call_has_a_sample() -> None:
    """Of either dialect; a file is no sample."""
    named = {path.name.partition(".")[0] for path in (*XML, *JSON)}

    assert named == {*OPERATIONS, "TimKiemVanBan", "ChiTietVanBan", "NoiDungVanBan"} - {"download"}


# ---- what the connector sends


@pytest.mark.parametrize(
    "exchange",
    [
        *(rest.ask_search(query, agencies=("62",), types=("a",)) for query in QUERIES),
        rest.ask_document("96172"),
        rest.ask_diagram("96172"),
        rest.ask_tree("96172"),
        rest.ask_types(),
        rest.ask_agencies(),
        rest.ask_files("96172"),
        rest.ask_file("96172", "Nghị định 61.docx"),
    ],
    ids=lambda exchange: exchange.name,
)
def test_the_connectors_questions_keep_the_description(exchange: Rest) -> None:
    """Name, method, path, parameters and body."""
    method, path, operation = OPERATIONS[exchange.name]
    pieces = f"/{exchange.path}".split("/")
    wanted = path.split("/")

    assert exchange.method.lower() == method
    assert len(pieces) == len(wanted)
    assert all(piece == want or want.startswith("{") for piece, want in zip(pieces, wanted, strict=True))
    parameters = {p["name"]: p["schema"]["enum"] for p in operation.get("parameters", ()) if p["in"] == "query"}
    assert exchange.query.keys() == parameters.keys()
    assert all(exchange.query[name] in allowed for name, allowed in parameters.items())
    if exchange.json is not None:
        check(exchange.name, "request", exchange.json)


@pytest.mark.parametrize(
    "exchange",
    [*(soap.ask_search(query) for query in QUERIES), soap.ask_document("96172"), soap.ask_content("96172")],
    ids=lambda exchange: exchange.name,
)
async def test_the_connectors_messages_keep_the_schema(exchange: Soap) -> None:
    """As the adapter writes them, with the SOAPAction of the WSDL."""
    script = Script()

    await sent(script, exchange)

    headers, body = script.asked[0]
    check_element(first_in_body(body))
    assert headers["SOAPAction"] == f'"{NS}/{exchange.name}"'


# ---- what the mock answers


async def test_the_mock_keeps_the_description(national: National) -> None:
    """Every sample of the country, every call."""
    samples = await national.samples("legal_documents.document")
    ids = [sample["path"]["document_id"] for sample in samples]
    paths = [
        ("combobox", f"{API}/combobox?groupCode={group}") for group in ("LoaiVanBan", "LinhVuc", "TrangThaiHieuLuc")
    ]
    paths.append(("agencyCombobox", f"{API}/agency/combobox?type=TW"))
    for one in ids:
        paths += [
            ("docDetail", f"{API}/{one}"),
            ("docDiagram", f"{API}/{one}/diagram"),
            ("provisionTree", f"{API}/provision/tree/{one}"),
            ("files", f"{API}/minio/buckets/vbpl/folders/{one}/files"),
        ]
    for operation, path in paths:
        async with national.session.get(f"{national.url}/legal-documents/{path}", headers=HEADERS) as answer:
            check(operation, str(answer.status), await answer.json())
            assert answer.status == 200
    for body in ({"pageNumber": 1, "pageSize": 100}, {"pageNumber": 3, "pageSize": 7, "keyword": "thông tư"}):
        url = f"{national.url}/legal-documents/{API}/all"
        async with national.session.post(url, headers=HEADERS, json=body) as answer:
            check("docAll", "200", await answer.json())


@pytest.mark.parametrize(
    ("operation", "path", "status", "headers"),
    [
        ("docDetail", "999998", "404", HEADERS),
        ("docDiagram", "999998/diagram", "404", HEADERS),
        ("provisionTree", "provision/tree/999998", "404", HEADERS),
        ("files", "minio/buckets/vbpl/folders/999998/files", "404", HEADERS),
        ("combobox", "combobox?groupCode=Khac", "400", HEADERS),
        ("agencyCombobox", "agency/combobox?type=DP", "400", HEADERS),
        ("docDetail", "999998", "401", {"Accept": "application/json"}),
        ("docDetail", "999998", "401", {**HEADERS, "X-API-KEY": "no"}),
        ("docDetail", "999998", "401", {"Accept": "application/json", "Authorization": "Bearer no"}),
    ],
)
async def test_the_mocks_refusals_keep_the_description(
    national: National, operation: str, path: str, status: str, headers: dict[str, str]
) -> None:
    """With the status that the contract foresees."""
    async with national.session.get(f"{national.url}/legal-documents/{API}/{path}", headers=headers) as answer:
        assert str(answer.status) == status
        check(operation, status, await answer.json())


async def test_the_mock_keeps_the_schema(national: National) -> None:
    """Every sample of the country, details, texts and lists."""
    messages = [
        (name, f"<vb:Id>{sample['path']['document_id']}</vb:Id>")
        for sample in await national.samples("legal_documents.document")
        for name in ("ChiTietVanBan", "NoiDungVanBan")
    ]
    messages.append(("TimKiemVanBan", "<vb:Trang>2</vb:Trang><vb:SoBanGhi>100</vb:SoBanGhi>"))
    for name, inner in messages:
        envelope = (
            f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:vb="{NS}"><s:Body>'
            f"<vb:{name}>{inner}</vb:{name}></s:Body></s:Envelope>"
        )
        headers = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{NS}/{name}"'}
        url = f"{national.url}/legal-documents/ws"
        async with national.session.post(url, data=envelope.encode(), headers=headers) as answer:
            assert answer.status == 200
            check_element(first_in_body(await answer.read()))


def test_the_wire_models_know_every_element_of_the_schema() -> None:
    """An element that no model has would be lost in every answer."""
    types = zeep.Client(str(WSDL)).wsdl.types
    for name, model in (
        ("TimKiemVanBanResponse", WireSearch),
        ("ChiTietVanBanResponse", WireDetail),
        ("NoiDungVanBanResponse", WireContent),
    ):
        elements = {inner for inner, _ in types.get_element(f"{{{NS}}}{name}").type.elements}
        assert elements == set(model.model_fields)
    document = WireDetail.model_fields["VanBan"].annotation
    assert document is not None
    assert {name for name, _ in types.get_type(f"{{{NS}}}VanBan").elements} == set(document.model_fields)


def test_the_dialects_are_those_that_the_contract_describes() -> None:
    """One file each."""
    assert (WS.adapter, WS.wsdl) == ("soap", "legal_documents/ws.wsdl")
    assert GATEWAY.adapter == "rest"
