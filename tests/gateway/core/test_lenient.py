"""Readers of values as national systems really write them."""

from __future__ import annotations

import base64
import unicodedata
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core.lenient import (
    first,
    is_nothing,
    one_or_many,
    read_area_code,
    read_base64,
    read_code,
    read_decimal,
    read_digits,
    read_flag,
    read_identity_number,
    read_int,
    read_padded,
    read_text,
    table_code,
    text,
)

# ---- numbers


@given(st.integers())
def test_whole_number_is_read_from_itself_and_its_text(number: int) -> None:
    """A number, and a number as text with blanks, are that number."""
    assert read_int(number) == read_int(f" {number} ") == number


@given(st.decimals(-(10**20), 10**20, places=3) | st.integers(-(10**9), 10**9).map(lambda n: Decimal(n).scaleb(6)))
def test_decimal_keeps_every_digit_and_has_no_exponent(number: Decimal) -> None:
    """Amounts are exact, and their own text is plain digits, as a portal reads them."""
    for written in (number, str(number), f"{number:E}"):
        found = read_decimal(written)

        assert found == number
        assert "E" not in str(found)


@pytest.mark.parametrize(
    ("written", "digits"),
    [
        ("5.0E9", "5000000000"),
        ("5e9", "5000000000"),
        ("1.25E+10", "12500000000"),
        ("1000000.000", "1000000.000"),
        (" 12 ", "12"),
        (0.1, "0.1"),
        ("0E-10", "0"),
        ("5.000.000.000", "5000000000"),
        ("1,250,000", "1250000"),
        ("5.000", "5.000"),
    ],
)
def test_number_is_told_in_plain_digits(written: object, digits: str) -> None:
    """Two separators can't be decimal points, so they are thousands; one is a decimal point."""
    assert str(read_decimal(written)) == digits


@pytest.mark.parametrize(
    "odd",
    ["NaN", "Infinity", "-inf", "1,5", "1.000,00", "x", "1_000", "１２", "1E999999", "1e-9", "1.000.00", "1.000,000"],
)
def test_what_is_no_number_is_an_error(odd: str) -> None:
    """Neither NaN nor a decimal comma passes for an amount."""
    with pytest.raises(ValueError, match="not a"):
        read_decimal(odd)


@pytest.mark.parametrize("nothing", [None, "", " ", "null"])
def test_no_number_is_none(nothing: str | None) -> None:
    """Nothing is none."""
    assert read_int(nothing) is None
    assert read_decimal(nothing) is None


@pytest.mark.parametrize(("written", "number"), [("31.0", 31), (Decimal("31.000"), 31), (7, 7), ("-2", -2)])
def test_whole_number_may_have_zeros_behind_its_point(written: object, number: int) -> None:
    """Buses make doubles of numbers."""
    assert read_int(written) == number


@pytest.mark.parametrize("odd", ["1.5", "1_0", "x", "1e3", True])
def test_what_is_not_a_whole_number_is_an_error(odd: object) -> None:
    """Nothing is rounded."""
    with pytest.raises(ValueError, match="not a"):
        read_int(odd)


# ---- codes


@pytest.mark.parametrize(
    ("written", "width", "code"),
    [
        (1, 1, "1"), ("1", 1, "1"), ("1.0", 1, "1"), (1.0, 1, "1"), (Decimal("1.0"), 1, "1"), ("01", 1, "1"),
        (" 1 ", 1, "1"), ("0", 1, "0"), ("00", 1, "0"), ("CHL", 1, "CHL"), ("-1", 1, "-1"), (None, 1, None),
        (0, 3, "000"), (60, 3, "060"), ("10", 3, "010"), ("0000", 3, "0000"), (1, 2, "01"), ("null", 2, None),
    ],
)  # fmt: skip
def test_code_is_the_same_however_it_is_written(written: object, width: int, code: str | None) -> None:
    """As a number, with a point, with or without zeros; a code that is too long stays what it is."""
    assert read_code(written, width) == code


