"""Writes SOAP messages as zeep does, which is asked for each kind of message once.

zeep builds a message by walking the types of the contract, for most of the time that a question costs before it
leaves. But what differs between two messages of the same operation with the same arguments is the texts alone. So
zeep builds one with marks in their place, and the bytes between the marks are kept.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from zeep import xsd

MOST: Final = 256
"""Kinds of messages that are remembered; an operation has few, one for each set of arguments."""
_NO_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 section 2.2 can't carry."""
_MARK: Final = "\ue000{}\ue001"
_MARKS: Final = re.compile("\ue000([0-9]+)\ue001".encode())

Build = Callable[[str, Mapping[str, object]], bytes]


class SoapWriter:
    """The messages of one contract.

    Args:
        build: zeep's way: the message of an operation with arguments.
        texts: By operation, the arguments whose values stand in the message as they are.
    """

    def __init__(self, build: Build, texts: Mapping[str, frozenset[str]]) -> None:
        self._build = build
        self._texts = texts
        self._templates: dict[tuple[str, ...], _Template] = {}

    def message(self, operation: str, arguments: Mapping[str, object]) -> bytes:
        """The same bytes that *build* gives, or its error."""
        values = []
        for name, value in arguments.items():
            if name not in self._texts[operation] or not isinstance(value, str) or not value or _NO_XML.search(value):
                return self._build(operation, arguments)
            values.append(value)
        kind = (operation, *arguments)
        template = self._templates.get(kind)
        if template is None:
            if len(self._templates) >= MOST:
                return self._build(operation, arguments)
            template = self._templates[kind] = self._learn(operation, tuple(arguments))
        parts = [template.start]
        for place, after in template.rest:
            parts += escaped(values[place]).encode(), after
        return b"".join(parts)

    def _learn(self, operation: str, names: tuple[str, ...]) -> _Template:
        marks = {name: _MARK.format(place) for place, name in enumerate(names)}
        start, *rest = _MARKS.split(self._build(operation, marks))
        places = [int(place) for place in rest[::2]]
        assert sorted(places) == list(range(len(names))), "each argument stands in the message once"
        return _Template(start, tuple(zip(places, rest[1::2], strict=True)))


@dataclass(frozen=True, slots=True)
class _Template:
    """The bytes of a message around its arguments, which follow by their place in the call."""

    start: bytes
    rest: tuple[tuple[int, bytes], ...]


def escaped(text: str) -> str:
    """*text* as lxml writes it into an element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")


def texts_of(element: xsd.Element) -> frozenset[str]:
    """The arguments of a body *element* that are plain strings, once at most."""
    if not isinstance(element.type, xsd.ComplexType):
        return frozenset()
    return frozenset(
        name
        for name, child in element.type.elements
        if isinstance(child, xsd.Element) and isinstance(child.type, xsd.String) and not child.accepts_multiple
    )
