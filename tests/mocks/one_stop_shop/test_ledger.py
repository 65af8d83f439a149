"""What a portal has accepted, whatever is sent to it and in whatever order."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from mocks.one_stop_shop.answers import (
    ALREADY_REPORTED,
    NEVER_ACCEPTED,
    NO_SUCH_PROCEDURE,
    OUT_OF_ORDER,
    WRONG_UPDATING,
)
from mocks.one_stop_shop.ledger import Ledger, Ruling

CODES = ("A", "B", "C")
dossiers = st.builds(
    lambda code, status: {"MaHoSo": code, "MaTTHC": "1", "TrangThaiHoSo": status},
    st.sampled_from(CODES),
    st.sampled_from(("1", "2", "4")),
)
steps = st.builds(
    lambda code, at, status: {"MaHoSo": code, "ThoiDiemXuLy": f"2026100510{at:02d}00", "TrangThai": status},
    st.sampled_from(CODES),
    st.integers(0, 59),
    st.sampled_from(("4", "9")),
)
messages = st.one_of(
    st.tuples(st.just("new"), st.lists(dossiers, min_size=1, max_size=3)),
    st.tuples(st.just("update"), st.lists(dossiers, min_size=1, max_size=3)),
    st.tuples(st.just("progress"), st.lists(steps, min_size=1, max_size=3)),
)


def send(ledger: Ledger, kind: str, rows: list[dict[str, Any]]) -> Any:
    """One message."""
    ruling = ledger.progress(rows) if kind == "progress" else ledger.sync(rows, updating=kind == "update")
    assert {decision.code is None for decision in ruling.decisions} == {ruling.refusal is None}
    assert [decision.dossier for decision in ruling.decisions] == [row["MaHoSo"] for row in rows]
    return ruling.refusal


def state(ledger: Ledger) -> Any:
    """All that it knows."""
    return {code: (ledger.find(code), ledger.steps(code)) for code in CODES}


@given(st.lists(messages, max_size=12))
def test_a_ledger_stays_sound(sent: list[tuple[str, list[dict[str, Any]]]]) -> None:
    """Steps are of accepted dossiers and in order; what is refused changes nothing, what is accepted shows."""
    ledger = Ledger()
    for kind, rows in sent:
        before = state(ledger)
        refusal = send(ledger, kind, rows)
        if refusal is not None:
            assert state(ledger) == before
            assert refusal.breach.startswith("/data")
        elif kind != "progress":
            assert ledger.find(rows[-1]["MaHoSo"]) == rows[-1]
        for code in CODES:
            times = [step["ThoiDiemXuLy"] for step in ledger.steps(code)]
            assert times == sorted(times)
            assert ledger.find(code) is not None or not times


@given(st.lists(messages, max_size=8))
def test_a_repeated_progress_changes_nothing(sent: list[tuple[str, list[dict[str, Any]]]]) -> None:
    """What recovery after an unknown outcome rests on."""
    ledger = Ledger()
    for kind, rows in sent:
        accepted = send(ledger, kind, rows) is None
        if kind == "progress" and accepted:
            after = state(ledger)
            assert send(ledger, kind, rows) is None
            assert state(ledger) == after


def test_each_refusal_has_its_code() -> None:
    """Unknown as an update, known as new, twice in one list, unpublished, unaccepted, too early."""
    ledger = Ledger(procedures={"1"})
    one = {"MaHoSo": "A", "MaTTHC": "1", "TrangThaiHoSo": "1"}
    late = {"MaHoSo": "A", "ThoiDiemXuLy": "20261005100000", "TrangThai": "4"}

    def code(ruling: Ruling) -> int:
        assert ruling.refusal is not None
        assert {decision.code for decision in ruling.decisions} == {f"{ruling.refusal.code:02d}"}
        return ruling.refusal.code

    assert code(ledger.sync([one], updating=True)) == WRONG_UPDATING
    assert code(ledger.sync([one, one], updating=False)) == WRONG_UPDATING
    assert code(ledger.sync([{**one, "MaTTHC": "2"}], updating=False)) == NO_SUCH_PROCEDURE
    assert code(ledger.progress([late])) == NEVER_ACCEPTED
    assert ledger.sync([one], updating=False).refusal is None
    assert code(ledger.sync([one], updating=False)) == WRONG_UPDATING
    assert ledger.progress([late]).refusal is None
    assert code(ledger.progress([late], mode="refused")) == ALREADY_REPORTED
    assert code(ledger.progress([{**late, "ThoiDiemXuLy": "20261005095959"}])) == OUT_OF_ORDER


def test_the_oldest_of_those_sent_are_forgotten() -> None:
    """With their steps; what was known from the start stays, as it was then."""
    ledger = Ledger([{"MaHoSo": "A", "MaTTHC": "1", "TrangThaiHoSo": "1"}], most=2)
    ledger.sync([{"MaHoSo": "A", "MaTTHC": "1", "TrangThaiHoSo": "4"}], updating=True)
    for code in ("B", "C"):
        ledger.sync([{"MaHoSo": code, "MaTTHC": "1", "TrangThaiHoSo": "1"}], updating=False)
        ledger.progress([{"MaHoSo": code, "ThoiDiemXuLy": "20261005100000", "TrangThai": "4"}])
    ledger.sync([{"MaHoSo": "D", "MaTTHC": "1", "TrangThaiHoSo": "1"}], updating=False)

    assert ledger.find("A") == {"MaHoSo": "A", "MaTTHC": "1", "TrangThaiHoSo": "1"}
    assert (ledger.find("B"), ledger.steps("B")) == (None, ())
    assert ledger.codes == ["A", "C", "D"]
