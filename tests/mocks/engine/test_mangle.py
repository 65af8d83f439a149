"""What faults make of bytes, on answers of every form."""

from __future__ import annotations

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mocks.engine.mangle import crowded, drifted, spoilt, with_doctype
from mocks.engine.service import Reply, json_reply

PDF = Reply(body=b"%PDF-1.7 \xff\xfe", content_type="application/pdf")
XML = "application/xml"
leaves = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text()
values = st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20)


@given(st.dictionaries(st.text(), values) | st.lists(values))
def test_a_spoilt_answer_never_parses(value: object) -> None:
    """Whatever the JSON object or list, its end is wrong."""
    with pytest.raises(orjson.JSONDecodeError):
        orjson.loads(spoilt(json_reply(value)))


@given(st.dictionaries(st.text(), values), st.integers(1, 50))
def test_a_crowded_object_keeps_its_fields(value: dict[str, object], count: int) -> None:
    """The answer is still JSON, with all that it said and so many siblings."""
    answer = orjson.loads(crowded(json_reply(value), count))

    assert len(answer["DANH_SACH"]) == count
    assert {**answer, "DANH_SACH": None} == {**value, "DANH_SACH": None}


@given(st.lists(values), st.integers(1, 50))
def test_a_crowded_list_grows(value: list[object], count: int) -> None:
    """A list gets more items, those that it had first."""
    answer = orjson.loads(crowded(json_reply(value), count))

    assert answer == value + [{}] * count


@given(values)
def test_drift_touches_nothing_but_the_field(value: object) -> None:
    """A field that is not there changes nothing."""
    assert orjson.loads(drifted(json_reply(value), "khong-co-truong-nay", None)) == value


def test_drift_takes_an_xml_element_with_its_children() -> None:
    """Siblings stay."""
    reply = Reply(body=b"<a><b><c/></b><d/></a>", content_type=XML)

    root = etree.fromstring(drifted(reply, "b", None))

    assert [child.tag for child in root] == ["d"]


@pytest.mark.parametrize(
    ("body", "root"),
    [
        (b"<a/>", "a"),
        (b"<x:a xmlns:x='urn:x'/>", "x:a"),
        (b"<?xml version='1.0'?><a><b>\xc3\xa1</b></a>", "a"),
    ],
)
def test_a_doctype_names_the_root(body: bytes, root: str) -> None:
    """The document stays well-formed, prefix and declaration included."""
    parser = etree.XMLParser(resolve_entities=False)

    tree = etree.fromstring(with_doctype(body), parser).getroottree()

    assert tree.docinfo.internalDTD.name == root
    assert etree.tostring(tree.getroot()) == etree.tostring(etree.fromstring(body))


def test_files_stay_as_they_are() -> None:
    """A certificate is neither crowded nor renamed, and nothing raises."""
    assert crowded(PDF, 3) == drifted(PDF, "ten", None) == with_doctype(PDF.body) == PDF.body
    assert drifted(Reply(body=b"<a>", content_type=XML), "a", None) == b"<a>"
