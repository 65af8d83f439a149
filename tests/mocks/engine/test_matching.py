"""Which call a request is meant for."""

from __future__ import annotations

import orjson
import pytest

from mocks.engine.matching import Switchboard, hidden
from mocks.engine.service import Call, Request, Service, json_reply
from tests.mocks.engine.toy import Toy


def call(name: str, path: str, **more: object) -> Call:
    return Call(name=name, path=path, answer=lambda _: json_reply(name), **more)  # type: ignore[arg-type]


def switchboard(*calls: Call) -> Switchboard:
    return Switchboard([Service(name="two_words", title="", calls=calls, samples=dict)])


def ask(path: str, method: str = "GET", body: bytes = b"") -> Request:
    return Request(method, path, {}, {}, body)


def test_a_whole_path_wins_over_a_placeholder() -> None:
    """`doc/all` is not the document with the id `all`."""
    board = switchboard(call("one", "doc/{id}"), call("all", "doc/all"))

    found = board.find(ask("/two-words/doc/all"))

    assert found is not None
    assert found.call.name == "all"


def test_placeholders_are_filled_in() -> None:
    """Each takes one segment, decoded."""
    board = switchboard(call("file", "doc/{id}/files/{name}"))
    request = ask("/two-words/doc/7/files/văn bản.pdf")

    assert board.find(request) is not None
    assert request.params == {"id": "7", "name": "văn bản.pdf"}


@pytest.mark.parametrize("path", ["/two-words/doc/", "/two-words/doc/7/8", "/two-words/xdoc/7", "/two_words/doc/7"])
def test_a_placeholder_takes_exactly_one_segment(path: str) -> None:
    """Neither none nor two, and nothing before or behind."""
    assert switchboard(call("one", "doc/{id}")).find(ask(path)) is None


def test_calls_on_one_address_are_told_apart_by_their_match() -> None:
    """A field of the body decides, in the order of declaration."""
    board = switchboard(
        call("a", "one", method="POST", match=lambda request: request.fields.get("service") == "a"),
        call("b", "one", method="POST", match=lambda request: request.fields.get("service") == "b"),
    )

    found = board.find(ask("/two-words/one", "POST", orjson.dumps({"service": "b"})))

    assert found is not None
    assert found.call.name == "b"
    assert board.find(ask("/two-words/one", "POST", b'{"service": "c"}')) is None


def test_a_system_is_found_by_its_prefix() -> None:
    """Hyphens for underscores; another first segment is no system."""
    board = switchboard(call("a", "one"))

    assert board.service_at("/two-words/anything") is not None
    assert board.service_at("/two") is None
    assert board.service_at("/") is None


def test_long_numbers_are_hidden_in_paths() -> None:
    """Nine digits in a row may be somebody's."""
    assert hidden("/x/012345678901/file-2026") == "/x/***/file-2026"
    assert hidden("/x/\udcff") == "/x/?"


async def test_soap_calls_share_one_address(toy: Toy) -> None:
    """The body's element decides, and the journal names the call."""
    await toy.ask("Hoi")
    await toy.ask("Dap")

    assert [entry["operation"] for entry in await toy.entries()] == ["Hoi", "Dap"]


@pytest.mark.parametrize(
    ("body", "breach"),
    [
        (b"", "body: not XML"),
        (b"<a/>", "body: no element in the SOAP Body"),
        (b"<a>", "body: not XML"),
        (b'<!DOCTYPE a [<!ENTITY x "y">]><a/>', "body: DOCTYPE is forbidden"),
        (b"\xff\xfe\x00", "body: not XML"),
    ],
)
async def test_what_is_no_envelope_is_a_breach_and_no_bug(toy: Toy, body: bytes, breach: str) -> None:
    """Whatever arrives at a SOAP address is answered and explained."""
    async with toy.session.post(f"{toy.url}/toy/ws", data=body, headers={"Content-Type": "text/xml"}) as answer:
        assert answer.status == 404

    assert breach in (await toy.entries())[0]["breaches"]


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"1", b"\xff", b'{"a":' * 2_000, b"a=1"])
async def test_what_is_no_json_object_is_a_breach_and_no_bug(toy: Toy, body: bytes) -> None:
    """A call that reads fields sees none."""
    async with toy.session.post(f"{toy.url}/toy/orders", data=body) as answer:
        assert answer.status == 200

    assert (await toy.entries())[0]["masked"] == {}
