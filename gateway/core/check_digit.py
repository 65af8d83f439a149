"""The check digit of an enterprise's tax code (Circular 105/2020/TT-BTC)."""

from __future__ import annotations

from operator import mul
from typing import Final

_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3, 1)
"""Of the first ten digits; the sum of a right code leaves 10 when it is divided by 11 (``stdnum.vn.mst``)."""
_ZEROS: Final = ord("0") * sum(_WEIGHTS)


def has_check_digit(digits: str) -> bool:
    """Whether the tenth of *digits*, which are ASCII digits, is the check digit of the nine before it."""
    total: int = sum(map(mul, _WEIGHTS, digits.encode()))
    return (total - _ZEROS) % 11 == 10
