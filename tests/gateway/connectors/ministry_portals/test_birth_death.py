"""The joint service for births and deaths: strings in strings, sentences for answers, states in an order."""

from __future__ import annotations

import json
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.connectors.ministry_portals.birth_death import calls
from gateway.connectors.ministry_portals.birth_death.login import LOGIN, SENTENCES, BirthDeathSettings
from gateway.connectors.ministry_portals.birth_death.translate import opened
from gateway.connectors.ministry_portals.model import IncomingQuery, MessageReceipt, MinistryDossierQuery
from gateway.core.message import Reply
from gateway.core.problems import Conflict, Failing, GatewayError, InvalidRequest, OffContract
from gateway.dossiers.sentences import SentenceTable
from tests.gateway.connectors.ministry_portals.support import ACCOUNT, NOW, births, sent, step

ROOT: Final = Path(__file__).parents[4]
CODE: Final = "000.00.00.G15-260105-0001"
QUERY: Final = MinistryDossierQuery(ministry="birth-death", dossier_code=CODE)
RECORDED: Final = [
    (kind, sentence)
    for kind, sentences in yaml.safe_load(
        (ROOT / "contracts" / "ministry_portals" / "birth_death.sentences.yaml").read_text(encoding="utf-8")
    ).items()
    for sentence in sentences
]
XML: Final = "<hoTich><nguoiYeuCau><hoTen>Sử Thị Thảo</hoTen></nguoiYeuCau><con>A</con><con>B</con></hoTich>"


def whole(code: str = CODE, xml: str = XML, **more: object) -> dict[str, str]:
    """An answer with a whole dossier."""
    inner = {"id": 7, "maHoSo": code, "maTTHC": "2.1", "module": "KS", "hoTich": xml, **more}
    return {"data": orjson.dumps(inner).decode()}


# ---- sentences


@pytest.mark.parametrize("form", ["NFC", "NFD", "NFKC"])
@pytest.mark.parametrize(("kind", "sentence"), RECORDED)
async def test_each_recorded_sentence_has_its_kind_in_each_unicode_form(
    kind: str, sentence: str, form: Literal["NFC", "NFD", "NFKC"]
) -> None:
    """Accepted is success, try again is a failure of the moment, final is a refusal: sentence by sentence."""
    up = births({"trangThai": {"message": unicodedata.normalize(form, sentence.upper())}})

    if kind == "accepted":
        told = await calls.send_step(step(status="received"), up)
        assert (told.state, told.source_code) == ("synced", "3")
        return
    with pytest.raises(Failing if kind == "try_again" else Conflict) as met:
        await calls.send_step(step(status="received"), up)
    assert met.value.outcome("write") == "not_done"


@pytest.mark.parametrize("said", ["Cập nhật không thành công", "Lỗi không xác định", "", None])
async def test_sentence_that_no_rule_knows_is_never_a_success(said: str | None) -> None:
    """What came of the order is not known, so it is asked or told, and not guessed."""
    with pytest.raises(OffContract) as met:
        await calls.send_step(step(), births({"trangThai": {"message": said}}))

    assert met.value.outcome("write") == "unknown"


async def test_rules_are_data_of_the_ministry() -> None:
    """Another service says it in other words."""
    up = births({"trangThai": {"message": "OK rồi nhé"}}, sentences=[{"says": "ok rồi", "kind": "accepted"}])

    assert (await calls.send_step(step(), up)).state == "synced"


def test_shipped_rules_know_only_sentences_of_the_contract() -> None:
    """A rule that no recorded sentence needs is a guess."""
    for rule in SENTENCES:
        table = SentenceTable.of((rule,))
        assert [sentence for _, sentence in RECORDED if table.kind_of(sentence)], rule.says


# ---- states


async def test_state_goes_by_the_services_own_number() -> None:
    """With the agency and the instant in Vietnam's time."""
    up = births({"trangThai": {"message": "Cập nhật thành công"}})

    await calls.report_progress(step(status="in_process"), up)

    message = sent(up)
    assert (message["trangThai"], message["maDonVi"], message["ngayXuLy"]) == (
        "7",
        "000.00.01.H58",
        "2026-02-05T09:15:00",
    )


