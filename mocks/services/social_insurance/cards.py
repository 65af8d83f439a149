"""`KQNhanLichSuKCB2024`: the look-up of a health card in an officer's name [G]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from mocks.engine.service import Reply, Request, World, json_reply
from mocks.population import Person
from mocks.population.dice import Dice
from mocks.population.places import provinces_before, provinces_now
from mocks.services.social_insurance.coverage import ENTITLEMENTS, Card, Period, card_of
from mocks.services.social_insurance.habits import SEX_WORDS, as_typed, breaks, folded, slashed, slashed_birth

_NOTES: Final = {
    "000": "Thông tin thẻ BHYT chính xác",
    "001": "Thẻ BHYT do BHXH Bộ Quốc phòng quản lý, đề nghị kiểm tra thẻ BHYT và thông tin giấy tờ tùy thân",
    "002": "Thẻ BHYT do BHXH Bộ Công an quản lý, đề nghị kiểm tra thẻ BHYT và thông tin giấy tờ tùy thân",
    "003": "Thẻ BHYT cũ hết giá trị sử dụng, được cấp thẻ mới",
    "004": "Thẻ BHYT cũ còn giá trị sử dụng, được cấp thẻ mới",
    "010": "Thẻ BHYT hết giá trị sử dụng",
    "050": "Không có thông tin thẻ BHYT",
    "051": "Mã thẻ BHYT không đúng",
    "052": "Mã tỉnh cấp thẻ BHYT (ký tự thứ 4,5) của thẻ BHYT không đúng",
    "053": "Mã quyền lợi BHYT (ký tự thứ 3) của thẻ BHYT không đúng",
    "054": "Số CCCD của cán bộ thực hiện tra cứu không tồn tại trong danh sách người sử dụng do CSKCB đăng ký",
    "055": "Họ và tên của cán bộ thực hiện tra cứu không khớp với số CCCD",
    "060": "Thẻ BHYT sai họ tên",
    "061": "Thẻ BHYT sai họ tên (đúng ký tự đầu)",
    "070": "Thẻ BHYT sai ngày sinh",
    "100": "Lỗi khi lấy dữ liệu sổ thẻ",
    "101": "Lỗi server",
    "110": "Thẻ BHYT đã thu hồi",
    "120": "Thẻ BHYT đã báo giảm",
    "121": "Thẻ BHYT đã báo giảm chuyển ngoại tỉnh",
    "122": "Thẻ BHYT đã báo giảm chuyển nội tỉnh",
    "123": "Thẻ BHYT đã báo giảm do tăng lại cùng đơn vị",
    "124": "Thẻ BHYT đã báo giảm ngừng tham gia",
    "130": "Trẻ em không xuất trình thẻ BHYT",
    "205": "Lỗi sai định dạng tham số",
    "500": "Lỗi server",
}
_FIELDS: Final = (
    "maThe", "hoTen", "ngaySinh", "gioiTinh", "diaChi", "maDKBD", "cqBHXH", "gtTheTu", "gtTheDen", "maKV", "ngayDu5Nam",
    "maSoBHXH", "maTheCu", "maTheMoi", "gtTheTuMoi", "gtTheDenMoi", "maDKBDMoi", "tenDKBDMoi", "dsLichSuKCB",
)  # fmt: skip
CARD_FIELDS: Final = frozenset({"maKetQua", "ghiChu", *_FIELDS})
_RULES: Final[Mapping[str, re.Pattern[str]]] = {
    "maThe": re.compile(r".{1,30}"),
    "hoTen": re.compile(r".{1,200}"),
    "ngaySinh": re.compile(r"([0-9]{2}/[0-9]{2}/)?[0-9]{4}"),
    "hoTenCb": re.compile(r".{1,200}"),
    "cccdCb": re.compile(r"[0-9]{12}"),
}
_CARD: Final = re.compile(r"(?:([A-Z]{2})([1-5])([0-9]{2}))?([0-9]{10})|[0-9]{12}")
#: Results with the data of the card; the others have only a code and a note.
_TELLING: Final = frozenset({"000", "003", "004", "010", "110", "120", "121", "122", "123", "124"})
#: Results of the card that come without its data.
_BRIEF: Final = frozenset({"001", "002", "130"})
_FACILITIES: Final = ("Bệnh viện Đa khoa trung tâm", "Trạm y tế xã", "Phòng khám đa khoa khu vực", "Bệnh viện quận")
_ILLNESSES: Final = (
    "J06.9 Nhiễm trùng hô hấp trên cấp",
    "I10 Tăng huyết áp",
    "K29.7 Viêm dạ dày",
    "S93.4 Bong gân cổ chân",
)


class CardDesk:
    """Checks officer, card, name and birth date in this order, then answers with the state of the card."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._people = world.population.people
        name = world.credential("social_insurance", "officer_name")
        self._officers = {world.credential("social_insurance", "officer_citizen_id"): folded(name)}
        self._provinces = {province.code for province in provinces_before()} | set(provinces_now())

    def verify(self, request: Request) -> Reply:
        """Answers with `maKetQua` and the fields that belong to it."""
        if breaks(request, _RULES):
            return said("205")
        asked = {name: str(request.fields[name]).strip() for name in _RULES}
        officer = self._officers.get(asked["cccdCb"])
        if officer is None:
            request.breach("body cccdCb: not an officer of this account")
            return said("054")
        if officer != folded(asked["hoTenCb"]):
            request.breach("body hoTenCb: not the name of this officer")
            return said("055")
        found = _CARD.fullmatch(asked["maThe"].upper())
        if wrong := self._wrong(found):
            request.breach("body maThe: object code, entitlement, province and BHXH number")
            return said(wrong)
        assert found is not None, "_wrong() returns 051 for a malformed card number"
        return self._of_person(self._people.by_insurance_number(found[4] or ""), asked)

    def another(self, _: Request) -> Reply:
        """Answers with a valid card of a person who is not in the samples."""
        today = self._world.clock.today()
        people = (self._people[index] for index in range(len(self._people) - 1, 0, -1))
        person = next(person for person in people if card_of(person, today).result == "000")
        return self._told(person, card_of(person, today))

    def _wrong(self, found: re.Match[str] | None) -> str | None:
        if found is None:
            return "051"
        kind, level, province, _ = found.groups()
        if kind is None:
            return None
        if kind not in ENTITLEMENTS:
            return "051"
        if province not in self._provinces:
            return "052"
        return None if ENTITLEMENTS[kind] == level else "053"

    def _of_person(self, person: Person | None, asked: Mapping[str, str]) -> Reply:
        if person is None:
            return said("050")
        card = card_of(person, self._world.clock.today())
        number = asked["maThe"].upper()
        if card.successor is not None and number == card.successor.number:
            card = Card("000", card.successor, card.now.number, None)
        if len(number) == 15 and number not in {card.now.number, card.old_number}:
            return said("050")
        if folded(asked["hoTen"]) != folded(person.full_name):
            return said("061" if folded(asked["hoTen"])[:1] == folded(person.full_name)[:1] else "060")
        if not _was_born(person, asked["ngaySinh"]):
            return said("070")
        if card.result in _BRIEF:
            return said(card.result, maThe=card.now.number)
        return self._told(person, card) if card.result in _TELLING else said(card.result)

    def _told(self, person: Person, card: Card) -> Reply:
        index = person.index
        place = person.address.place
        holds_five_years = index % 4 != 2
        facts: dict[str, object] = {
            "hoTen": as_typed(person.full_name, index),
            "ngaySinh": slashed_birth(person),
            "gioiTinh": SEX_WORDS[person.sex],
            "diaChi": as_typed(person.address.after_reform if index % 2 else person.address.before_reform, index),
            "maDKBD": f"{place.province_code}{index % 900 + 100}",
            "cqBHXH": f"BHXH {place.new_province if index % 2 else place.district}",
            "maKV": ("", "", "K1", "K2", "K3")[index % 5],
            "ngayDu5Nam": slashed(date(2027, index % 12 + 1, 1)) if holds_five_years else "01/01/0001",
            "maSoBHXH": person.social_insurance_number,
            "maTheCu": card.old_number,
            "dsLichSuKCB": self._visits(person),
            **_period(card.now, "maThe", "gtTheTu", "gtTheDen"),
        }
        if card.successor is not None:
            facts |= _period(card.successor, "maTheMoi", "gtTheTuMoi", "gtTheDenMoi")
            facts |= {"maDKBDMoi": f"{place.province_code}{index % 900 + 101}", "tenDKBDMoi": _FACILITIES[index % 4]}
        return said(card.result, **facts)

    def _visits(self, person: Person) -> list[dict[str, object]] | None:
        if person.index % 3:
            return None
        dice = Dice(self._world.population.seed, "visits", person.index)
        return [
            {
                "maHoSo": f"99{person.index:08d}{at}",
                "maCSKCB": f"{person.address.place.province_code}{dice.between(100, 999)}",
                "ngayVao": f"2026{dice.between(1, 6):02d}{dice.between(1, 27):02d}0830",
                "ngayRa": None,
                "tenBenh": dice.pick(_ILLNESSES),
                "tinhTrang": "1",
                "kqDieuTri": "2",
                "lyDoVV": "1",
            }
            for at in range(dice.below(3))
        ]


def said(result: str, **facts: object) -> Reply:
    """Returns an answer, always HTTP 200; missing values are null."""
    return json_reply({"maKetQua": result, "ghiChu": _NOTES[result], **dict.fromkeys(_FIELDS), **facts})


def _period(period: Period, number: str, starts: str, ends: str) -> dict[str, object]:
    return {
        number: period.number,
        starts: slashed(period.starts),
        ends: "" if period.ends is None else slashed(period.ends),
    }


def _was_born(person: Person, asked: str) -> bool:
    known = slashed_birth(person)
    return known == asked if len(known) == len(asked) else known[-4:] == asked[-4:]
