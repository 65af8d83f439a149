"""The chains of the record: whatever is changed, taken away or moved is found."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID, uuid4

import msgspec
import pytest

from gateway.durable import audit
from gateway.durable.audit import ENCODER, Fault, Hashes, Head, Record, Verifier

Row = tuple[UUID, Record, Hashes]
AT = "2026-11-27T02:36:29.343839+00:00"


def chain(records: list[Record]) -> list[Row]:
    """A chain of *records*, as a gateway writes it."""
    head = audit.start_of(uuid4())
    rows = []
    for record in records:
        link = audit.next_hashes(head, ENCODER.encode(record), bytes(16))
        head = Head(head.chain, link.number, link.hash)
        rows.append((head.chain, record, link))
    return rows


def asked(officer: str) -> Record:
    return Record(at=AT, caller="portal", officer=officer, operation="social_insurance.participant", outcome="ok")


def sound() -> list[Row]:
    """A whole life of a gateway with three look-ups."""
    middle = [asked(name) for name in ("a", "b", "c")]
    return chain([Record(at=AT, kind="begin", detail="[]"), *middle, Record(at=AT, kind="end")])


def found(rows: list[Row], expected: list[Head] | None = None) -> list[Fault]:
    """What is wrong with *rows*."""
    verifier = Verifier(expected or [])
    for row in rows:
        verifier.take(*row)
    return verifier.faults()


def end_of(rows: list[Row]) -> Head:
    """The end of the chain of *rows*."""
    return Head(rows[-1][0], rows[-1][2].number, rows[-1][2].hash)


def test_what_was_written_is_sound() -> None:
    """Nothing is wrong with a whole chain, and its end is the known one."""
    rows = sound()

    assert found(rows, [end_of(rows)]) == []


@pytest.mark.parametrize("field", Record.__struct_fields__)
def test_every_field_of_a_row_is_covered(field: str) -> None:
    """A row in which any one field was changed is named."""
    rows = sound()
    own, record, link = rows[2]
    other = {int: 7, tuple: ("x",), str: "gap" if field == "kind" else "x"}[type(getattr(record, field))]
    rows[2] = own, msgspec.structs.replace(record, **{field: other}), link

    assert found(rows) == [Fault(own, 3, "was changed")]


def test_row_that_was_taken_away_is_missed() -> None:
    """The number after the last sound row is named."""
    rows = sound()
    del rows[2]

    assert [(fault.number, fault.why) for fault in found(rows)] == [(3, "is missing")]


def test_rows_that_changed_places_are_found() -> None:
    """Two rows with exchanged contents do not fit their places, though each is one that was written."""
    rows = sound()
    (own, second, link2), (_, third, link3) = rows[1], rows[2]
    rows[1] = own, third, replace(link3, number=2)
    rows[2] = own, second, replace(link2, number=3)

    assert [(fault.number, fault.why) for fault in found(rows)] == [(2, "does not follow from the one before it")]


def test_row_that_was_put_in_is_found() -> None:
    """A row that nobody wrote breaks the chain at the next one."""
    rows = sound()
    own, _, before = rows[1]
    forged = audit.next_hashes(Head(own, before.number, before.hash), ENCODER.encode(asked("forged")), bytes(16))
    rows.insert(2, (own, asked("forged"), forged))

    assert [(fault.number, fault.why) for fault in found(rows)] == [(4, "is missing")]


def test_end_that_was_cut_off_is_missed() -> None:
    """A chain without its last rows is sound by itself, but its end is known from elsewhere."""
    rows = sound()

    assert found(rows[:3]) == []
    assert [(fault.number, fault.why) for fault in found(rows[:3], [end_of(rows)])] == [(4, "is missing")]


def test_chain_that_was_taken_away_whole_is_missed() -> None:
    """A later chain has named it."""
    assert [(fault.number, fault.why) for fault in found([], [end_of(sound())])] == [(1, "is missing")]


def test_chain_that_was_written_anew_is_found() -> None:
    """All its hashes fit, but not the one that was known before."""
    rows = sound()
    own = rows[0][0]
    head, anew = audit.start_of(own), []
    for record in (rows[0][1], asked("somebody else"), *(row[1] for row in rows[2:])):
        link = audit.next_hashes(head, ENCODER.encode(record), bytes(16))
        head = Head(own, link.number, link.hash)
        anew.append((own, record, link))

    assert found(anew) == []
    assert [fault.number for fault in found(anew, [end_of(rows)])] == [5]


def test_nothing_follows_an_end() -> None:
    """A chain that goes on after its end was written by somebody else."""
    rows = chain([Record(at=AT, kind="begin", detail="[]"), Record(at=AT, kind="end"), asked("a")])

    assert [(fault.number, fault.why) for fault in found(rows)] == [(3, "is not at its place")]


def test_ends_are_read_as_they_were_named() -> None:
    """A first row names the ends of other chains in its detail."""
    heads = [end_of(sound()), end_of(sound())]

    assert audit.named_heads(audit.name_heads(heads)) == heads


def test_many_rows_are_linked_as_one_by_one() -> None:
    """The quick way and the plain one give the same hashes and the same end."""
    start = audit.start_of(uuid4())
    encoded = [ENCODER.encode(asked(name)) for name in ("a", "b", "c")]
    salts = bytes(range(3 * audit.SALT))

    hashes, end = audit.extend(start, encoded, salts)

    head, one_by_one = start, b""
    for place, one in enumerate(encoded):
        link = audit.next_hashes(head, one, salts[audit.SALT * place : audit.SALT * (place + 1)])
        head = Head(start.chain, link.number, link.hash)
        one_by_one += link.salt + link.leaf + link.hash
    assert (hashes, end) == (one_by_one, head)
    assert len(hashes) == 3 * audit.PLACE
