"""The country's own routes."""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
import pytest

from tests.mocks.engine.toy import Toy


async def test_reset_takes_everything_back(toy: Toy) -> None:
    """Journal, faults, tokens, written state and clock are as at the start."""
    async with toy.session.post(f"{toy.url}/toy/orders", json={"ma": "1"}) as answer:
        assert answer.status == 200
    await toy.fault("status", operation="item", status=500)
    await toy.admin("POST", "clock", {"advance": "P30D"})

    status, _ = await toy.admin("POST", "reset")

    assert status == 200
    assert await toy.admin("GET", "journal") == (200, {"total": 0, "entries": []})
    assert await toy.admin("GET", "faults") == (200, {"faults": [], "counts": []})
    assert (await toy.admin("GET", "clock"))[1]["ahead_seconds"] == 0
    assert (await toy.get("/toy/orders"))[1] == b'{"nhan":0}'
    assert (await toy.get("/toy/fact"))[0] == 401, "a token from before the reset is unknown"


@pytest.mark.parametrize(
    ("advance", "seconds"), [("P3D", 259_200), ("PT90M", 5_400), ("P1DT12H", 129_600), ("P1W", 604_800)]
)
async def test_the_clock_goes_forward(toy: Toy, advance: str, seconds: int) -> None:
    """An ISO 8601 duration moves virtual time by as much, and again by as much."""
    _, before = await toy.admin("GET", "clock")

    await toy.admin("POST", "clock", {"advance": advance})
    status, after = await toy.admin("POST", "clock", {"advance": advance})

    assert (status, after["ahead_seconds"]) == (200, 2 * seconds)
    moved = datetime.fromisoformat(after["now"]) - datetime.fromisoformat(before["now"])
    assert moved >= timedelta(seconds=2 * seconds)
    assert toy.country.clock.now() >= datetime.fromisoformat(after["now"])


@pytest.mark.parametrize("advance", ["-P3D", "P0D", "3 days later", "", None, "P99999D", {}])
async def test_the_clock_takes_no_nonsense(toy: Toy, advance: object) -> None:
    """What is no duration, goes backwards or stands still is 400, and the clock stays."""
    status, answer = await toy.admin("POST", "clock", {"advance": advance})

    assert status == 400
    assert answer["error"]
    assert toy.country.clock.ahead == timedelta()


async def test_calm_is_a_scenario_without_faults(toy: Toy) -> None:
    """Choosing it clears what was put."""
    await toy.fault("status", status=500)

    status, answer = await toy.admin("POST", "scenario", {"name": "calm"})

    assert (status, answer["name"]) == (200, "calm")
    assert "calm" in answer["scenarios"]
    assert (await toy.get("/toy/fact"))[0] == 200


async def test_an_unknown_scenario_is_refused_with_those_that_exist(toy: Toy) -> None:
    """400 and the names."""
    status, answer = await toy.admin("POST", "scenario", {"name": "tuesday"})

    assert status == 400
    assert answer["scenarios"] == sorted(toy.country.scenarios)


async def test_samples_are_those_of_the_services(toy: Toy) -> None:
    """By gateway operation, as the service gives them."""
    status, answer = await toy.admin("GET", "samples")

    assert status == 200
    assert answer == {"toy.fact": [{"path": {"id": "1"}}, {"path": {"id": "9"}, "exists": False}]}


async def test_the_manifest_names_seed_counts_hash_and_test_ranges(toy: Toy) -> None:
    """Enough to compare two countries, and to see that nobody in them exists."""
    status, answer = await toy.admin("GET", "manifest")

    assert status == 200
    assert {"seed", "counts", "hash", "test_ranges", "scenario", "today"} <= set(answer)
    assert answer["counts"]["people"] >= 10_000


async def test_the_page_lists_services_samples_and_routes_and_loads_nothing(toy: Toy) -> None:
    """One HTML file that works offline."""
    status, body, headers = await toy.get("/")
    page = body.decode()

    assert status == 200
    assert headers["Content-Type"].startswith("text/html")
    assert "Hệ thống thử" in page
    assert "/toy/fact" in page
    assert "/__mock/faults" in page
    assert "src=" not in page
    assert 'href="http' not in page


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("POST", "samples", "GET"), ("GET", "reset", "POST"), ("PATCH", "faults", "GET, PUT, POST, DELETE")],
)
async def test_a_wrong_method_says_which_are_right(toy: Toy, method: str, path: str, allowed: str) -> None:
    """405 with Allow."""
    async with toy.session.request(method, f"{toy.url}/__mock/{path}") as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, allowed)


@pytest.mark.parametrize("path", ["/nothing", "/__mock/nothing", "/toys/fact"])
async def test_an_unknown_path_lists_what_exists(toy: Toy, path: str) -> None:
    """404 with systems and routes, and no entry in the journal."""
    status, body, _ = await toy.get(path)
    answer = orjson.loads(body)

    assert status == 404
    assert answer["systems"] == ["/toy"]
    assert "/__mock/samples" in answer["routes"]
    assert await toy.entries() == []


@pytest.mark.parametrize(
    ("path", "start"),
    [
        ("/toy/openapi.json", b'{"openapi":"3.1.0"'),
        ("/toy/openapi.yaml", b"openapi: 3.1.0"),
        ("/toy/ws?wsdl", b"<definitions"),
        ("/toy/ws?WSDL", b"<definitions"),
        ("/toy/types.xsd", b"<schema"),
    ],
)
async def test_contracts_are_served(toy: Toy, path: str, start: bytes) -> None:
    """The files of `contracts/`, as they are, also while everything else fails."""
    await toy.fault("status", status=500)

    status, body, _ = await toy.get(path)

    assert status == 200
    assert body.startswith(start)
