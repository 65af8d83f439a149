from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.connectors.social_insurance.model import CardReason, HealthCardQuery
from gateway.connectors.social_insurance.vss.translate import (
    RESULTS,
    Meaning,
    card_question,
    classify,
    covers,
    is_asked_card,
    to_health_card,
)
from gateway.connectors.social_insurance.vss.wire import WireCard
from gateway.core.canonical import PartialDate
from gateway.core.message import Outcome, Reply, ReplyKind, Rest
from gateway.core.problems import Failing, GatewayError, InvalidRequest, OffContract, Refused
from gateway.core.upstream import Officer

CARD = "DN4879900000001"
TODAY = date(2026, 11, 24)
QUERY = HealthCardQuery(card_number=CARD, full_name="Lê Thị Ánh", birth_date=PartialDate.of(1987, 2, 28))
HOLDER = {"hoTen": "LÊ THỊ ÁNH", "ngaySinh": "28/02/1987"}
OFFICER = Officer("Trần Thị Minh Kiểm", "087190999001")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20) | st.sampled_from([*RESULTS, "01/01/0001"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["maKetQua", "maThe", "ngaySinh", "gtTheTu", "gtTheDen", "dsLichSuKCB", " x "]),
            inner,
            max_size=5,
        )
    ),
    max_leaves=10,
)


def judged(body: object, status: int = 200) -> Outcome:
    """What the table says to *body*."""
    return classify(Rest(name="KQNhanLichSuKCB2024", path="x"), Reply(status, {}, body))


@pytest.mark.parametrize(
    ("code", "valid", "reason"),
    [
        ("000", True, "valid"),
        ("001", None, "check_papers"),
        ("002", None, "check_papers"),
        ("003", False, "reissued"),
        ("004", True, "reissued"),
        ("010", False, "expired"),
        ("060", False, "name_differs"),
        ("061", False, "name_differs"),
        ("070", False, "birth_date_differs"),
        ("110", False, "revoked"),
        ("120", False, "decreased"),
        ("121", False, "decreased"),
        ("122", False, "decreased"),
        ("123", False, "decreased"),
        ("124", False, "decreased"),
        ("130", None, "child_without_card"),
    ],
)
def test_a_code_about_the_card_is_an_answer(
    code: Any, valid: bool | None, reason: str, sample: Callable[[str], Any]
) -> None:
    """The sample of each code is well, and says what the table says, with the code kept."""
    body = sample(f"KQNhanLichSuKCB2024.{code}")
    found = to_health_card(QUERY, WireCard.model_validate(body), TODAY)

    assert judged(body) is ReplyKind.ANSWER
    assert (found.valid, found.reason, found.source_code) == (valid, reason, code)


@pytest.mark.parametrize("code", ["060", "061", "070"])
def test_nothing_is_told_of_a_holder_who_is_another_person(code: str) -> None:
    """Who guesses a card number learns neither name nor birth date nor address."""
    holder = {"hoTen": "Trần Văn Khác", "ngaySinh": "05/06/1971", "diaChi": "Số 9", "maSoBHXH": "9900000001"}
    found = to_health_card(
        QUERY, WireCard.model_validate({"maKetQua": code, "maThe": CARD, "ghiChu": "Sai"} | holder), TODAY
    )

    assert found.model_dump(exclude_none=True, exclude_defaults=True).keys() <= {
        "valid",
        "reason",
        "source_code",
        "note",
    }


@pytest.mark.parametrize(
    ("code", "kind", "reason"),
    [
        ("051", InvalidRequest, ""),
        ("052", InvalidRequest, ""),
        ("053", InvalidRequest, ""),
        ("054", Refused, "officer"),
        ("055", Refused, "officer"),
        ("100", Failing, "upstream_error"),
        ("101", Failing, "upstream_error"),
        ("500", Failing, "upstream_error"),
        ("205", OffContract, "off_contract"),
    ],
)
def test_a_code_about_the_question_is_an_error(code: Any, kind: Any, reason: str, sample: Callable[[str], Any]) -> None:
    """Whose fault it is decides the kind; a wrong card number is pointed at."""
    found = judged(sample(f"KQNhanLichSuKCB2024.{code}"))

    assert isinstance(found, kind)
    assert found.reason == reason
    assert [item.pointer for item in found.errors] == (["/card_number"] if kind is InvalidRequest else [])


