"""A catalogue as versions: what came, changed and went."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.dossiers.catalogue import Change, Difference, MemoryCatalogues, difference, shrinks

NOW = datetime(2026, 11, 27, tzinfo=UTC)
CATALOGUES = st.dictionaries(
    st.sampled_from("abcdef"), st.fixed_dictionaries({"name": st.sampled_from("xy")}, optional={"fee": st.just(1)})
)


def test_difference_names_codes_and_fields() -> None:
    """Added, changed with the fields that did, gone; a field that came or went is changed too."""
    old = {"a": {"name": "x"}, "b": {"name": "x", "fee": 1}, "c": {"name": "x"}, "e": {"name": "x"}}
    new = {"b": {"name": "y"}, "c": {"name": "x"}, "d": {"name": "x"}, "e": {"name": "x", "fee": 2}}

    found = difference(old, new)

    assert found == Difference(("d",), (Change("b", ("fee", "name")), Change("e", ("fee",))), ("a",))
    assert difference(new, new).empty


def test_a_large_loss_is_doubtful() -> None:
    """A few entries go, or a small part of many; more looks like a source that answered in part."""
    old: dict[str, dict[str, Any]] = {str(number): {} for number in range(100)}

    def without(number: int) -> bool:
        return shrinks(old, difference(old, dict(list(old.items())[number:])))

    assert [without(number) for number in (0, 10, 20, 21, 100)] == [False, False, False, True, True]
    small: dict[str, dict[str, Any]] = {"a": {}, "b": {}}
    assert not shrinks(small, difference(small, {}))


@given(CATALOGUES, CATALOGUES)
def test_difference_leads_from_the_old_to_the_new(old: dict[str, Any], new: dict[str, Any]) -> None:
    """Each code is told at most once, and what is told is all that differs."""
    found = difference(old, new)
    changed = [one.code for one in found.changed]
    made = {code: entry for code, entry in old.items() if code not in found.gone}
    made |= {code: new[code] for code in (*found.added, *changed)}

    assert made == new
    assert len({*found.added, *changed, *found.gone}) == len(found.added) + len(changed) + len(found.gone)


async def test_memory_keeps_the_newest_and_the_one_before() -> None:
    """So that a difference can be shown without a store, in bounded room."""
    keeper = MemoryCatalogues()
    for number in range(1, 4):
        await keeper.put("p", {str(n): {} for n in range(number)}, NOW)

    assert [(one.number, one.entries, one.added) for one in await keeper.versions("p")] == [(3, 3, 1), (2, 2, 1)]
    assert await keeper.entries("p", 1) == {}
