"""Decides which part of a file that is here whole is sent (RFC 9110 sections 13 and 14). Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from aiohttp import hdrs

from gateway.api.response import etag_matches
from gateway.core.problems import RangeNotSatisfiable

_RANGE: Final = re.compile(r"bytes=\s*(\d*)-(\d*)\s*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes from *start* up to *stop*, which is not among them, under a status."""

    status: Literal[200, 206, 304]
    start: int
    stop: int


def part_of(method: str, headers: Mapping[str, str], etag: str, length: int) -> Part:
    """The part that a request asks for; *etag* is the file's, a strong one.

    Several ranges at once, and another unit than bytes, are answered with the whole file, as section 14.2 allows.

    Raises:
        RangeNotSatisfiable: The range begins behind the end.
    """
    known = headers.get(hdrs.IF_NONE_MATCH)
    if known is not None and etag_matches(known, etag):
        return Part(304, 0, 0)
    whole = Part(200, 0, length)
    asked = headers.get(hdrs.RANGE)
    only_if = headers.get(hdrs.IF_RANGE)
    if asked is None or method != hdrs.METH_GET or (only_if is not None and only_if.strip() != etag):
        return whole
    match = _RANGE.fullmatch(asked.strip())
    if match is None or match[1] == match[2] == "":
        return whole
    first, last = (_number(digits) for digits in match.groups())
    if not match[1]:
        start, stop = max(0, length - last), length
    else:
        start, stop = first, min(length, last + 1) if match[2] else length
        if match[2] and last < first:
            return whole  # not a range at all
    if start >= length:
        raise RangeNotSatisfiable(length)
    return Part(206, start, stop)


def _number(digits: str) -> int:
    """The number that *digits* are, or the largest that a place in a file can be."""
    return int(digits.lstrip("0")[:18] or "0")
