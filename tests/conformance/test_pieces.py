"""Templates, pointers, masks and suites, each alone."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.envelope import tree_of
from conformance.judging import echoed
from conformance.masking import Mask, masked
from conformance.pointers import at, said
from conformance.report import Difference, Finding, Report, ServiceReport, report_lines, score
from conformance.rules import RULES
from conformance.schema import ContractError
from conformance.suite import Echo, Message, discover
from conformance.values import Credentials, MissingValue, Values, is_day
from conformance.wsdl import canonical, parsed

MASK: Final = Mask(frozenset({"name"}), frozenset({"name", "code", "rows"}))
VALUES: Final = Values(
    {"body": {"sex": "male", "birth_date": {"value": "1990-02-28", "precision": "day"}, "count": 3}},
    Credentials(Path("somewhere"), {"password": "secret"}),
)


@pytest.mark.parametrize(
    ("template", "filled"),
    [
        ("{body.sex|map:male=1,female=2}", "1"),
        ("{body.birth_date|birth_compact}", "19900228"),
        ("{body.birth_date|birth_slashed}", "28/02/1990"),
        ("{body.birth_date|birth_precision}", "0"),
        ("{body.birth_date.value|date:%d/%m/%Y}", "28/02/1990"),
        ("{body.count}", 3),
        ("page {body.count}", "page 3"),
        ("{body.nothing?}", ""),
        ("{credential.password|md5}", "5EBE2294ECD0E0F08EAB7690D2A6EE69"),
        ({"a": ["{body.count}", None, True]}, {"a": [3, None, True]}),
        ("no placeholder {}", "no placeholder {}"),
    ],
)
def test_templates_are_filled(template: Any, filled: Any) -> None:
    """From a sample, by filters, from credentials; a whole placeholder keeps its value's type."""
    assert VALUES.filled(template) == filled


def test_a_value_that_a_sample_lacks_is_named() -> None:
    """So that the sample can be passed over."""
    with pytest.raises(MissingValue, match=r"body\.nothing"):
        VALUES.filled("{body.nothing}")


@pytest.mark.parametrize(
    ("template", "says"), [("{credential.key}", "somewhere/key"), ("{body.sex|upper}", "unknown filter upper")]
)
def test_a_wrong_template_says_what_to_do(template: str, says: str) -> None:
    """A missing credential names its file, an unknown filter those that are known."""
    with pytest.raises(ContractError, match=says):
        VALUES.filled(template)


def test_a_message_lies_over_another() -> None:
    """Objects are merged field by field, all else is replaced."""
    base = Message(query={"a": 1, "b": 2}, body={"x": 1, "y": 2}, basic=("u", "p"))

    over = Message(query={"b": 3}, body={"y": 4}).over(base)

    assert (over.query, over.body, over.basic) == ({"a": 1, "b": 3}, {"x": 1, "y": 4}, ("u", "p"))
    assert Message(body=[]).over(base).body == []


@pytest.mark.parametrize(
    ("pointer", "found"),
    [
        ("/rows/*/code", [("/rows/0/code", "1"), ("/rows/1/code", "2")]),
        ("/rows/1/code", [("/rows/1/code", "2")]),
        ("/one/*/code", [("/one/code", "3")]),
        ("/nothing/here", []),
        ("/rows/9", []),
    ],
)
def test_pointers_lead_through_lists_and_lone_objects(pointer: str, found: list[tuple[str, str]]) -> None:
    """`*` is every item, or the one object that stands where a list was expected."""
    tree = {"rows": [{"code": "1"}, {"code": "2"}], "one": {"code": "3"}}

    assert list(at(tree, pointer)) == found


@pytest.mark.parametrize(
    ("rule", "value", "fits"),
    [
        ("1", "1", True),
        ("1", 1, False),
        ({}, {}, True),
        ({"contains": "thành công"}, "Gửi thông tin THÀNH CÔNG ", True),
        ({"pattern": "^0?2$"}, 2, True),
        ({"one_of": ["1", None]}, None, True),
        ({"empty": True}, [], True),
        ({"empty": True}, 0, False),
        ({"empty": False}, "", False),
    ],
)
def test_an_answer_says_it_or_not(rule: Any, value: Any, fits: bool) -> None:
    """Each way of saying what is expected."""
    assert (said({"code": value}, [{"/code": rule}], MASK) == ()) is fits


def test_of_several_ways_to_say_it_one_is_enough() -> None:
    """The nearest alternative is complained of when none fits."""
    ways = [{"/code": "1", "/rows": []}, {"/code": "2"}]

    assert said({"code": "2"}, ways, MASK) == ()
    assert said({"code": "3"}, ways, MASK) == (Difference("/code", '"2"', "'3'"),)


@pytest.mark.parametrize(
    ("echo", "tree", "holds"),
    [
        (Echo(at=["/id"], value=""), {"id": " ab-1 "}, True),
        (Echo(at=["/id"], value=""), {"id": "ab1"}, False),
        (Echo(at=["/id"], value="", ignore="-"), {"id": "AB1"}, True),
        (Echo(at=["/id"], value="", end=True), {"id": "xab-1"}, True),
        (Echo(at=["/id"], value="", end=True), {"id": "ab-12"}, False),
        (Echo(at=["/id"], value=""), {"id": None}, False),
        (Echo(at=["/id"], value="", optional=True), {"id": None}, True),
        (Echo(at=["/*/id"], value=""), [{"id": "ab-1"}, {"id": "other"}], False),
        (Echo(at=["/*/id"], value="", any=True), [{"id": "ab-1"}, {"id": "other"}], True),
        (Echo(at=["/*/id"], value="", any=True), [{"id": "other"}], False),
    ],
)
def test_an_echo_is_the_record_asked_for(echo: Echo, tree: Any, holds: bool) -> None:
    """Of every record met, or of one; case, blanks and what the suite says aside."""
    assert (echoed(tree, echo, "ab-1", MASK) == ()) is holds


