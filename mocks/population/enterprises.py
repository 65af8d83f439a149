"""Enterprises and their dependent units, with the data of the business registry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from mocks.population.dice import Dice, Shuffle
from mocks.population.people import REFERENCE, People
from mocks.population.places import STREETS, Address, Place, places
from mocks.population.vsic import BusinessLine, business_lines

ENTERPRISES: Final = 2_500
_SERIALS: Final = 100_000
#: Tries for a serial number before the next province; one in eleven has no valid check digit.
_TRIES: Final = _SERIALS // 20_000
_WEIGHTS: Final = (31, 29, 23, 19, 17, 13, 7, 5, 3)


def with_check_digit(stem: str) -> str | None:
    """Returns the tax code of nine digits (Circular 105/2020/TT-BTC), or None where no check digit fits."""
    digit = 10 - sum(weight * int(number) for weight, number in zip(_WEIGHTS, stem, strict=True)) % 11
    return f"{stem}{digit}" if digit < 10 else None


@dataclass(frozen=True, slots=True)
class EnterpriseType:
    """Loại hình doanh nghiệp."""

    id: int
    name: str
    prefix: str
    """The first words of its enterprises' names."""


LIMITED_ONE: Final = EnterpriseType(1, "Công ty trách nhiệm hữu hạn một thành viên", "CÔNG TY TNHH MỘT THÀNH VIÊN")
LIMITED_MANY: Final = EnterpriseType(2, "Công ty trách nhiệm hữu hạn hai thành viên trở lên", "CÔNG TY TNHH")
JOINT_STOCK: Final = EnterpriseType(3, "Công ty cổ phần", "CÔNG TY CỔ PHẦN")
PRIVATE: Final = EnterpriseType(4, "Doanh nghiệp tư nhân", "DOANH NGHIỆP TƯ NHÂN")
PARTNERSHIP: Final = EnterpriseType(5, "Công ty hợp danh", "CÔNG TY HỢP DANH")
_TYPES: Final = ((LIMITED_ONE, 45), (LIMITED_MANY, 25), (JOINT_STOCK, 20), (PRIVATE, 8), (PARTNERSHIP, 2))

#: Tình trạng hoạt động: code and name; most are active.
STATUSES: Final = {
    "1": "Đang hoạt động",
    "2": "Tạm ngừng kinh doanh",
    "3": "Đang làm thủ tục giải thể",
    "4": "Đã giải thể",
    "5": "Bị thu hồi Giấy chứng nhận đăng ký doanh nghiệp",
    "6": "Phá sản",
}
_STATUS_WEIGHTS: Final = (("1", 86), ("2", 6), ("3", 3), ("4", 2), ("5", 2), ("6", 1))


@dataclass(frozen=True, slots=True)
class Representative:
    """Người đại diện theo pháp luật; a foreigner is not in the population."""

    full_name: str
    position: str
    identity_number: str
    country: str
    person_index: int | None


@dataclass(frozen=True, slots=True)
class Member:
    """An owner of capital: a person, a foreigner or an organisation."""

    name: str
    amount: int
    """Phần vốn góp, VND."""
    ratio_percent: str
    """Tỷ lệ, two decimals."""
    country: str
    identity_number: str | None


@dataclass(frozen=True, slots=True)
class Enterprise:
    """One enterprise; its code is also its tax code."""

    index: int
    code: str
    """Mã số doanh nghiệp, 10 digits with a check digit; the test range has 99 as digits 3 and 4."""
    name: str
    short_name: str | None
    foreign_name: str | None
    type: EnterpriseType
    founded_on: date
    amended_on: date | None
    changes: int
    """Số lần thay đổi."""
    status: str
    """A code of `STATUSES`."""
    capital: int
    """Vốn điều lệ, VND."""
    old_certificate: str | None
    """Số GCN ĐKKD cũ."""
    address: Address
    representatives: tuple[Representative, ...]
    members: tuple[Member, ...]
    business_lines: tuple[BusinessLine, ...]
    """Business lines; the main one is first."""
    units: int
    """Number of dependent units."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Đơn vị phụ thuộc: branch, representative office or place of business."""

    code: str
    """Mã số đơn vị phụ thuộc, `NNNNNNNNNN-NNN`."""
    enterprise_index: int
    number: int
    """Number of the unit, from 1."""
    kind: EnterpriseType
    name: str
    founded_on: date
    status: str
    address: Address
    head: Representative
    business_lines: tuple[BusinessLine, ...]


