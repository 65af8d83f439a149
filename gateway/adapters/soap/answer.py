"""Reads a SOAP answer: a mapping of its one body element, or a fault; anything else is a defect."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import islice
from typing import Final

from lxml import etree

from gateway.adapters.limits import looks_like_html
from gateway.adapters.soap.reader import Value
from gateway.adapters.soap.xml import Element, malformed, parse_xml
from gateway.core.message import Reply, SoapFault
from gateway.core.problems import Failing, OffContract
from gateway.core.settings import AnswerLimits

SOAP_11: Final = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP_12: Final = "http://www.w3.org/2003/05/soap-envelope"
_READABLE: Final = frozenset({"text/xml", "application/xml", "application/soap+xml", "text/html", "text/plain", ""})
"""Media types in which envelopes arrive; text/html is a habit of theirs, and a page is told by its bytes."""
_DETAIL_ENTRIES: Final = 32


def read_reply(
    status: int,
    headers: Mapping[str, str],
    body: bytes,
    limits: AnswerLimits,
    read: Callable[[Element], dict[str, Value] | SoapFault],
) -> Reply:
    """The reply that *body* is; what can't be read is a defect, for the status may say more.

    Raises:
        Failing: ``maintenance``, for an HTML page.
        OffContract: ``forbidden_xml`` or ``response_too_large``, whatever the status.
    """
    if looks_like_html(body):
        raise Failing("The upstream answered with an HTML page instead of data.", reason="maintenance")
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _READABLE:
        return Reply(status, headers, None, malformed("The answer's media type is not one of SOAP."))
    if not body or body.isspace():
        return Reply(status, headers, None, malformed("The upstream's answer is empty."))
    try:
        return Reply(status, headers, read(parse_xml(body, limits)))
    except OffContract as error:
        if error.reason != "malformed":
            raise
        return Reply(status, headers, None, error)


def body_element(root: Element, envelope: str) -> Element:
    """The one element of the one Body.

    Raises:
        OffContract: For another envelope, a second Body (signature wrapping), none or more than one element.
    """
    if root.tag != f"{{{envelope}}}Envelope":
        raise malformed("The answer is not an envelope of this SOAP version.")
    bodies = root.findall(f"{{{envelope}}}Body")
    if len(bodies) != 1 or len(bodies[0]) != 1:
        raise malformed("The answer's Body does not hold exactly one element.")
    return bodies[0][0]


def read_fault(fault: Element, envelope: str) -> SoapFault:
    """A Fault of SOAP 1.1 (section 4.4), or of SOAP 1.2 part 1 (section 5.4) where the innermost subcode is the code.

    Raises:
        OffContract: When it has no code.
    """
    if envelope == SOAP_12:
        of = f"{{{envelope}}}"
        values = [value.text for value in fault.iterfind(f"{of}Code//{of}Value")]
        code = (values[-1] if values else None) or ""
        message = fault.findtext(f"{of}Reason/{of}Text")
        detail = fault.find(f"{of}Detail")
    else:
        code = fault.findtext("{*}faultcode") or ""
        message = fault.findtext("{*}faultstring")
        detail = fault.find("{*}detail")
    code = code.strip().rpartition(":")[2]
    if not code:
        raise malformed("The answer is a fault without a code.")
    return SoapFault(code, (message or "").strip(), {} if detail is None else _leaves(detail))


def _leaves(detail: Element) -> dict[str, str]:
    leaves = (leaf for leaf in detail.iterdescendants("*") if len(leaf) == 0 and leaf.text)
    return {etree.QName(leaf).localname: (leaf.text or "").strip() for leaf in islice(leaves, _DETAIL_ENTRIES)}
