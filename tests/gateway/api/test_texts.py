"""Texts of problems: one for each code and each reason, the same in English and in Vietnamese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

import gateway
from gateway.adapters import errors as adapter_errors
from gateway.api.problems import every_error
from gateway.api.reasons import REASONS, detail_of, reasons_of
from gateway.api.texts import CODES, UNKNOWN_OUTCOME, Text

ROOT: Final = Path(gateway.__file__).parent
DOCUMENTED: Final = frozenset(
    {
        "allow_list", "already_received", "attempt", "breaker_open", "credentials", "cut_off", "deadline",
        "forbidden_xml", "inconsistent_response", "maintenance", "maintenance_window", "malformed", "off_contract",
        "officer", "quota_spent", "response_too_large", "store", "tls_expired", "tls_untrusted", "tls_wrong_host",
        "token_endpoint", "too_large", "unreachable", "upstream_error",
    }
)  # fmt: skip
"""The reasons of the API's table of what an upstream does, and of durable orders."""
TONED: Final = re.compile(r"[ăâđêôơưáàảãạấầẩẫậắằẳẵặéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ]", re.IGNORECASE)
TEXTS: Final[dict[str, Text]] = {
    **{f"title of {code}": text.title for code, text in CODES.items()},
    **{f"detail of {code}": text.detail for code, text in CODES.items()},
    **{reason: known.text for reason, known in REASONS.items()},
    "unknown outcome": UNKNOWN_OUTCOME,
}


def raised() -> Iterator[tuple[str, str, ast.Call]]:
    """Each error that the source of the gateway makes: where, the name of its class, and the call that makes it."""
    names = {error.__name__ for error in every_error()}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if name in names:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", name, node


def words_of(call: ast.Call) -> list[str]:
    """The literal reasons among the arguments of *call*."""
    return [
        word.value
        for keyword in call.keywords
        if keyword.arg == "reason"
        for word in ast.walk(keyword.value)
        if isinstance(word, ast.Constant) and isinstance(word.value, str) and word.value
    ]


def test_every_code_has_texts() -> None:
    """Each code that an error can have, and no other."""
    assert set(CODES) == {error.code for error in every_error()}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_there_in_both_languages(name: str) -> None:
    """English is ASCII, Vietnamese has its diacritics, and a detail is a whole sentence in both."""
    text = TEXTS[name]

    assert text.en.isascii()
    assert TONED.search(text.vi)
    assert text.en.endswith(".") == text.vi.endswith(".") == (not name.startswith("title"))


@pytest.mark.parametrize("name", TEXTS)
def test_both_languages_name_the_same_things(name: str) -> None:
    """Headers, members, numbers and paths are the same words in both."""
    named = (
        r"X-[\w-]+|Retry-After|Idempotency-Key|Content-Encoding|errors\[\]|request_id|/[a-z]\S+[a-z]|HTML|TLS|HTTP|\d+"
    )
    text = TEXTS[name]

    assert sorted(re.findall(named, text.en.replace("0.1", "0,1"))) == sorted(re.findall(named, text.vi))


def test_every_reason_of_the_table_and_of_the_source_has_a_text() -> None:
    """A word that is raised anywhere in the gateway is told in both languages."""
    found = {word for _, _, call in raised() for word in words_of(call)}

    assert len(found) > 30
    assert found | DOCUMENTED | {"already_received"} | set(adapter_errors._TLS_REASONS.values()) <= set(REASONS)


def test_every_reason_is_listed_with_the_codes_it_comes_with() -> None:
    """The page of a code lists all reasons that its problems can have."""
    codes = {error.__name__: error.code for error in every_error()}

    missing = [
        (where, word)
        for where, name, call in raised()
        for word in words_of(call)
        if codes[name] not in REASONS[word].codes
    ]

    assert missing == []
    assert all(set(known.codes) <= set(CODES) for known in REASONS.values())


def test_a_refused_request_says_what_is_wrong_with_it() -> None:
    """By errors[] or by a reason: the text of the code points to errors[], which must be there then."""
    bare = [
        where
        for where, name, call in raised()
        if name == "InvalidRequest" and not {"errors", "reason"} & {keyword.arg for keyword in call.keywords}
    ]

    assert bare == []


def test_a_reason_without_a_text_falls_back_to_its_code() -> None:
    """A word of a later version does not break an answer."""
    assert detail_of("upstream-refused", "of_no_table") == CODES["upstream-refused"].detail


def test_reasons_of_a_code_are_those_of_the_table() -> None:
    """One that two codes share is listed with both."""
    assert "cut_off" in reasons_of("upstream-unavailable")
    assert "cut_off" in reasons_of("upstream-invalid-response")
    assert {"already_received", "already_sent", "outcome_unknown"} <= set(reasons_of("conflict"))
    assert "no_record" not in reasons_of("conflict")
