from __future__ import annotations

import unicodedata
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.connectors.social_insurance.model import HouseholdQuery, ParticipantQuery
from gateway.connectors.social_insurance.ngsp.translate import (
    ERROR_CODES,
    FIND_CONTRIBUTIONS,
    FIND_HOUSEHOLD,
    FIND_NUMBER,
    FIND_PARTICIPANT,
    birth_date,
    classify,
    household_question,
    number_question,
    to_contributions,
    to_household,
    to_participant,
)
from gateway.connectors.social_insurance.ngsp.wire import (
    WireContributions,
    WireHousehold,
    WireNumber,
    WireParticipant,
)
from gateway.connectors.social_insurance.translate import agree
from gateway.core.canonical import PartialDate
from gateway.core.days import LIFE
from gateway.core.message import Outcome, Reply, ReplyKind, Rest
from gateway.core.problems import Failing, GatewayError, OffContract
from gateway.core.unread import UNREAD

TODAY = date(2026, 11, 26)
CALLS = (FIND_NUMBER, FIND_PARTICIPANT, FIND_HOUSEHOLD, FIND_CONTRIBUTIONS)
WIRES = dict(zip(CALLS, (WireNumber, WireParticipant, WireHousehold, WireContributions), strict=True))

days = st.dates().map(PartialDate.of_date)
partial_dates = st.one_of(
    days,
    days.map(lambda day: PartialDate(value=day.value[:7], precision="month")),
    days.map(lambda day: PartialDate(value=day.value[:4], precision="year")),
).filter(lambda day: day.value[:4] not in {"0001", "1900"})
names = st.text(alphabet=st.characters(categories=["Lu", "Ll", "Mn"]), min_size=1, max_size=40).filter(str.strip)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from(["9900000001", "01/01/0001"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["errorCode", "maSoBhxh", "hoTen", "maSo", "ngaySinh", "data", "quaTrinhDong", "tuThang", " x "]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


def judged(call: str, body: object, status: int = 200) -> Outcome:
    """What the table says to *body* of *call*."""
    return classify(Rest(name=call, path=f"apiBHXH/{call}"), Reply(status, {}, body))


def asked(day: PartialDate) -> ParticipantQuery:
    """A question by name, for somebody born on *day*."""
    return ParticipantQuery(full_name="Lê Vĩnh", birth_date=day, sex="male", province_code="87")


# ---- the table of codes


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("code", "meaning"),
    [
        ("01", ReplyKind.NO_RECORD),
        ("1", ReplyKind.NO_RECORD),
        (1, ReplyKind.NO_RECORD),
        (" 01 ", ReplyKind.NO_RECORD),
        ("02", (OffContract, "off_contract")),
        ("99", (Failing, "upstream_error")),
        ("77", (OffContract, "off_contract")),
        ("KHONG", (OffContract, "off_contract")),
    ],
)
def test_an_error_code_means_what_the_table_says(call: str, code: Any, meaning: Any) -> None:
    """Every code of the table, and one that is not in it, for every call."""
    found = judged(call, {"errorCode": code})

    assert ((type(found), found.reason) if isinstance(found, GatewayError) else found) == meaning


def test_the_table_is_whole() -> None:
    """A code that is added to the table is added to the test above."""
    assert ERROR_CODES.keys() == {"00", "01", "02", "99"}


@pytest.mark.parametrize("code", ["", "00", "0", 0, None])
def test_a_good_code_leaves_the_facts_to_speak(code: Any) -> None:
    """Nothing, nought and two noughts are well."""
    assert judged(FIND_NUMBER, {"maSoBhxh": "9900000001", "errorCode": code}) is ReplyKind.ANSWER


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (FIND_NUMBER, {"maSoBhxh": "", "errorCode": ""}),
        (FIND_NUMBER, {"maSoBhxh": None, "trangThai": None}),
        (FIND_NUMBER, {}),
        (FIND_NUMBER, None),
        (FIND_PARTICIPANT, {}),
        (FIND_PARTICIPANT, {"hoTen": " ", "ngaySinh": None, "moTa": "Không tìm thấy dữ liệu"}),
        (FIND_PARTICIPANT, {"data": {}}),
        (FIND_HOUSEHOLD, []),
        (FIND_HOUSEHOLD, {}),
        (FIND_HOUSEHOLD, {"data": []}),
        (FIND_HOUSEHOLD, None),
    ],
)
def test_an_empty_answer_is_no_record(call: str, body: Any) -> None:
    """The ways in which the source says "nobody"."""
    assert judged(call, body) is ReplyKind.NO_RECORD


@pytest.mark.parametrize(
    ("call", "body"),
    [
        (FIND_NUMBER, {"maSoBhxh_v2": "9900000001", "errorCode": "00"}),
        (FIND_PARTICIPANT, {"hoTen_v2": "Lê Vĩnh", "ngaySinh": "19870101"}),
        (FIND_HOUSEHOLD, {"maSo_v2": "9900000001", "hoTen": "Lê Vĩnh"}),
        (FIND_CONTRIBUTIONS, {"maSoBhxh": "9900000001", "quaTrinhDong_v2": []}),
        (FIND_CONTRIBUTIONS, {}),
        (FIND_CONTRIBUTIONS, []),
    ],
)
def test_a_renamed_field_is_a_broken_contract_and_never_no_record(call: str, body: Any) -> None:
    """ "No such person" is a fact: it is not concluded from a field that is missing among others."""
    assert judged(call, body) is not ReplyKind.NO_RECORD
    with pytest.raises(ValidationError):
        WIRES[call].model_validate(body)


