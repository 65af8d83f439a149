"""One ministry, in any dialect: the dossiers it has accepted, and its messages to the province [S]."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from mocks.engine import working_days
from mocks.engine.clock import HANOI
from mocks.engine.decisions import Mode
from mocks.engine.service import World
from mocks.one_stop_shop.answers import NO_SUCH_MESSAGE, Refusal
from mocks.one_stop_shop.dossiers import applicants, dossier, first_step, instant, procedure_for, result, seeded
from mocks.one_stop_shop.fields import OF_DOSSIER
from mocks.one_stop_shop.ledger import MAX_SENT, Ledger, Ruling
from mocks.one_stop_shop.procedures import procedures
from mocks.one_stop_shop.records import Dossier, Packer, Step

TO_FINISH_DAYS: Final = 3
"""Working days until a dossier is finished; fewer than in law, so that a test moves the clock once."""
FINISHED: Final = "9"
_FILED: Final = datetime(2026, 1, 5, 8, 0, tzinfo=HANOI)


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of `contracts/ministry_portals/ministries.yaml`."""

    slug: str
    """The ministry's part of the path."""
    name: str
    agency: str
    dialect: str
    fields: Mapping[str, str]
    """Maps the national portal's names of fields to the ministry's own."""

    @property
    def first_seeded(self) -> str:
        """Code of the first dossier of the province that the ministry has at start."""
        return f"000.00.04.H58-260105-{'94' if self.dialect == 'ws' else '93'}01"


def entries(world: World) -> Iterator[Entry]:
    """Yields all ministries."""
    for slug, entry in world.table("ministry_portals/ministries.yaml").items():
        yield Entry(slug, **entry)


@dataclass(frozen=True, slots=True)
class Notice:
    """One message to the province (thông điệp)."""

    id: str
    kind: str
    """`HOSO`: a dossier filed with the ministry; `KETQUA`: the result of a dossier of the province."""
    sent_at: str
    packed: bytes
    packer: Packer

    @property
    def dossier(self) -> Dossier:
        """The dossier as it was when the message was made."""
        return self.packer.unpacked(self.packed)

    def written(self) -> dict[str, object]:
        """Returns the message as sent, in the order of the XML schema."""
        return {
            "MaThongDiep": self.id,
            "LoaiThongDiep": self.kind,
            "ThoiDiemGui": self.sent_at,
            "HoSo": self.dossier,
        }