def test_no_such_card_is_a_fact(sample: Callable[[str], Any]) -> None:
    """050 is "no record"."""
    assert judged(sample("KQNhanLichSuKCB2024.050")) is ReplyKind.NO_RECORD


def test_a_refused_session_is_renewed(sample: Callable[[str], Any]) -> None:
    """401 stands in HTTP 200."""
    assert judged(sample("KQNhanLichSuKCB2024.401")) is ReplyKind.LOGIN_EXPIRED


@pytest.mark.parametrize("code", ["999", "", "OK", "0000"])
def test_a_code_that_no_table_knows_is_off_contract(code: Any) -> None:
    """It is not guessed at; an answer without any code is left to the schema."""
    found = judged({"maKetQua": code})

    assert isinstance(found, OffContract) if code else found is None
    if not code:
        with pytest.raises(ValidationError):
            WireCard.model_validate({"maKetQua": code})


@pytest.mark.parametrize(("written", "meant"), [(0, "000"), (50, "050"), (" 000 ", "000"), (1, "001")])
def test_a_code_that_lost_its_zeros_gets_them_back(written: Any, meant: str) -> None:
    """Sent as a number it means the same."""
    assert type(judged({"maKetQua": written})) is type(judged({"maKetQua": meant}))
    assert WireCard.model_validate({"maKetQua": written}).maKetQua == meant


def test_the_table_is_whole(sample: Callable[[str], Any]) -> None:
    """27 codes: each has its sample, and every reason of the canonical model its code."""
    assert len(RESULTS) == 27
    assert [sample(f"KQNhanLichSuKCB2024.{code}")["maKetQua"] for code in RESULTS] == list(RESULTS)
    assert {meaning.reason for meaning in RESULTS.values() if isinstance(meaning, Meaning)} == set(get_args(CardReason))


def test_every_error_is_a_new_one() -> None:
    """An exception is raised once: the table makes it anew each time."""
    assert judged({"maKetQua": "100"}) is not judged({"maKetQua": "100"})


@pytest.mark.parametrize(("status", "known"), [(200, True), (400, True), (401, True), (500, False), (503, False)])
def test_the_table_speaks_below_500(status: int, known: bool) -> None:
    """A code in an error of the client's kind is heard; a server error is one whatever its body says."""
    assert (judged({"maKetQua": "050"}, status) is not None) is known


@given(json_values)
def test_whatever_the_source_says_is_read_or_refused(body: Any) -> None:
    """No answer breaks the reader."""
    found = judged(body)
    assert found is None or isinstance(found, ReplyKind | GatewayError)

    if found is ReplyKind.ANSWER:
        try:
            wire = WireCard.model_validate(body)
        except ValidationError:
            return
        to_health_card(QUERY, wire, TODAY)


# ---- the question


@pytest.mark.parametrize(
    ("day", "written"), [(PartialDate.of(1987, 2, 28), "28/02/1987"), (PartialDate.of(1987), "1987")]
)
def test_a_card_is_asked_in_an_officers_name(day: Any, written: Any) -> None:
    """Card, name and birth date in their spelling, and who asks."""
    question = card_question(QUERY.model_copy(update={"birth_date": day}), OFFICER)

    assert question.path == "api/egw/KQNhanLichSuKCB2024"
    assert question.json == {
        "maThe": CARD,
        "hoTen": "Lê Thị Ánh",
        "ngaySinh": written,
        "hoTenCb": "Trần Thị Minh Kiểm",
        "cccdCb": "087190999001",
    }


# ---- the answer


