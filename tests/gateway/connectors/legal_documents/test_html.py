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


@given(st.text(max_size=120))
def test_any_html_has_a_text_or_none(html: str) -> None:
    """Composed, trimmed, never blank."""
    found = plain_text(html)

    assert found is None or (found == found.strip() and found)
