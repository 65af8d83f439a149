"""Dialect `transport`: the province pulls dossiers by day; the key goes in the query and in two headers [C]."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Final

from mocks.engine import working_days
from mocks.engine.clock import HANOI
from mocks.engine.service import Ask, Call, Reply, Request, World, json_reply
from mocks.one_stop_shop.dossiers import Applicant, applicants, procedure_for
from mocks.services.ministry_portals.ministry import Entry

WELL: Final = 0
WRONG_KEY: Final = -300
WRONG_AGENCY: Final = -301
WRONG_DAYS: Final = -302
WINDOW_TOO_LONG: Final = -303
WRONG_ROWS: Final = -304
WINDOW_DAYS: Final = 3
"""Longest distance between the first and the last day [C]."""
FIRST_DAY: Final = date(2025, 7, 1)
"""No dossier is older."""
_A_DAY: Final = 3
_PEOPLE: Final = 90
_AGENCY: Final = re.compile(r"000\.\d{2}\.\d{2}\.H58")
_DAY: Final = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_ROWS: Final = re.compile(r"-1|\d{1,6}")
_SAID: Final[Mapping[int, str]] = {
    WELL: "Thành công",
    WRONG_KEY: "Khóa kết nối không đúng",
    WRONG_AGENCY: "Mã đơn vị không hợp lệ",
    WRONG_DAYS: "Ngày không hợp lệ",
    WINDOW_TOO_LONG: "Khoảng thời gian vượt quá 3 ngày",
    WRONG_ROWS: "Chỉ số dòng không hợp lệ",
}
"""The codes are [C]; their meanings and sentences are ours [S]."""


class TransportMinistry:
    """Dossiers follow from their day alone, so a reset and a moved clock need no state."""

    def __init__(self, world: World, entry: Entry) -> None:
        self._clock = world.clock
        self._entry = entry
        self._key = world.credential("ministry_portals", "transport_api_key")
        self._applicants: tuple[Applicant, ...] = tuple(islice(applicants(world), _PEOPLE))

    def call(self) -> Call:
        """Returns the one call."""
        return Call(
            name=f"{self._entry.slug}.danhsachhoso",
            path=f"{self._entry.slug}/apiGTVT/danhsachhoso",
            authenticate=self._refusal,
            answer=self._listed,
            why_no_another="it answers with the dossiers of some days, not about one record",
            shown=frozenset({"Start", "End", "GovAgencyCode", "ReceiveFromDate", "ReceiveToDate"}),
            fields=frozenset({"error_code", "message", "data", *_FIELDS}),
        )

    def ask(self, first: date, last: date) -> Ask:
        """Returns a request for the dossiers of some days, as a province would send it."""
        return Ask(
            path=f"{self._entry.slug}/apiGTVT/danhsachhoso",
            query={
                "Start": "-1",
                "End": "-1",
                "GovAgencyCode": "000.00.01.H58",
                "APIKey": self._key,
                "ReceiveFromDate": f"{first:%d/%m/%Y}",
                "ReceiveToDate": f"{last:%d/%m/%Y}",
            },
            headers={"MaDonVi": "000.00.01.H58", "ApiKey": self._key, "Authorization": f"Bearer {self._key}"},
        )

    @property
    def today(self) -> date:
        """The virtual day."""
        return self._clock.today()

    def codes(self, day: date) -> list[str]:
        """Returns the codes of a day's dossiers, in order."""
        return [self._code(day, turn) for turn in range(_A_DAY)]

    def _code(self, day: date, turn: int) -> str:
        return f"{self._entry.agency}-{day:%y%m%d}-{turn + 1:04d}"

    def _refusal(self, request: Request) -> Reply | None:
        scheme, _, bearer = request.headers.get("Authorization", "").partition(" ")
        given = {
            "query APIKey": request.query.get("APIKey", ""),
            "header ApiKey": request.headers.get("ApiKey", ""),
            "header Authorization": bearer.strip() if scheme.lower() == "bearer" else "",
        }
        wrong = [place for place, key in given.items() if not hmac.compare_digest(key.encode(), self._key.encode())]
        if wrong:
            return _refused(request, WRONG_KEY, f"{', '.join(wrong)}: not the key of this province")
        agency = request.query.get("GovAgencyCode", "")
        if not _AGENCY.fullmatch(agency) or request.headers.get("MaDonVi") != agency:
            return _refused(request, WRONG_AGENCY, "query GovAgencyCode, header MaDonVi: not one agency of this key")
        return None

    def _listed(self, request: Request) -> Reply:
        rows = [request.query.get(name, "") for name in ("Start", "End")]
        if not all(map(_ROWS.fullmatch, rows)):
            return _refused(request, WRONG_ROWS, "query Start, End: not a number of a row, or -1")
        days = [_day(request.query.get(name, "")) for name in ("ReceiveFromDate", "ReceiveToDate")]
        first, last = days
        if first is None or last is None or last < first:
            return _refused(request, WRONG_DAYS, "query ReceiveFromDate, ReceiveToDate: not a period")
        if (last - first).days > WINDOW_DAYS:
            return _refused(request, WINDOW_TOO_LONG, "query ReceiveToDate: more than three days after the first")
        found = list(self._received(first, last))
        start, end = (int(row) for row in rows)
        wanted = found[max(start, 0) : None if end < 0 else end + 1]
        return json_reply({"error_code": WELL, "message": _SAID[WELL], "data": wanted})

    def _received(self, first: date, last: date) -> Iterator[dict[str, object]]:
        day, now = max(first, FIRST_DAY), self._clock.now()
        while day <= last:
            for turn in range(_A_DAY):
                received_at = datetime.combine(day, time(8, 5 + 17 * turn), HANOI)
                if received_at > now:
                    return
                row = self._row(day, turn, received_at)
                yield {**row, "TrangThaiHoSo": "1"}
                if turn == 1:
                    yield row  # the same dossier again, in its newer state
            day += timedelta(days=1)

    def _row(self, day: date, turn: int, received_at: datetime) -> dict[str, object]:
        number = day.toordinal() * _A_DAY + turn
        applicant = self._applicants[number % _PEOPLE]
        procedure = procedure_for(applicant, number)
        code = self._code(day, turn)
        values = (
            code, procedure.code, procedure.title, procedure.field_code, procedure.field, str(turn % 2), applicant.name,
            applicant.kind, applicant.identifier, applicant.phone, applicant.email, procedure.title,
            _instant(received_at), _instant(working_days.after(received_at, procedure.days)), "2", procedure.agency,
            [{"TenTepDinhKem": "to-khai.pdf", "DuongDanTaiTepTin": f"https://mot-cua.invalid/tep/{code}-1"}],
        )  # fmt: skip
        return dict(zip(_FIELDS, values, strict=True))


_FIELDS: Final = (
    "MaHoSo", "MaTTHC", "TenTTHC", "MaLinhVuc", "TenLinhVuc", "KenhThucHien", "ChuHoSo", "LoaiDoiTuong", "MaDoiTuong",
    "SoDienThoai", "Email", "TrichYeuHoSo", "NgayTiepNhan", "NgayHenTra", "TrangThaiHoSo", "DonViXuLy", "TaiLieuNop",
)  # fmt: skip


def _refused(request: Request, code: int, breach: str) -> Reply:
    request.breach(breach)
    return json_reply({"error_code": code, "message": _SAID[code], "data": []})


def _day(written: str) -> date | None:
    found = _DAY.fullmatch(written)
    try:
        return date(int(found[3]), int(found[2]), int(found[1])) if found else None
    except ValueError:
        return None


def _instant(at: datetime) -> str:
    """Returns a time in this ministry's form [C]."""
    return f"{at.astimezone(HANOI):%d/%m/%Y %H:%M:%S}"
