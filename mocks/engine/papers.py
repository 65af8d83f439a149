"""Changes the papers (PDF in base64) inside an answer in JSON, for the fault `bad_paper`."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Collection, Iterator
from typing import Final, Literal

import orjson

from mocks.engine.service import Reply

How = Literal["truncated", "not_pdf", "empty", "huge", "another"]
MEGABYTE: Final = 1_048_576
_PDF: Final = b"%PDF-"
_END: Final = b"startxref"
_WORD: Final = b"PK\x03\x04 not a PDF, whatever its name says"


def has_paper(reply: Reply, fields: Collection[str]) -> bool:
    """Returns True when the answer has a PDF in one of *fields*, at any depth."""
    return next(_papers(_read(reply), fields), None) is not None


def with_bad_papers(
    reply: Reply, fields: Collection[str], how: How, megabytes: int, another: Callable[[], Reply] | None
) -> bytes:
    """Returns the body with each PDF in *fields* changed; the other fields stay."""
    value = _read(reply)
    for holder, name, paper in _papers(value, fields):
        holder[name] = base64.b64encode(_changed(paper, how, megabytes, fields, another)).decode()
    return orjson.dumps(value)


def _changed(
    paper: bytes, how: How, megabytes: int, fields: Collection[str], another: Callable[[], Reply] | None
) -> bytes:
    match how:
        case "truncated":
            return paper[: len(paper) // 2]
        case "not_pdf":
            return _WORD
        case "empty":
            return b""
        case "huge":
            return _padded(paper, megabytes)
        case "another":
            assert another is not None, "misfit() refuses this for calls without `another`"
            return next(found for _, _, found in _papers(_read(another()), fields))


def _padded(paper: bytes, megabytes: int) -> bytes:
    """Adds a comment before the end: the paper still opens, for the places that its table names stay where they are."""
    at = paper.rindex(_END)
    return paper[:at] + b"%" + b"0" * (megabytes * MEGABYTE) + b"\n" + paper[at:]


def _read(reply: Reply) -> object:
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return None


def _papers(value: object, fields: Collection[str]) -> Iterator[tuple[dict[str, object], str, bytes]]:
    if isinstance(value, list):
        for item in value:
            yield from _papers(item, fields)
    if not isinstance(value, dict):
        return
    for name, inner in tuple(value.items()):
        if name not in fields or not isinstance(inner, str):
            yield from _papers(inner, fields)
        elif (paper := _decoded(inner)).startswith(_PDF):
            yield value, name, paper


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return b""
