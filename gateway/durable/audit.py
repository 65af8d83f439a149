"""The record of who looked at whom: its rows, how they are chained, and what a look at the chains finds.

A row's hash covers the row itself (by its leaf, with a salt) and the hash of the row before; each life of a gateway is
a chain of its own, from ``begin`` to ``end``. Where a chain has no end, its gateway runs or was killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Literal
from uuid import UUID

import msgspec

SALT: Final = 16
HASH: Final = 32
PLACE: Final = SALT + 2 * HASH
"""Bytes of the hashes of one row: salt, leaf, hash."""
GONE: Final = "is missing"

Kind = Literal["begin", "asked", "gap", "end"]


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """One row, as it is hashed. A ``gap`` says how many rows are *missing*, and in its detail since when.

    *subject* and *identifiers* are keyed hashes in hex; *at* is ISO 8601 in UTC.
    """

    at: str
    kind: Kind = "asked"
    caller: str = ""
    officer: str = ""
    dossier: str = ""
    operation: str = ""
    subject: str = ""
    identifiers: tuple[str, ...] = ()
    outcome: str = ""
    freshness: str = ""
    request_id: str = ""
    missing: int = 0
    detail: str = ""


ENCODER: Final = msgspec.json.Encoder()


@dataclass(frozen=True, slots=True)
class Hashes:
    """The hashes of the row *number* of a chain."""

    number: int
    salt: bytes
    leaf: bytes
    hash: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain."""

    chain: UUID
    number: int
    hash: bytes


def start_of(chain: UUID) -> Head:
    """The end of a chain that has no row yet."""
    return Head(chain, 0, sha256(chain.bytes).digest())


def next_hashes(head: Head, encoded: bytes, salt: bytes) -> Hashes:
    """The hashes of the next row; *encoded* is the row by :data:`ENCODER`."""
    leaf = sha256(salt + encoded).digest()
    number = head.number + 1
    return Hashes(number, salt, leaf, sha256(head.hash + number.to_bytes(8, "big") + leaf).digest())


def extend(head: Head, encoded: Sequence[bytes], salts: bytes) -> tuple[bytes, Head]:
    """The hashes of the next rows as :data:`PLACE` bytes a row (salt, leaf, hash), and the new end.

    They are those of :func:`next_hashes`, at a third of its time.
    """
    number, last = head.number, head.hash
    parts: list[bytes] = []
    for place, one in enumerate(encoded):
        number += 1
        salt = salts[SALT * place : SALT * (place + 1)]
        leaf = sha256(salt + one).digest()
        last = sha256(last + number.to_bytes(8, "big") + leaf).digest()
        parts += (salt, leaf, last)
    return b"".join(parts), Head(head.chain, number, last)


# ---- the ends of other chains, which the first row of a chain names


class NamedHead(msgspec.Struct, frozen=True):
    """The end of another chain as a ``begin`` names it; the hash in hex."""

    chain: str
    number: int
    hash: str


def name_heads(heads: Sequence[Head]) -> str:
    """The detail of a ``begin``."""
    return ENCODER.encode([NamedHead(str(one.chain), one.number, one.hash.hex()) for one in heads]).decode()


def named_heads(detail: str) -> list[Head]:
    """The ends that a ``begin`` names."""
    named = msgspec.json.decode(detail, type=list[NamedHead])
    return [Head(UUID(one.chain), one.number, bytes.fromhex(one.hash)) for one in named]


# ---- looking at what is there


@dataclass(frozen=True, slots=True)
class Fault:
    """The first row of a chain that is not as it was written; *why* is for the operator."""

    chain: UUID
    number: int
    why: str


@dataclass(slots=True)
class ChainLook:
    """One chain, as far as it was looked at."""

    head: Head
    fault: Fault | None = None
    ended: bool = False
    records: int = 0
    missing: int = 0


class Verifier:
    """Takes all rows, each chain's in the sequence of their numbers, and tells what is wrong.

    Args:
        expected: Ends of chains that are known from elsewhere: from the store's list of chains, and from the first rows
            of later chains.
    """

    def __init__(self, expected: Iterable[Head]) -> None:
        self.chains: dict[UUID, ChainLook] = {}
        self._hashes: dict[tuple[UUID, int], bytes] = {}
        self._least: dict[UUID, int] = {}
        for head in expected:
            self._hashes[head.chain, head.number] = head.hash
            self._least[head.chain] = max(head.number, self._least.get(head.chain, 0))

    def take(self, chain: UUID, record: Record, found: Hashes) -> None:
        """Looks at the next row of *chain*."""
        look = self.chains.setdefault(chain, ChainLook(start_of(chain)))
        if look.fault is not None:
            return
        wanted = next_hashes(look.head, ENCODER.encode(record), found.salt)
        if (why := self._fault(look, record, found, wanted)) is not None:
            look.fault = Fault(chain, wanted.number if why == GONE else found.number, why)
            return
        look.head = Head(chain, wanted.number, wanted.hash)
        look.ended = record.kind == "end"
        look.records += record.kind == "asked"
        look.missing += record.missing

    def _fault(self, look: ChainLook, record: Record, found: Hashes, wanted: Hashes) -> str | None:
        if found.number != wanted.number:
            return GONE
        if found.leaf != wanted.leaf:
            return "was changed"
        if found.hash != wanted.hash:
            return "does not follow from the one before it"
        if (record.kind == "begin") != (found.number == 1) or look.ended:
            return "is not at its place"
        if self._hashes.get((look.head.chain, found.number), found.hash) != found.hash:
            return "is not the one that was known here: the chain was written anew"
        return None

    def faults(self) -> list[Fault]:
        """All that is wrong, at most one a chain; call it after the last row."""
        found = {chain: look.fault for chain, look in self.chains.items() if look.fault is not None}
        for chain, least in self._least.items():
            reached = self.chains[chain].head.number if chain in self.chains else 0
            if chain not in found and reached < least:
                found[chain] = Fault(chain, reached + 1, GONE)
        return list(found.values())