def test_a_reissued_card_comes_with_its_successor(sample: Callable[[str], Any]) -> None:
    """The new card, its period and where it is registered."""
    found = to_health_card(QUERY, WireCard.model_validate(sample("KQNhanLichSuKCB2024.003")), TODAY)

    assert found.new_card is not None
    assert found.new_card.model_dump() == {
        "card_number": "DN4159990066602",
        "valid_from": date(2026, 9, 9),
        "valid_to": date(2027, 9, 8),
        "facility_code": "15109",
        "facility_name": "Bệnh viện Đa khoa trung tâm",
    }
    assert (found.valid_from, found.valid_to) == (date(2025, 9, 9), date(2026, 9, 8))
    assert (found.sex, found.sex_source_code, found.five_years_on) == ("male", "Nam", date(2027, 9, 1))


@pytest.mark.parametrize(
    ("written", "sex"),
    [
        ("Nam", "male"),
        ("NỮ", "female"),
        ("Nữ", "female"),
        (1, "male"),
        ("Khác", "other"),
        ("?", "unknown"),
        (None, "unknown"),
    ],
)
def test_sex_is_read_from_words_and_codes(written: Any, sex: str) -> None:
    """Composed or decomposed, a word or a number; what is not known keeps its source's word."""
    found = to_health_card(QUERY, WireCard.model_validate({"maKetQua": "000", "gioiTinh": written}), TODAY)

    assert (found.sex, found.sex_source_code) == (sex, None if written is None else found.sex_source_code)
    assert sex != "unknown" or found.sex_source_code == written


@pytest.mark.parametrize("written", ["01/01/0001", "0001-01-01T00:00:00", "", None])
def test_a_date_that_stands_for_none_is_none(written: Any) -> None:
    """However it is written."""
    assert WireCard.model_validate({"maKetQua": "000", "ngayDu5Nam": written}).ngayDu5Nam is None


def test_a_register_that_knows_the_year_alone_says_so() -> None:
    """The birth date keeps its precision."""
    found = to_health_card(QUERY, WireCard.model_validate({"maKetQua": "000", "ngaySinh": "1952"}), TODAY)

    assert found.birth_date == PartialDate.of(1952)


def test_treatment_history_is_dropped_unread() -> None:
    """Nothing of it is kept, whatever its shape and its name."""
    history = {"dsLichSuKCB": [{"tenBenh": "I10"}], "dsLichSuKCB2018": "x", "dsLichSuKT2018": {"a": 1}}
    wire = WireCard.model_validate({"maKetQua": "000", **history})

    assert (wire.dsLichSuKCB, wire.dsLichSuKCB2018, wire.dsLichSuKT2018) == (None, None, None)


# ---- does it cover a day?


@pytest.mark.parametrize(
    ("code", "day", "covered"),
    [
        ("000", date(2026, 1, 1), True),
        ("000", date(2026, 12, 31), True),
        ("000", date(2027, 1, 1), False),
        ("000", date(2025, 12, 31), False),
        ("003", date(2027, 2, 1), True),
        ("004", date(2026, 6, 1), True),
        ("010", date(2026, 6, 1), True),
        ("110", date(2026, 6, 1), None),
        ("120", date(2026, 6, 1), None),
        ("060", date(2026, 6, 1), None),
        ("000", None, None),
    ],
)
def test_a_day_is_compared_with_the_card_and_its_successor(code: Any, day: Any, covered: bool | None) -> None:
    """Both ends count; a revoked or decreased card's dates, or those of another's card, prove nothing."""
    wire = WireCard.model_validate(
        {
            "maKetQua": code,
            "gtTheTu": "01/01/2026",
            "gtTheDen": "31/12/2026",
            "maTheMoi": "GD4879900000001" if code == "003" else None,
            "gtTheTuMoi": "01/02/2027" if code == "003" else None,
        }
    )

    assert to_health_card(QUERY.model_copy(update={"on": day}), wire, TODAY).covers_day is covered


@given(st.dates(), st.dates(), st.dates())
def test_an_open_end_lasts(start: date, end: date, day: Any) -> None:
    """Without an end the card covers every day from its first; without any period nothing is said."""
    opened = WireCard.model_construct(maKetQua="000", gtTheTu=start)
    closed = WireCard.model_construct(maKetQua="000", gtTheTu=start, gtTheDen=end)

    assert covers(opened, day) is (start <= day)
    assert covers(closed, day) is (start <= day <= end)
    assert covers(WireCard(maKetQua="000"), day) is None


