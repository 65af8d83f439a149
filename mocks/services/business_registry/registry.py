"""The answers of each call, and the registry's refusal of a request that breaks its contract."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Final

import orjson

from mocks.engine.service import JSON, Reply, Request, World, json_reply
from mocks.population import Enterprise, Registration, Unit
from mocks.services.business_registry.render import (
    contact_fields,
    enterprise_body,
    registration_row,
    told,
    unit_body,
)

MAX_DAYS_APART: Final = 5
DEFAULT_LIMIT: Final = 100
MAX_LIMIT: Final = 500
_CODE: Final = re.compile(r"\d{10}(-?\d{3})?")
_TIME: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)")
_DATE: Final = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
#: One answer in seven has this content type; browsers accept it [C: seen at similar systems].
_AS_HTML: Final = "text/html; charset=utf-8"
#: Maximum number of days from receipt to handling of a dossier.
_LONGEST_COURSE: Final = timedelta(days=12)

Record = Enterprise | Unit


class OffContract(Exception):
    """The request breaks a rule; the text is the registry's message."""


class Registry:
    """Answers from the population; the answer about a record is rendered once."""

    def __init__(self, world: World) -> None:
        self._population = world.population
        self._clock = world.clock
        self._rendered: Callable[[str], Reply] = lru_cache(maxsize=4_096)(self._render)

    def detail(self, request: Request) -> Reply:
        """`chiTietDoanhNghiep`: an unknown code is HTTP 200 with an empty `MainInformation` [C]."""
        code = request.query.get("msdn", "").strip()
        if not _CODE.fullmatch(code):
            request.breach("query msdn: 10 digits, or 13 with or without a hyphen")
            return refused("Tham số msdn không hợp lệ")
        record = self._record(code)
        if record is None:
            return json_reply({"MainInformation": {}, **told(0, message="Không tìm thấy dữ liệu")})
        return self._rendered(record.code)

    def another_detail(self, request: Request) -> Reply:
        """Answers about the next enterprise."""
        return self._rendered(self._other(request).code)

    def certificate(self, request: Request) -> Reply:
        """The provincial variant: the same facts in a list `GetEntCert`, empty for an unknown code [C]."""
        code = request.query.get("msdn", "").strip()
        if not _CODE.fullmatch(code):
            request.breach("query msdn: 10 digits, or 13 with or without a hyphen")
            return json_reply({"GetEntCert": []})
        record = self._record(code)
        return json_reply({"GetEntCert": [] if record is None else [self._body(record)]})

    def another_certificate(self, request: Request) -> Reply:
        return json_reply({"GetEntCert": [self._body(self._other(request))]})

    def handled_today(self, request: Request) -> Reply:
        """`danhSachHoSoTrongNgay`: dossiers handled today, between two times of the day."""
        now = self._clock.now()
        try:
            begins = _time(request, "from_ts")
            ends = _time(request, "to_ts")
            offset, limit = _page(request)
        except OffContract as broken:
            return refused(str(broken))
        today = now.date()
        days = (today - timedelta(days=back) for back in range(_LONGEST_COURSE.days, -1, -1))
        handled = [
            dossier
            for day in days
            for dossier in self._population.registrations.on(day)
            if dossier.processed_at.date() == today
            and begins <= dossier.processed_at.time() <= ends
            and dossier.processed_at <= now
        ]
        return self._list(handled, now, offset, limit, whole=False)

    def received(self, request: Request) -> Reply:
        """`danhSachHoSo`: dossiers received in a period of at most five days [G]."""
        now = self._clock.now()
        try:
            first, last = _date(request, "from_date"), _date(request, "to_date")
            if last < first:
                raise _off(request, "query to_date: before from_date", "to_date phải lớn hơn hoặc bằng from_date")
            if (last - first).days > MAX_DAYS_APART:
                raise _off(
                    request, "query to_date: more than 5 days after from_date", "Khoảng thời gian không vượt quá 5 ngày"
                )
            offset, limit = _page(request)
        except OffContract as broken:
            return refused(str(broken))
        dossiers = [
            dossier
            for ahead in range((last - first).days + 1)
            for dossier in self._population.registrations.on(first + timedelta(days=ahead))
            if dossier.received_at <= now
        ]
        return self._list(dossiers, now, offset, limit, whole=True)

    def status(self, request: Request) -> Reply:
        """`tinhTrangHoSo`: one dossier with its submitter; an unknown number gives an empty list [S]."""
        number = request.query.get("in_journal_no", "").strip()
        if not number:
            request.breach("query in_journal_no: missing")
            return refused("Thiếu tham số in_journal_no")
        dossier = self._population.registrations.by_number(number)
        if dossier is None or dossier.received_at > self._clock.now():
            return json_reply({"Data": [], **told(0, message="Không tìm thấy dữ liệu")})
        return self._status(dossier)

    def another_status(self, request: Request) -> Reply:
        """Answers about another dossier of the last working day."""
        day = self._clock.today() - timedelta(days=1)
        while not self._population.registrations.on(day):
            day -= timedelta(days=1)
        first, second, *_ = self._population.registrations.on(day)
        return self._status(second if first.number == request.query.get("in_journal_no", "").strip() else first)

    def _status(self, dossier: Registration) -> Reply:
        now = self._clock.now()
        enterprise = self._population.enterprises[dossier.enterprise_index]
        row = {**registration_row(dossier, enterprise, now, whole=True), **contact_fields(dossier, now)}
        one_or_list = row if enterprise.index % 2 else [row]
        return json_reply({"Data": one_or_list, **told(1)})

    def _list(self, dossiers: list[Registration], now: datetime, offset: int, limit: int, *, whole: bool) -> Reply:
        enterprises = self._population.enterprises
        rows = [
            registration_row(dossier, enterprises[dossier.enterprise_index], now, whole=whole)
            for dossier in dossiers[offset : offset + limit]
        ]
        return json_reply({"Data": rows, **told(len(dossiers))})

    def _record(self, code: str) -> Record | None:
        enterprises = self._population.enterprises
        return enterprises.by_code(code) if len(code) == 10 else enterprises.unit_by_code(code)

    def _other(self, request: Request) -> Enterprise:
        enterprises = self._population.enterprises
        asked = enterprises.by_code(request.query.get("msdn", "").strip()[:10])
        return enterprises[(asked.index + 1) % len(enterprises) if asked else 0]

    def _body(self, record: Record) -> dict[str, object]:
        if isinstance(record, Unit):
            return unit_body(record, self._population.enterprises[record.enterprise_index])
        return enterprise_body(record)

    def _render(self, code: str) -> Reply:
        record = self._record(code)
        assert record is not None, "only codes of existing records are rendered"
        index = record.index if isinstance(record, Enterprise) else record.enterprise_index + record.number
        body = self._body(record)
        # Some provinces wrap the answer, others do not [C]; here it depends on the record.
        wrapped = {"data": body} if index % 5 == 2 else body
        return Reply(200, orjson.dumps(wrapped), _AS_HTML if index % 7 == 6 else JSON)


