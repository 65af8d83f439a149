"""Reading by the contract's types: as zeep would read what it reads well, and better what it does not."""

from __future__ import annotations

from typing import Any, Final

import pytest
import zeep
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from zeep.helpers import serialize_object
from zeep.xsd.context import XmlParserContext

from gateway.adapters.soap.reader import UnsupportedContract, compile_body
from gateway.core.problems import OffContract
from tests.support.laptop import ROOT

FOLDER: Final = ROOT / "contracts" / "legal_documents"
NS: Final = "urn:vn:gov:moj:csdlqg-vbpl:ws:1"
CLIENT: Final = zeep.Client(str(FOLDER / "ws.wsdl"))
OPERATIONS: Final = CLIENT.service._binding.all()
SAMPLES: Final = {
    path.name: path.read_bytes() for path in sorted((FOLDER / "samples").glob("*.xml")) if ".request" not in path.name
}
DETAIL: Final = compile_body(OPERATIONS["ChiTietVanBan"].output.body)
SEARCH: Final = compile_body(OPERATIONS["TimKiemVanBan"].output.body)


def by_zeep(operation: str, element: etree._Element) -> Any:
    """What zeep makes of the body *element*."""
    found = OPERATIONS[operation].output.body.parse(
        element, CLIENT.wsdl.types, context=XmlParserContext(settings=CLIENT.settings)
    )
    return as_text(serialize_object(found, dict))


def as_text(value: Any) -> Any:
    """zeep's values as the text that they were."""
    match value:
        case dict():
            return {name: as_text(inner) for name, inner in value.items()}
        case list():
            return [as_text(inner) for inner in value]
        case None | str():
            return value
        case _:
            return str(value)


A: Final = '<xsd:element name="a" type="xsd:string"/>'


def in_type(inner: str) -> str:
    """A complex type around *inner*."""
    return f"<xsd:complexType>{inner}</xsd:complexType>"


def element(inner: str, name: str = "ChiTietVanBanResponse") -> etree._Element:
    """A response element."""
    return etree.fromstring(f'<vb:{name} xmlns:vb="{NS}">{inner}</vb:{name}>')


@pytest.mark.parametrize(
    "name", [name for name in SAMPLES if name.startswith(("ChiTiet", "TimKiem")) and "fault" not in name]
)
def test_every_sample_is_read_as_zeep_reads_it(name: str) -> None:
    """Equal, value by value."""
    body = etree.fromstring(SAMPLES[name]).find("{*}Body/*")
    assert body is not None
    operation = name.partition(".")[0]

    assert compile_body(OPERATIONS[operation].output.body)(body) == by_zeep(operation, body)


texts = st.text(st.characters(categories=("L", "N", "P", "Zs")), min_size=1, max_size=12)
documents = st.fixed_dictionaries(
    {"Id": st.from_regex(r"[A-Za-z0-9-]{1,20}", fullmatch=True)},
    optional={
        "SoKyHieu": texts,
        "TrichYeu": texts,
        "LoaiVanBan": texts,
        "TinhTrangHieuLuc": texts,
        "NguoiKy": st.lists(texts, max_size=3),
        "LinhVuc": st.lists(texts, max_size=3),
        "VanBanLienQuan": st.lists(
            st.fixed_dictionaries(
                {"LoaiQuanHe": texts, "Chieu": st.sampled_from(["DI", "DEN"])}, optional={"SoKyHieu": texts}
            ),
            max_size=2,
        ),
    },
)


@given(documents)
def test_any_document_is_read_as_zeep_reads_it(document: dict[str, Any]) -> None:
    """Made by zeep from the contract, read by both."""
    wrapper = CLIENT.get_element(f"{{{NS}}}ChiTietVanBanResponse")
    node = etree.Element("root")
    wrapper.render(node, wrapper(VanBan=document))

    assert DETAIL(node[0]) == by_zeep("ChiTietVanBan", node[0])


def test_news_are_there_with_what_is_in_them() -> None:
    """A message that is kept as it came is kept whole; a declared field is never taken from another namespace."""
    news = "<vb:Moi><a>1</a><a>2</a><b><c>3</c></b></vb:Moi><vb:Moi>n</vb:Moi><x:Id xmlns:x='urn:x'>9</x:Id>"
    document = DETAIL(element(f"<vb:VanBan><vb:Id>1</vb:Id>{news}</vb:VanBan>"))["VanBan"]

    assert isinstance(document, dict)
    assert (document["Id"], document["Moi"]) == ("1", [{"a": ["1", "2"], "b": {"c": "3"}}, "n"])


def test_order_and_news_do_not_matter() -> None:
    """zeep stops at the first unknown element and loses all that follows."""
    read = DETAIL(element("<vb:VanBan><vb:TrichYeu>t</vb:TrichYeu><vb:Moi>n</vb:Moi><vb:Id>1</vb:Id></vb:VanBan>"))

    document = read["VanBan"]
    assert isinstance(document, dict)
    assert (document["Id"], document["TrichYeu"], document["Moi"]) == ("1", "t", "n")


