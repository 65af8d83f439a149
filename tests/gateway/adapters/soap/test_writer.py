"""SOAP messages are zeep's, byte for byte, and zeep is not asked for them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest
import zeep
import zeep.exceptions
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from zeep import xsd

from gateway.adapters.soap.writer import SoapWriter
from tests.support.laptop import ROOT

WSDLS: Final = sorted((ROOT / "contracts").glob("*/*.wsdl"))
KINDS: Final = Path(__file__).with_name("every_kind.wsdl")
"""Dates, booleans, decimals: kinds of values that no pinned contract asks for yet."""
TEXTS: Final = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff"))
ANY_TEXTS: Final = st.text(st.characters())


class Zeep:
    """zeep's way, counted."""

    def __init__(self, wsdl: Path) -> None:
        self.client = zeep.Client(str(wsdl))
        self.binding = self.client.service._binding
        self.inputs = {name: found.input.body for name, found in self.binding.all().items()}
        self.built = 0

    def __call__(self, operation: str, arguments: Mapping[str, object]) -> bytes:
        self.built += 1
        envelope = self.client.create_message(self.client.service, operation, **arguments)
        return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


@cache
def writer(wsdl: Path) -> tuple[SoapWriter, Zeep]:
    """The writer of a contract, and zeep with the same one."""
    build = Zeep(wsdl)
    return SoapWriter(build, build.binding.nsmap["soap-env"], build.inputs), build


def operations() -> list[tuple[Path, str]]:
    """All operations of all contracts."""
    return [(wsdl, name) for wsdl in [*WSDLS, KINDS] for name in writer(wsdl)[1].inputs]


def named(found: tuple[Path, str]) -> str:
    """The test's name for an operation."""
    return f"{found[0].parent.name}.{found[1]}"


def values_of(kind: Any) -> st.SearchStrategy[Any]:
    """Values that a connector may give for an element of this type."""
    if isinstance(kind, xsd.ComplexType):
        return arguments_of(kind)
    if isinstance(kind, xsd.Boolean):
        return st.booleans()
    if isinstance(kind, xsd.Integer):
        return st.integers() | st.integers().map(str)
    if isinstance(kind, xsd.Decimal):
        return st.decimals(allow_nan=False) | st.integers()
    if isinstance(kind, xsd.DateTime):
        return st.datetimes() | st.datetimes(timezones=st.timezones())
    if isinstance(kind, xsd.Date):
        return st.dates() | st.dates().map(date.isoformat)
    return TEXTS | st.integers() | st.booleans()


def arguments_of(kind: Any) -> st.SearchStrategy[dict[str, Any]]:
    """Arguments for a body element or a nested one: what must be there, and some of what may."""
    must, may = {}, {}
    for name, child in kind.elements:
        values = values_of(child.type)
        if child.accepts_multiple:
            values = st.lists(values, min_size=child.min_occurs, max_size=3)
        if child.is_optional:
            may[name] = values | st.none()
        else:
            must[name] = values
    return st.fixed_dictionaries(must, optional=may)


@pytest.mark.parametrize("found", operations(), ids=named)
@settings(deadline=None, max_examples=60)
@given(st.data())
def test_every_message_of_every_contract_is_zeeps(found: tuple[Path, str], data: st.DataObject) -> None:
    """Numbers, dates, lists, nested and absent ones: the bytes are the same, and zeep is not asked."""
    wsdl, operation = found
    ours, build = writer(wsdl)
    arguments = data.draw(arguments_of(build.inputs[operation].type))
    expected = build(operation, arguments)
    asked = build.built

    assert ours.message(operation, arguments) == expected
    assert build.built == asked


@pytest.mark.parametrize("wsdl", [*WSDLS, KINDS], ids=lambda wsdl: wsdl.parent.name)
def test_every_operation_is_compiled(wsdl: Path) -> None:
    """A contract that needs zeep for each message is met here."""
    ours, build = writer(wsdl)

    assert ours.compiled == build.inputs.keys()


def outcome(write: Any, operation: str, arguments: Mapping[str, object]) -> bytes | type[Exception]:
    """The message, or the kind of error."""
    try:
        return write(operation, arguments)  # type: ignore[no-any-return]  # either side's
    except Exception as error:  # noqa: BLE001  # whatever zeep says is expected of ours
        return type(error)


