"""Reads XML from an untrusted upstream: its size and structure are checked before a parser builds anything from it.

The parser fetches nothing, expands nothing and never runs with libxml2's limits off. What is refused here:

- a DOCTYPE, in whatever encoding it hides (``forbidden_xml``), hence every entity but the five of XML itself;
- encodings in which ASCII is not ASCII (UTF-7, EBCDIC, UTF-32), where it could hide (``forbidden_xml``);
  UTF-16 is made UTF-8 before anything is looked at;
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

_DECLARATION: Final = re.compile(rb"<\?xml\s[^>]{0,400}\?>")
_BEGINNING: Final = tuple(b"<?xml" + blank for blank in (b" ", b"\t", b"\r", b"\n"))
_ENCODING: Final = re.compile(rb"""\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PROLOG: Final = re.compile(rb"(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_OLD: Final = {
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "latin1": "latin-1",
    "latin-1": "latin-1",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "windows-1258": "cp1258",
    "cp1258": "cp1258",
}
"""Encodings of one byte a letter, in which ASCII is ASCII, by the names under which they are declared; old services of
the ministries still write windows-1258."""
_UTF_8: Final = frozenset({"utf-8", "utf8"})
_UTF_16: Final = frozenset({"utf-16", "utf-16le", "utf-16be", "utf16", "unicode"})
"""Names that .NET's string writer declares over bytes of UTF-8: bytes that are plainly something else overrule them."""


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


def parse_xml(body: bytes, limits: AnswerLimits, charset: str = "") -> Element:
    """The root element of *body*; *charset* is what the ``Content-Type`` says of its encoding.

    Raises:
        OffContract: ``forbidden_xml``, ``response_too_large`` or ``malformed``.
    """
    body = _with_ascii_inside(body, charset)
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


def _with_ascii_inside(body: bytes, charset: str) -> bytes:
    """*body* in UTF-8, in which ``<!DOCTYPE`` can only be written in one way.

    Bytes that are plainly UTF-8 or UTF-16 overrule what is said of them; then *charset* overrules the declaration
    (RFC 7303 section 3), unless it proves wrong.
    """
    if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and not body.startswith(codecs.BOM_UTF32_LE):
        return _from_utf16(body, "utf-16")
    body = body.removeprefix(codecs.BOM_UTF8).lstrip().removeprefix(codecs.BOM_UTF8)
    if body[:2] in {b"<\0", b"\0<"} and body[2:4] != b"\0\0":
        return _from_utf16(body, "utf-16-le" if body[0] else "utf-16-be")
    if b"\0" in body[:4]:
        raise _foreign_encoding()
    declaration = _DECLARATION.match(body)
    if declaration is not None:
        return _decoded(body, body[declaration.end() :], _declared(declaration[0]), charset)
    if body.startswith(_BEGINNING):
        raise _foreign_encoding()
    return _decoded(body, body, "", charset)


def _declared(declaration: bytes) -> str:
    found = _ENCODING.search(declaration)
    if found is None:
        if b"encoding" in declaration:
            raise _foreign_encoding()
        return ""
    name = found[1].decode("ascii").lower()
    if name not in _UTF_8 and name not in _UTF_16 and name not in _OLD:
        raise _foreign_encoding()
    return name


def _decoded(body: bytes, rest: bytes, declared: str, charset: str) -> bytes:
    """UTF-8 of *body*; *rest* is what follows the declaration that says *declared*."""
    if body.isascii() or _is_utf8(body):
        return body if declared in _UTF_8 or not declared else rest
    for name in (charset.strip().lower(), declared):
        if name in _OLD:
            try:
                return rest.decode(_OLD[name]).encode()
            except UnicodeDecodeError:
                continue
    raise malformed("The answer's bytes are not of the encoding that it says.")


def _is_utf8(body: bytes) -> bool:
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


def _from_utf16(body: bytes, codec: str) -> bytes:
    try:
        text = body.decode(codec)
    except UnicodeDecodeError:
        raise malformed("The answer is not well-formed XML.") from None
    text = text.removeprefix("\ufeff").lstrip()
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
