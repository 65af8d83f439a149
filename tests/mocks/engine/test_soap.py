"""Envelopes and faults."""

from __future__ import annotations

import pytest
from lxml import etree

from mocks.engine.service import Request
from mocks.engine.soap import action_of, fault_11, fault_12, reply_11, reply_12


def test_replies_put_the_element_in_the_body() -> None:
    """Each version has its namespace and content type."""
    for reply, namespace, content_type in (
        (reply_11(etree.Element("Tra")), "http://schemas.xmlsoap.org/soap/envelope/", "text/xml"),
        (reply_12(etree.Element("Tra")), "http://www.w3.org/2003/05/soap-envelope", "application/soap+xml"),
    ):
        root = etree.fromstring(reply.body)
        assert root.tag == f"{{{namespace}}}Envelope"
        assert root.find(f"{{{namespace}}}Body/Tra") is not None
        assert reply.content_type.startswith(content_type)
        assert reply.is_xml


def test_a_fault_of_11_has_code_text_and_detail() -> None:
    """HTTP 500, as SOAP 1.1 demands."""
    detail = etree.Element("Ma")
    detail.text = "7"

    reply = fault_11("KHONG_TIM_THAY", "Không tìm thấy", detail=detail)
    fault = etree.fromstring(reply.body).find("{*}Body/{*}Fault")

    assert reply.status == 500
    assert fault is not None
    assert fault.findtext("faultcode") == "KHONG_TIM_THAY"
    assert fault.findtext("faultstring") == "Không tìm thấy"
    assert fault.findtext("detail/Ma") == "7"


@pytest.mark.parametrize(
    ("code", "value", "subcode"),
    [
        ("Server", "soap:Receiver", None),
        ("Client", "soap:Sender", None),
        ("MustUnderstand", "soap:MustUnderstand", None),
        ("LOI_NOI_BO", "soap:Receiver", "LOI_NOI_BO"),
    ],
)
def test_a_fault_of_12_keeps_to_the_five_codes(code: str, value: str, subcode: str | None) -> None:
    """The names of 1.1 are translated, others stand as subcode."""
    fault = etree.fromstring(fault_12(code, "Lỗi").body).find("{*}Body/{*}Fault")

    assert fault is not None
    assert fault.findtext("{*}Code/{*}Value") == value
    assert fault.findtext("{*}Code/{*}Subcode/{*}Value") == subcode
    assert fault.findtext("{*}Reason/{*}Text") == "Lỗi"


@pytest.mark.parametrize(
    ("headers", "action"),
    [
        ({"SOAPAction": '"urn:toy/Hoi"'}, "urn:toy/Hoi"),
        ({"SOAPAction": ""}, ""),
        ({"Content-Type": 'application/soap+xml; charset=utf-8; action="urn:toy/Hoi"'}, "urn:toy/Hoi"),
        ({}, ""),
    ],
)
def test_the_action_is_found_in_either_version(headers: dict[str, str], action: str) -> None:
    """A header in 1.1, a parameter of the content type in 1.2."""
    assert action_of(Request("POST", "/toy/ws", {}, headers, b"")) == action
