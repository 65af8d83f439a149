"""Reads the weighted lists of a request: ``Accept-Language`` and ``Accept-Encoding`` (RFC 9110 section 12.4.2)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from gateway.api.texts import Language

_LONGEST: Final = 512
"""Characters of a list that are read; what is longer has no say."""
_WEIGHT: Final = re.compile(r"(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)")


@lru_cache(maxsize=256)
def language_of(accept: str | None) -> Language:
    """Vietnamese where ``Accept-Language`` weighs it more than English, or as much and names it first; else English."""
    found: dict[str, float] = {}
    rest = 0.0
    for name, weight in _weighted(accept):
        language = name.partition("-")[0]
        if language == "*":
            rest = max(rest, weight)
        elif language in {"vi", "en"}:
            found[language] = max(found.get(language, 0.0), weight)
    vietnamese, english = found.get("vi", rest), found.get("en", rest)
    if vietnamese != english:
        return "vi" if vietnamese > english else "en"
    return "vi" if vietnamese > 0 and next(iter(found), "en") == "vi" else "en"


@lru_cache(maxsize=256)
def accepts_gzip(accept: str | None) -> bool:
    """Whether ``Accept-Encoding`` names gzip, or everything, with a weight above zero."""
    weights = dict(_weighted(accept))
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _weighted(accept: str | None) -> Iterator[tuple[str, float]]:
    """The elements of a list with their weights, in lower case; one whose weight can't be read is passed over."""
    for element in (accept or "")[:_LONGEST].lower().split(","):
        name, *parameters = (part.strip() for part in element.split(";"))
        named = [part.partition("=") for part in parameters]
        weight = next((value.strip() for key, _, value in named if key.strip() == "q"), "1")
        if name and _WEIGHT.fullmatch(weight):
            yield name, float(weight)