@pytest.mark.parametrize("status", [400, 401, 404, 429, 500, 503])
def test_another_status_is_left_to_the_common_table(status: int) -> None:
    """What HTTP says is judged the same for every source."""
    assert judged(FIND_NUMBER, {"errorCode": "01"}, status) is None


@given(st.sampled_from(CALLS), json_values)
def test_whatever_the_source_says_is_read_or_refused(call: str, body: Any) -> None:
    """No answer breaks the reader: it is a fact, a fault, or against the contract."""
    found = judged(call, body)

    if found is None or found is ReplyKind.ANSWER:
        try:
            wire = WIRES[call].model_validate(body)
        except ValidationError:
            return
        match wire:
            case WireParticipant():
                to_participant("9900000001", wire, TODAY)
            case WireHousehold():
                to_household(wire, TODAY)
            case WireContributions():
                to_contributions(wire)


# ---- questions


@given(partial_dates.filter(lambda day: int(day.value[:4]) in LIFE))
def test_a_birth_date_comes_back_as_it_was_asked(day: PartialDate) -> None:
    """What is known of a date survives the question and the answer, year and month too."""
    body = number_question(asked(day)).json
    assert isinstance(body, dict)

    wire = WireParticipant(hoTen="Lê Vĩnh", ngaySinh=body["ngaySinh"], loaiNgaySinh=body["loaiNgaySinh"])

    assert birth_date(wire) == day


def test_a_question_by_name_says_which_place_it_means() -> None:
    """The household unless birth registration is asked for; codes that are not given are sent empty."""
    by_birth = number_question(asked(PartialDate.of(1987)).model_copy(update={"place": "birth"})).json
    query = asked(PartialDate.of(1987)).model_copy(update={"ward_code": "29869"})
    by_home = number_question(query).json

    assert by_birth == {
        "hoTen": "Lê Vĩnh",
        "ngaySinh": "1987",
        "loaiNgaySinh": "1",
        "gioiTinh": "1",
        "maTinhKs": "87",
        "maHuyenKs": "",
        "maXaKs": "",
        "isKs": "1",
    }
    assert isinstance(by_home, dict)
    assert (by_home["isKs"], by_home["maXaKs"]) == ("0", "29869")


def test_a_household_is_asked_by_card_alone() -> None:
    """What is not said of the member is sent empty."""
    question = household_question(HouseholdQuery(province_code="87", card_number="DN4 87 9900000001")).json

    assert question == {
        "maTinh": "87",
        "hoTen": "",
        "ngaySinh": "",
        "loaiNgaySinh": "",
        "gioiTinh": "",
        "soSo": "",
        "maThe": "DN4879900000001",
        "isKs": "0",
    }


# ---- answers


@pytest.mark.parametrize(
    ("written", "kind", "read"),
    [
        ("19890812", "0", ("1989-08-12", "day")),
        ("12/08/1989", "0", ("1989-08-12", "day")),
        ("1989-08-12", "0", ("1989-08-12", "day")),
        ("1989-08-12T00:00:00", "0", ("1989-08-12", "day")),
        ("1989-08-12", None, ("1989-08-12", "day")),
        (19890812, 0, ("1989-08-12", "day")),
        ("19890101", "1", ("1989", "year")),
        ("19890000", "1", ("1989", "year")),
        ("1989", "1", ("1989", "year")),
        ("198908", "2", ("1989-08", "month")),
        ("19890801", "2", ("1989-08", "month")),
        ("08/1989", "2", ("1989-08", "month")),
        ("1989", "0", ("1989", "year")),
        ("0001-01-01", "0", None),
        ("01/01/0001", "0", None),
        ("", "0", None),
        (None, None, None),
        ("19890801", "02", ("1989-08", "month")),
        ("19890812", "00", ("1989-08-12", "day")),
    ],
)
def test_dates_are_read_in_every_spelling_with_what_is_known_of_them(written: Any, kind: Any, read: Any) -> None:
    """Four formats, three precisions, and the date that stands for none."""
    found = birth_date(WireParticipant(hoTen="A", ngaySinh=written, loaiNgaySinh=kind))

    assert (None if found is None else (found.value, found.precision)) == read


@pytest.mark.parametrize("kind", ["3", "9", "A", "12", {"ma": "0"}, [1]], ids=repr)
def test_a_date_of_an_unknown_kind_is_not_read(kind: object) -> None:
    """Nobody knows how much of it holds: it is null, and its pointer is in ``meta.incomplete``."""
    wire = WireParticipant.model_validate({"hoTen": "A", "ngaySinh": "19890812", "loaiNgaySinh": kind})

    assert birth_date(wire) is UNREAD
    found = to_participant("9908432175", wire, date(2026, 11, 24))
    assert (found.birth_date, found.gaps.incomplete) == (None, ("/birth_date",))


