"""Administrative units before and after the reform of 2025."""

from __future__ import annotations

from mocks.population.places import Address, places, places_of, provinces_before, provinces_now

#: Now: those of before, where they are not one and the same.
MERGED = {
    "08": "02 08", "15": "10 15", "19": "06 19", "25": "17 25 26", "24": "24 27", "33": "33 34", "31": "30 31",
    "37": "35 36 37", "44": "44 45", "48": "48 49", "51": "51 62", "52": "52 64", "56": "56 58", "66": "54 66",
    "68": "60 67 68", "79": "74 77 79", "75": "70 75", "80": "72 80", "92": "92 93 94", "86": "83 84 86", "82": "82 87",
    "96": "95 96", "91": "89 91",
}  # fmt: skip


def test_sixty_three_provinces_became_thirty_four() -> None:
    """As the resolution 202/2025/QH15 lists them."""
    assert len(provinces_before()) == 63
    assert len(provinces_now()) == 34


def test_the_merge_map_is_the_resolutions() -> None:
    """Where each province of before is now; what is not listed stayed by itself."""
    now = {before: after for after, those in MERGED.items() for before in those.split()}
    for province in provinces_before():
        assert province.now_code == now.get(province.code, province.code)


def test_tien_giang_is_part_of_dong_thap() -> None:
    """The example that everybody here knows."""
    (tien_giang,) = (province for province in provinces_before() if province.name == "Tỉnh Tiền Giang")

    assert (tien_giang.code, tien_giang.now_code, tien_giang.now_name) == ("82", "82", "Tỉnh Đồng Tháp")


def test_every_province_has_wards_with_codes_of_their_length() -> None:
    """Two digits for provinces, three for districts, five for wards; wards belong to their new province."""
    for province in provinces_before():
        assert len(places_of(province.code)) >= 4
    for place in places():
        codes = (place.province_code, place.district_code, place.ward_code, place.new_ward_code)
        assert [len(code) for code in codes] == [2, 3, 5, 5]
        assert provinces_now()[place.new_province_code] == place.new_province
        assert place.ward.startswith(("Xã ", "Phường ", "Thị trấn "))
        assert place.new_ward.startswith(("Xã ", "Phường ", "Đặc khu "))


def test_an_address_is_written_both_ways() -> None:
    """With a district until the reform, without since; an empty street leaves no comma."""
    place = next(place for place in places_of("82") if place.ward_code == "28249")

    assert Address("Số 1 Ấp Bắc", place).before_reform == "Số 1 Ấp Bắc, Phường 5, Thành phố Mỹ Tho, Tỉnh Tiền Giang"
    assert Address("", place).after_reform == "Phường Đạo Thạnh, Tỉnh Đồng Tháp"
