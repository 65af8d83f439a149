"""Reads a SOAP answer: a mapping of its one body element, or a fault; anything else is a defect."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import Final

from lxml import etree

from gateway.adapters.encoding import content_type, root_part
from gateway.adapters.errors import page_for_people
from gateway.adapters.in_flight import LARGE_BYTES
from gateway.adapters.limits import looks_like_html
from gateway.adapters.session import RawReply
from gateway.adapters.soap.reader import Value
from gateway.adapters.soap.xml import Element, malformed, parse_xml
from gateway.core.message import Reply, SoapFault
from gateway.core.problems import OffContract
from gateway.core.settings import AnswerLimits

SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
_READABLE: Final = frozenset(
    {"text/xml", "application/xml", "application/soap+xml", "application/xop+xml", "text/html", "text/plain"}
)
"""Media types in which envelopes arrive; text/html is a habit of theirs, and a page is told by its bytes."""
_MULTIPART: Final = "multipart/related"
_DETAIL_ENTRIES: Final = 32


def read_reply(found: RawReply, limits: AnswerLimits, read: Callable[[Element], dict[str, Value] | SoapFault]) -> Reply:
    """The reply whose body is that of *found*; what can't be read is a defect, for the status may say more."""
    status, headers, body, defect = found.status, found.headers, found.body, found.defect
    if defect is not None:
        return Reply(status, headers, None, defect)
    if not body or body.isspace():
        return Reply(status, headers, None, malformed("The upstream's answer is empty."), empty=True)
    if looks_like_html(body):
        return Reply(status, headers, None, page_for_people())
    try:
        read_body = read(_root(headers.get("content-type", ""), body, limits))
        return Reply(status, headers, read_body, large=len(body) > LARGE_BYTES)
    except OffContract as error:
        return Reply(status, headers, None, error.with_traceback(None))


def _root(said: str, body: bytes, limits: AnswerLimits) -> Element:
    """The root element of a body whose ``Content-Type`` is *said*."""
    kind = content_type(said)
    if kind.get_content_type() == _MULTIPART:
        kind, body = root_part(body, kind)
    if kind.get_content_type() not in _READABLE:
        raise malformed("The answer's media type is not one of SOAP.")
    charset = kind.get_param("charset")
    return parse_xml(body, limits, charset if isinstance(charset, str) else "")


def body_element(root: Element, envelope: str) -> Element:
    """The one element of the one Body; a Fault may come in the envelope of either SOAP version.

    Raises:
        OffContract: For another envelope, a second Body (signature wrapping), none or more than one element.
    """
    version = etree.QName(root).namespace
    if version not in {SOAP_11, SOAP_12} or root.tag != f"{{{version}}}Envelope":
        raise malformed("The answer is not an envelope of SOAP.")
    bodies = root.findall(f"{{{version}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise malformed("The answer's Body does not hold exactly one element.")
    element = bodies[0][0]
    if version != envelope and not is_fault(element):
        raise malformed("The answer is not an envelope of this SOAP version.")
    return element


def is_fault(element: Element) -> bool:
    """Whether the Body's element is a Fault, of either SOAP version."""
    return element.tag in {f"{{{SOAP_11}}}Fault", f"{{{SOAP_12}}}Fault"}


def read_fault(fault: Element) -> SoapFault:
    """A Fault of SOAP 1.1 (section 4.4.1, where a dot refines a code), or of SOAP 1.2 part 1 (section 5.4, where a
    Subcode does); the innermost code is the Fault's.

    Raises:
        OffContract: When it has no code.
    """
    if fault.tag == f"{{{SOAP_12}}}Fault":
        of = f"{{{SOAP_12}}}"
        given = [value.text or "" for value in fault.iterfind(f"{of}Code//{of}Value")]
        message = fault.findtext(f"{of}Reason/{of}Text")
        detail = fault.find(f"{of}Detail")
    else:
        given = [fault.findtext("{*}faultcode") or ""]
        message = fault.findtext("{*}faultstring")
        detail = fault.find("{*}detail")
    parts = (part.rpartition(":")[2].strip() for value in given for part in value.split("."))
    codes = [code for code in parts if code]
    if not codes:
        raise malformed("The answer is a fault without a code.")
    leaves = {} if detail is None else _leaves(detail)
    return SoapFault(codes[-1], (message or "").strip(), leaves, wider=tuple(reversed(codes[:-1])))


def _leaves(detail: Element) -> dict[str, str]:
    leaves = (leaf for leaf in detail.iterdescendants("*") if len(leaf) == 0 and leaf.text)
    return {etree.QName(leaf).localname: (leaf.text or "").strip() for leaf in islice(leaves, _DETAIL_ENTRIES)}
