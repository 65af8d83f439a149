"""Messages of SOAP 1.1 and 1.2, document/literal, with a UsernameToken when the service requires it."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from lxml import etree

from conformance.wsdl import Operation, Order

ENVELOPE: Final = {
    "1.1": "http://schemas.xmlsoap.org/soap/envelope/",
    "1.2": "http://www.w3.org/2003/05/soap-envelope",
}
CONTENT_TYPE: Final = {"1.1": "text/xml", "1.2": "application/soap+xml"}
_WSS: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss"
_WSSE: Final = f"{_WSS}-wssecurity-secext-1.0.xsd"
_WSU: Final = f"{_WSS}-wssecurity-utility-1.0.xsd"


def envelope(
    version: str,
    operation: Operation,
    children: Any,
    *,
    element: str | None = None,
    token: tuple[str, str] | None = None,
) -> bytes:
    """Returns the request in its envelope; *element* replaces the operation's root element, to test the refusal."""
    namespace = ENVELOPE[version]
    root = etree.Element(f"{{{namespace}}}Envelope", nsmap={"soap": namespace})
    if token is not None:
        _secured(etree.SubElement(root, f"{{{namespace}}}Header"), *token)
    asked = etree.QName(operation.asked)
    name = asked.text if element is None else f"{{{asked.namespace}}}{element}"
    question = etree.SubElement(etree.SubElement(root, f"{{{namespace}}}Body"), name, nsmap={"v": asked.namespace})
    _fill(question, children or {}, str(asked.namespace), operation.order)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def headers(version: str, operation: Operation) -> dict[str, str]:
    """Returns the headers of a request: content type and SOAP action."""
    if version == "1.2":
        return {"Content-Type": f'application/soap+xml; charset=utf-8; action="{operation.action}"'}
    return {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": f'"{operation.action}"'}


def _fill(parent: etree._Element, children: Mapping[str, Any], namespace: str, order: Order) -> None:
    places = {name: place for place, name in enumerate(order)}
    for name, value in sorted(children.items(), key=lambda pair: places.get(pair[0], len(places))):
        for one in value if isinstance(value, list) else [value]:
            child = etree.SubElement(parent, f"{{{namespace}}}{name}")
            if isinstance(one, Mapping):
                _fill(child, one, namespace, order.get(name, {}))
            else:
                child.text = str(one)


def _secured(header: etree._Element, username: str, password: str) -> None:
    """Adds a WS-Security 1.0 UsernameToken: base64(SHA-1(nonce + created + password)), with a new nonce."""
    nonce, created = secrets.token_bytes(16), f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    # The profile prescribes SHA-1.
    digest = hashlib.sha1(nonce + created.encode() + password.encode(), usedforsecurity=False).digest()
    security = etree.SubElement(header, f"{{{_WSSE}}}Security", nsmap={"wsse": _WSSE, "wsu": _WSU})
    token = etree.SubElement(security, f"{{{_WSSE}}}UsernameToken")
    etree.SubElement(token, f"{{{_WSSE}}}Username").text = username
    secret = etree.SubElement(token, f"{{{_WSSE}}}Password")
    secret.set("Type", f"{_WSS}-username-token-profile-1.0#PasswordDigest")
    secret.text = base64.b64encode(digest).decode()
    salt = etree.SubElement(token, f"{{{_WSSE}}}Nonce")
    salt.set("EncodingType", f"{_WSS}-soap-message-security-1.0#Base64Binary")
    salt.text = base64.b64encode(nonce).decode()
    etree.SubElement(token, f"{{{_WSU}}}Created").text = created


def tree_of(element: etree._Element) -> Any:
    """Returns an element as a tree for pointers: children by local name, repeated ones as a list, a leaf as text."""
    if len(element) == 0:
        return element.text or ""
    found: dict[str, Any] = {}
    for child in element.iterchildren("*"):
        name, value = etree.QName(child).localname, tree_of(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found