# ---- does the answer belong to the question?


@pytest.mark.parametrize(
    ("asked", "carried", "same"),
    [
        (CARD, {"maThe": CARD}, True),
        (CARD, {"maThe": CARD.lower()}, True),
        (CARD, {"maThe": "GD4879900000001", "maTheCu": CARD}, True),
        (CARD, {"maThe": "GD4879900000001", "maTheMoi": CARD}, True),
        (CARD, {"maThe": "GD4879900000001"}, False),
        (CARD, {"maThe": "DN4879900000002"}, False),
        (CARD, {"maSoBHXH": "9900000002"}, False),
        (CARD, {"maSoBHXH": "9900000001"}, True),
        (CARD, {"maThe": "9900000001"}, True),
        (CARD, {"maThe": CARD, "maSoBHXH": "9900000002"}, False),
        (CARD, {"maThe": "DN4879900000002", "maTheCu": CARD, "maSoBHXH": "9900000002"}, True),
        ("9900000001", {"maThe": CARD}, True),
        ("9900000001", {"maThe": "DN4879900000002", "maSoBHXH": "9900000002"}, False),
        ("079190000001", {"maThe": "079190000001"}, True),
        ("079190000001", {"maThe": "079190000002"}, False),
        ("079190000001", {"maThe": CARD, "maSoBHXH": "079190000001"}, True),
        ("079190000001", {"maThe": CARD, "maSoBHXH": "079190000002"}, False),
        ("079190000001", {"maThe": CARD, "maSoBHXH": "9900000001"}, True),
        (CARD, {"maThe": CARD, "maSoBHXH": "079190000001"}, True),
        (CARD, {}, False),
    ],
)
def test_another_card_than_asked_is_seen(asked: str, carried: dict[str, str], same: bool) -> None:
    """The card, its predecessor, its successor or the number: one of them must be what was asked."""
    query = QUERY.model_copy(update={"card_number": asked})

    assert is_asked_card(query, WireCard.model_validate({"maKetQua": "000", **HOLDER, **carried})) is same


@pytest.mark.parametrize(
    ("code", "changes", "same"),
    [
        ("000", {}, True),
        ("000", {"hoTen": "LÊ THỊ  ÁNH"}, True),
        ("000", {"hoTen": "Lê Thị Anh"}, False),
        ("000", {"ngaySinh": "1987"}, True),
        ("000", {"ngaySinh": "01/03/1987"}, False),
        ("000", {"hoTen": None}, False),
        ("000", {"maThe": None}, False),
        ("003", {"maThe": ""}, False),
        ("000", {"maThe": None, "maSoBHXH": "9900000001"}, True),
        ("000", {"ngaySinh": None}, False),
        ("003", {"ngaySinh": "01/01/0001"}, False),
        ("004", {"hoTen": "Trần Thị Ánh"}, False),
        ("010", {"hoTen": ""}, False),
        ("110", {"hoTen": None, "ngaySinh": None}, True),
        ("110", {"hoTen": None, "ngaySinh": None, "maThe": None}, False),
        ("120", {"hoTen": "Trần Thị Ánh"}, False),
        ("124", {"maThe": None}, True),
        ("001", {"hoTen": None, "ngaySinh": None, "maThe": None}, True),
        ("001", {"maThe": "DN4879900000002"}, False),
        ("060", {"hoTen": "Trần Thị Ánh"}, True),
        ("070", {"ngaySinh": "01/03/1987"}, True),
        ("061", {"hoTen": None, "ngaySinh": None, "maThe": None}, True),
        ("070", {"maThe": "DN4879900000002"}, False),
    ],
)
def test_the_holder_is_the_person_asked_about(code: str, changes: dict[str, Any], same: bool) -> None:
    """Name and birth date are compared; a word about the card of somebody who is not shown is not an answer."""
    wire = WireCard.model_validate({"maKetQua": code, "maThe": CARD, **HOLDER, **changes})

    assert is_asked_card(QUERY, wire) is same
