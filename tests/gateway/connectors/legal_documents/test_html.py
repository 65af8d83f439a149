"""The plain text of the source's HTML."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.legal_documents.gateway.html import plain_text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Điều 1.</p><p>Phạm&nbsp;vi</p>", "Điều 1.\nPhạm vi"),
        ("a<br/>b <b>c</b>", "a\nb c"),
        ("<style>p{}</style><script>x()</script>đúng", "đúng"),
        ('<div class="toanvancontent"><p>&nbsp;</p></div>', None),
        ("Không có thẻ", "Không có thẻ"),
        ("1 &lt; 2", "1 < 2"),
        ("<p>dở dang", "dở dang"),
        (None, None),
        ("", None),
    ],
)
def test_the_plain_text_of_html(html: str | None, text: str | None) -> None:
    """One paragraph a line; a shell has none."""
    assert plain_text(html) == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        (
            "<table><tr><td>Ô tô</td><td>1</td><td>2</td></tr><tr><th>Xe</th><th></th><th>4</th></tr></table>",
            "Ô tô | 1 | 2\nXe | | 4",
        ),
        ("<table><tr><td><p>Ô tô</p></td><td><div>1</div></td></tr></table>", "Ô tô | 1"),
        ("<table><tr><td><p>a</p><p>b</p></td><td>c</td></tr></table>", "a\nb\nc"),
        ("<table><tr><td>x<table><tr><td>y</td><td>z</td></tr></table></td></tr></table>", "x\ny | z"),
        ("<table><tr><td> </td><td>&nbsp;</td></tr></table>rest", "rest"),
        ("10<sup>6</sup> CFU, 5 m<sup>3</sup>, 10<sup>-3</sup>", "10^6 CFU, 5 m^3, 10^-3"),
        ("10<sup>6</sup>5, x<sup>a b</sup>", "10^(6)5, x^(a b)"),
        ('10<span style="VERTICAL-ALIGN: super">6</span>', "10^6"),
        ("CO<sub>2</sub>, log<sub>2</sub>8, 2<sub>1</sub>", "CO2, log_(2)8, 2_1"),
        ("phạt <del>5</del> <s>6</s> <strike>7</strike> 8 triệu", "phạt [bỏ: 5] [bỏ: 6] [bỏ: 7] 8 triệu"),
        ('<p style="color:red;text-decoration:line-through">5</p>6', "[bỏ: 5]\n6"),
        ("<dl><dt>Nghìn</dt><dd>1.000</dd><dt>Triệu</dt></dl>", "Nghìn\n1.000\nTriệu"),
    ],
)
def test_what_stands_apart_stays_apart(html: str, text: str) -> None:
    """Cells, powers, terms, and words that are struck out."""
    assert plain_text(html) == text


@pytest.mark.parametrize(
    "html",
    [
        "<head><meta charset=utf-8><p>Điều 1</p>",
        "<head><title>Luật<p>Điều 1",
        "<style>p{}<p>Điều 1</p>",
        "<style><!-- p{} --><p>Điều 1</p><style>a{}</style>",
        "<script>var a = 1;<p>Điều 1</p>",
        "<script>if (a<b) x('<p>y</p>')</script>Điều 1",
        "<!-- <p>Điều 1</p>",
        "<?xml version='1.0' encoding='utf-16'?><p>Điều 1</p>",
        "<meta charset=iso-8859-1><p>Điều 1</p>",
        "<p hidden>x</p><span style='display: none'>y</span>Điều 1",
        "<p>Điều\n1</p>",
    ],
)
def test_a_missing_end_hides_no_text(html: str) -> None:
    """Nor does a declaration that is not true; what is not shown is left out."""
    assert plain_text(html) == "Điều 1"


def test_tags_nested_too_deep_are_refused() -> None:
    """Rather than read in part."""
    with pytest.raises(ValueError, match="nested too deep"):
        plain_text("<div>" * 3000 + "x")


@pytest.mark.parametrize(
    "part",
    ["<a ", "<style ", "<script>", "<style>", "<title>a<", "<script></script", "<!--", "<p style='text-decoration:"],
)
def test_hostile_html_is_read_in_one_go(part: str) -> None:
    """Hundreds of kilobytes of tags without an end: work that grew with their square would not end within a test."""
    assert (plain_text(part * 50_000 + "'><p>đúng</p>") or "đúng").endswith("đúng")


@given(st.text(max_size=120))
def test_any_html_has_a_text_or_none(html: str) -> None:
    """Composed, trimmed, never blank."""
    found = plain_text(html)

    assert found is None or (found == found.strip() and found)