@settings(deadline=None)
@given(st.lists(ANY_TEXTS, min_size=1, max_size=6))
def test_any_text_makes_the_message_that_zeep_makes(values: list[str]) -> None:
    """Markup, line ends, other planes, what XML can't carry: the same bytes, or an error of the same kind."""
    ours, build = writer(ROOT / "contracts" / "legal_documents" / "ws.wsdl")
    for value in values:
        arguments = {"TuKhoa": value, "Trang": 1, "SoBanGhi": 20}

        assert outcome(ours.message, "TimKiemVanBan", arguments) == outcome(build, "TimKiemVanBan", arguments)


ODD: Final = [
    {},
    {"Id": None},
    {"Nothing": "1"},
    {"Id": "1", "Nothing": "1"},
    {"Id": {"a": "b"}},
    {"Id": ["1"]},
    {"Id": b"1"},
    {"Id": 10**5000},
    {"Id": zeep.xsd.Nil},
    {"Id": zeep.xsd.SkipValue},
    {"Id": "1", "_soapheaders": []},
]


@pytest.mark.parametrize("arguments", ODD)
def test_what_is_out_of_the_ordinary_is_zeeps_to_decide(arguments: dict[str, object]) -> None:
    """What is missing, unknown or of an odd kind is written, or refused, as zeep does."""
    ours, build = writer(ROOT / "contracts" / "legal_documents" / "ws.wsdl")
    expected = outcome(build, "ChiTietVanBan", arguments)
    asked = build.built

    assert outcome(ours.message, "ChiTietVanBan", arguments) == expected
    assert build.built == asked + 1


@pytest.mark.parametrize(
    "data", [None, [], [None], [{}], {}, [{"MaHoSo": "1"}], [{"Nothing": "1"}], ["text"], ({},)], ids=repr
)
def test_odd_lists_and_nested_elements_are_zeeps_to_decide(data: object) -> None:
    """As odd arguments are."""
    ours, build = writer(ROOT / "contracts" / "ministry_portals" / "ws.wsdl")
    arguments = {"madonvi": "1", "data": data}

    assert outcome(ours.message, "CapNhatTienDoHoSoMC", arguments) == outcome(build, "CapNhatTienDoHoSoMC", arguments)


@pytest.mark.parametrize("names", [("SoKyHieu", "TuKhoa"), ("TuKhoa", "SoKyHieu"), ("TuKhoa",), ()])
def test_arguments_stand_where_the_contract_says_whatever_their_order(names: tuple[str, ...]) -> None:
    """The caller's order changes nothing."""
    ours, build = writer(ROOT / "contracts" / "legal_documents" / "ws.wsdl")
    arguments = {**{name: f"<{name}>" for name in names}, "Trang": 1, "SoBanGhi": 20}

    assert ours.message("TimKiemVanBan", arguments) == build("TimKiemVanBan", arguments)


def test_a_service_whose_messages_zeep_writes_otherwise_is_left_to_zeep() -> None:
    """The two are compared at start: a header that zeep adds would be missed, so none of ours is sent."""
    _, build = writer(ROOT / "contracts" / "legal_documents" / "ws.wsdl")

    def signed(operation: str, arguments: Mapping[str, object]) -> bytes:
        return build(operation, arguments).replace(b"<soap-env:Body>", b"<soap-env:Header/><soap-env:Body>")

    ours = SoapWriter(signed, build.binding.nsmap["soap-env"], build.inputs)

    assert ours.compiled == frozenset()
    assert b"<soap-env:Header/>" in ours.message("ChiTietVanBan", {"Id": "1"})


def test_values_are_written_as_the_contract_declares_them() -> None:
    """A date is a day, a boolean a word, a decimal has no exponent."""
    ours, _ = writer(KINDS)
    at = datetime(2026, 11, 24, 3, 0)  # noqa: DTZ001  # some services know no zones

    message = ours.message("Ask", {"day": date(2026, 11, 24), "flag": True, "sum": Decimal("1E+3"), "at": at})

    assert b"<ns0:day>2026-11-24</ns0:day><ns0:flag>true</ns0:flag><ns0:sum>1000</ns0:sum>" in message
    assert b"<ns0:at>2026-11-24T03:00:00</ns0:at>" in message
