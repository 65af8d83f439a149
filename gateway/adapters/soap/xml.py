"""Reads XML from an untrusted upstream: its size and structure are checked before a parser builds anything from it.

The parser fetches nothing, expands nothing and never runs with libxml2's limits off. What is refused here:

- a DOCTYPE, in whatever encoding it hides (``forbidden_xml``), hence every entity but the five of XML itself;
- encodings in which ASCII is not ASCII (UTF-7, EBCDIC, UTF-32), where it could hide (``forbidden_xml``);
- too many elements, too long a text, too deep a nesting (``response_too_large``);
- what is not well-formed (``malformed``).
"""

from __future__ import annotations

import codecs
import re
from typing import Final, TypeAlias

from lxml import etree

from gateway.adapters.limits import too_large
from gateway.core.problems import OffContract
from gateway.core.settings import AnswerLimits

Element: TypeAlias = etree._Element  # noqa: SLF001  # lxml has no public name for what it gives

TEXT_BYTES: Final = 9_000_000
"""Longest run without a tag; libxml2's own limit is 10,000,000 and stays in force."""

_DECLARED: Final = re.compile(rb"""^<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["'][^>]{0,200}\?>""")
_PROLOG: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ASCII_INSIDE: Final = frozenset(
    {"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin1", "windows-1252", "windows-1258", "cp1258"}
)
"""Old services of the ministries still write windows-1258."""


def malformed(detail: str) -> OffContract:
    """The error of an answer that can't be read."""
    return OffContract(detail, reason="malformed")


def _doctype() -> OffContract:
    return OffContract("The answer has a DOCTYPE; none is ever read.", reason="forbidden_xml")


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,  # else a comment inside a value cuts its text in two
        remove_pis=True,
        collect_ids=False,
    )


def parse_xml(body: bytes, limits: AnswerLimits) -> Element:
    """The root element of *body*.

    Raises:
        OffContract: ``forbidden_xml``, ``response_too_large`` or ``malformed``.
    """
    body = _with_ascii_inside(body)
    prolog = _PROLOG.match(body)
    start = prolog.end() if prolog else 0
    if body.startswith(b"<!", start):
        raise _doctype()
    _weigh(body, limits)
    try:
        root = etree.fromstring(body, _parser())
    except etree.XMLSyntaxError as error:
        # Its log is the thread's and remembers other documents; its code is its own.
        if error.code == etree.ErrorTypes.ERR_RESOURCE_LIMIT:  # type: ignore[attr-defined]  # lxml-stubs lack it
            raise too_large("nested too deep, or a text too long") from None
        raise malformed("The answer is not well-formed XML.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _doctype()
    if _deeper_than(limits.depth)(root):
        raise too_large(f"nested deeper than {limits.depth}")
    return root


def _with_ascii_inside(body: bytes) -> bytes:
    """*body* in an encoding in which ``<!DOCTYPE`` can only be written in one way."""
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not body.startswith(codecs.BOM_UTF32_LE):
        return _from_utf16(body)
    body = body.removeprefix(codecs.BOM_UTF8)
    if b"\0" in body[:4]:
        raise _foreign_encoding()
    declared = _DECLARED.match(body)
    if declared is not None and declared[1].decode("ascii").lower() not in _ASCII_INSIDE:
        raise _foreign_encoding()
    if declared is None and body.startswith(b"<?xml") and b"encoding" in body[: body.find(b"?>") + 2]:
        raise _foreign_encoding()
    return body


def _from_utf16(body: bytes) -> bytes:
    try:
        text = body.decode("utf-16")
    except UnicodeDecodeError:
        raise malformed("The answer is not well-formed XML.") from None
    if text.startswith("<?xml"):
        text = text.partition("?>")[2]
    return text.encode("utf-8", "replace")


def _foreign_encoding() -> OffContract:
    return OffContract("The answer has an encoding in which a DOCTYPE could hide.", reason="forbidden_xml")


def _weigh(body: bytes, limits: AnswerLimits) -> None:
    """Bounds on bytes alone, before a parser runs: comments and CDATA count too."""
    opened = body.count(b"<") - body.count(b"</")
    if opened > limits.elements:
        raise too_large(f"more than {limits.elements} elements")
    position = 0
    while len(body) - position > TEXT_BYTES:
        following = body.rfind(b"<", position + 1, position + TEXT_BYTES + 1)
        if following < 0:
            raise too_large(f"a text of more than {TEXT_BYTES} bytes")
        position = following


def _deeper_than(depth: int) -> etree.XPath:
    found = _DEPTHS.get(depth)
    if found is None:
        found = _DEPTHS[depth] = etree.XPath(f"boolean({'/*' * (depth + 1)})")
    return found


_DEPTHS: Final[dict[int, etree.XPath]] = {}
