"""Ngành, nghề kinh doanh: a sample of the Vietnam Standard Industrial Classification (Quyết định 27/2018/QĐ-TTg)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mocks.population.dice import Dice


@dataclass(frozen=True, slots=True)
class BusinessLine:
    code: str
    """VSIC level 4."""
    name: str


VSIC: Final = tuple(
    BusinessLine(*line.split(" ", 1))
    for line in """
0111 Trồng lúa
0121 Trồng cây ăn quả
0146 Chăn nuôi gia cầm
0311 Khai thác thuỷ sản biển
0322 Nuôi trồng thuỷ sản nội địa
1010 Chế biến, bảo quản thịt và các sản phẩm từ thịt
1020 Chế biến, bảo quản thuỷ sản và các sản phẩm từ thuỷ sản
1030 Chế biến và bảo quản rau quả
1061 Xay xát và sản xuất bột thô
1410 May trang phục (trừ trang phục từ da lông thú)
1622 Sản xuất đồ gỗ xây dựng
2100 Sản xuất thuốc, hoá dược và dược liệu
2592 Gia công cơ khí; xử lý và tráng phủ kim loại
3511 Sản xuất điện
3811 Thu gom rác thải không độc hại
4101 Xây dựng nhà để ở
4102 Xây dựng nhà không để ở
4212 Xây dựng công trình đường bộ
4321 Lắp đặt hệ thống điện
4520 Bảo dưỡng, sửa chữa ô tô và xe có động cơ khác
4620 Bán buôn nông, lâm sản nguyên liệu (trừ gỗ, tre, nứa) và động vật sống
4631 Bán buôn gạo, lúa mỳ, hạt ngũ cốc khác, bột mỳ
4632 Bán buôn thực phẩm
4649 Bán buôn đồ dùng khác cho gia đình
4651 Bán buôn máy vi tính, thiết bị ngoại vi và phần mềm
4663 Bán buôn vật liệu, thiết bị lắp đặt khác trong xây dựng
4719 Bán lẻ khác trong các cửa hàng kinh doanh tổng hợp
4772 Bán lẻ thuốc, dụng cụ y tế, mỹ phẩm và vật phẩm vệ sinh trong các cửa hàng chuyên doanh
4932 Vận tải hành khách đường bộ khác
4933 Vận tải hàng hóa bằng đường bộ
5022 Vận tải hàng hóa đường thuỷ nội địa
5210 Kho bãi và lưu giữ hàng hóa
5510 Dịch vụ lưu trú ngắn ngày
5610 Nhà hàng và các dịch vụ ăn uống phục vụ lưu động
6201 Lập trình máy vi tính
6202 Tư vấn máy vi tính và quản trị hệ thống máy vi tính
6311 Xử lý dữ liệu, cho thuê và các hoạt động liên quan
6810 Kinh doanh bất động sản, quyền sử dụng đất thuộc chủ sở hữu, chủ sử dụng hoặc đi thuê
7020 Hoạt động tư vấn quản lý
7110 Hoạt động kiến trúc và tư vấn kỹ thuật có liên quan
7310 Quảng cáo
7710 Cho thuê xe có động cơ
7912 Điều hành tua du lịch
8230 Tổ chức giới thiệu và xúc tiến thương mại
8559 Giáo dục khác chưa được phân vào đâu
8620 Hoạt động của các phòng khám đa khoa, chuyên khoa và nha khoa
9631 Cắt tóc, làm đầu, gội đầu
""".strip().splitlines()
)


def business_lines(dice: Dice) -> tuple[BusinessLine, ...]:
    """Draws between one and all business lines, the main one first."""
    count = dice.weighted(((1, 20), (3, 35), (6, 30), (15, 12), (len(VSIC), 3)))
    first = dice.below(len(VSIC))
    return tuple(VSIC[(first + step) % len(VSIC)] for step in range(count))
