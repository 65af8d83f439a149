"""Envelopes and faults of SOAP 1.1 and 1.2, and the matching of calls by their body element."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lxml import etree

from mocks.engine.service import SOAP_11, Reply, Request

ENVELOPE_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
ENVELOPE_12: Final = "http://www.w3.org/2003/05/soap-envelope"
SOAP_12: Final = "application/soap+xml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class ByElement:
    """A `match` for calls that share one address, by the local name of the element in the SOAP Body.

    It ignores `SOAPAction`; the service decides whether a different one is a breach.
    """

    name: str

    def __call__(self, request: Request) -> bool:
        return request.soap_name == self.name


def by_element(name: str) -> ByElement:
    """Matches the call whose message is the element *name*."""
    return ByElement(name)


def action_of(request: Request) -> str:
    """Returns `SOAPAction` without quotes, or the action of a SOAP 1.2 content type; empty without both."""
    if action := request.headers.get("SOAPAction"):
        return action.strip().strip('"')
    _, _, action = request.headers.get("Content-Type", "").partition("action=")
    return action.split(";")[0].strip().strip('"')


def reply_11(body: etree._Element, *, status: int = 200) -> Reply:
    """Returns the element in an envelope of SOAP 1.1."""
    return Reply(status, _enveloped(body, ENVELOPE_11), SOAP_11)


def reply_12(body: etree._Element, *, status: int = 200) -> Reply:
    """Returns the element in an envelope of SOAP 1.2."""
    return Reply(status, _enveloped(body, ENVELOPE_12), SOAP_12)


def fault_11(code: str, message: str = "", *, detail: etree._Element | None = None, status: int = 500) -> Reply:
    """Returns a Fault of SOAP 1.1: standard codes are qualified, others (`KHONG_TIM_THAY`) are unchanged."""
    fault = etree.Element(f"{{{ENVELOPE_11}}}Fault", nsmap={"soap": ENVELOPE_11})
    standard = code.partition(".")[0] in {"Client", "Server", "VersionMismatch", "MustUnderstand"}
    etree.SubElement(fault, "faultcode").text = f"soap:{code}" if standard else code
    etree.SubElement(fault, "faultstring").text = message or code
    if detail is not None:
        etree.SubElement(fault, "detail").append(detail)
    return reply_11(fault, status=status)


def fault_12(code: str, message: str = "", *, detail: etree._Element | None = None, status: int = 500) -> Reply:
    """Returns a Fault of SOAP 1.2: codes other than the standard's five become a subcode of `Receiver`."""
    fault = etree.Element(f"{{{ENVELOPE_12}}}Fault", nsmap={"soap": ENVELOPE_12})
    renamed = {"Client": "Sender", "Server": "Receiver"}.get(code, code)
    standard = renamed in {"Sender", "Receiver", "VersionMismatch", "MustUnderstand", "DataEncodingUnknown"}
    where = etree.SubElement(fault, f"{{{ENVELOPE_12}}}Code")
    etree.SubElement(where, f"{{{ENVELOPE_12}}}Value").text = f"soap:{renamed if standard else 'Receiver'}"
    if not standard:
        subcode = etree.SubElement(where, f"{{{ENVELOPE_12}}}Subcode")
        etree.SubElement(subcode, f"{{{ENVELOPE_12}}}Value").text = renamed
    reason = etree.SubElement(etree.SubElement(fault, f"{{{ENVELOPE_12}}}Reason"), f"{{{ENVELOPE_12}}}Text")
    reason.set("{http://www.w3.org/XML/1998/namespace}lang", "vi")
    reason.text = message or code
    if detail is not None:
        etree.SubElement(fault, f"{{{ENVELOPE_12}}}Detail").append(detail)
    return reply_12(fault, status=status)


def _enveloped(body: etree._Element, namespace: str) -> bytes:
    envelope = etree.Element(f"{{{namespace}}}Envelope", nsmap={"soap": namespace})
    etree.SubElement(envelope, f"{{{namespace}}}Body").append(body)
    return etree.tostring(envelope, encoding="UTF-8", xml_declaration=True)
