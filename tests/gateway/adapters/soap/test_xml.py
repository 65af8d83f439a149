"""XML that nobody trusts, weighed before a parser sees it."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from gateway.adapters.soap.xml import TEXT_BYTES, parse_xml
from gateway.core.problems import OffContract
from gateway.core.settings import AnswerLimits

LIMITS = AnswerLimits()
DOCTYPE = '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'


def reason(body: bytes, limits: AnswerLimits = LIMITS) -> str:
    """Why *body* is refused."""
    with pytest.raises(OffContract) as caught:
        parse_xml(body, limits)
    return caught.value.reason


@pytest.mark.parametrize(
    "body",
    [
        DOCTYPE.encode(),
        b" \n" + DOCTYPE.encode(),
        b"\xef\xbb\xbf" + DOCTYPE.encode(),
        b'<?xml version="1.0"?>\n<!-- a > b --> <?pi <!x ?>' + DOCTYPE.encode(),
        DOCTYPE.encode("utf-16"),
        b"\xff\xfe" + ('<?xml version="1.0" encoding="utf-16"?>' + DOCTYPE).encode("utf-16-le"),
        b"\xfe\xff" + DOCTYPE.encode("utf-16-be"),
        DOCTYPE.encode("utf-16-le"),
        DOCTYPE.encode("utf-16-be"),
        DOCTYPE.encode("utf-32"),
        DOCTYPE.encode("utf-32-be"),
        b'<?xml version="1.0" encoding="UTF-7"?>+ADw-!DOCTYPE a+AD4-+ADw-a/+AD4-',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
        b'<?xml version="1.0" encoding="IBM037"?><a/>',
        b"<?xml version='1.0'  encoding = 'UTF-32' ?><a/>",
        b'<?xml version="1.0" encoding=\'' + b"x" * 60 + b"'?><a/>",
    ],
)
def test_no_doctype_passes_in_any_disguise(body: bytes) -> None:
    """Nor any encoding in which one could be written otherwise than with ASCII bytes."""
    assert reason(body) == "forbidden_xml"


def test_ebcdic_is_no_xml_to_us() -> None:
    """libxml2 would recognise its first bytes."""
    assert reason(('<?xml version="1.0"?>' + DOCTYPE).encode("cp037")) in {"malformed", "forbidden_xml"}


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('<?xml version="1.0" encoding="utf-8"?><a>Điều 1</a>'.encode(), "Điều 1"),
        (b"\xef\xbb\xbf" + "<a>Điều 1</a>".encode(), "Điều 1"),
        ('<?xml version="1.0" encoding="utf-16"?><a>Điều 1</a>'.encode("utf-16"), "Điều 1"),
        ("<a>Điều 1</a>".encode("utf-16"), "Điều 1"),
        ('<?xml version="1.0" encoding="windows-1258"?><a>Đ</a>'.encode("cp1258"), "Đ"),
        ("<?xml version='1.0' encoding='ISO-8859-1' standalone='yes'?><a>é</a>".encode("latin-1"), "é"),
        (b"<a><![CDATA[<!DOCTYPE html><html>&x;</html>]]></a>", "<!DOCTYPE html><html>&x;</html>"),
        (b"<a>12<!-- cut here -->34<?and here?>56</a>", "123456"),
        (b"<a>&lt;b&gt; &#272;</a>", "<b> Đ"),
    ],
)
def test_what_they_really_send_is_read(body: bytes, text: str) -> None:
    """Byte order marks, old code pages, CDATA; a comment does not cut a value in two."""
    root = parse_xml(body, LIMITS)

    assert root.text == text
    assert len(root) == 0


@pytest.mark.parametrize("blanks", ["", "\r\n", "\ufeff", "\ufeff\r\n ", " \n\ufeff"])
def test_blanks_before_the_declaration_are_forgiven(blanks: str) -> None:
    """A template that begins with an empty line, a byte order mark where none belongs."""
    assert parse_xml(f'{blanks}<?xml version="1.0" encoding="utf-8"?><a>Đ</a>'.encode(), LIMITS).text == "Đ"


WORD = "Nghị định"
PARTS = "Nghi\u0323 đi\u0323nh"
"""As windows-1258 writes it: the letter, then its tone."""


@pytest.mark.parametrize("charset", ["", "utf-8", "iso-8859-1", "windows-1252", "windows-1258", "utf-16", "x-unknown"])
@pytest.mark.parametrize("declared", ["", "utf-8", "ISO-8859-1", "windows-1252", "windows-1258", "utf-16", "us-ascii"])
def test_bytes_that_are_plainly_utf8_overrule_what_is_said_of_them(declared: str, charset: str) -> None:
    """Header and declaration are often left from a template."""
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""

    assert parse_xml(f"{prolog}<a>{WORD}</a>".encode(), LIMITS, charset).text == WORD


@pytest.mark.parametrize(
    ("charset", "declared"),
    [
        ("windows-1258", ""),
        ("windows-1258", "iso-8859-1"),
        ("windows-1258", "utf-8"),
        ("", "windows-1258"),
        ("utf-8", "windows-1258"),
        ("x-unknown", "windows-1258"),
        (" Windows-1258 ", "windows-1252"),
    ],
)
def test_header_overrules_the_declaration_unless_it_proves_wrong(charset: str, declared: str) -> None:
    """RFC 7303 section 3; a header that says UTF-8 over other bytes says nothing."""
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""

    assert parse_xml(f"{prolog}<a>{PARTS}</a>".encode("cp1258"), LIMITS, charset).text == PARTS


@pytest.mark.parametrize(("charset", "declared"), [("", ""), ("utf-8", "utf-8"), ("us-ascii", ""), ("utf-7", "")])
def test_bytes_of_no_encoding_that_is_said_are_malformed(charset: str, declared: str) -> None:
    """Nothing is guessed."""
    prolog = f'<?xml version="1.0" encoding="{declared}"?>' if declared else ""

    assert reason(prolog.encode() + b"<a>\xd0</a>", LIMITS) == "malformed"
    with pytest.raises(OffContract):
        parse_xml(prolog.encode() + b"<a>\xd0</a>", LIMITS, charset)


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
def test_utf16_without_its_mark_is_read(codec: str) -> None:
    """Its first bytes tell it (XML 1.0 appendix F)."""
    assert parse_xml(f'<?xml version="1.0" encoding="utf-16"?><a>{WORD}</a>'.encode(codec), LIMITS).text == WORD
    assert parse_xml(f"<a>{WORD}</a>".encode(codec), LIMITS).text == WORD


def test_a_stylesheet_is_no_declaration() -> None:
    """It only begins alike."""
    assert parse_xml('<?xml-stylesheet href="encoding"?><a>Đ</a>'.encode(), LIMITS).text == "Đ"


@pytest.mark.parametrize("charset", ["utf-8", "utf-16", "windows-1258", "utf-7"])
def test_no_charset_of_a_header_lets_a_doctype_pass(charset: str) -> None:
    """It is looked for in the bytes that are parsed."""
    for body in (DOCTYPE, f'<?xml version="1.0" encoding="utf-16"?>{DOCTYPE}', DOCTYPE.replace("c", "ế")):
        with pytest.raises(OffContract) as met:
            parse_xml(body.encode(), LIMITS, charset)
        assert met.value.reason == "forbidden_xml"


@pytest.mark.parametrize("body", [b"<a>", b"<a></b>", b"a", b"<a>&nope;</a>", b"<a/><b/>", b"\x00\x01", b"<a>\x01</a>"])
def test_what_is_not_well_formed_is_malformed(body: bytes) -> None:
    """Undeclared entities included."""
    assert reason(body) in {"malformed", "forbidden_xml"}


def test_elements_are_counted_before_they_are_built() -> None:
    """Closing tags do not count."""
    limits = AnswerLimits(elements=100)

    assert reason(b"<a>" + b"<b/>" * 100 + b"</a>", limits) == "response_too_large"
    assert len(parse_xml(b"<a>" + b"<b></b>" * 99 + b"</a>", limits)) == 99


def test_nesting_is_bounded_by_the_limit_and_by_the_parsers_own() -> None:
    """An element more than allowed is too deep; libxml2's own bound says the same."""
    limits = AnswerLimits(depth=10)

    assert parse_xml(b"<a>" * 10 + b"</a>" * 10, limits).tag == "a"
    assert reason(b"<a>" * 11 + b"</a>" * 11, limits) == "response_too_large"
    assert reason(b"<a>" * 3_000 + b"</a>" * 3_000, AnswerLimits(depth=5_000)) == "response_too_large"


