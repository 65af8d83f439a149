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
