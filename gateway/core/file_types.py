"""The type of a file by its first bytes, held against the type that its name says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

_HEAD: Final = 4_096
_PDF_WITHIN: Final = 1_024
"""Readers accept a PDF whose mark comes within so many bytes."""
_MARKUP: Final = re.compile(rb"\s*<(?:\?xml|!--|[A-Za-z_])")
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
OFFICE: Final[Mapping[str, bytes]] = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": b"word/",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": b"xl/",
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": b"ppt/",
}
"""Office Open XML, by the folder that its archive has."""
BY_EXTENSION: Final[Mapping[str, frozenset[str]]] = {
    "pdf": frozenset({"application/pdf"}),
    "jpg": frozenset({"image/jpeg"}),
    "jpeg": frozenset({"image/jpeg"}),
    "png": frozenset({"image/png"}),
    "gif": frozenset({"image/gif"}),
    "bmp": frozenset({"image/bmp"}),
    "tif": frozenset({"image/tiff"}),
    "tiff": frozenset({"image/tiff"}),
    "webp": frozenset({"image/webp"}),
    "xml": frozenset({"application/xml"}),
    "docx": frozenset({"application/vnd.openxmlformats-officedocument.wordprocessingml.document"}),
    "xlsx": frozenset({"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}),
    "pptx": frozenset({"application/vnd.openxmlformats-officedocument.presentationml.presentation"}),
    "doc": frozenset({"application/x-ole-storage", "application/rtf"}),
    "xls": frozenset({"application/x-ole-storage"}),
    "ppt": frozenset({"application/x-ole-storage"}),
    "rtf": frozenset({"application/rtf"}),
    "zip": frozenset({"application/zip", *OFFICE}),
    "rar": frozenset({"application/vnd.rar"}),
    "7z": frozenset({"application/x-7z-compressed"}),
}
"""The types that a name with this ending may have."""
MEDIA_TYPES: Final = tuple(sorted({kind for kinds in BY_EXTENSION.values() for kind in kinds}))
"""The types that are taken."""


@dataclass(frozen=True, slots=True)
class FileFinding:
    """The *media_type* of a file; *refused* is why it is not taken, None where it is."""

    media_type: str | None
    refused: str | None = None


def media_type_of(content: bytes) -> str | None:
    """The type that the bytes have; None where they have none that is taken."""
    head = content[:_HEAD]
    for mark, media_type in (
        (b"\x89PNG\r\n\x1a\n", "image/png"),
        (b"\xff\xd8\xff", "image/jpeg"),
        (b"GIF87a", "image/gif"),
        (b"GIF89a", "image/gif"),
        (b"II*\x00", "image/tiff"),
        (b"MM\x00*", "image/tiff"),
        (_OLE, "application/x-ole-storage"),
        (b"{\\rtf", "application/rtf"),
        (b"Rar!\x1a\x07", "application/vnd.rar"),
        (b"7z\xbc\xaf\x27\x1c", "application/x-7z-compressed"),
    ):
        if head.startswith(mark):
            return media_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(b"BM") and int.from_bytes(head[2:6], "little") == len(content):
        return "image/bmp"
    if head.startswith(_ZIP):
        return next((kind for kind, folder in OFFICE.items() if folder in content), "application/zip")
    if b"%PDF-" in head[:_PDF_WITHIN]:
        return "application/pdf"
    return "application/xml" if _is_markup(head) else None


def _is_markup(head: bytes) -> bool:
    """Whether it begins as XML does, in UTF-8 or with a byte order mark of UTF-16; HTML is not taken."""
    if head[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        head = head.decode("utf-16", "replace").encode()
    bare = head.removeprefix(b"\xef\xbb\xbf")
    begins = bare.lstrip().lower()
    return (
        _MARKUP.match(bare) is not None
        and b"\x00" not in bare
        and not begins.startswith((b"<html", b"<script", b"<!doctype", b"<svg"))
        and b"<html" not in begins
    )


def checked(name: str, content: bytes, limit: int) -> FileFinding:
    """Holds a file against its *name* and against *limit* bytes.

    A name without an ending, or with one that is not in :data:`BY_EXTENSION`, says nothing of the type: the bytes alone
    decide.
    """
    if not content:
        return FileFinding(None, "empty")
    if len(content) > limit:
        return FileFinding(None, "too_large")
    found = media_type_of(content)
    if found is None:
        return FileFinding(None, "type_not_allowed")
    ending = name.rpartition(".")[2].lower().strip() if "." in name else ""
    if found not in BY_EXTENSION.get(ending, frozenset({found})):
        return FileFinding(found, "type_differs")
    return FileFinding(found)