def test_a_request_may_begin_with_a_file(tmp_path: Path) -> None:
    """Its own fields are laid over the file's."""
    folder = tmp_path / "system"
    folder.mkdir()
    (folder / "whole.json").write_text('{"a": 1, "b": 2}', encoding="utf-8")
    suite = "base: x\nservices: {s: {openapi: o.yaml, calls: {c: {request: {file: whole.json, body: {b: 3}}}}}}"
    (folder / "conformance.yaml").write_text(suite, encoding="utf-8")

    assert discover(tmp_path)["system"].suite.services["s"].calls["c"].request.body == {"a": 1, "b": 3}


def test_personal_and_unknown_values_are_hidden() -> None:
    """Those of marked fields and all below them, and those of fields that the contract does not name."""
    tree = {"code": "12", "name": {"first": "An", "born": 1990}, "rows": [{"other": "Bình 5"}]}

    assert MASK.tree(tree) == {"code": "12", "name": {"first": "xx", "born": 0}, "rows": [{"other": "xxxx 0"}]}
    assert MASK.shown("/rows/0/name", "Trần An") == "'xxxx xx'"
    assert MASK.shown("/name/code", "12") == "'00'"
    assert MASK.shown("/code", "12") == "'12'"


def test_secrets_are_struck_wherever_they_stand() -> None:
    """Short ones are no secrets: striking them would strike everything."""
    mask = MASK.with_secrets(["topsecret", "1"])

    assert mask.tree({"code": "1 topsecret 1"}) == {"code": "1 *** 1"}


def test_long_numbers_are_not_kept() -> None:
    """They may be somebody's, even in a sentence."""
    assert MASK.recorded({"code": "số 012345678901 không có"}) == {"code": "số 000000000000 không có"}


@given(st.text(max_size=80))
def test_a_mask_leaves_no_letter_or_digit(text: str) -> None:
    """Whatever the text, what is left are 0, x and signs."""
    left = str(masked(text))

    assert {one for one in left if one.isalnum()} <= {"0", "x"}
    assert len(left) <= 32


@pytest.mark.parametrize(
    ("text", "real"), [("29/02/2024", True), ("29/02/2023", False), ("2023", True), ("1/13/2020", False)]
)
def test_days_exist(text: str, real: bool) -> None:
    """In one of the ways that the system writes them."""
    assert is_day(text, ["%d/%m/%Y", "%Y"]) is real


def test_xml_becomes_a_tree() -> None:
    """Children by local name, repeated ones as a list, leaves as text."""
    xml = b'<a:r xmlns:a="urn:x"><a:i>1</a:i><a:i>2</a:i><a:o><a:k/></a:o></a:r>'

    assert tree_of(parsed(xml)) == {"i": ["1", "2"], "o": {"k": ""}}


def test_documents_are_equal_up_to_address_and_form() -> None:
    """Blanks, comments, order of attributes and addresses do not count; anything else does."""
    first = b'<a xmlns="urn:x"><!-- c --><b y="1" x="2"/><address location="http://here"/></a>'
    second = b'<a xmlns="urn:x">\n  <b x="2" y="1"></b>\n  <address location="https://there"/>\n</a>'

    assert canonical(first) == canonical(second)
    assert canonical(first) != canonical(second.replace(b'x="2"', b'x="3"'))


def test_full_marks_mean_all() -> None:
    """A score is rounded down, and nothing asked is nothing held."""
    assert score(999_999, 1_000_000) == 99.9
    assert score(0, 0) == 0.0
    assert not Report("x", (ServiceReport("a", "b"),)).holds


def test_lines_tell_what_holds_shortly_and_what_does_not_fully() -> None:
    """What holds of one case stands in one line; of many differences the first five."""
    differences = tuple(Difference(f"/{place}", "1", "2", place) for place in range(7))
    found = [Finding("c", "found", "answer.status"), Finding("c", "found", "schema.type", differences)]

    told = list(report_lines("a/b", [*found, Finding("c", "found", "answer.echo")]))

    assert told[0] == "ok    a/b c found: answer.status, answer.echo"
    assert told[1] == "FAIL  a/b c found: schema.type"
    assert told[2] == "        /0: expected 1, got 2 (sample 0)"
    assert told[-1] == "        and 2 more"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("base: [", "not YAML"),
        ("base: x\nservices: {a: {openapi: o.yaml, wsdl: w.wsdl, calls: {}}}", "either openapi or wsdl"),
        ("base: x\nservices: {a: {openapi: o.yaml, calls: {c: {cases: {f: {kind: good}}}}}}", r"cases\.f\.kind"),
        ("base: x\nservices: {}\nextra: 1", "extra"),
        ("base: x\nservices: {a: {openapi: o.yaml, calls: {c: {request: {file: no.json}}}}}", "no.json"),
    ],
)
def test_a_wrong_suite_says_where(tmp_path: Path, text: str, says: str) -> None:
    """The file and the place in it."""
    (tmp_path / "system").mkdir()
    (tmp_path / "system" / "conformance.yaml").write_text(text, encoding="utf-8")

    with pytest.raises(ContractError, match=says):
        discover(tmp_path)


def test_the_page_names_every_rule() -> None:
    """With the same words, and none that does not exist."""
    page = (Path(__file__).parents[2] / "docs" / "contracts.md").read_text(encoding="utf-8")

    assert dict(re.findall(r"^\| `(\w+\.\w+)` \| (.+) \|$", page, re.MULTILINE)) == dict(RULES)