_UNIT_KINDS: Final = (
    EnterpriseType(6, "Chi nhánh", "CHI NHÁNH"),
    EnterpriseType(7, "Văn phòng đại diện", "VĂN PHÒNG ĐẠI DIỆN"),
    EnterpriseType(8, "Địa điểm kinh doanh", "ĐỊA ĐIỂM KINH DOANH"),
)
_FOREIGNERS: Final = (
    ("KIM MIN-JUN", "Hàn Quốc"), ("TANAKA HIROSHI", "Nhật Bản"), ("O'CONNOR SIOBHÁN", "Ai-len"),
    ("Ł. WOŹNIAK", "Ba Lan"),
    ("WANG XIAOMING", "Trung Quốc"), ("MÜLLER, JÜRGEN", "Đức"), ("DE LA CRUZ MARÍA", "Phi-líp-pin"),
)  # fmt: skip
_WORDS: Final = (
    "Mỹ Tho", "Hoàng Long", "Thành Đạt", "Phúc Lộc", "Sao Mai", "Đại Dương", "Bình Minh", "Việt Tiến", "An Khang",
    "Tiền Giang", "Nam Phương", "Kỷ Nguyên", "Đồng Tâm", "Hưng Thịnh", "Ngũ Phúc", "Trường Sơn", "Cửu Long",
    "Ánh Dương", "Quyết Thắng",
)  # fmt: skip
_TRADES: Final = (
    "Thương Mại", "Xây Dựng", "Dịch Vụ", "Vận Tải", "Nông Sản", "Thủy Sản", "Cơ Khí", "Công Nghệ", "Dược Phẩm",
    "Du Lịch",
)  # fmt: skip
_POSITIONS: Final = (
    "Giám đốc",
    "Tổng giám đốc",
    "Chủ tịch hội đồng thành viên",
    "Chủ tịch công ty",
    "Chủ doanh nghiệp",
)


