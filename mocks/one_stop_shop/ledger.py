"""The ledger of a portal: accepted dossiers by code, and the steps reported for each."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from mocks.one_stop_shop.answers import NEVER_ACCEPTED, NO_SUCH_PROCEDURE, OUT_OF_ORDER, WRONG_UPDATING, Refusal

Dossier = dict[str, object]
"""One dossier in the wire's fields: `MaHoSo`, `MaTTHC`, … [C]."""
Step = dict[str, object]
"""One step of its handling (tiến độ) in the wire's fields [C]."""

MAX_SENT: Final = 10_000
"""Maximum number of dossiers received; the oldest are removed, so that memory stays bounded."""


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
        self._most = most
        self._known: dict[str, Dossier] = {str(dossier["MaHoSo"]): dossier for dossier in known}
        self._sent: dict[str, Dossier] = {}
        self._steps: dict[str, list[Step]] = {}
        self._procedures = procedures
        for step in steps:
            self._steps.setdefault(str(step["MaHoSo"]), []).append(step)

    @property
    def codes(self) -> list[str]:
        """Returns the codes of all dossiers, those from the start first."""
        return list(dict.fromkeys((*self._known, *self._sent)))

    def find(self, code: object) -> Dossier | None:
        """Returns the dossier in its last accepted form; None when it was never sent."""
        return (self._sent.get(code) or self._known.get(code)) if isinstance(code, str) else None

    def steps(self, code: str) -> Sequence[Step]:
        """Returns the steps reported for a dossier, in order."""
        return tuple(self._steps.get(code, ()))

    def another(self, code: object) -> Dossier:
        """Returns a dossier with another code."""
        return next(self._known[other] for other in self._known if other != code)

    def sync(self, dossiers: Sequence[Dossier], *, updating: bool) -> Refusal | None:
        """Accepts new dossiers, or with *updating* newer states of known ones [C].

        The refusal of a known dossier that is sent as new is our assumption [S].
        """
        for index, dossier in enumerate(dossiers):
            code = str(dossier["MaHoSo"])
            if updating and self.find(code) is None:
                breach = f"/data/{index}/MaHoSo: isUpdating is True, and the dossier was never sent"
                return Refusal(WRONG_UPDATING, f"Hồ sơ {code} chưa được đồng bộ", breach)
            if not updating and self.find(code) is not None:
                breach = f"/data/{index}/MaHoSo: isUpdating is False, and the dossier is known"
                return Refusal(WRONG_UPDATING, f"Hồ sơ {code} đã tồn tại", breach)
            if self._procedures is not None and dossier["MaTTHC"] not in self._procedures:
                breach = f"/data/{index}/MaTTHC: not published"
                return Refusal(NO_SUCH_PROCEDURE, f"Thủ tục của hồ sơ {code} chưa được công khai", breach)
        if not updating and len({dossier["MaHoSo"] for dossier in dossiers}) < len(dossiers):
            return Refusal(WRONG_UPDATING, "Một hồ sơ được gửi hai lần", "/data: one dossier twice")
        for dossier in dossiers:
            self._keep(dossier)
        return None

    def progress(self, steps: Sequence[Step]) -> Refusal | None:
        """Accepts steps of accepted dossiers in order of time [C]; a repeated step changes nothing [S]."""
        latest: dict[str, str] = {}
        for index, step in enumerate(steps):
            code, at = str(step["MaHoSo"]), str(step["ThoiDiemXuLy"])
            if self.find(code) is None:
                breach = f"/data/{index}/MaHoSo: reported before DongBoHoSoMC was accepted"
                return Refusal(NEVER_ACCEPTED, f"Hồ sơ {code} chưa được đồng bộ", breach)
            held = self._steps.get(code, ())
            before = latest.get(code) or (str(held[-1]["ThoiDiemXuLy"]) if held else "")
            if at < before and step not in held:
                breach = f"/data/{index}/ThoiDiemXuLy: before the step that was reported last"
                return Refusal(OUT_OF_ORDER, f"Tiến độ của hồ sơ {code} không đúng thứ tự", breach)
            latest[code] = max(at, before)
        for step in steps:
            self._note(step)
        return None

    def _keep(self, dossier: Dossier) -> None:
        code = str(dossier["MaHoSo"])
        self._sent.pop(code, None)
        self._sent[code] = dossier
        if len(self._sent) > self._most:
            oldest = next(iter(self._sent))
            del self._sent[oldest]
            if oldest not in self._known:
                self._steps.pop(oldest, None)

    def _note(self, step: Mapping[str, object]) -> None:
        code = str(step["MaHoSo"])
        held = self._steps.setdefault(code, [])
        if step in held:
            return
        held.append(dict(step))
        dossier = self.find(code)
        assert dossier is not None, "progress() has checked that the dossier exists"
        self._keep({**dossier, "TrangThaiHoSo": step["TrangThai"]})