def test_a_limit_passed_once_is_not_held_against_the_next_answer() -> None:
    """libxml2's log of errors belongs to the thread and forgets nothing."""
    assert reason(b"<a>" * 3_000, AnswerLimits(depth=5_000)) == "response_too_large"
    assert reason(b"<a></b>") == "malformed"


def test_one_endless_text_is_too_large() -> None:
    """As large as a document may be, split by a tag, it is not."""
    half = b"x" * (TEXT_BYTES - 10)

    assert parse_xml(b"<a>" + half + b"<b/>" + half + b"</a>", LIMITS).tag == "a"
    assert reason(b"<a>" + b"x" * (TEXT_BYTES + 10) + b"</a>") == "response_too_large"


@given(st.binary(max_size=200))
def test_any_bytes_are_xml_or_refused(body: bytes) -> None:
    """No other error comes out, whatever goes in."""
    with contextlib.suppress(OffContract):
        assert isinstance(parse_xml(body, LIMITS), etree._Element)


@given(st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn", "Co")), max_size=60))
def test_any_text_comes_out_as_it_went_in(text: str) -> None:
    """Through serialising, in either Unicode encoding."""
    element = etree.Element("a")
    element.text = text or None

    for encoding in ("utf-8", "utf-16"):
        assert (parse_xml(etree.tostring(element, encoding=encoding), LIMITS).text or "") == text
