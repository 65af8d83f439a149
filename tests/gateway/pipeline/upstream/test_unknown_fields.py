"""An answer is decoded: odd keys, absent objects, values and rows that can't be read are mended, and counted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import pytest
from pydantic import ValidationError

from gateway.core.canonical import AlsoSpelt, Wire
from gateway.core.problems import OffContract
from gateway.core.unread import UNREAD, Unread
from gateway.core.wire_types import OR_UNREAD, ROWS, Day, Required, Text
from gateway.pipeline.upstream.unknown_fields import decode, decode_fairly


class Part(Wire):
    """A part of an answer."""

    CODE: str


class Whole(Wire):
    """An answer with parts at every kind of place."""

    NAME: str
    main: Part | None = None
    rows: tuple[Part, ...] = ()
    by_kind: Mapping[str, tuple[Part, ...]] = {}


KNOWN: dict[str, object] = {"NAME": "x", "main": {"CODE": "1"}, "rows": [{"CODE": "2"}, {"CODE": "3"}]}


@pytest.mark.parametrize(
    ("body", "count"),
    [
        (KNOWN, 0),
        ({**KNOWN, "news": 1}, 1),
        ({**KNOWN, "main": {"CODE": "1", "news": 1, "more": 2}}, 2),
        ({**KNOWN, "rows": [{"CODE": "2", "news": 1}, {"CODE": "3", "news": 1}]}, 2),
        ({**KNOWN, "Status": "1", "Message": "ok"}, 0),
    ],
)
def test_unknown_keys_are_counted_at_every_depth(body: object, count: int) -> None:
    """Keys around the facts are known to the table of codes, and count for nothing."""
    found, odd, respelt = decode(Whole, body)

    assert (odd, respelt) == (count, None)
    assert (found.model_dump()["NAME"], found.model_dump()["main"]) == ("x", {"CODE": "1"})


def test_keys_of_a_mapping_are_not_unknown_fields() -> None:
    """A mapping by kind has the keys that its source chooses."""
    assert decode(Whole, {**KNOWN, "by_kind": {"amends": [{"CODE": "4"}]}}).odd == 0


def test_a_broken_answer_is_refused_whatever_else_is_new_in_it() -> None:
    """The error says what breaks the contract, and not what is merely new."""
    with pytest.raises(ValidationError) as caught:
        decode(Whole, {"main": {"CODE": "1", "news": 1}})

    assert [error["loc"] for error in caught.value.errors()] == [("NAME",)]


# ---- mended


class Place(Wire):
    """An object that an answer may lack."""

    CityID: Text = None
    since: Day = None


class Row(Wire):
    """A row that must say its name."""

    Name: Required
    day: Day = None
    place: Annotated[Place | Unread | None, OR_UNREAD] = None


class Register(Wire):
    """An answer whose misspelt field has a right spelling too."""

    Id: Required
    HOAdress: Annotated[Place | Unread | None, OR_UNREAD, AlsoSpelt(("HOAddress",))] = None
    rows: Annotated[tuple[Row | None, ...], ROWS] = ()


class Framed(Wire):
    """Facts that stand in ``data``."""

    success: object = None
    data: Place


PLACE = {"CityID": "79"}


@pytest.mark.parametrize(
    "body",
    [
        {"Id": "1", "HOAddress": PLACE},
        {"Id": "1", "hoadress": PLACE},
        {"Id": "1", " HOAdress\u00a0": PLACE},
        {"ID": "1", "HOAdress": PLACE},
        {"Id": "1", "HOAdress": {"cityid": "79"}},
        {"Id": "1", "HOAdress": {" CityID": "79"}},
        {"Id": "1", "HOAdress": None, "HOAddress": PLACE},
    ],
)
def test_key_in_another_spelling_is_the_same_key(body: object) -> None:
    """Blanks, another case, or the right spelling of a misspelt name; it is counted, and tables look again."""
    found, odd, respelt = decode(Register, body)

    assert found == Register(Id="1", HOAdress=Place(CityID="79"))
    assert odd == 1
    assert respelt == {"Id": "1", "HOAdress": PLACE}


def test_key_as_the_contract_spells_it_counts_more() -> None:
    """Where both spellings say something, the contract's is read, and the other is news."""
    body = {"Id": "1", "HOAdress": PLACE, "HOAddress": {"CityID": "01"}}

    assert decode(Register, body)[:2] == (Register(Id="1", HOAdress=Place(CityID="79")), 1)


