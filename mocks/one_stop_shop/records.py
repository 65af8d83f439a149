"""The dossiers and steps of a ledger in little memory: 200,000 of them fit into 200 MB."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson

from mocks.engine.decisions import fingerprint

Dossier = dict[str, object]
"""One dossier in the wire's fields: `MaHoSo`, `MaTTHC`, … [C]."""
Step = dict[str, object]
"""One step of its handling (tiến độ) in the wire's fields [C]."""

_STATUS: Final = "TrangThaiHoSo"
_WINDOW: Final = -13
"""8 KB and no header: a dossier has one."""
_MEMORY: Final = 5


class Packer:
    """Compresses dossiers with the words that all dossiers of a portal share."""

    __slots__ = ("_words",)

    def __init__(self, alike: Iterable[Dossier]) -> None:
        self._words = b"".join(map(orjson.dumps, alike))[-(1 << -_WINDOW) :]

    def packed(self, dossier: Mapping[str, object]) -> bytes:
        """Returns the dossier as bytes."""
        more = (self._words,) if self._words else ()
        deflate = zlib.compressobj(1, zlib.DEFLATED, _WINDOW, _MEMORY, zlib.Z_DEFAULT_STRATEGY, *more)
        return deflate.compress(orjson.dumps(dossier)) + deflate.flush()

    def unpacked(self, packed: bytes) -> Dossier:
        """Returns the dossier, its fields in their order."""
        inflate = zlib.decompressobj(_WINDOW, zdict=self._words) if self._words else zlib.decompressobj(_WINDOW)
        found: Dossier = orjson.loads(inflate.decompress(packed))
        return found


class Record:
    """One dossier as a ledger keeps it; `packed` is the form in which it was sent last."""

    __slots__ = ("_steps", "accepted", "content", "filed", "last_at", "packed", "repeated", "status")

    def __init__(self, packed: bytes, content: str, status: object) -> None:
        self.packed = packed
        self.content = int(content, 16)
        """Fingerprint of the form that was sent last."""
        self.status = status
        """`TrangThaiHoSo`, by the last dossier or step."""
        self.last_at = ""
        """`ThoiDiemXuLy` of the last step."""
        self.filed = 1
        """Number of dossiers under this code."""
        self.accepted = 1
        """Number of messages, steps included, that changed something."""
        self.repeated = 0
        """Number of messages that changed nothing."""
        self._steps: tuple[tuple[int, bytes], ...] = ()

    def after(self, before: Record) -> Record:
        """Takes over the steps and the counts of the record that this one replaces; returns itself."""
        self._steps, self.last_at = before._steps, before.last_at
        self.filed, self.repeated, self.accepted = before.filed, before.repeated, before.accepted + 1
        return self

    def dossier(self, packer: Packer) -> Dossier:
        """Returns the dossier with its status of today."""
        found = packer.unpacked(self.packed)
        found[_STATUS] = self.status
        return found

    def has(self, content: str) -> bool:
        """Returns True when a step with this fingerprint was reported."""
        wanted = int(content, 16)
        return any(known == wanted for known, _ in self._steps)

    def add(self, step: Mapping[str, Any], content: str) -> None:
        """Appends a step."""
        # A copy: the bytes that orjson returns keep the room of the buffer that they were written into.
        packed = bytes(bytearray(orjson.dumps(step)))
        self._steps = (*self._steps, (int(content, 16), packed))
        self.last_at = max(self.last_at, str(step["ThoiDiemXuLy"]))
        self.status = step["TrangThai"]

    def steps(self) -> tuple[Step, ...]:
        """Returns the steps, oldest first."""
        return tuple(orjson.loads(packed) for _, packed in self._steps)


def record(packer: Packer, dossier: Mapping[str, object]) -> Record:
    """Returns the record of a dossier that was sent."""
    return Record(packer.packed(dossier), fingerprint(dossier), dossier[_STATUS])