def test_a_participant_is_whole() -> None:
    """Every field of the guide has its place in the canonical answer."""
    wire = WireParticipant.model_validate(
        {
            "hoTen": unicodedata.normalize("NFD", "Lê  Thị Ánh ") + " ",
            "soSoCu": "9900000021",
            "ngaySinh": "19870101",
            "loaiNgaySinh": "1",
            "gioiTinh": 2,
            "maTinhKs": 1,
            "maHuyenKs": "1",
            "maXaKs": "00001",
            "trangThai": 3,
        }
    )

    assert to_participant("9900000001", wire, TODAY).model_dump(exclude_none=True) == {
        "insurance_number": "9900000001",
        "full_name": "Lê Thị Ánh",
        "birth_date": {"value": "1987", "precision": "year"},
        "sex": "female",
        "sex_source_code": "2",
        "old_book_number": "9900000021",
        "birth_place": {"ward": {"code": "00001"}, "district": {"code": "001"}, "province": {"code": "01"}},
        "status": "on_benefit",
        "source_code": "3",
    }


def test_codes_that_no_table_knows_are_kept() -> None:
    """Sex and state become unknown, with the source's own codes beside them; nothing fails, nothing is lost."""
    found = to_participant("9900000001", WireParticipant(hoTen="A", gioiTinh="7", trangThai="X9"), TODAY)

    assert (found.sex, found.sex_source_code) == ("unknown", "7")
    assert (found.status, found.source_code) == ("unknown", "X9")


@pytest.mark.parametrize(("born", "told"), [("20261126", "2026-11-26"), ("20261127", None), ("2027", None)])
def test_nobody_is_born_after_today(born: str, told: str | None) -> None:
    """A later birth date is null, and told as missing, of a participant and of a member."""
    person = {"hoTen": "A", "ngaySinh": born}
    found = to_participant("9900000001", WireParticipant.model_validate(person), TODAY)
    household = to_household(WireHousehold.model_validate([person | {"maSo": "9900000001"}]), TODAY)

    for birth in (found.birth_date, household.members[0].birth_date):
        assert (birth and birth.value) == told
    assert found.gaps.incomplete == (() if told else ("/birth_date",))
    assert household.gaps.incomplete == (() if told else ("/members/0/birth_date",))


def test_one_member_is_a_household_too(sample: Callable[[str], Any]) -> None:
    """An object in place of a list is a list of one."""
    household = to_household(WireHousehold.model_validate(sample("getTraCuuThongTinHgd.one_member")), TODAY)

    assert [member.full_name for member in household.members] == ["Nguyễn Hồng Trinh"]
    assert household.household_number == "9802450501"


def test_members_keep_the_order_of_the_source(sample: Callable[[str], Any]) -> None:
    """All members are there, none is cut."""
    body = sample("getTraCuuThongTinHgd.members")
    household = to_household(WireHousehold.model_validate({"data": body}), TODAY)

    assert [member.insurance_number for member in household.members] == [row["maSo"] for row in body]
    assert household.members[0].address is not None


def test_a_number_that_lost_its_zeros_gets_them_back() -> None:
    """A BHXH number sent as a JSON number is still ten digits."""
    assert WireNumber.model_validate({"maSoBhxh": 123456789}).maSoBhxh == "0123456789"


def test_contributions_have_months_money_and_kinds() -> None:
    """Months keep their precision, money its value, unknown kinds their code."""
    wire = WireContributions.model_validate(
        {
            "maSoBhxh": "9900000001",
            "quaTrinhDong": {
                "tuThang": "201901",
                "denThang": None,
                "mucDong": "5310000.00",
                "loaiDong": "XK",
                "tenDonVi": "",
            },
        }
    )

    page = to_contributions(wire)

    assert page.total == 1
    span = page.items[0]
    assert (span.start.value, span.start.precision, span.end) == ("2019-01", "month", None)
    assert (str(span.wage), span.scheme, span.source_code, span.employer) == ("5310000", "unknown", "XK", None)


@pytest.mark.parametrize(
    ("written", "read"), [(None, None), ("", None), ("4680000.5", "4680000.5"), (37, "37"), ("1e40", "1e40")]
)
def test_money_is_never_rounded(written: Any, read: Any) -> None:
    """Only decimals that say nothing are left out."""
    wire = WireContributions.model_validate(
        {"maSoBhxh": "9900000001", "quaTrinhDong": [{"tuThang": "201901", "mucDong": written}]}
    )

    wage = to_contributions(wire).items[0].wage

    assert wage == (None if read is None else Decimal(read))


# ---- does the answer belong to the question?


@given(partial_dates, partial_dates)
def test_dates_agree_as_far_as_both_are_known(one: PartialDate, other: PartialDate) -> None:
    """Agreement has no direction, a date agrees with every cut of itself, and nothing with one that is missing."""
    assert agree(one, other) == agree(other, one)
    assert agree(one, PartialDate(value=one.value[:4], precision="year"))
    assert not agree(one, None)
