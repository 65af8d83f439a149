"""``Retry-After`` as sources write it: RFC 9110 section 10.2.3, and what cannot be meant."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

RETRY_AFTER_S: Final = 30.0
"""Seconds that a caller is told to wait where the source does not say, or says what cannot be meant."""
LONGEST_RETRY_AFTER_S: Final = 86_400.0
"""No source means a longer wait than a day: a larger number is milliseconds, or an instant."""
_SECONDS: Final = re.compile(r"\d+(?:\.\d+)?", re.ASCII)


def read_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that the source asks to be left alone; None where it does not say, or where that cannot be read.

    A fraction is taken as it is and a past date is 0. A wait of more than a day is taken for :data:`RETRY_AFTER_S`: the
    source wants to be left alone, and nobody knows for how long.
    """
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    if _SECONDS.fullmatch(value):
        seconds = float(value)
    else:
        try:
            when = parsedate_to_datetime(value)
            seconds = max(((when if when.tzinfo else when.replace(tzinfo=UTC)) - now).total_seconds(), 0.0)
        except (ValueError, TypeError, OverflowError):
            return None
    return seconds if seconds <= LONGEST_RETRY_AFTER_S else RETRY_AFTER_S
