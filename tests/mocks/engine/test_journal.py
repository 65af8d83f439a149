"""What the journal keeps, counts, hides and explains."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from mocks.engine.journal import MASK, Entry, Journal, masked
from mocks.engine.service import Request
from tests.mocks.engine.toy import ENVELOPE, Toy


def entry(system: str = "toy", operation: str = "fact") -> Entry:
    return Entry(system, operation, "GET", "/toy/fact", datetime(2026, 11, 24, tzinfo=UTC), {})


def test_total_counts_what_the_ring_no_longer_holds() -> None:
    """The ring is bounded, the count is not."""
    journal = Journal(size=3)
    for number in range(10):
        journal.arrived(entry(operation="even" if number % 2 == 0 else "odd"))

    assert journal.total() == 10
    assert journal.total(operation="odd") == 5
    assert [e.operation for e in journal.entries()] == ["odd", "even", "odd"]


def test_filters_act_on_total_and_entries() -> None:
    """System and operation narrow both, alone and together."""
    journal = Journal()
    for system, operation in (("a", "x"), ("a", "y"), ("b", "x")):
        journal.arrived(entry(system, operation))

    assert (journal.total("a"), journal.total(operation="x"), journal.total("a", "x")) == (2, 2, 1)
    assert [(e.system, e.operation) for e in journal.entries(operation="x")] == [("a", "x"), ("b", "x")]


def test_limit_keeps_the_newest_and_newest_stand_last() -> None:
    """The last entries, in the order of arrival."""
    journal = Journal()
    for number in range(5):
        journal.arrived(entry(operation=str(number)))

    assert [e.operation for e in journal.entries(limit=2)] == ["3", "4"]
    assert journal.entries(limit=0) == []


def request(body: bytes = b"", query: dict[str, str] | None = None, content_type: str = "") -> Request:
    return Request("POST", "/toy/x", query or {}, {"Content-Type": content_type}, body)


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        (request(query={"ma": "7", "hoTen": "Nguyễn Thị Ánh"}), {"ma": "7", "hoTen": MASK}),
        (request(b'{"ma": 7, "nguoi": {"hoTen": "A", "ma": "8"}}'), {"ma": "7", "nguoi.hoTen": MASK, "nguoi.ma": "8"}),
        (request(b'{"tep": [{"noiDung": "x"}, 2]}'), {"tep[]": MASK}),
        (request(b"ma=7&password=x", content_type="application/x-www-form-urlencoded"), {"ma": "7", "password": MASK}),
        (request(ENVELOPE.format(name="Hoi").encode()), {"Ten": MASK}),
        (request(b"not json"), {}),
    ],
)
def test_only_fields_that_are_named_stand_in_clear(asked: Request, seen: dict[str, str]) -> None:
    """Query, JSON, form and XML alike: a field that the call does not show is masked."""
    assert masked(asked, frozenset({"ma"})) == seen


def test_a_body_of_many_fields_is_cut() -> None:
    """A hostile body can't make an entry large: fields, depth and length are bounded."""
    deep = b'{"a":' * 300 + b"1" + b"}" * 300
    wide = b"{" + b",".join(b'"f%d": 1' % number for number in range(1_000)) + b"}"
    long = b'{"ma": "' + b"x" * 10_000 + b'"}'

    assert len(masked(request(deep), frozenset())) == 1
    assert len(masked(request(wide), frozenset())) == 64
    assert len(masked(request(long), frozenset({"ma"}))["ma"]) == 120


async def test_every_arrival_is_journalled_tokens_and_lost_ones_too(toy: Toy) -> None:
    """System, operation, status and time of a token request, a fact, a refusal and a request that fits nothing."""
    await toy.log_in()
    await toy.get("/toy/fact?ma=1")
    await toy.get("/toy/fact", Authorization="")
    await toy.get("/toy/facts")

    entries = await toy.entries()

    assert [(e["operation"], e["status"]) for e in entries] == [
        ("token", 200),
        ("fact", 200),
        ("fact", 401),
        (None, 404),
    ]
    assert {"system", "operation", "status", "fault", "at", "masked"} <= set(entries[0])
    assert entries[1]["masked"] == {"ma": "1"}
    assert datetime.fromisoformat(entries[0]["at"]).tzinfo is not None


async def test_no_personal_value_is_found_anywhere_in_the_journal(toy: Toy) -> None:
    """A canary sent in query, form, JSON, XML, path and header leaves no trace."""
    canary = "099999912345"
    headers = {"X-Ten": canary}
    async with toy.session.get(f"{toy.url}/toy/fact", params={"cccd": canary}, headers=headers) as answer:
        await answer.read()
    for path, body in (
        ("orders", f'{{"cccd": "{canary}", "ds": ["{canary}"]}}'),
        ("ws", f"<E><Body><Hoi><Cccd>{canary}</Cccd></Hoi></Body></E>"),
        (f"nothing/{canary}", canary),
    ):
        async with toy.session.post(f"{toy.url}/toy/{path}", data=body.encode(), headers=headers) as answer:
            await answer.read()

    async with toy.session.get(f"{toy.url}/__mock/journal") as answer:
        assert canary not in await answer.text()


async def test_a_near_miss_names_the_closest_call_and_the_difference(toy: Toy) -> None:
    """Wrong path, wrong method and wrong SOAP element are each explained."""
    await toy.get("/toy/fcat")
    await toy.get("/toy/ws")
    await toy.ask("Hoii")
    async with toy.session.post(f"{toy.url}/toy/fact") as answer:
        await answer.read()

    misses = [e["near_miss"] for e in await toy.entries()]

    assert misses[0]["operation"] == "fact"
    assert misses[0]["differences"] == [{"at": "path", "expected": "/toy/fact", "got": "/toy/fcat"}]
    assert {"at": "/*/Body/*", "expected": "Dap | Hoi", "got": "Hoii"} in misses[2]["differences"]
    assert {"at": "method", "expected": "GET", "got": "POST"} in misses[3]["differences"]


async def test_a_rule_broken_stands_in_the_journal(toy: Toy) -> None:
    """The breach names the rule, not the value."""
    await toy.get("/toy/fact", Authorization="Bearer nobody")

    assert (await toy.entries())[0]["breaches"] == ["header Authorization: not a token of this system"]


@pytest.mark.parametrize(
    ("query", "exists"),
    [
        ("?system=nowhere", {"systems": ["toy"]}),
        ("?operation=nothing", None),
        ("?limit=-1", None),
        ("?limit=many", None),
        ("?systems=toy", None),
    ],
)
async def test_a_wrong_filter_is_refused(toy: Toy, query: str, exists: dict[str, object] | None) -> None:
    """A misspelt filter would show everything, or nothing: 400 instead, with what exists."""
    status, answer = await toy.admin("GET", f"journal{query}")

    assert status == 400
    assert answer["error"]
    assert exists is None or exists.items() <= answer.items()


async def test_a_bug_in_a_service_is_500_and_journalled(toy: Toy, caplog: pytest.LogCaptureFixture) -> None:
    """The traceback goes to the log, 500 to the caller and the journal."""
    status, _, _ = await toy.get("/toy/broken")

    assert (status, (await toy.entries())[0]["status"]) == (500, 500)
    assert "a bug in a service" in caplog.text