def refused(message: str) -> Reply:
    """Refuses a request that breaks the contract: HTTP 200, `Status` 0 [G]."""
    return json_reply(told(0, status="0", message=message))


def _off(request: Request, rule: str, message: str) -> OffContract:
    request.breach(rule)
    return OffContract(message)


def _time(request: Request, name: str) -> time:
    found = _TIME.fullmatch(request.query.get(name, ""))
    if found is None:
        raise _off(request, f"query {name}: HH:mm", f"Tham số {name} không hợp lệ")
    return time(int(found[1]), int(found[2]), 59, tzinfo=None)


def _date(request: Request, name: str) -> date:
    found = _DATE.fullmatch(request.query.get(name, ""))
    try:
        return datetime.strptime(found[0] if found else "", "%d/%m/%Y").date()  # noqa: DTZ007 - a day, not an instant
    except ValueError:
        raise _off(request, f"query {name}: dd/MM/yyyy", f"Tham số {name} không hợp lệ") from None


def _page(request: Request) -> tuple[int, int]:
    numbers = []
    for name, default, least, most in (("offset", "0", 0, 1_000_000), ("limit", str(DEFAULT_LIMIT), 1, MAX_LIMIT)):
        text = request.query.get(name, default)
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 8 else -1
        if not least <= number <= most:
            raise _off(request, f"query {name}: a number from {least} to {most}", f"Tham số {name} không hợp lệ")
        numbers.append(number)
    return numbers[0], numbers[1]