class Ministry:
    """A ministry's ledger, and its messages until the province acknowledges them; a reset makes a new one."""

    def __init__(self, world: World, entry: Entry) -> None:
        self.entry = entry
        self._clock = world.clock
        known = tuple(seeded(world, entry.first_seeded))
        self._ledger = Ledger(known, map(first_step, known), {known.code for known in procedures()})
        self._open: OrderedDict[str, datetime] = OrderedDict()
        self._notices: OrderedDict[str, Notice] = OrderedDict()
        self._unread: list[tuple[str, str]] = []
        self._packer = Packer(known)
        for notice in _filed(world, entry, self._packer):
            self._add(notice)
        for done in _with_result(known):
            self._add(_of_result(done, self._packer))

    def sync(self, dossiers: Sequence[Dossier], *, updating: bool, mode: Mode = "refused") -> Ruling:
        """Accepts dossiers; each is finished after some working days, and its result is sent to the province."""
        ruling = self._ledger.sync(dossiers, updating=updating, mode=mode)
        if ruling.refusal is None:
            for sent in dossiers:
                self._open.setdefault(str(sent["MaHoSo"]), self._clock.now())
            while len(self._open) > MAX_SENT:
                self._open.popitem(last=False)
        return ruling

    def progress(self, steps: Sequence[Step], *, mode: Mode = "same") -> Ruling:
        """Accepts steps."""
        return self._ledger.progress(steps, mode=mode)

    def counts(self, code: str) -> dict[str, int] | None:
        """Returns how many dossiers there are under this code, and how many messages changed something or nothing."""
        return self._ledger.counts(code)

    def find(self, code: object) -> list[dict[str, object]]:
        """Returns the dossier with its steps; empty when it was never sent."""
        self._settle()
        found = self._ledger.find(code)
        return [] if found is None else [self._shown(found)]

    def another(self, code: object) -> list[dict[str, object]]:
        """Returns another dossier."""
        return [self._shown(self._ledger.another(code))]

    def waiting(self, count: int) -> tuple[list[Notice], int]:
        """Returns the oldest unacknowledged messages, and the number of further ones."""
        self._settle()
        found = [self._notices[id_] for _, id_ in self._unread[:count]]
        return found, len(self._unread) - len(found)

    def acknowledge(self, ids: Sequence[object]) -> Refusal | None:
        """Records that the province has the messages: all or none; a repetition changes nothing."""
        for index, notice in enumerate(ids):
            if notice not in self._notices:
                breach = f"/MaThongDiep/{index}: unknown message"
                return Refusal(NO_SUCH_MESSAGE, "Thông điệp không tồn tại", breach)
        for notice in ids:
            self._read(self._notices[str(notice)])
        return None

    def give(self, kind: str, count: int) -> list[str]:
        """Puts messages of *kind* before all that wait, and returns their codes."""
        [first, *_] = self._notices.values()
        at = instant(_FILED - timedelta(days=1))
        found = [Notice(f"{kind}-{number:04d}", kind, at, first.packed, first.packer) for number in range(1, count + 1)]
        for notice in found:
            self._add(notice)
        return [notice.id for notice in found]

    def _settle(self) -> None:
        """Finishes the dossiers that are due on the virtual clock."""
        now = self._clock.now()
        while self._open:
            # The first has waited longest: virtual time does not go back.
            code, arrived_at = next(iter(self._open.items()))
            due_at = working_days.after(arrived_at, TO_FINISH_DAYS)
            if due_at > now:
                return
            del self._open[code]
            held = self._ledger.find(code)
            if held is not None:
                done = _finished(held, due_at)
                self._ledger.change(done)
                self._add(_of_result(done, self._packer))

    def _add(self, notice: Notice) -> None:
        before = self._notices.get(notice.id)
        unread = before is None or self._read(before)
        self._notices[notice.id] = notice
        if unread:
            insort(self._unread, (notice.sent_at, notice.id))
        if len(self._notices) > MAX_SENT:
            self._read(self._notices.popitem(last=False)[1])

    def _read(self, notice: Notice) -> bool:
        """Takes the message out of those that wait; returns False, and changes nothing, where it does not wait."""
        at = bisect_left(self._unread, (notice.sent_at, notice.id))
        waits = at < len(self._unread) and self._unread[at][1] == notice.id
        if waits:
            del self._unread[at]
        return waits

    def _shown(self, found: Dossier) -> dict[str, object]:
        return {**found, "TienDo": list(self._ledger.steps(str(found["MaHoSo"])))}


def _finished(held: Dossier, at: datetime) -> Dossier:
    papers = [result(str(held["MaHoSo"]), str(held["MaTTHC"]))]
    changed = {"TrangThaiHoSo": FINISHED, "NgayKetThucXuLy": instant(at), "DanhSachGiayToKetQua": papers}
    whole = {**held, **changed}
    return {name: whole[name] for name in OF_DOSSIER if name in whole}


def _of_result(done: Dossier, packer: Packer) -> Notice:
    sent_at = str(done["NgayKetThucXuLy"])
    return Notice(f"KETQUA-{done['MaHoSo']}", "KETQUA", sent_at, packer.packed(done), packer)


def _with_result(known: Sequence[Dossier]) -> Iterator[Dossier]:
    return (held for held in known if held["TrangThaiHoSo"] == FINISHED)


def _filed(world: World, entry: Entry, packer: Packer) -> Iterator[Notice]:
    """Yields three dossiers filed with the ministry that the province must handle."""
    for index, applicant in enumerate(islice(applicants(world), 40, 43)):
        code = f"{entry.agency}-260105-{index + 1:04d}"
        at = _FILED + timedelta(minutes=20 * index)
        sent = dossier(code, applicant, procedure_for(applicant, index), "1", at)
        yield Notice(f"HOSO-{code}", "HOSO", instant(at), packer.packed(sent), packer)
