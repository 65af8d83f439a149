"""Both dialects' tables whole: codes, words, sentences."""

from __future__ import annotations

import unicodedata
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.connectors.criminal_records.lltp2024 import translate as lltp2024
from gateway.connectors.criminal_records.ngsp import translate as ngsp
from gateway.connectors.criminal_records.translate import (
    CODES,
)
from gateway.core.message import Outcome, Reply, ReplyKind, Rest
from gateway.core.problems import AlreadyReceived, GatewayError, InvalidRequest, OffContract, Refused
from tests.gateway.connectors.criminal_records.support import (
    CODE,
)

ACCEPTED = "Gửi thông tin thành công"
KNOWN = f"Hồ sơ {CODE} đã được tiếp nhận, không thể cập nhật thông tin"
#: The whole table: what a code becomes when asked, and when ordered.
TABLE: dict[str, tuple[object, object]] = {
    "100": ((Refused, "credentials"), (Refused, "credentials")),
    "101": ((Refused, "allow_list"), (Refused, "allow_list")),
    "106": ((OffContract, "off_contract"), (OffContract, "off_contract")),
    "108": ((OffContract, "off_contract"), (OffContract, "off_contract")),
    "200": ((InvalidRequest, "incomplete"), (InvalidRequest, "incomplete")),
    "201": (ReplyKind.NO_RECORD, (OffContract, "off_contract")),
    "302": ((OffContract, "off_contract"), (OffContract, "off_contract")),
    "500": ((OffContract, "off_contract"), (OffContract, "off_contract")),
    "999": ((OffContract, "off_contract"), (OffContract, "off_contract")),
}


def gist(judgement: Outcome) -> object:
    """A judgement as the table writes it."""
    return (type(judgement), judgement.reason) if isinstance(judgement, GatewayError) else judgement


def judged(dialect: Any, call: str, body: object, status: int = 200) -> Outcome:
    """What *dialect* makes of an answer."""
    found: Outcome = dialect.classify(Rest(name=call, path="x"), Reply(status, {}, body))
    return found


def lltp_body(code: str | None, text: str, status: object = 0) -> dict[str, object]:
    """An answer of the newer generation."""
    return {"status": status, "statusDescription": text, "errorCode": code, "value": None}


# ---- the error table


def test_table_knows_each_documented_code() -> None:
    """The table that is tested is the table that is documented."""
    assert set(TABLE) - {"999"} == set(CODES)


@pytest.mark.parametrize("code", TABLE)
@pytest.mark.parametrize("write", [False, True])
def test_each_code_of_lltp2024(code: str, write: bool) -> None:
    """A code means the same whether it stands in ``errorCode`` or in ``status``."""
    call = lltp2024.SUBMIT if write else lltp2024.STATUS
    expected = TABLE[code][write]

    assert expected == gist(judged(lltp2024, call, lltp_body(code, "")))
    assert expected == gist(judged(lltp2024, call, lltp_body(None, "", status=int(code))))


@pytest.mark.parametrize("code", TABLE)
@pytest.mark.parametrize("write", [False, True])
def test_each_code_of_ngsp(code: str, write: bool) -> None:
    """``STATUS`` is the code, as text or as a number."""
    call = ngsp.SUBMIT if write else ngsp.STATUS
    expected = TABLE[code][write]

    assert expected == gist(judged(ngsp, call, {"STATUS": code, "DESCRIPTION": ""}))
    assert expected == gist(judged(ngsp, call, {"STATUS": int(code), "DESCRIPTION": None}))


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_status_0_is_read_by_its_words(code: str, form: Any) -> None:
    """Without a code, the code's word or its sentence says the same, in any Unicode form and case."""
    word, sentence, _ = CODES[code]
    texts = [f"{word} - chi tiết"] + ([] if sentence is None else [f"  {sentence.upper()}  rồi"])

    for written_text in texts:
        said = unicodedata.normalize(form, written_text)
        assert TABLE[code][0] == gist(judged(lltp2024, lltp2024.STATUS, lltp_body(None, said)))
        assert TABLE[code][0] == gist(judged(ngsp, ngsp.STATUS, {"STATUS": "0", "DESCRIPTION": said}))


@pytest.mark.parametrize("dialect", [lltp2024, ngsp])
@pytest.mark.parametrize("body", [{}, [], "xin chào", 7, None, {"status": None}, {"STATUS": ""}, {"status": "0"}])
def test_unknown_text_is_off_contract(dialect: Any, body: object) -> None:
    """What no table knows is never taken for an answer, and of an order it proves nothing."""
    for call in (dialect.SUBMIT, dialect.STATUS):
        found = judged(dialect, call, body)

        assert gist(found) == (OffContract, "off_contract")
        assert isinstance(found, OffContract)
        assert found.outcome("write") == "unknown"


@pytest.mark.parametrize("code", CODES)
def test_documented_refusal_proves_that_nothing_was_done(code: str) -> None:
    """An order refused with a code of the table was not taken in."""
    found = judged(lltp2024, lltp2024.SUBMIT, lltp_body(code, ""))

    assert isinstance(found, GatewayError)
    assert found.outcome("write") == "not_done"


