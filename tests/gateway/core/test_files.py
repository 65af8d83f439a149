"""Files by their first bytes."""

from __future__ import annotations

import pytest

from gateway.core.files import OPEN_XML, PDF, RTF, WORD, is_pdf, true_type


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (b"%PDF-1.7\n", PDF),
        (b"\xef\xbb\xbf\r\n%PDF-1.4", PDF),
        (b" " * 1000 + b"%PDF-1.4", PDF),
        (b" " * 1024 + b"%PDF-1.4", None),
        (b"PK\x03\x04....word/document.xml", OPEN_XML),
        (b"PK\x03\x04....xl/workbook.xml", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", WORD),
        (b"{\\rtf1\\ansi", RTF),
        (b"<html>%PDF-1.4", None),
        (b"", None),
    ],
)
def test_a_file_is_known_by_its_first_bytes(content: bytes, found: str | None) -> None:
    """Whatever its name and its media type say."""
    assert true_type(content) == found


@pytest.mark.parametrize("content", [b'{"message": "no %PDF- here"}', b' ["%PDF-1.4"]', b"\n<p>%PDF-</p>"])
def test_a_message_about_a_pdf_is_not_one(content: bytes) -> None:
    """JSON and HTML begin as no PDF does."""
    assert not is_pdf(content)