class Enterprises:
    """All enterprises by index and by code."""

    def __init__(self, seed: int, people: People) -> None:
        self._seed = seed
        self._people = people
        self._serials = Shuffle(seed, "enterprise", _SERIALS)
        self._enterprise: Callable[[int], Enterprise] = lru_cache(maxsize=None)(self._make)

    def __len__(self) -> int:
        return ENTERPRISES

    def __getitem__(self, index: int) -> Enterprise:
        if not 0 <= index < ENTERPRISES:
            raise IndexError(index)
        return self._enterprise(index)

    def by_code(self, code: str) -> Enterprise | None:
        """Returns the enterprise with this 10-digit code, or None."""
        if len(code) != 10 or not code.isascii() or not code.isdigit() or code[2:4] != "99":
            return None
        index = self._serials.back(int(code[4:9])) % 20_000
        return self[index] if index < ENTERPRISES and self[index].code == code else None

    def unit_by_code(self, code: str) -> Unit | None:
        """Returns the dependent unit with this code (with or without the hyphen), or None."""
        plain = code.replace("-", "")
        enterprise = self.by_code(plain[:10]) if len(plain) == 13 and plain.isascii() and plain.isdigit() else None
        number = int(plain[10:]) if enterprise else 0
        return self.unit(enterprise, number) if enterprise and 1 <= number <= enterprise.units else None

    def unit(self, enterprise: Enterprise, number: int) -> Unit:
        """Returns dependent unit *number* (from 1) of the enterprise."""
        dice = Dice(self._seed, "unit", enterprise.index * 1000 + number)
        kind = dice.pick(_UNIT_KINDS)
        address = _office(dice)
        head = self._people[dice.below(len(self._people))]
        while head.relation not in {"head", "spouse"}:
            head = self._people[(head.index + 1) % len(self._people)]
        return Unit(
            code=f"{enterprise.code}-{number:03d}",
            enterprise_index=enterprise.index,
            number=number,
            kind=kind,
            name=f"{kind.prefix} {address.place.new_ward.upper()} - {enterprise.name}",
            founded_on=min(enterprise.founded_on + timedelta(days=dice.between(30, 1500)), REFERENCE),
            status=enterprise.status,
            address=address,
            head=Representative(head.full_name, "Người đứng đầu", head.citizen_id, "Việt Nam", head.index),
            business_lines=enterprise.business_lines[: dice.between(1, 3)],
        )

    def _code(self, index: int, province: Place) -> str:
        """Returns province, 99, serial, check digit. One serial in eleven has no check digit and is skipped."""
        first = int(province.province_code)
        for shift in range(90):
            for attempt in range(_TRIES):
                stem = f"{(first + shift - 1) % 96 + 1:02d}99{self._serials[index + attempt * 20_000]:05d}"
                code = with_check_digit(stem)
                if code is not None:
                    return code
        raise AssertionError("one of 450 serials has a check digit")

    def _make(self, index: int) -> Enterprise:
        dice = Dice(self._seed, "enterprise", index)
        kind = dice.weighted(_TYPES)
        address = _office(dice)
        words = f"{dice.pick(_TRADES)} {dice.pick(_WORDS)}"
        founded = date(1994, 1, 1) + timedelta(days=dice.below((REFERENCE - date(1994, 1, 1)).days))
        changes = dice.weighted(((0, 30), (1, 30), (2, 20), (7, 15), (31, 5)))
        capital = dice.pick((10, 100, 500, 1_800, 5_000, 20_000, 150_000, 9_876_543)) * 1_000_000
        amended = founded + timedelta(days=dice.below((REFERENCE - founded).days + 1)) if changes else None
        name = f"{kind.prefix} {words}".upper()
        if dice.one_in(50):
            name = (
                f"{name} ĐẦU TƯ PHÁT TRIỂN XUẤT NHẬP KHẨU VÀ CHUYỂN GIAO KỸ THUẬT QUỐC TẾ " + " ".join(_WORDS).upper()
            )
        return Enterprise(
            index=index,
            code=self._code(index, address.place),
            name=name,
            short_name=f"{words.upper()} CO., LTD" if dice.percent(40) else None,
            foreign_name=f"TEST COMPANY {index:04d} JOINT VENTURE" if dice.percent(30) else None,
            type=kind,
            founded_on=founded,
            amended_on=amended,
            changes=changes,
            status=dice.weighted(_STATUS_WEIGHTS),
            capital=capital,
            old_certificate="99" + dice.digits(8) if founded.year < 2010 else None,
            address=address,
            representatives=self._representatives(dice, index, kind),
            members=self._members(dice, index, kind, capital),
            business_lines=business_lines(dice),
            units=dice.weighted(((0, 70), (1, 15), (3, 10), (12, 4), (40, 1))),
        )

    def _representatives(self, dice: Dice, index: int, kind: EnterpriseType) -> tuple[Representative, ...]:
        owner = self._people.representing(index)
        position = "Chủ doanh nghiệp" if kind is PRIVATE else dice.pick(_POSITIONS[:4])
        found = [Representative(owner.full_name, position, owner.citizen_id, "Việt Nam", owner.index)]
        household = self._people.household(owner.household_index)
        if kind in {JOINT_STOCK, LIMITED_MANY} and len(household.members) > 1 and dice.percent(30):
            second = self._people[household.members[1]]
            found.append(Representative(second.full_name, "Phó giám đốc", second.citizen_id, "Việt Nam", second.index))
        if kind is JOINT_STOCK and dice.percent(20):
            name, country = dice.pick(_FOREIGNERS)
            found.append(Representative(name, "Tổng giám đốc", f"TEST{dice.digits(6)}", country, None))
        return tuple(found)

    def _members(self, dice: Dice, index: int, kind: EnterpriseType, capital: int) -> tuple[Member, ...]:
        owner = self._people.representing(index)
        if kind is PRIVATE:
            return ()
        if kind is LIMITED_ONE:
            return (Member(owner.full_name, capital, "100.00", "Việt Nam", owner.citizen_id),)
        count = dice.weighted(((2, 50), (3, 30), (5, 15), (30, 5))) if kind is JOINT_STOCK else dice.between(2, 4)
        share = capital // count
        ratio = f"{100 / count:.2f}"
        found = [Member(owner.full_name, capital - share * (count - 1), ratio, "Việt Nam", owner.citizen_id)]
        for number in range(1, count):
            if dice.one_in(6):
                name, country = dice.pick(_FOREIGNERS)
                found.append(Member(name, share, ratio, country, f"TEST{dice.digits(6)}"))
            elif dice.one_in(8):
                found.append(
                    Member(
                        f"CÔNG TY CỔ PHẦN ĐẦU TƯ {dice.pick(_WORDS).upper()} {number}", share, ratio, "Việt Nam", None
                    )
                )
            else:
                person = self._people[dice.below(len(self._people))]
                found.append(Member(person.full_name, share, ratio, "Việt Nam", person.citizen_id))
        return tuple(found)


def _office(dice: Dice) -> Address:
    return Address(f"Số {dice.between(1, 999)} {dice.pick(STREETS)}", dice.pick(places()))
