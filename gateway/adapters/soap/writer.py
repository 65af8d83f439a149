"""Writes SOAP messages by the types that zeep took from the pinned WSDL, byte for byte as zeep would.

zeep builds a message by walking those types, which takes 100 to 140 µs. Here they are compiled once, at start, into
the tags in their order with a gap for each value; zeep's own types turn values into texts. A compiled message is
compared with zeep's before it is ever used, and whatever is out of the ordinary goes to zeep itself: a missing or
unknown argument, a character that XML can't carry, a value of an odd type, a construct that is not compiled.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

import zeep.exceptions
from zeep import xsd
from zeep.xsd.types.builtins import BuiltinType

from gateway.core.problems import GatewayError

_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that XML can't carry (XML 1.0 section 2.2)."""
_PLAIN: Final = frozenset({str, int, bool, float, Decimal, date, datetime, time})
"""Types of values that zeep writes by the declared type alone."""
_PROBES: Final = ("1", "<&>\r\n", "")

Build = Callable[[str, Mapping[str, object]], bytes]
Write = Callable[[Mapping[str, object]], bytes]


class _Odd(Exception):
    """zeep must decide what becomes of these arguments."""


class SoapWriter:
    """The messages of one contract.

    Args:
        build: zeep's way: the message of an operation with arguments.
        envelope: The namespace of the SOAP version.
        inputs: The body element of each operation.
    """

    def __init__(self, build: Build, envelope: str, inputs: Mapping[str, xsd.Element]) -> None:
        self._build = build
        self._compiled: dict[str, Write] = {}
        for name, element in inputs.items():
            write = self._checked(name, element, envelope)
            if write is not None:
                self._compiled[name] = write

    @property
    def compiled(self) -> frozenset[str]:
        """The operations that do not need zeep."""
        return frozenset(self._compiled)

    def message(self, operation: str, arguments: Mapping[str, object]) -> bytes:
        """The same bytes that *build* gives, or its error."""
        write = self._compiled.get(operation)
        if write is not None:
            try:
                return write(arguments)
            except _Odd:
                pass
        return self._build(operation, arguments)

    def _checked(self, name: str, element: xsd.Element, envelope: str) -> Write | None:
        """How to write the message, where that gives zeep's bytes for examples: whole ones, and the least allowed."""
        try:
            write = _message(element, envelope)
            examples = [_example(element.type, text, whole=whole) for text in _PROBES for whole in (True, False)]
            agrees = all(write(arguments) == self._build(name, arguments) for arguments in examples)
        except (_Odd, GatewayError, zeep.exceptions.Error, ArithmeticError, AttributeError, TypeError, ValueError):
            # Then zeep's way, which tells what is wrong when it is asked.
            return None
        return write if agrees else None


@dataclass(frozen=True, slots=True)
class _Child:
    """One child of a complex type: how its value is written."""

    name: str
    write: Callable[[object], str]
    optional: bool
    many: bool

    def __call__(self, value: object) -> str:
        if value is None and self.optional:
            return ""
        if not self.many:
            return self.write(value)
        if type(value) is not list or not (value or self.optional):
            raise _Odd
        return "".join(map(self.write, value))


@dataclass(slots=True)
class _Complex:
    """A complex type under one tag."""

    tag: str
    opening: str
    children: list[_Child] = field(default_factory=list)

    def __call__(self, value: object) -> str:
        if type(value) is not dict:
            raise _Odd
        return self.fill(value)

    def fill(self, values: Mapping[str, object]) -> str:
        """The element with its children, in the order of the contract."""
        known = 0
        parts = []
        for child in self.children:
            if child.name in values:
                known += 1
                parts.append(child(values[child.name]))
            elif not child.optional:
                raise _Odd
        if known != len(values):
            raise _Odd
        inner = "".join(parts)
        return f"<{self.opening}>{inner}</{self.tag}>" if inner else f"<{self.opening}/>"


def _message(element: xsd.Element, envelope: str) -> Write:
    """How to write the message whose body element is declared as *element*.

    Raises:
        _Odd: The element has a construct that is left to zeep.
    """
    namespace = element.qname.namespace
    body = _compiled(element, namespace, ()) if namespace else None
    if not isinstance(body, _Complex):
        raise _Odd
    body.opening = f'{body.tag} xmlns:ns0="{escaped(namespace)}"'
    start = f"<?xml version='1.0' encoding='utf-8'?>\n<soap-env:Envelope xmlns:soap-env=\"{envelope}\"><soap-env:Body>"
    end = "</soap-env:Body></soap-env:Envelope>"

    def write(arguments: Mapping[str, object]) -> bytes:
        text = f"{start}{body.fill(arguments)}{end}"
        if _NO_XML.search(text):
            raise _Odd
        return text.encode()

    return write


def _compiled(element: xsd.Element, namespace: str, above: tuple[xsd.ComplexType, ...]) -> Callable[[object], str]:
    """How to write the value of *element*.

    Raises:
        _Odd: It, or something below it, has a construct that is left to zeep.
    """
    if element.qname.namespace not in {namespace, None} or element.default is not None or element.nillable:
        raise _Odd
    name = element.qname.localname
    tag = f"ns0:{name}" if element.qname.namespace else name
    of = element.type
    if isinstance(of, BuiltinType):
        return _simple(tag, of)
    if not isinstance(of, xsd.ComplexType) or of in above or of.attributes:
        raise _Odd
    found = _Complex(tag, tag)
    for _, group in of.elements_nested:
        if type(group) is not xsd.Sequence or (group.min_occurs, group.max_occurs) != (1, 1):
            raise _Odd
        for inner_name, child in group.elements_nested:
            if not isinstance(child, xsd.Element) or not inner_name:
                raise _Odd
            if child.accepts_multiple and (child.max_occurs != "unbounded" or child.min_occurs > 1):
                raise _Odd
            write = _compiled(child, namespace, (*above, of))
            found.children.append(_Child(inner_name, write, child.is_optional, child.accepts_multiple))
    return found


def _simple(tag: str, of: BuiltinType) -> Callable[[object], str]:
    opening, closing = f"<{tag}>", f"</{tag}>"
    as_it_is = isinstance(of, xsd.String)

    def write(value: object) -> str:
        if as_it_is and type(value) is str:
            return f"{opening}{escaped(value)}{closing}"
        if type(value) not in _PLAIN:
            raise _Odd
        try:
            text = of.xmlvalue(value)  # type: ignore[no-untyped-call]  # zeep is half typed
        except (TypeError, ValueError, AttributeError):
            raise _Odd from None
        if type(text) is not str:
            raise _Odd
        return f"{opening}{escaped(text)}{closing}"

    return write


def _example(of: xsd.ComplexType, text: str, *, whole: bool) -> dict[str, object]:
    """Arguments with *text* in every place, or where *whole* is not said, in those that must be there."""
    found: dict[str, object] = {}
    for name, child in of.elements:
        if whole or not child.is_optional:
            complex_ = isinstance(child.type, xsd.ComplexType)
            value: object = _example(child.type, text, whole=whole) if complex_ else text
            found[name] = [value, value] if child.accepts_multiple else value
    return found


def escaped(text: str) -> str:
    """*text* as lxml writes it into an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
