"""Shared by both dialects, without I/O: whether two birth dates can be of one person."""

from __future__ import annotations

from gateway.core.canonical import PartialDate
from gateway.core.unread import Unread


def agree(one: PartialDate | Unread | None, other: PartialDate | None) -> bool:
    """Whether two birth dates can be the same, as far as both are known; where one is missing nothing shows it."""
    if not one or other is None:
        return False
    known = min(len(one.value), len(other.value))
    return one.value[:known] == other.value[:known]