@pytest.mark.parametrize("nothing", [None, "", " ", [], "null", "N/A", "Không có", {"@nil": "true"}])
def test_absent_object_is_absent_in_every_spelling(nothing: object) -> None:
    """And an absent list is empty."""
    found = decode(Register, {"Id": "1", "HOAdress": nothing, "rows": nothing}).wire

    assert found == Register(Id="1")


@pytest.mark.parametrize("odd", ["12 Lê Lợi", 5, ["a", "b"], {"street": "Lê Lợi"}, True])
def test_object_that_cannot_be_read_is_unread(odd: object) -> None:
    """It is not absent: the answer says that something was there."""
    found = decode(Register, {"Id": "1", "HOAdress": odd})

    assert isinstance(found.wire, Register)
    assert found.wire.HOAdress is UNREAD
    assert found.odd


@pytest.mark.parametrize("odd", [{"news": 1}, "abc", None, {"Name": None}])
def test_only_row_that_cannot_be_read_is_none(odd: object) -> None:
    """It was there: a list without it would say that there was none."""
    assert decode(Register, {"Id": "1", "rows": [odd]}).wire == Register(Id="1", rows=(None,))


@pytest.mark.parametrize("odd", [None, "", {}, "abc", 5, {"news": 1}, {"Name": None}, {"Name": " "}, {"@nil": "true"}])
def test_row_that_cannot_be_read_is_none(odd: object) -> None:
    """The others keep their places."""
    found = decode(Register, {"Id": "1", "rows": [{"Name": "a"}, odd, {"Name": "b"}]}).wire

    assert found == Register(Id="1", rows=(Row(Name="a"), None, Row(Name="b")))


@pytest.mark.parametrize("nothing", [{}, "", {"@nil": "true"}])
def test_list_of_one_nothing_is_empty(nothing: object) -> None:
    """Buses make it of an empty element."""
    assert decode(Register, {"Id": "1", "rows": [nothing]}).wire == Register(Id="1")


def test_value_that_cannot_be_read_voids_itself() -> None:
    """Not its row, and not the object around it."""
    rows = [{"Name": "a", "day": "31/02/2020", "place": {"CityID": ["x"], "since": "2020-01-01"}}]
    found = decode(Register, {"Id": "1", "rows": rows}).wire

    assert isinstance(found, Register)
    assert found.rows[0] is not None
    assert found.rows[0].day is UNREAD
    assert isinstance(found.rows[0].place, Place)
    assert (found.rows[0].place.CityID, str(found.rows[0].place.since)) == (UNREAD, "2020-01-01")


@pytest.mark.parametrize(
    "body",
    [
        {"data": {"success": False, "data": None}},
        {"success": True, "data": {"success": "false", "CityID": "79"}},
        {"success": True, "data": {"data": {"CityID": "79"}}},
    ],
)
def test_envelope_in_an_envelope_is_off_contract(body: object) -> None:
    """It may hide a code that no table has seen."""
    with pytest.raises(OffContract) as caught:
        decode(Framed, body)

    assert caught.value.reason == "off_contract"


def test_object_without_a_known_key_is_another_object() -> None:
    """Required, it breaks the contract: it is not read as one whose every field is absent."""
    with pytest.raises(ValidationError):
        decode(Framed, {"success": True, "data": {"html": "x"}})


@pytest.mark.parametrize(("unreadable", "refused"), [(1_000, False), (1_001, True)])
def test_answer_that_is_mostly_unreadable_is_refused(unreadable: int, refused: bool) -> None:
    """A thousand rows may be left out; more of them are not the answer of the contract, and cost too much to mend."""
    body = {"Id": "1", "rows": [{"Name": "a"}, *["abc"] * unreadable]}
    if refused:
        with pytest.raises(ValidationError):
            decode(Register, body)
    else:
        assert decode(Register, body).odd == unreadable


@pytest.mark.parametrize("large", [True, False])
@pytest.mark.parametrize("odd", [0, 1, 5_000])
async def test_answer_is_decoded_alike_wherever_that_happens(large: bool, odd: int) -> None:
    """In a thread or on the loop, with few odd keys or many."""
    body = {"Id": "1", "rows": [{"Name": "a", "news": 1}] * odd}

    assert await decode_fairly(Register, body, large=large) == decode(Register, body)