def test_news_never_hides_a_declared_value() -> None:
    """An element of another namespace with a declared name is no such value."""
    read = DETAIL(element('<vb:VanBan><x:Id xmlns:x="urn:x">2</x:Id><vb:Id>1</vb:Id></vb:VanBan>'))
    alone = DETAIL(element('<vb:VanBan><x:Id xmlns:x="urn:x">2</x:Id></vb:VanBan>'))

    assert read["VanBan"]["Id"] == "1"  # type: ignore[index,call-overload]
    assert alone["VanBan"]["Id"] is None  # type: ignore[index,call-overload]


def test_a_forgotten_namespace_is_forgiven() -> None:
    """Some services qualify the outer element only."""
    read = DETAIL(element("<VanBan><Id>1</Id></VanBan>"))

    assert read["VanBan"]["Id"] == "1"  # type: ignore[index,call-overload]


def test_nothing_reads_as_nothing() -> None:
    """Empty elements, nil ones and absent ones."""
    nil = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'

    assert DETAIL(element("")) == {"VanBan": None}
    assert DETAIL(element("<vb:VanBan/>")) == {"VanBan": None}
    assert DETAIL(element(f"<vb:VanBan {nil}>x</vb:VanBan>")) == {"VanBan": None}
    read = DETAIL(element(f"<vb:VanBan><vb:Id {nil}>x</vb:Id><vb:SoKyHieu/></vb:VanBan>"))
    assert (read["VanBan"]["Id"], read["VanBan"]["SoKyHieu"]) == (None, None)  # type: ignore[index,call-overload]


def test_a_type_that_the_answer_claims_for_itself_is_passed_over() -> None:
    """xsi:type would let it choose how it is read."""
    claim = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="vb:VanBanTomTat"'
    read = DETAIL(element(f"<vb:VanBan {claim}><vb:Id>1</vb:Id><vb:NguoiKy>a</vb:NguoiKy></vb:VanBan>"))

    assert read["VanBan"]["NguoiKy"] == ["a"]  # type: ignore[index,call-overload]


def test_two_reads_share_nothing() -> None:
    """Lists above all."""
    first, second = (
        SEARCH(element("<vb:VanBan><vb:Id>1</vb:Id></vb:VanBan>", "TimKiemVanBanResponse")) for _ in range(2)
    )

    assert first == second
    assert first["VanBan"] is not second["VanBan"]


def test_a_value_twice_is_refused() -> None:
    """The error names the element, and not what stands in it."""
    with pytest.raises(OffContract, match="SoKyHieu") as caught:
        DETAIL(element("<vb:VanBan><vb:SoKyHieu>secret</vb:SoKyHieu><vb:SoKyHieu>b</vb:SoKyHieu></vb:VanBan>"))

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("inner", "what"),
    [
        (in_type("<xsd:sequence><xsd:any/></xsd:sequence>"), "wildcard"),
        (in_type('<xsd:attribute name="a" type="xsd:string"/>'), "attributes"),
        (in_type(f'<xsd:sequence maxOccurs="unbounded">{A}</xsd:sequence>'), "repeated group"),
        (in_type(f'<xsd:sequence><xsd:choice maxOccurs="2">{A}</xsd:choice></xsd:sequence>'), "repeated group"),
        ('<xsd:simpleType><xsd:restriction base="xsd:string"/></xsd:simpleType>', "without children"),
    ],
)
def test_a_construct_that_is_not_read_is_refused_at_start(inner: str, what: str) -> None:
    """Better than to lose it in every answer."""
    schema = (
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">'
        f'<xsd:element name="r">{inner}</xsd:element></xsd:schema>'
    )
    loaded = zeep.xsd.Schema(etree.fromstring(schema))

    with pytest.raises(UnsupportedContract, match=what):
        compile_body(loaded.get_element("{urn:t}r"))


def test_choices_and_recursion_are_read() -> None:
    """A tree of nodes, each with one of two children."""
    schema = (
        '<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"'
        ' elementFormDefault="qualified"><xsd:complexType name="node"><xsd:sequence><xsd:choice>'
        '<xsd:element name="a" type="xsd:string"/><xsd:element name="b" type="xsd:int"/></xsd:choice>'
        '<xsd:element name="node" type="t:node" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType>'
        '<xsd:element name="r"><xsd:complexType><xsd:sequence><xsd:element name="node" type="t:node"/></xsd:sequence>'
        "</xsd:complexType></xsd:element></xsd:schema>"
    )
    loaded = zeep.xsd.Schema(etree.fromstring(schema))
    body = etree.fromstring('<r xmlns="urn:t"><node><a>1</a><node><b>2</b></node></node></r>')

    assert compile_body(loaded.get_element("{urn:t}r"))(body) == {
        "node": {"a": "1", "b": None, "node": [{"a": None, "b": "2", "node": []}]}
    }