async def test_status_without_a_number_is_refused() -> None:
    """The service has five states; the nearest are named."""
    with pytest.raises(InvalidRequest) as refused:
        await calls.report_progress(step(status="payment_requested"), births({}))

    assert [error.pointer for error in refused.value.errors] == ["/status"]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"comes_after": {"9": ["1"]}}, "comes_after: '9' is not a code of statuses"),
        ({"comes_after": {"4": ["5"], "5": ["4"]}}, "would each have to come before the other"),
        ({"comes_after": {"4": ["4"]}}, "would each have to come before the other"),
    ],
)
def test_order_that_nobody_could_keep_is_refused(more: dict[str, Any], said: str) -> None:
    """At start, and not when a dossier is stuck."""
    with pytest.raises(ValidationError, match=said):
        BirthDeathSettings.model_validate({**ACCOUNT, **more})


# ---- whole dossiers


async def test_dossier_is_read_through_both_strings() -> None:
    """All of the XML is kept; names that come twice are a list."""
    up = births({"chiTiet": whole(tepDinhKem=[{"tenTep": "a.pdf", "noiDung": "YWJj"}])})

    found = await calls.filed(QUERY, up)

    assert found is not None
    assert (found.dossier.national_code, found.dossier.subject.name) == (CODE, "Sử Thị Thảo")
    assert found.dossier.other_fields["hoTich"]["con"] == ["A", "B"]
    assert [(file.file_name, file.length) for file in found.files] == [("a.pdf", 3)]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (whole("000.00.00.G15-260105-0002"), "inconsistent_response"),
        ({"data": "{"}, "malformed"),
        ({"data": "[]"}, "malformed"),
        (whole(xml="<hoTich>"), "malformed"),
        (whole(xml="<khac/>"), "malformed"),
        (whole(xml="<hoTich>x</hoTich>"), "malformed"),
        (whole(xml="<!DOCTYPE a [<!ENTITY b 'c'>]><hoTich><a>&b;</a></hoTich>"), "forbidden_xml"),
        (whole(xml="<hoTich>" + "<a/>" * 6_000 + "</hoTich>"), "response_too_large"),
        (whole(xml="<hoTich>" + "<a>" * 40 + "</a>" * 40 + "</hoTich>"), "response_too_large"),
    ],
)
async def test_odd_dossier_within_an_answer_is_refused(answer: dict[str, str], reason: str) -> None:
    """Another dossier, broken strings, entities, a bomb: a problem of the source, and nothing of it in the text."""
    with pytest.raises(OffContract) as met:
        await calls.filed(QUERY, births({"chiTiet": answer}))

    assert met.value.reason == reason
    assert CODE not in str(met.value)


async def test_dossier_that_is_not_there_is_not_found() -> None:
    """Null in place of it."""
    assert await calls.filed(QUERY, births({"chiTiet": {"data": None, "message": "Hồ sơ không tồn tại"}})) is None
    assert await calls.dossier(QUERY, births({"chiTiet": {"data": None}})) is None


@given(st.text(max_size=200) | st.builds(json.dumps, st.dictionaries(st.text(max_size=5), st.text(max_size=20))))
def test_whatever_is_in_the_string_is_read_or_refused(data: str) -> None:
    """No text breaks the reader."""
    with suppress(OffContract):
        opened(data)


# ---- what waits, receipts, tokens


async def test_rows_are_told_and_acknowledged_one_by_one() -> None:
    """A receipt for each; the list has no dossier in it."""
    up = births({"danhSach": {"data": [{"id": 1, "maHoSo": CODE, "maTTHC": "2.1", "module": "KT"}]}})
    page = await calls.incoming(IncomingQuery(ministry="birth-death"), up)
    taking = births({"xacNhan": {"message": "Xác nhận thành công"}})

    await calls.acknowledge(MessageReceipt(ministry="birth-death", message_ids=("A", "B")), taking)

    assert [(one.message_id, one.source_code, one.dossier) for one in page.items] == [(CODE, "KT", None)]
    assert [sent(taking, place) for place in (0, 1)] == [{"maHoSo": one, "daNhan": True} for one in ("A", "B")]


async def test_receipt_that_is_refused_is_told() -> None:
    """An unknown dossier."""
    with pytest.raises(Conflict):
        await calls.acknowledge(
            MessageReceipt(ministry="birth-death", message_ids=("A",)),
            births({"xacNhan": {"message": "Hồ sơ không tồn tại"}}),
        )


@pytest.mark.parametrize(
    ("body", "reason"),
    [({"token": None, "message": "Sai mật khẩu"}, "credentials"), ({"token": ""}, "malformed"), ([], "malformed")],
)
def test_login_that_gives_no_token_says_why(body: object, reason: str) -> None:
    """Null with a sentence is a wrong account."""
    found = LOGIN.read(Reply(200, {}, body), NOW)

    assert isinstance(found, GatewayError)
    assert found.reason == reason
