"""Seeded draws that are equal on every machine, Python and process: integers from BLAKE2, not from `random`."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, TypeVar

T = TypeVar("T")
_WORD: Final = 4


class Dice:
    """The draws of one record: seed, kind and index give the sequence, so records are independent of each other."""

    __slots__ = ("_at", "_block", "_key", "_pool")

    def __init__(self, seed: int, kind: str, index: int) -> None:
        self._key = f"{seed}:{kind}:{index}".encode()
        self._block = 0
        self._pool = blake2b(self._key).digest()
        self._at = 0

    def below(self, bound: int) -> int:
        """Draws n with 0 ≤ n < *bound*, for bounds far below 2³²."""
        if self._at == len(self._pool):
            self._block += 1
            self._pool = blake2b(self._key, salt=self._block.to_bytes(16, "big")).digest()
            self._at = 0
        word = self._pool[self._at : self._at + _WORD]
        self._at += _WORD
        return int.from_bytes(word, "big") % bound

    def between(self, low: int, high: int) -> int:
        """Draws n with *low* ≤ n ≤ *high*."""
        return low + self.below(high - low + 1)

    def one_in(self, chances: int) -> bool:
        return self.below(chances) == 0

    def percent(self, share: int) -> bool:
        return self.below(100) < share

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.below(len(choices))]

    def weighted(self, choices: Sequence[tuple[T, int]]) -> T:
        """Draws a choice by its weight."""
        left = self.below(sum(weight for _, weight in choices))
        for choice, weight in choices:
            if left < weight:
                return choice
            left -= weight
        raise AssertionError("weights sum to more than was drawn")

    def digits(self, count: int) -> str:
        return "".join(str(self.below(10)) for _ in range(count))


class Shuffle:
    """A bijection of 0…size-1 by arithmetic: an identifier gives the index of its record without a table."""

    __slots__ = ("_factor", "_inverse", "_offset", "size")

    def __init__(self, seed: int, kind: str, size: int) -> None:
        dice = Dice(seed, kind, size)
        # A prime above every size used here has an inverse modulo each size.
        self._factor = dice.pick(_PRIMES)
        self._inverse = pow(self._factor, -1, size)
        self._offset = dice.below(size)
        self.size = size

    def __getitem__(self, index: int) -> int:
        return (index * self._factor + self._offset) % self.size

    def back(self, value: int) -> int:
        """Returns the index whose image is *value*."""
        return (value - self._offset) * self._inverse % self.size


_PRIMES: Final = (15_485_863, 32_452_843, 49_979_687, 67_867_967, 86_028_121, 104_395_301)