@given(st.integers(1, 99999))
def test_unit_gets_its_zeros_back(number: int) -> None:
    """Codes of wards have five digits."""
    for written in (number, str(number), f"{number}.0", f"{number:05}"):
        assert read_area_code(written, 5) == f"{number:05}"


@pytest.mark.parametrize("nothing", ["0", 0, "000", None, ""])
def test_unit_of_zeros_is_none(nothing: object) -> None:
    """Districts are gone, and some sources say so with zeros."""
    assert read_area_code(nothing, 3) is None


@pytest.mark.parametrize(
    ("written", "lengths", "digits"),
    [
        (300588569, (10, 13), "0300588569"), ("0300588569", (10, 13), "0300588569"),
        (300588569001, (10, 13), "0300588569001"), ("0300588569-001", (10, 13), "0300588569-001"),
        (7900000001, (10, 12), "7900000001"), (79085001234, (10, 12), "079085001234"), ("007", (), "007"),
        ("12/2026", (), "12/2026"), ("45.0", (), "45"),
    ],
)  # fmt: skip
def test_number_gets_the_zeros_back_that_it_lost(written: object, lengths: tuple[int, ...], digits: str) -> None:
    """A number of a fixed length came as a number, and begins with zeros."""
    assert read_digits(written, lengths) == digits


def test_text_of_another_length_lost_no_zero() -> None:
    """A text of three digits is another level of the activities; a number of three lost its zero."""
    assert read_padded("118", (4,)) == "118"
    assert read_padded(118, (4,)) == "0118"


@pytest.mark.parametrize(
    ("written", "number"),
    [(79085001234, "079085001234"), ("79085001234", "079085001234"), ("079085001234", "079085001234"),
     (12345678, "012345678"), ("123456789", "123456789"), ("B1234567", "B1234567"), ("0300588569", "0300588569")],
)  # fmt: skip
def test_identity_number_gets_its_zero_back(written: object, number: str) -> None:
    """Citizen numbers have twelve digits and old cards nine; passports and enterprise codes stay."""
    assert read_identity_number(written) == number


def test_identity_number_that_may_be_two_things_is_an_error() -> None:
    """Ten digits as a number are a citizen's without two zeros, or an enterprise's."""
    with pytest.raises(ValueError, match="either"):
        read_identity_number(1085001234)


# ---- flags


@pytest.mark.parametrize(
    "yes",
    [
        True,
        "Y",
        "y",
        "1",
        1,
        1.0,
        "1.0",
        "true",
        "TRUE",
        "t",
        "yes",
        "on",
        "Có",
        "CÓ",
        "co",
        "Đúng",
        "dung",
        "x",
        " Y ",
    ],
)
def test_yes_in_every_spelling(yes: object) -> None:
    """Flags are marked in many words."""
    assert read_flag(yes) is True


@pytest.mark.parametrize(
    "no",
    [False, "N", "n", "0", 0, 0.0, "false", "False", "f", "no", "off", "Không", "không", "khong", "Sai"],
)
def test_no_in_every_spelling(no: object) -> None:
    """Flags are marked in many words."""
    assert read_flag(no) is False


@pytest.mark.parametrize("nothing", [None, "", " ", "null", "N/A", "-", [], {}, {"@nil": "true"}])
def test_flag_that_is_not_given_is_none(nothing: object) -> None:
    """Nothing is neither yes nor no."""
    assert read_flag(nothing) is None


@pytest.mark.parametrize("odd", ["maybe", "2", 2, "-1", {"a": 1}, ["Y", "N"]])
def test_flag_that_cannot_be_read_is_an_error(odd: object) -> None:
    """It is unknown, neither true nor false."""
    with pytest.raises(ValueError, match=r"."):
        read_flag(odd)


# ---- files

NOT_PADDED = st.binary(min_size=1, max_size=60)


