"""Administrative units before and after 1 July 2025 (63 provinces with districts, then 34 without): real places."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

_TABLE: Final = Path(__file__).parent / "data" / "administrative_units.tsv"


@dataclass(frozen=True, slots=True)
class Place:
    """A ward until 30 June 2025, and the ward that it became part of."""

    province_code: str
    """Mã tỉnh (Tổng cục Thống kê), 2 digits."""
    province: str
    district_code: str
    """Mã huyện, 3 digits; the reform abolished districts."""
    district: str
    ward_code: str
    """Mã xã, 5 digits."""
    ward: str
    new_province_code: str
    new_province: str
    new_ward_code: str
    new_ward: str


@dataclass(frozen=True, slots=True)
class Province:
    """A province before the reform, with the present province that contains it."""

    code: str
    name: str
    now_code: str
    now_name: str


@dataclass(frozen=True, slots=True)
class Address:
    """A street and a place; it can be written in the form before or after the reform."""

    street: str
    """Số nhà, đường (thôn, ấp); may be empty."""
    place: Place

    @property
    def before_reform(self) -> str:
        """Returns the address with ward, district and province, as until 30 June 2025."""
        place = self.place
        return ", ".join(part for part in (self.street, place.ward, place.district, place.province) if part)

    @property
    def after_reform(self) -> str:
        """Returns the address with ward and province, as since 1 July 2025."""
        return ", ".join(part for part in (self.street, self.place.new_ward, self.place.new_province) if part)


@cache
def places() -> tuple[Place, ...]:
    """Returns the sample of wards, by province and code."""
    lines = [line for line in _TABLE.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return tuple(Place(*line.split("\t")) for line in lines[1:])


@cache
def provinces_before() -> tuple[Province, ...]:
    """Returns the 63 provinces until 30 June 2025."""
    found = {
        p.province_code: Province(p.province_code, p.province, p.new_province_code, p.new_province) for p in places()
    }
    return tuple(found[code] for code in sorted(found))


@cache
def provinces_now() -> Mapping[str, str]:
    """Returns the 34 provinces since 1 July 2025: code to name."""
    return dict(sorted({province.now_code: province.now_name for province in provinces_before()}.items()))


@cache
def places_of(province_code: str) -> tuple[Place, ...]:
    """Returns the sample's wards in one province of before the reform."""
    return tuple(place for place in places() if place.province_code == province_code)


STREETS: Final = (
    "Đinh Bộ Lĩnh", "Nam Kỳ Khởi Nghĩa", "Lê Lợi", "Nguyễn Huệ", "Hùng Vương", "Trần Hưng Đạo", "Ấp Bắc",
    "Lý Thường Kiệt", "Phan Chu Trinh", "Điện Biên Phủ", "Nguyễn Thị Minh Khai", "Cách Mạng Tháng Tám", "Võ Thị Sáu",
    "Quang Trung", "Hoàng Hoa Thám", "Bà Triệu", "Ngô Quyền", "Thủ Khoa Huân", "Trưng Nhị", "Yersin", "30 Tháng 4",
    "Đường huyện 12",
)  # fmt: skip
HAMLETS: Final = (
    "Ấp Mỹ Lợi",
    "Ấp Tân Thạnh",
    "Thôn Đông",
    "Thôn 3",
    "Bản Nà Lốc",
    "Tổ 7",
    "Khu phố 2",
    "Xóm Chùa",
    "Buôn Ea Sút",
)
