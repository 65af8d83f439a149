"""The sentences of the second generation: recorded ones in each Unicode form, and what a code beside them means."""

from __future__ import annotations

import unicodedata
from typing import Final

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from gateway.connectors.public_service_portal.gen2.translate import SENTENCES, Gen2Settings, kind_of
from gateway.connectors.public_service_portal.gen2.wire import WireAnswer
from gateway.core.problems import Conflict, Failing, GatewayError, OffContract
from gateway.dossiers.sentences import SentenceTable
from tests.gateway.connectors.public_service_portal.test_gen2 import ACCOUNT, FOLDER, SETTINGS

RECORDED: Final = yaml.safe_load((FOLDER / "gen2.sentences.yaml").read_text("utf-8"))
FORMS: Final = {
    "composed": lambda said: unicodedata.normalize("NFC", said),
    "in parts": lambda said: unicodedata.normalize("NFD", said),
    "capitals": lambda said: unicodedata.normalize("NFD", said).upper(),
}
TOLD: Final = [(kind, said) for kind, sentences in RECORDED.items() for said in sentences]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("kind", "said"), TOLD)
def test_each_recorded_sentence_has_its_kind_in_each_unicode_form(kind: str, said: str, form: str) -> None:
    """Also in capitals, with which a public integration finds nothing."""
    found = SentenceTable.of(SENTENCES).kind_of(FORMS[form](said))

    assert (found or "none") == kind


@pytest.mark.parametrize(
    ("code", "said", "kind"),
    [
        ("0", "thành công", "accepted"),
        ("00", "thành công", "accepted"),
        ("3", "thành công", OffContract),
        ("-3", "thành công", OffContract),
        ("0", "không thành công", OffContract),
        ("0", "", OffContract),
        ("1", "đã tồn tại", OffContract),
        ("-3", "đã tồn tại", "known"),
        (None, "đã tồn tại", "known"),
        ("0", "không hợp lệ", Conflict),
        ("3", "hệ thống đang bận", Failing),
        ("99", "x", OffContract),
    ],
)
def test_code_and_sentence_have_to_agree(code: str | None, said: str, kind: object) -> None:
    """Accepted is a code of success and a sentence of success."""
    found = kind_of(WireAnswer.model_validate({"error_code": code, "message": said}), SETTINGS)

    assert (found if isinstance(found, str) else type(found)) == kind


@pytest.mark.parametrize(("code", "arrived"), [("0", True), (None, True), ("3", False), ("99", False)])
def test_sentence_that_no_rule_knows_was_not_taken_where_the_code_says_so(code: str | None, arrived: bool) -> None:
    """Such an order parks after some tries; the other is sent again until the portal says that it has it."""
    found = kind_of(WireAnswer.model_validate({"error_code": code, "message": "x"}), SETTINGS)

    assert isinstance(found, OffContract)
    assert (found.reason, found.may_have_arrived) == ("off_contract", arrived)


def test_sentences_are_data_of_the_configuration() -> None:
    """A portal's new words need no release; a rule that none reaches is told at the start."""
    rules = [{"says": "đã nhận đủ", "kind": "accepted"}]
    own = Gen2Settings.model_validate({**ACCOUNT, "sentences": rules})

    assert kind_of(WireAnswer(error_code="0", message="Cổng đã nhận đủ"), own) == "accepted"
    with pytest.raises(ValidationError, match="never applies"):
        Gen2Settings.model_validate(
            {**ACCOUNT, "sentences": [*rules, {"says": "cổng đã nhận đủ hồ sơ", "kind": "final"}]}
        )


@given(code=st.text(max_size=3) | st.integers(-9, 9) | st.none(), said=st.text(max_size=30) | st.none())
def test_nothing_but_a_rule_of_success_is_a_success(code: object, said: str | None) -> None:
    """Whatever comes beside it."""
    found = kind_of(WireAnswer.model_validate({"error_code": code, "message": said}), SETTINGS)

    assert isinstance(found, GatewayError) is (SentenceTable.of(SENTENCES).kind_of(said) not in {"accepted", "known"})
