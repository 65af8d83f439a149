"""Names with every letter of Vietnamese, and names that break forms: very short, long, with apostrophes."""

from __future__ import annotations

from typing import Final, Literal

from mocks.population.dice import Dice

Sex = Literal["male", "female"]


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


SURNAMES: Final = (
    ("Nguyễn", 32), ("Trần", 11), ("Lê", 10), ("Phạm", 7), ("Huỳnh", 4), ("Hoàng", 3), ("Phan", 4), ("Võ", 3),
    ("Vũ", 3), ("Đặng", 2), ("Bùi", 2), ("Đỗ", 2), ("Hồ", 2), ("Ngô", 1), ("Dương", 1), ("Lý", 1), ("Đoàn", 1),
    ("Trịnh", 1), ("Lã", 1), ("Tạ", 1), ("Thạch", 1), ("Từ", 1), ("Lữ", 1), ("Quách", 1), ("Sử", 1), ("Ông", 1),
)  # fmt: skip
MALE_MIDDLE: Final = ("Văn", "Hữu", "Đức", "Quốc", "Minh", "Bá", "Chí", "Thế", "Trọng", "Tấn", "Ngọc", "Nhật", "")
FEMALE_MIDDLE: Final = ("Thị", "Ngọc", "Thị Mỹ", "Thùy", "Bích", "Kim", "Diệu", "Như", "Hồng", "Ánh", "Thị Thanh", "")
MALE_GIVEN: Final = _words("""
    Anh Bảo Bằng Bình Cảnh Cẩn Chỉ Công Cường Dũng Dưỡng Đạt Đời Đức Giỏi Hải Hậu Hiếu Hòa Hùng Huy Ích Khẳng Khẩn
    Khởi Kỳ Lâm Lẽ Lộc Lợi Mạnh Mẫn Nam Nghĩa Nhẫn Phó Phúc Quân Quyền Sẵn Sơn Sự Tấn Tèo Thắng Thể Thọ Thuận Tổng
    Trí Tú Tuấn Tùng Tỵ Tỷ Vĩnh Vượng Ý
""")
FEMALE_GIVEN: Final = _words("""
    Ái Ánh Bé Cúc Diễm Diệu Dung Duyên Đào Giàu Hạnh Hằng Hiền Hoa Huệ Hương Khuê Kiều Lan Lành Lệ Liễu Lớn Loan Lụa
    Mai Mùi Mẹo Mỹ Nga Ngõ Nhàn Nhỏ Nhung Nữ Oanh Phượng Phụng Quế Quỳnh Sáu Thảo Thắm Thỏ Thủy Thư Tiên Trâm Trinh
    Trúc Tuyết Uyên Vân Vẻ Xuyến Yến Ỷ
""")
#: Full names in unusual shapes, which forms often reject.
MALE_RARE: Final = (
    "Y Bliêu Niê Kdăm",
    "K'Brêu",
    "Sùng A Páo",
    "Nguyễn Phúc Bảo Khánh Vĩnh Thụy Nhật Quang",
    "Lý Ỷ",
    "Điểu K'Ré",
)
FEMALE_RARE: Final = (
    "H'Hen Niê",
    "Ka Să Ha Thương",
    "Công Tằng Tôn Nữ Thị Hỷ Khương Phương Dung",
    "Lò Thị Ún",
    "Vũ Ý",
    "H Lê Niê",
)

ETHNIC_GROUPS: Final = (
    (("01", "Kinh"), 86), (("02", "Tày"), 3), (("03", "Thái"), 2), (("05", "Khơ-me"), 3), (("06", "Mường"), 2),
    (("08", "Mông"), 2), (("12", "Ê-đê"), 1), (("04", "Hoa"), 1),
)  # fmt: skip


def full_name(dice: Dice, sex: Sex, surname: str) -> str:
    """Draws họ, chữ đệm và tên, in NFC."""
    if dice.one_in(80):
        return dice.pick(MALE_RARE if sex == "male" else FEMALE_RARE)
    middle = dice.pick(MALE_MIDDLE if sex == "male" else FEMALE_MIDDLE)
    given = dice.pick(MALE_GIVEN if sex == "male" else FEMALE_GIVEN)
    return " ".join(part for part in (surname, middle, given) if part)