@pytest.mark.parametrize("dialect", [lltp2024, ngsp])
@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503, 504])
def test_other_statuses_are_left_to_the_general_table(dialect: Any, status: int) -> None:
    """Their table speaks of HTTP 200 only."""
    assert judged(dialect, dialect.STATUS, lltp_body("100", ""), status) is None


def test_error_tells_nothing_personal() -> None:
    """Their texts may hold names: none of them is passed on."""
    found = judged(lltp2024, lltp2024.SUBMIT, lltp_body("500", "Nguyễn Thị Ưu 082187900001 sai"))

    assert isinstance(found, GatewayError)
    assert "Ưu" not in str(found)
    assert "082187900001" not in str(found)


# ---- the sentences


@pytest.mark.parametrize("status", [1, "1", None])
@pytest.mark.parametrize(
    "text", [ACCEPTED, ACCEPTED.upper(), f" {ACCEPTED} hồ sơ ", unicodedata.normalize("NFD", ACCEPTED)]
)
def test_well_sent_is_known_by_the_sentence(status: object, text: str) -> None:
    """The sentence is read without regard to case and Unicode form."""
    assert judged(lltp2024, lltp2024.SUBMIT, lltp_body(None, text, status)) is ReplyKind.ANSWER


def test_well_sent_may_come_as_bare_text() -> None:
    """Public code reads the whole answer as text, so a JSON string will do."""
    assert judged(lltp2024, lltp2024.SUBMIT, ACCEPTED) is ReplyKind.ANSWER


def test_sentence_of_success_with_status_0_is_a_contradiction() -> None:
    """A contradiction is not taken for success."""
    assert gist(judged(lltp2024, lltp2024.SUBMIT, lltp_body(None, ACCEPTED, 0))) == (OffContract, "off_contract")


@pytest.mark.parametrize(
    "body",
    [
        lltp_body(None, "Không gửi thông tin thành công", 1),
        lltp_body(None, "Chưa gửi thông tin thành công", 1),
        lltp_body(None, ACCEPTED, 500),
        lltp_body(None, ACCEPTED, 7),
        lltp_body("106", ACCEPTED, 1),
        lltp_body(None, ACCEPTED, 1) | {"errorDescription": "Mã đơn vị không chính xác"},
        lltp_body(None, ACCEPTED, 1) | {"errorDescription": "Gửi thất bại"},
    ],
)
def test_an_order_is_not_taken_in_by_a_sentence_that_something_denies(body: dict[str, Any]) -> None:
    """Nobody knows whether it was."""
    found = judged(lltp2024, lltp2024.SUBMIT, body)

    assert gist(found) == (OffContract, "off_contract")
    assert isinstance(found, GatewayError)
    assert found.may_have_arrived


@pytest.mark.parametrize("text", ["Gửi thông tin không thành công", "Tiếp nhận thất bại", "AUTHEN_ERROR"])
def test_a_denied_order_of_ngsp_is_not_taken_in_by_its_status(text: str) -> None:
    """STATUS 1 beside a refusal is a contradiction; any other sentence is the source's own."""
    assert gist(judged(ngsp, ngsp.SUBMIT, {"STATUS": 1, "DESCRIPTION": text})) == (OffContract, "off_contract")
    assert judged(ngsp, ngsp.SUBMIT, {"STATUS": 1, "DESCRIPTION": "Đã nhận hồ sơ"}) is ReplyKind.ANSWER


def test_status_1_without_the_sentence_is_not_success() -> None:
    """Success is the sentence, nothing less."""
    assert gist(judged(lltp2024, lltp2024.SUBMIT, lltp_body(None, "Thành công", 1))) == (OffContract, "off_contract")


@pytest.mark.parametrize("text", [KNOWN, KNOWN.upper(), unicodedata.normalize("NFD", KNOWN)])
@pytest.mark.parametrize("status", [0, 1])
def test_sent_again_is_a_conflict(text: str, status: int) -> None:
    """A dossier that they have is a conflict with a reason that a recovery can rest on."""
    for found in (
        judged(lltp2024, lltp2024.SUBMIT, lltp_body(None, text, status)),
        judged(ngsp, ngsp.SUBMIT, {"STATUS": str(status), "DESCRIPTION": text}),
    ):
        assert gist(found) == (AlreadyReceived, "already_received")


@pytest.mark.parametrize("value", [[], None, {}, ""])
def test_no_entry_is_no_record(value: object) -> None:
    """Status 1 with nothing in it means that there is no such dossier."""
    assert judged(lltp2024, lltp2024.STATUS, {"status": 1, "value": value}) is ReplyKind.NO_RECORD


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)


@given(json_values, st.sampled_from([lltp2024, ngsp]), st.booleans())
def test_no_answer_breaks_the_table(body: object, dialect: Any, write: bool) -> None:
    """Whatever JSON comes, the table judges; it never breaks and never takes rubbish for success of an order."""
    found = judged(dialect, dialect.SUBMIT if write else dialect.STATUS, body)

    assert isinstance(found, GatewayError | ReplyKind)
    assert not (write and dialect is lltp2024 and found is ReplyKind.ANSWER)
