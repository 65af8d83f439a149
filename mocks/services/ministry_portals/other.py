"""The ministries' systems that are not shaped like the national portal: their calls, samples and buttons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from mocks.engine.clock import HANOI
from mocks.engine.service import Ask, Call, Desk, Sample, Try, World
from mocks.one_stop_shop.desk import counting
from mocks.services.ministry_portals.birth_death import BirthDeath
from mocks.services.ministry_portals.ministry import Entry
from mocks.services.ministry_portals.transport import TransportMinistry

INCOMING: Final = "ministry_portals.incoming"
REPORT: Final = "ministry_portals.report_progress"
DOSSIER: Final = "ministry_portals.dossier"
FILED: Final = "ministry_portals.filed"
ACKNOWLEDGE: Final = "ministry_portals.acknowledge"
_REPORTED_AT: Final = datetime(2026, 1, 6, 9, 0, tzinfo=HANOI)


class OtherMinistries:
    """The ministries whose dialects are `transport` and `birth_death`."""

    def __init__(self, world: World, ministries: Sequence[Entry]) -> None:
        self._transport = {
            entry.slug: TransportMinistry(world, entry) for entry in ministries if entry.dialect == "transport"
        }
        self._births = {entry.slug: BirthDeath(world, entry) for entry in ministries if entry.dialect == "birth_death"}
        self.entries = [entry for entry in ministries if entry.slug in self._transport or entry.slug in self._births]

    def calls(self) -> Iterator[Call]:
        """Yields the calls of all."""
        for transport in self._transport.values():
            yield transport.call()
        for births in self._births.values():
            yield from births.calls()

    def desks(self) -> Mapping[str, Desk]:
        """Returns what a tester sees of the accepted states, by path."""
        return {f"dossiers/{slug}": {"GET": counting(births.counts)} for slug, births in self._births.items()}

    def samples(self) -> dict[str, list[Sample]]:
        """Returns the samples by gateway operation; those of `transport` are of the last days."""
        found: dict[str, list[Sample]] = {INCOMING: [], REPORT: [], DOSSIER: [], FILED: [], ACKNOWLEDGE: []}
        for slug, transport in self._transport.items():
            for back in range(2, 11, 2):
                day = transport.today - timedelta(days=back)
                found[INCOMING].append(
                    {
                        "path": {"ministry": slug},
                        "query": {"from": (day - timedelta(days=1)).isoformat(), "to": day.isoformat()},
                        "note": "two days",
                    }
                )
        for slug, births in self._births.items():
            found[INCOMING].append({"path": {"ministry": slug}, "note": "what was not acknowledged"})
            for code in births.codes[:6]:
                path = {"ministry": slug, "dossier_code": code}
                found[DOSSIER].append({"path": path, "note": "filed with the ministry"})
                found[FILED].append({"path": path})
                found[REPORT].append({"path": path, "body": _progress(), "note": "first state"})
            for number in (9901, 9902):
                absent = {"ministry": slug, "dossier_code": f"000.00.00.G15-260105-{number}"}
                for operation in (DOSSIER, FILED):
                    found[operation].append({"path": absent, "exists": False, "note": "never filed"})
            found[ACKNOWLEDGE].append({"path": {"ministry": slug}, "body": {"message_ids": births.codes[-1:]}})
        return found

    def tries(self, of_portals: Mapping[str, Try]) -> Mapping[str, Try]:
        """Returns the functions for all ministries: *of_portals* answers for those that are shaped like the portal."""

        def incoming(sample: Mapping[str, Any]) -> Ask:
            slug = sample["path"]["ministry"]
            if slug in self._transport:
                days = [date.fromisoformat(sample["query"][name]) for name in ("from", "to")]
                return self._transport[slug].ask(*days)
            if slug in self._births:
                return self._births[slug].ask("danh-sach", query={"maDonVi": "000.00.01.H58"})
            return of_portals[INCOMING](sample)

        def dossier(sample: Mapping[str, Any]) -> Ask:
            births = self._births.get(sample["path"]["ministry"])
            code = sample["path"]["dossier_code"]
            return of_portals[DOSSIER](sample) if births is None else births.ask(f"chi-tiet/{code}")

        def report(sample: Mapping[str, Any]) -> Ask:
            births = self._births.get(sample["path"]["ministry"])
            if births is None:
                return of_portals[REPORT](sample)
            message = {
                "maHoSo": sample["path"]["dossier_code"],
                "maDonVi": "000.00.01.H58",
                "trangThai": "1",
                "ngayXuLy": f"{_REPORTED_AT:%Y-%m-%dT%H:%M:%S}",
            }
            return births.ask("trang-thai", message)

        def acknowledge(sample: Mapping[str, Any]) -> Ask:
            births = self._births.get(sample["path"]["ministry"])
            if births is None:
                return of_portals[ACKNOWLEDGE](sample)
            return births.receipt(sample["body"]["message_ids"][0])

        return {INCOMING: incoming, DOSSIER: dossier, FILED: dossier, REPORT: report, ACKNOWLEDGE: acknowledge}


def joined(*parts: Mapping[str, Sequence[Sample]]) -> dict[str, list[Sample]]:
    """Returns the samples of all *parts* by operation."""
    found: dict[str, list[Sample]] = {}
    for part in parts:
        for operation, samples in part.items():
            found.setdefault(operation, []).extend(samples)
    return found


def _progress() -> dict[str, object]:
    return {
        "officer": {"full_name": "Trần Thị Mai Phương", "position": "Chuyên viên"},
        "processed_at": _REPORTED_AT.isoformat(),
        "content": "Tiếp nhận hồ sơ",
        "status": "newly_registered",
    }
