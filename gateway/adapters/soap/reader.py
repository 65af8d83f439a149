"""Reads the body element of a SOAP answer by the types that zeep took from the pinned WSDL.

zeep's own reader is strict where ministries are not (order, news) and silent where they lie: it honours ``xsi:type``,
compares local names only, writes unreadable values to the log and goes on with None. So its *types* are compiled,
once at start, into plain functions that

- give every declared child its place, None or ``[]`` where it is absent, whatever the order;
- keep undeclared children under their local name, for whoever counts drift, and with what is in them;
- leave values as the text that was sent: what a date or a number is, the wire model says;
- refuse an element that comes twice where the contract allows one, and markup inside a value.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from lxml import etree
from zeep import xsd

from gateway.adapters.soap.xml import Element, malformed

Value: TypeAlias = "str | dict[str, Value] | list[Value] | None"
Read = Callable[[Element], Value]

_NIL: Final = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_TRUE: Final = frozenset({"true", "1"})


class UnsupportedContract(Exception):
    """The WSDL has a construct that the reader does not know; the message names it."""


@dataclass(slots=True)
class _Shape:
    """A complex type: its children by the tags under which they may come."""

    empty: dict[str, Value] = field(default_factory=dict)
    """The mapping of an element without children."""
    lists: tuple[str, ...] = ()
    children: dict[str, tuple[str, bool, Read]] = field(default_factory=dict)
    """Tag → name, whether it repeats, how it is read."""

    def __call__(self, element: Element) -> Value:
        if element.get(_NIL) in _TRUE or (len(element) == 0 and self.children):
            return None
        return self.fill(element)

    def fill(self, element: Element) -> dict[str, Value]:
        """The mapping of *element*'s children."""
        found = self.empty.copy()
        many: dict[str, list[Value]] = {name: [] for name in self.lists}
        found.update(many)
        seen = set()
        undeclared: dict[str, Value] = {}
        for child in element:
            known = self.children.get(child.tag)
            if known is None:
                _add(undeclared, child)
                continue
            name, repeats, read = known
            if repeats:
                many[name].append(read(child))
            elif name in seen:
                raise malformed(f"The answer has {name} twice where its contract allows one.")
            else:
                seen.add(name)
                found[name] = read(child)
        return {**undeclared, **found} if undeclared else found


def _add(found: dict[str, Value], element: Element) -> None:
    """Adds an undeclared *element*, its text or what is in it; a list where its name comes more than once."""
    name, inside = etree.QName(element).localname, dict[str, Value]()
    for child in element:
        _add(inside, child)
    value: Value = inside or element.text
    before = found.get(name)
    found[name] = value if name not in found else [*before, value] if isinstance(before, list) else [before, value]


def read_text(element: Element) -> str | None:
    """The text of a simple element.

    Raises:
        OffContract: When there is markup in it (an ``xop:Include`` too: attachments are not read).
    """
    if len(element):
        raise malformed("The answer has markup inside a value.")
    return None if element.get(_NIL) in _TRUE else element.text


def compile_body(element: xsd.Element) -> Callable[[Element], dict[str, Value]]:
    """How to read a body element declared as *element*.

    Raises:
        UnsupportedContract: When its type holds wildcards, attributes, repeated groups or simple content.
    """
    shapes: dict[int, _Shape] = {}
    if not isinstance(element.type, xsd.ComplexType):
        raise UnsupportedContract(f"{element.name}: a body element without children")
    return _shape(element.type, str(element.name), shapes).fill


def _shape(of: xsd.ComplexType, where: str, shapes: dict[int, _Shape]) -> _Shape:
    known = shapes.get(id(of))
    if known is not None:
        return known
    shape = shapes[id(of)] = _Shape()
    if of.attributes:
        raise UnsupportedContract(f"{where}: attributes")
    for _, group in of.elements_nested:
        _refuse_repeated(group, where)
    lists = []
    for name, child in of.elements:
        if not isinstance(child, xsd.Element) or not isinstance(name, str) or child.qname is None:
            raise UnsupportedContract(f"{where}: a wildcard")
        read: Read = read_text
        if isinstance(child.type, xsd.ComplexType):
            read = _shape(child.type, f"{where}/{name}", shapes)
        if child.accepts_multiple:
            lists.append(name)
        else:
            shape.empty[name] = None
        entry = (name, bool(child.accepts_multiple), read)
        # Some services forget the namespace of inner elements.
        shape.children[child.qname.text] = shape.children[child.qname.localname] = entry
    shape.lists = tuple(lists)
    return shape


def _refuse_repeated(group: object, where: str) -> None:
    if isinstance(group, xsd.Element):
        if not group.name or group.name.startswith("_value"):
            raise UnsupportedContract(f"{where}: simple content")
        return
    if getattr(group, "accepts_multiple", False):
        raise UnsupportedContract(f"{where}: a repeated group")
    for inner in group if hasattr(group, "__iter__") else ():
        if not isinstance(inner, xsd.Element):
            _refuse_repeated(inner, where)
