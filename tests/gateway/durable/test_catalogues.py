"""Versions of catalogues, in a real PostgreSQL and in memory: the same answers."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.dossiers.catalogue import CatalogueKeeper, MemoryCatalogues
from gateway.durable.catalogues import StoredCatalogues
from gateway.durable.store import Store
from tests.support.postgres import tell

NOW = datetime(2026, 11, 27, tzinfo=UTC)
FIRST: dict[str, dict[str, Any]] = {"a": {"name": "Đăng ký"}, "b": {"name": "x", "fee": None}, "c": {"name": "z"}}
SECOND = {"a": FIRST["a"], "b": {"name": "y", "fee": None}, "d": {"name": "w"}}


@pytest.fixture(params=["stored", "memory"])
def keeper(request: pytest.FixtureRequest) -> CatalogueKeeper:
    """Each way of keeping."""
    return MemoryCatalogues() if request.param == "memory" else StoredCatalogues(request.getfixturevalue("store"))


async def test_nothing_is_known_before_the_first(keeper: CatalogueKeeper) -> None:
    """No version, no entries."""
    assert await keeper.versions("p") == []
    assert await keeper.entries("p", 1) == {}


async def test_what_differs_is_a_new_version(keeper: CatalogueKeeper) -> None:
    """Both versions can be read, each as it was."""
    first = await keeper.put("p", FIRST, NOW)
    second = await keeper.put("p", SECOND, NOW + timedelta(days=1))

    assert (first.number, first.entries, first.added) == (1, 3, 3)
    assert (second.number, second.entries, second.added, second.changed, second.gone) == (2, 3, 1, 1, 1)
    assert [one.number for one in await keeper.versions("p")] == [2, 1]
    assert await keeper.entries("p", 1) == FIRST
    assert await keeper.entries("p", 2) == SECOND


async def test_what_is_the_same_is_only_checked(keeper: CatalogueKeeper) -> None:
    """An equal catalogue makes no version, and says when it was looked at last."""
    await keeper.put("p", FIRST, NOW)
    again = await keeper.put("p", dict(FIRST), NOW + timedelta(days=1))

    assert (again.number, again.taken_at, again.checked_at) == (1, NOW, NOW + timedelta(days=1))
    assert await keeper.versions("p") == [again]


async def test_an_entry_that_came_back_is_there(keeper: CatalogueKeeper) -> None:
    """Gone in one version and back in the next."""
    for number, entries in enumerate((FIRST, SECOND, FIRST), 1):
        assert (await keeper.put("p", entries, NOW)).number == number

    assert await keeper.entries("p", 3) == FIRST
    assert await keeper.entries("p", 2) == SECOND


async def test_catalogues_do_not_meet(keeper: CatalogueKeeper) -> None:
    """Each name has its own numbers."""
    await keeper.put("p", FIRST, NOW)

    assert (await keeper.put("q", SECOND, NOW)).number == 1
    assert await keeper.entries("p", 1) == FIRST


async def test_what_stays_the_same_is_kept_once(store: Store) -> None:
    """A version costs what differs."""
    keeper = StoredCatalogues(store)
    await keeper.put("p", FIRST, NOW)
    await keeper.put("p", SECOND, NOW)

    assert await tell(store, "select code, first, last from catalogue_entries order by code, first") == [
        ("a", 1, None), ("b", 1, 1), ("b", 2, None), ("c", 1, 1), ("d", 2, None),
    ]  # fmt: skip


async def test_gateways_that_refresh_at_once_make_one_version(store: Store) -> None:
    """The second finds what the first has kept."""
    found = await asyncio.gather(*(StoredCatalogues(store).put("p", FIRST, NOW) for _ in range(5)))

    assert {one.number for one in found} == {1}
