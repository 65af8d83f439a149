"""SOAP messages are zeep's, byte for byte."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import httpx
import pytest
import zeep
import zeep.exceptions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from gateway.adapters.soap.bundle import load_client
from gateway.adapters.soap.writer import MOST, SoapWriter, texts_of

WSDL = Path(__file__).parents[4] / "contracts" / "legal_documents" / "ws.wsdl"
TEXTS = st.text(st.characters(codec="utf-8"))


@pytest.fixture(scope="module")
def client() -> zeep.AsyncClient:
    """zeep with the pinned contract."""
    return load_client(WSDL, httpx.AsyncClient())


class Counting:
    """zeep's way, counted."""

    def __init__(self, client: zeep.AsyncClient) -> None:
        self.client = client
        self.built = 0

    def __call__(self, operation: str, arguments: Mapping[str, object]) -> bytes:
        self.built += 1
        envelope = self.client.create_message(self.client.service, operation, **arguments)
        return etree.tostring(envelope, encoding="utf-8", xml_declaration=True)


def writer(client: zeep.AsyncClient) -> tuple[SoapWriter, Counting]:
    build = Counting(client)
    operations = client.service._binding.all()
    return SoapWriter(build, {name: texts_of(found.input.body) for name, found in operations.items()}), build


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_any_text_makes_the_message_that_zeep_makes(client: zeep.AsyncClient, values: list[str]) -> None:
    """Markup, line ends, other planes, our own marks: the bytes are the same, or the error is of the same kind."""
    ours, build = writer(client)
    for value in [*values, "\ue0000\ue001"]:
        try:
            expected: bytes | type = build("ChiTietVanBan", {"Id": value})
        except ValueError as error:
            expected = type(error)
        try:
            got: bytes | type = ours.message("ChiTietVanBan", {"Id": value})
        except ValueError as error:
            got = type(error)

        assert got == expected


@pytest.mark.parametrize("names", [("SoKyHieu", "TuKhoa"), ("TuKhoa", "SoKyHieu"), ("TuKhoa",), ()])
def test_arguments_stand_where_the_contract_says_whatever_their_order(
    client: zeep.AsyncClient, names: tuple[str, ...]
) -> None:
    """Numbers among them are zeep's to write."""
    ours, build = writer(client)
    arguments = {**{name: f"<{name}>" for name in names}, "Trang": 1, "SoBanGhi": 20}

    assert ours.message("TimKiemVanBan", arguments) == build("TimKiemVanBan", arguments)


def test_texts_in_any_order_fill_one_message(client: zeep.AsyncClient) -> None:
    """A template keeps to the contract's order, not to the caller's."""

    def build(_: str, arguments: Mapping[str, object]) -> bytes:
        return f"<a>{arguments['first']}</a><b>{arguments['second']}</b>".encode()

    ours = SoapWriter(build, {"op": frozenset({"first", "second"})})

    for _ in range(2):
        assert ours.message("op", {"second": "2&", "first": "1"}) == b"<a>1</a><b>2&amp;</b>"


def test_zeep_is_asked_once_for_each_kind_of_message(client: zeep.AsyncClient) -> None:
    """Afterwards texts alone are put in."""
    ours, build = writer(client)
    messages = {ours.message("ChiTietVanBan", {"Id": str(number)}) for number in range(50)}

    assert len(messages) == 50
    assert build.built == 1


def test_what_does_not_fit_the_contract_is_zeeps_to_refuse(client: zeep.AsyncClient) -> None:
    """A missing or unknown argument is its error, each time."""
    ours, _ = writer(client)
    for _ in range(2):
        with pytest.raises(TypeError):
            ours.message("ChiTietVanBan", {"Nothing": "1"})
        with pytest.raises(zeep.exceptions.ValidationError):
            ours.message("TimKiemVanBan", {"TuKhoa": "x"})


def test_the_kinds_that_are_remembered_are_bounded() -> None:
    """Beyond them each message is built anew, and right."""

    def build(operation: str, arguments: Mapping[str, object]) -> bytes:
        return operation.encode() + "".join(map(str, arguments.values())).encode()

    ours = SoapWriter(build, {str(number): frozenset({"x"}) for number in range(MOST + 5)})

    for _ in range(2):
        assert [ours.message(str(number), {"x": "v"}) for number in range(MOST + 5)] == [
            b"%dv" % number for number in range(MOST + 5)
        ]
