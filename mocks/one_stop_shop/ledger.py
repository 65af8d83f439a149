"""The ledger of a portal: accepted dossiers by code, and the steps reported for each."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mocks.engine.decisions import Decision, Mode, fingerprint
from mocks.one_stop_shop.answers import (
    ALREADY_REPORTED,
    NEVER_ACCEPTED,
    NO_SUCH_PROCEDURE,
    OUT_OF_ORDER,
    WRONG_UPDATING,
    Refusal,
)
from mocks.one_stop_shop.records import Dossier, Packer, Record, Step, record

MAX_SENT: Final = 200_000
"""Maximum number of dossiers received; the oldest are removed, so that memory stays bounded."""


@dataclass(frozen=True, slots=True)
class Ruling:
    """The ledger's answer to a message: a refusal of the whole, or a decision about each of its parts."""

    refusal: Refusal | None
    decisions: tuple[Decision, ...]


class Ledger:
    """Accepts a message completely or not at all [S]; a reset makes a new ledger."""

    def __init__(
        self,
        known: Iterable[Dossier] = (),
        steps: Iterable[Step] = (),
        procedures: Collection[str] | None = None,
        *,
        most: int = MAX_SENT,
    ) -> None:
        known = tuple(known)
        self._most = most
        self._packer = Packer(known)
        self._known = {str(dossier["MaHoSo"]): record(self._packer, dossier) for dossier in known}
        self._sent: OrderedDict[str, Record] = OrderedDict()
        self._procedures = procedures
        for step in steps:
            self._known[str(step["MaHoSo"])].add(step, fingerprint(step))

    @property
    def codes(self) -> list[str]:
        """Returns the codes of all dossiers, those from the start first."""
        return list(dict.fromkeys((*self._known, *self._sent)))

    def find(self, code: object) -> Dossier | None:
        """Returns the dossier in its last accepted form; None when it was never sent."""
        found = self._record(code)
        return None if found is None else found.dossier(self._packer)

    def steps(self, code: str) -> Sequence[Step]:
        """Returns the steps reported for a dossier, in order."""
        found = self._record(code)
        return () if found is None else found.steps()

    def another(self, code: object) -> Dossier:
        """Returns a dossier with another code."""
        return next(self._known[other] for other in self._known if other != code).dossier(self._packer)

    def counts(self, code: str) -> dict[str, int] | None:
        """Returns how many dossiers there are under this code, and how many messages changed something or nothing."""
        found = self._record(code)
        if found is None:
            return None
        return {"filed": found.filed, "accepted": found.accepted, "repeated": found.repeated}

    def change(self, dossier: Dossier) -> None:
        """Changes a dossier by the portal's own work: no message, and the form that was sent last stays known."""
        code = str(dossier["MaHoSo"])
        before = self._record(code)
        assert before is not None, "a portal works on the dossiers that it has"
        changed = Record(self._packer.packed(dossier), f"{before.content:x}", dossier["TrangThaiHoSo"]).after(before)
        changed.accepted = before.accepted
        self._keep(code, changed)

    def sync(self, dossiers: Sequence[Dossier], *, updating: bool, mode: Mode = "refused") -> Ruling:
        """Accepts new dossiers, or with *updating* newer states of known ones [C].

        *mode* says what happens to a known dossier that is sent as new; that it is refused is our assumption [S].
        """
        refusal = self._misfit(dossiers, updating=updating, mode=mode)
        if refusal is not None:
            return _refused(dossiers, refusal, [not updating and str(d["MaHoSo"]) in self for d in dossiers])
        return Ruling(None, tuple(self._take(dossier, updating=updating, mode=mode) for dossier in dossiers))

    def progress(self, steps: Sequence[Step], *, mode: Mode = "same") -> Ruling:
        """Accepts steps of accepted dossiers in order of time [C]; *mode* is for repeated steps [S]."""
        contents = [fingerprint(step) for step in steps]
        refusal = self._untimely(steps, contents, mode)
        if refusal is not None:
            return _refused(steps, refusal, list(map(self._reported, steps, contents)))
        return Ruling(None, tuple(map(self._note, steps, contents, [mode] * len(steps))))

    def __contains__(self, code: object) -> bool:
        return code in self._sent or code in self._known

    def _reported(self, step: Mapping[str, object], content: str) -> bool:
        held = self._record(step["MaHoSo"])
        return held is not None and held.has(content)

    def _record(self, code: object) -> Record | None:
        return (self._sent.get(code) or self._known.get(code)) if isinstance(code, str) else None

    def _misfit(self, dossiers: Sequence[Dossier], *, updating: bool, mode: Mode) -> Refusal | None:
        for index, dossier in enumerate(dossiers):
            code = str(dossier["MaHoSo"])
            known = code in self
            if updating and not known:
                breach = f"/data/{index}/MaHoSo: isUpdating is True, and the dossier was never sent"
                return Refusal(WRONG_UPDATING, f"Hồ sơ {code} chưa được đồng bộ", breach)
            if not updating and known and mode == "refused":
                breach = f"/data/{index}/MaHoSo: isUpdating is False, and the dossier is known"
                return Refusal(WRONG_UPDATING, f"Hồ sơ {code} đã tồn tại", breach)
            if self._procedures is not None and dossier["MaTTHC"] not in self._procedures:
                breach = f"/data/{index}/MaTTHC: not published"
                return Refusal(NO_SUCH_PROCEDURE, f"Thủ tục của hồ sơ {code} chưa được công khai", breach)
        if not updating and len({dossier["MaHoSo"] for dossier in dossiers}) < len(dossiers):
            return Refusal(WRONG_UPDATING, "Một hồ sơ được gửi hai lần", "/data: one dossier twice")
        return None

    def _untimely(self, steps: Sequence[Step], contents: Sequence[str], mode: Mode) -> Refusal | None:
        latest: dict[str, str] = {}
        for index, (step, content) in enumerate(zip(steps, contents, strict=True)):
            code, at = str(step["MaHoSo"]), str(step["ThoiDiemXuLy"])
            held = self._record(code)
            if held is None:
                breach = f"/data/{index}/MaHoSo: reported before DongBoHoSoMC was accepted"
                return Refusal(NEVER_ACCEPTED, f"Hồ sơ {code} chưa được đồng bộ", breach)
            before = latest.get(code) or held.last_at
            repeated = (mode == "refused" or at < before) and held.has(content)
            if repeated and mode == "refused":
                breach = f"/data/{index}: this step was reported"
                return Refusal(ALREADY_REPORTED, f"Tiến độ của hồ sơ {code} đã được cập nhật", breach)
            if at < before and not repeated:
                breach = f"/data/{index}/ThoiDiemXuLy: before the step that was reported last"
                return Refusal(OUT_OF_ORDER, f"Tiến độ của hồ sơ {code} không đúng thứ tự", breach)
            latest[code] = max(at, before)
        return None

    def _take(self, dossier: Dossier, *, updating: bool, mode: Mode) -> Decision:
        code, sent = str(dossier["MaHoSo"]), record(self._packer, dossier)
        content = f"{sent.content:016x}"
        before = self._record(code)
        if before is None:
            self._keep(code, sent)
            return Decision("accepted", code, "dossier", content)
        if updating or mode == "overwrites":
            self._keep(code, sent.after(before))
            if updating and sent.content != before.content:
                return Decision("accepted", code, "update", content)
            return Decision("overwritten", code, None, content)
        if mode == "adds":
            self._keep(code, sent.after(before))
            sent.filed += 1
            return Decision("added", code, "dossier", content)
        before.repeated += 1
        return Decision("repeated", code, None, content)

    def _note(self, step: Mapping[str, object], content: str, mode: Mode) -> Decision:
        code = str(step["MaHoSo"])
        held = self._record(code)
        assert held is not None, "progress() has checked that the dossier exists"
        named = f"step {step['ThoiDiemXuLy']}"
        repeated = held.has(content)
        if repeated and mode != "adds":
            held.repeated += 1
            return Decision("overwritten" if mode == "overwrites" else "repeated", code, None, content)
        if code not in self._sent:
            held = Record(held.packed, f"{held.content:x}", held.status).after(held)
        else:
            held.accepted += 1
        held.add(step, content)
        self._keep(code, held)
        return Decision("added" if repeated else "accepted", code, named, content)

    def _keep(self, code: str, kept: Record) -> None:
        self._sent[code] = kept
        self._sent.move_to_end(code)
        if len(self._sent) > self._most:
            self._sent.popitem(last=False)


def _refused(parts: Sequence[Mapping[str, object]], refusal: Refusal, known: Sequence[bool]) -> Ruling:
    """Returns the refusal of the whole; parts that the ledger has already are repetitions, for the journal."""
    code = f"{refusal.code:02d}"
    return Ruling(
        refusal,
        tuple(
            Decision("repeated" if had else "refused", str(part["MaHoSo"]), None, fingerprint(part), code)
            for part, had in zip(parts, known, strict=True)
        ),
    )