@given(NOT_PADDED, st.booleans(), st.booleans(), st.sampled_from(["", "data:application/pdf;base64,", "data:;base64,"]))
def test_base64_is_read_in_its_spellings(content: bytes, safe: bool, padded: bool, address: str) -> None:
    """As a data address, without padding, in the alphabet for addresses, in lines."""
    encoded = (base64.urlsafe_b64encode if safe else base64.b64encode)(content).decode()
    written = encoded if padded else encoded.rstrip("=")
    lines = "\r\n".join(written[at : at + 8] for at in range(0, len(written), 8))

    assert read_base64(address + written) == read_base64(address + lines) == content


@pytest.mark.parametrize("odd", ["no base64!", "AAAA=", "A", "AAA%", 5, b"AAAA", "data:text/plain,AAAA"])
def test_what_is_not_base64_is_an_error(odd: object) -> None:
    """Padding that does not fit is a damaged file."""
    with pytest.raises(ValueError, match="base64"):
        read_base64(odd)


# ---- text and shapes


@pytest.mark.parametrize(
    "nothing",
    [None, "", " ", [], {}, "null", "NULL", "None", "nil", "(null)", "undefined", "N/A", "NA", "-", "--", "{}", "[]",
     "không có", "Không", "không rõ", "Chưa có", "không có dữ liệu", {"@nil": "true"}, {"@xsi:nil": "true"},
     {"@nil": True}, {"@xmlns:xsi": "http://x", "@xsi:nil": "1"}, {"nil": "true"}, ()],
)  # fmt: skip
def test_absent_object_is_spelt_in_many_ways(nothing: object) -> None:
    """Each of them is nothing."""
    assert is_nothing(nothing)


@pytest.mark.parametrize(
    "given", ["12 Lê Lợi", {"a": 1}, [None], 0, False, {"@nil": "false"}, {"@nil": "true", "a": 1}]
)
def test_what_is_there_is_not_nothing(given: object) -> None:
    """Whatever says something is something."""
    assert not is_nothing(given)


@pytest.mark.parametrize("odd", [{"a": 1}, ["a", "b"], True, False])
def test_structure_is_not_a_text(odd: object) -> None:
    """For tables it is a text that none of them has."""
    with pytest.raises(ValueError, match="not a text"):
        read_text(odd)
    assert text(odd) == str(odd)
    assert table_code(odd) == str(odd)


@given(st.text())
def test_text_is_trimmed_and_composed(value: str) -> None:
    """Text is NFC without blanks around, or nothing."""
    found = text(value)

    assert found is None or found == unicodedata.normalize("NFC", found).strip() != ""


@pytest.mark.parametrize(
    ("value", "read"), [(5, "5"), (" a ", "a"), ("null", None), ("NONE", None), ("nullable", "nullable")]
)
def test_text_reads_numbers_and_words_for_nothing(value: object, read: str | None) -> None:
    """A number is its digits; the words for nothing are nothing, and only where they stand alone."""
    assert text(value) == read


@pytest.mark.parametrize(
    ("value", "many"),
    [
        (None, []),
        ("", []),
        ({}, []),
        ({"a": 1}, [{"a": 1}]),
        ([{"a": 1}, {"b": 2}], [{"a": 1}, {"b": 2}]),
        ([], []),
        ((1,), [1]),
        ([{}], []),
        ([None], [None]),
        ([{"@nil": "true"}], []),
        ("null", []),
        ([{"a": 1}, None, {}, ""], [{"a": 1}, None, None, None]),
    ],
)
def test_object_and_list_are_read_alike(value: object, many: list[object]) -> None:
    """What they send as an object when there is one, and as a list when there are more, is a list."""
    assert one_or_many(value) == many


def test_first_of_none_is_none() -> None:
    """The first of nothing is nothing."""
    assert first([]) is None
    assert first([1, 2]) == 1
