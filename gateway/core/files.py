"""Files, known by their first bytes. Pure."""

from __future__ import annotations

from typing import Final

PDF: Final = "application/pdf"
WORD: Final = "application/msword"
OPEN_XML: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
RTF: Final = "application/rtf"
OPAQUE: Final = "application/octet-stream"

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PDF_WITHIN: Final = 1024
"""Readers find ``%PDF-`` within so many first bytes (ISO 32000-1, annex H.3.4.1)."""
_MARKUP: Final = (b"{", b"[", b"<")


def is_pdf(content: bytes) -> bool:
    """Whether *content* is a PDF to a reader of PDF; JSON or HTML that speaks of one is not."""
    start = content[:_PDF_WITHIN]
    return b"%PDF-" in start and not start.lstrip().startswith(_MARKUP)


def true_type(content: bytes) -> str | None:
    """The media type that the first bytes of *content* say; None where they say none of those known here."""
    if is_pdf(content):
        return PDF
    if content.startswith(_OLE):
        return WORD
    if content.startswith(b"{\\rtf"):
        return RTF
    # A ZIP keeps the names of its parts readable.
    return OPEN_XML if content.startswith(b"PK\x03\x04") and b"word/" in content else None
