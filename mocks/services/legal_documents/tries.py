"""Turns a sample into a request for the page: SOAP for the old service's operations, REST for the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from lxml import etree

from mocks.engine.service import SOAP_11, Ask, Try, World
from mocks.engine.soap import ENVELOPE_11

_NAMESPACE: Final = "urn:vn:gov:moj:csdlqg-vbpl:ws:1"
_TYPES: Final = {"law": "Luật", "decree": "Nghị định", "circular": "Thông tư", "decision": "Quyết định"}
_PAGE: Final = 20


def tries(world: World) -> Mapping[str, Try]:
    """Returns the functions by gateway operation."""
    key = {"X-API-KEY": world.credential("legal_documents", "api_key"), "Accept": "application/json"}

    def search(sample: Mapping[str, Any]) -> Ask:
        asked = sample["query"]
        fields = {
            "SoKyHieu": asked.get("number"),
            "CoQuanBanHanh": asked.get("issuer"),
            "LoaiVanBan": _TYPES.get(asked.get("type"), asked.get("type")),
            "TuKhoa": asked.get("q"),
            "Trang": "1",
            "SoBanGhi": str(_PAGE),
        }
        return _soap("TimKiemVanBan", {name: value for name, value in fields.items() if value})

    def provisions(sample: Mapping[str, Any]) -> Ask:
        document = quote(sample["path"]["document_id"], safe="")
        return Ask(path=f"api/qtdc/public/doc/provision/tree/{document}", headers=key)

    return {
        "legal_documents.document": lambda sample: _soap("ChiTietVanBan", {"Id": sample["path"]["document_id"]}),
        "legal_documents.content": lambda sample: _soap("NoiDungVanBan", {"Id": sample["path"]["document_id"]}),
        "legal_documents.search": search,
        "legal_documents.provisions": provisions,
    }


def _soap(name: str, fields: Mapping[str, str]) -> Ask:
    envelope = etree.Element(f"{{{ENVELOPE_11}}}Envelope", nsmap={"soap": ENVELOPE_11})
    body = etree.SubElement(envelope, f"{{{ENVELOPE_11}}}Body")
    question = etree.SubElement(body, f"{{{_NAMESPACE}}}{name}", nsmap={"vb": _NAMESPACE})
    for field, value in fields.items():
        etree.SubElement(question, f"{{{_NAMESPACE}}}{field}").text = value
    return Ask(
        path="ws",
        method="POST",
        headers={"Content-Type": SOAP_11, "SOAPAction": f'"{_NAMESPACE}/{name}"'},
        body=etree.tostring(envelope, encoding="UTF-8", xml_declaration=True),
    )
