"""A contract in WSDL 1.1: its operations, its schema compiled, and the comparison of documents without the address."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final, TypeAlias

from lxml import etree

from conformance.schema import ContractError

WSDL: Final = "http://schemas.xmlsoap.org/wsdl/"
XSD: Final = "http://www.w3.org/2001/XMLSchema"
SOAP_11: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP_12: Final = "http://schemas.xmlsoap.org/wsdl/soap12/"


Order: TypeAlias = "Mapping[str, Order]"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation, document/literal."""

    name: str
    action: str
    asked: str
    """Qualified name of the request's element, `{namespace}name`."""
    answered: str
    order: Order = field(default_factory=dict)
    """The request's children, and their children, in the order of the schema."""


@dataclass(frozen=True, slots=True)
class Wsdl:
    """One WSDL with its schemas."""

    version: str
    """`1.1` or `1.2`"""
    operations: Mapping[str, Operation]
    schema: etree.XMLSchema
    document: bytes
    beside: Mapping[str, bytes]
    """The bytes of each schema by file name."""
    known: frozenset[str]
    coded: frozenset[str]
    """Elements whose values the schema lists."""
    declares_faults: bool
    """True when its operations declare faults with a detail."""


def parsed(data: bytes) -> etree._Element:
    """Parses XML from outside, without entities and network.

    Raises:
        etree.XMLSyntaxError: it is not well-formed.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    return etree.fromstring(data, parser)


def read_wsdl(path: Path) -> Wsdl:
    """Reads a contract, and the schemas that it imports from its folder.

    Raises:
        ContractError: the contract can't be read, or lacks something that a call needs.
    """
    try:
        document = path.read_bytes()
        root = parsed(document)
        beside = {name: (path.parent / name).read_bytes() for name in _imports(root)}
        schema = etree.XMLSchema(_whole(root, beside, path.parent))
    except (OSError, etree.XMLSyntaxError, etree.XMLSchemaParseError) as error:
        raise ContractError(f"{path} can't be used: {error}") from error
    version = "1.2" if next(root.iter(f"{{{SOAP_12}}}binding"), None) is not None else "1.1"
    trees = [root, *(parsed(data) for data in beside.values())]
    binding = SOAP_12 if version == "1.2" else SOAP_11
    operations = {one.name: replace(one, order=_order(one.asked, trees)) for one in _operations(root, binding)}
    names = [tree.iter(f"{{{XSD}}}element") for tree in trees]
    known = frozenset(str(element.get("name")) for found in names for element in found if element.get("name"))
    return Wsdl(
        version=version,
        operations=operations,
        schema=schema,
        document=document,
        beside=beside,
        known=known,
        coded=frozenset(_coded(trees)),
        declares_faults=root.find(f"{{{WSDL}}}portType/{{{WSDL}}}operation/{{{WSDL}}}fault") is not None,
    )


def canonical(data: bytes) -> list[str]:
    """Returns a document's lines in canonical form, without comments, blank text and addresses.

    Raises:
        etree.XMLSyntaxError: it is not well-formed.
    """
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    for element in root.iter("*"):
        if etree.QName(element).localname == "address":
            element.set("location", "")
        if "schemaLocation" in element.attrib:
            element.set("schemaLocation", str(element.get("schemaLocation")).rpartition("/")[2])
        element.text = (element.text or "").strip() or None
        element.tail = None
    etree.indent(root)
    return etree.tostring(root, method="c14n").decode().splitlines()


def _imports(root: etree._Element) -> Iterator[str]:
    for tag in ("import", "include"):
        for element in root.iter(f"{{{XSD}}}{tag}"):
            if location := element.get("schemaLocation"):
                yield location


def _whole(root: etree._Element, beside: Mapping[str, bytes], folder: Path) -> etree._Element:
    """Returns one schema for validation: the only imported one, or one that imports all."""
    if len(beside) == 1:
        return etree.fromstring(next(iter(beside.values())), base_url=str(folder / next(iter(beside))))
    found = root.find(f"{{{WSDL}}}types/{{{XSD}}}schema")
    if found is None:
        raise ContractError("the WSDL has no schema")
    return etree.fromstring(etree.tostring(found), base_url=str(folder / "types.xsd"))


def _order(asked: str, trees: Iterable[etree._Element]) -> Order:
    """Returns the children of a global element, and their children."""
    name = etree.QName(asked).localname
    for tree in trees:
        for element in tree.iter(f"{{{XSD}}}element"):
            parent = element.getparent()
            if element.get("name") == name and parent is not None and parent.tag == f"{{{XSD}}}schema":
                types = {str(one.get("name")): one for one in tree.iter(f"{{{XSD}}}complexType") if one.get("name")}
                return _children(element, types, frozenset())
    return {}


def _children(element: etree._Element, types: Mapping[str, etree._Element], above: frozenset[str]) -> Order:
    kind = str(element.get("type", "")).rpartition(":")[2]
    if kind in above:
        return {}
    sequence = types.get(kind, element).find(f".//{{{XSD}}}sequence")
    inner = [] if sequence is None else sequence.findall(f"{{{XSD}}}element")
    return {str(child.get("name")): _children(child, types, above | {kind} if kind else above) for child in inner}


def _coded(trees: Iterable[etree._Element]) -> Iterator[str]:
    for tree in trees:
        kinds = {
            kind.get("name")
            for kind in tree.iter(f"{{{XSD}}}simpleType")
            if kind.find(f".//{{{XSD}}}enumeration") is not None
        }
        for element in tree.iter(f"{{{XSD}}}element"):
            if str(element.get("type", "")).rpartition(":")[2] in kinds:
                yield str(element.get("name"))


def _operations(root: etree._Element, soap: str) -> Iterator[Operation]:
    messages = {}
    for message in root.iterfind(f"{{{WSDL}}}message"):
        part = message.find(f"{{{WSDL}}}part")
        if part is not None and (element := part.get("element")):
            messages[str(message.get("name"))] = _qualified(part, element)
    actions = {
        str(operation.get("name")): str(bound.get("soapAction", ""))
        for operation in root.iterfind(f"{{{WSDL}}}binding/{{{WSDL}}}operation")
        if (bound := operation.find(f"{{{soap}}}operation")) is not None
    }
    for operation in root.iterfind(f"{{{WSDL}}}portType/{{{WSDL}}}operation"):
        name = str(operation.get("name"))
        asked, answered = (operation.find(f"{{{WSDL}}}{way}") for way in ("input", "output"))
        if asked is None or answered is None or name not in actions:
            raise ContractError(f"operation {name}: input, output and a SOAP binding are needed")
        local = [str(way.get("message")).rpartition(":")[2] for way in (asked, answered)]
        yield Operation(name, actions[name], messages[local[0]], messages[local[1]])


def _qualified(element: etree._Element, name: str) -> str:
    prefix, _, local = name.rpartition(":")
    return f"{{{element.nsmap[prefix or None]}}}{local}"
