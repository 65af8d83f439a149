"""Plans of faults: which requests are struck, and which plans are refused."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

import pytest

from mocks.engine.scenarios import Scenario
from tests.mocks.engine.toy import Toy


async def statuses(toy: Toy, count: int) -> list[int]:
    return [(await toy.get("/toy/fact"))[0] for _ in range(count)]


@pytest.mark.parametrize(
    ("requests", "struck"),
    [
        ("all", [500] * 6),
        ("1", [500, 200, 200, 200, 200, 200]),
        ("1-2,5", [500, 500, 200, 200, 500, 200]),
        (" 2 , 4-5 ", [200, 500, 200, 500, 500, 200]),
        ("7", [200] * 6),
    ],
)
async def test_ordinals_say_which_requests_are_struck(toy: Toy, requests: str, struck: list[int]) -> None:
    """Matching requests are counted from one, and only those named are struck."""
    await toy.fault("status", plan={"requests": requests}, status=500)

    assert await statuses(toy, 6) == struck


async def test_ordinals_count_from_the_moment_the_fault_was_put(toy: Toy) -> None:
    """Requests from before the plan do not count, and putting it again counts anew."""
    await statuses(toy, 3)
    await toy.fault("status", plan={"requests": "1"}, status=500)
    assert await statuses(toy, 2) == [500, 200]

    await toy.fault("status", plan={"requests": "1"}, status=500)

    assert await statuses(toy, 2) == [500, 200]


async def test_ordinals_count_matching_requests_only(toy: Toy) -> None:
    """Calls that the fault is not about do not move its count."""
    await toy.fault("status", operation="fact", plan={"requests": "2"}, status=500)

    first = await toy.get("/toy/fact")
    await toy.get("/toy/items/1")
    await toy.log_in()
    second = await toy.get("/toy/fact")

    assert (first[0], second[0]) == (200, 500)


async def test_probability_is_the_same_for_the_same_seed(toy: Toy) -> None:
    """Half are struck, the same half for the same seed, another for another."""
    runs = []
    for seed in (7, 7, 8):
        await toy.fault("status", plan={"probability": 0.5, "seed": seed}, status=500)
        runs.append(await statuses(toy, 24))

    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) == {200, 500}


async def test_ordinals_do_not_shift_the_draws_of_a_seed(toy: Toy) -> None:
    """With ordinals the same requests are struck as without, as far as they are named."""
    await toy.fault("status", plan={"probability": 0.5, "seed": 7}, status=500)
    whole = await statuses(toy, 8)
    await toy.fault("status", plan={"probability": 0.5, "seed": 7, "requests": "4-8"}, status=500)

    assert await statuses(toy, 8) == [200] * 3 + whole[3:]


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/toy/fact?ma=7", None),
        ("GET", "/toy/items/7", None),
        ("POST", "/toy/orders", b'{"trong": [{"ma": "7"}]}'),
        ("POST", "/toy/ws", b'<e:Envelope xmlns:e="urn:e"><e:Body><Hoi><Ma>7</Ma></Hoi></e:Body></e:Envelope>'),
    ],
)
async def test_a_key_strikes_only_who_asks_for_it(toy: Toy, method: str, path: str, body: bytes | None) -> None:
    """The value may stand in query, path, JSON or XML, and must be the whole of a field."""
    headers = {"Authorization": f"Bearer {toy.token}"}
    status = {}
    for key in ("7", "77"):
        await toy.fault("status", plan={"key": key}, status=418)
        async with toy.session.request(method, toy.url + path, data=body, headers=headers) as answer:
            status[key] = answer.status

    assert status == {"7": 418, "77": 200}


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "/toy/fact?ma=7&ten=x", None),
        ("GET", "/toy/items/7?ten=x", None),
        ("POST", "/toy/orders?ten=x", b'{"trong": [{"ma": 7}]}'),
        (
            "POST",
            "/toy/ws",
            b'<e:Envelope xmlns:e="urn:e"><e:Body><Hoi><Ma> 7 </Ma><ten>x</ten></Hoi></e:Body></e:Envelope>',
        ),
    ],
)
async def test_match_strikes_only_where_each_named_field_has_its_value(
    toy: Toy, method: str, path: str, body: bytes | None
) -> None:
    """The field may stand anywhere in the question; another field with that value does not count."""
    field = {"/toy/items/7?ten=x": "id", "/toy/ws": "Ma"}.get(path, "ma")
    headers = {"Authorization": f"Bearer {toy.token}"}
    seen = []
    for match in ({field: "7"}, {field: "7", "ten": "x"}, {field: "77"}, {field: "7", "ten": "y"}, {"khac": "7"}):
        await toy.fault("status", plan={"match": match}, status=418)
        async with toy.session.request(method, toy.url + path, data=body, headers=headers) as answer:
            seen.append(answer.status == 418)

    assert seen == [True, True, False, False, False]


async def test_latencies_add_up_and_the_first_other_fault_acts(toy: Toy) -> None:
    """One request may be slow twice and then fail once, by the first in the plan."""
    kinds = [{"kind": "latency", "seconds": 1}, {"kind": "status", "status": 501}]
    kinds += [{"kind": "latency", "seconds": 2}, {"kind": "status", "status": 502}]
    plan = [{"system": "toy", "operation": "fact", "fault": kind} for kind in kinds]
    await toy.admin("PUT", "faults", {"faults": plan})

    status, _, _ = await toy.get("/toy/fact")
    _, shown = await toy.admin("GET", "faults")

    assert (status, toy.slept) == (501, [3])
    assert [count["matched"] for count in shown["counts"]] == [1, 1, 1, 1]
    assert [count["struck"] for count in shown["counts"]] == [1, 1, 1, 0]
    assert (await toy.entries())[0]["fault"] == "latency+status"


async def test_star_passes_over_token_requests(toy: Toy) -> None:
    """Whoever breaks a system's facts can still log in."""
    await toy.fault("status", status=500)

    await toy.log_in()

    assert (await toy.get("/toy/fact"))[0] == 500


async def test_a_token_request_is_struck_when_named(toy: Toy) -> None:
    """The token endpoint breaks like any call."""
    await toy.fault("status", operation="token", status=503)

    async with toy.session.post(f"{toy.url}/toy/token", data={"grant_type": "client_credentials"}) as answer:
        assert answer.status == 503
    assert (await toy.get("/toy/fact"))[0] == 200


async def test_star_passes_over_what_a_kind_does_not_fit(toy: Toy) -> None:
    """`soap_fault` for `*` leaves REST calls alone, `wrong_record` those where nothing would show it."""
    await toy.fault("soap_fault")
    assert ((await toy.get("/toy/fact"))[0], (await toy.ask())[0]) == (200, 500)

    await toy.fault("wrong_record")

    assert (await toy.get("/toy/items/1"))[1] == b'{"id":"1"}'


@pytest.mark.parametrize(
    ("plan", "exists"),
    [
        ({"system": "nowhere", "fault": {"kind": "hang"}}, "systems"),
        ({"system": "toy", "operation": "nothing", "fault": {"kind": "hang"}}, "operations"),
        ({"system": "toy", "fault": {"kind": "no-such-kind"}}, "kinds"),
        ({"system": "toy", "fault": {"kind": "status"}}, "kinds"),
        ({"system": "toy", "fault": {"kind": "status", "status": "500"}}, "kinds"),
        ({"system": "toy", "fault": {"kind": "status", "status": 99}}, "kinds"),
        ({"system": "toy", "fault": {"kind": "status", "status": 500, "headers": {"A": "b\r\nc: d"}}}, "kinds"),
        ({"system": "toy", "fault": {"kind": "hang", "seconds": 3}}, "kinds"),
        ({"system": "toy", "fault": {"kind": "latency"}}, "kinds"),
        ({"system": "toy", "fault": {"kind": "latency", "distribution": "lognormal", "seconds": 1}}, "kinds"),
        ({"system": "toy", "fault": {"kind": "gzip_bomb", "megabytes": 0}}, "kinds"),
        ({"system": "toy", "requests": "3-1", "fault": {"kind": "hang"}}, "errors"),
        ({"system": "toy", "requests": "0", "fault": {"kind": "hang"}}, "errors"),
        ({"system": "toy", "requests": "some", "fault": {"kind": "hang"}}, "errors"),
        ({"system": "toy", "requests": 1, "fault": {"kind": "hang"}}, "errors"),
        ({"system": "toy", "probability": 1.5, "fault": {"kind": "hang"}}, "errors"),
        ({"system": "toy", "extra": 1, "fault": {"kind": "hang"}}, "errors"),
        ({"system": "toy", "fault": {}}, "kinds"),
        ("hang", "errors"),
    ],
)
async def test_a_wrong_plan_is_refused_with_what_exists(toy: Toy, plan: object, exists: str) -> None:
    """400 in JSON, a sentence, and the list to choose from; the plan at work stays."""
    await toy.fault("status", status=500)

    status, answer = await toy.admin("PUT", "faults", {"faults": [plan]})

    assert status == 400
    assert answer["error"]
    assert answer[exists]
    assert (await toy.get("/toy/fact"))[0] == 500


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"faults": {}}', b'{"faults": [], "more": 1}', b"null"])
async def test_what_is_no_plan_is_refused(toy: Toy, body: bytes) -> None:
    """Broken or other JSON is 400, never 500."""
    told = {"Content-Type": "application/json"}
    async with toy.session.put(f"{toy.url}/__mock/faults", data=body, headers=told) as answer:
        assert answer.status == 400
        assert (await answer.json())["error"]


@pytest.mark.parametrize(
    ("operation", "fault", "reason"),
    [
        ("fact", {"kind": "soap_fault"}, "SOAP"),
        ("fact", {"kind": "doctype"}, "JSON"),
        ("item", {"kind": "wrong_record"}, "no field that identifies the record"),
        ("token", {"kind": "wrong_record"}, "not answer with facts"),
        ("item", {"kind": "token_expired"}, "no token"),
        ("fact", {"kind": "drift", "field": "tenn"}, "con, ma, ten"),
    ],
)
async def test_naming_a_call_that_a_kind_does_not_fit_is_refused_with_the_reason(
    toy: Toy, operation: str, fault: dict[str, object], reason: str
) -> None:
    """Nothing is put in silence that could never strike."""
    status, answer = await toy.admin(
        "PUT", "faults", {"faults": [{"system": "toy", "operation": operation, "fault": fault}]}
    )

    assert status == 400
    assert reason in answer["error"]


async def test_get_shows_the_plan_and_delete_clears_it(toy: Toy) -> None:
    """What was put is shown with its counts, and goes away."""
    await toy.fault("latency", seconds=0.5)
    await toy.get("/toy/fact")

    _, shown = await toy.admin("GET", "faults")
    _, cleared = await toy.admin("DELETE", "faults")

    (fault,) = shown["faults"]
    assert fault["fault"] == {"kind": "latency", "distribution": "fixed", "seconds": 0.5}
    assert shown["counts"] == [{"matched": 1, "struck": 1}]
    assert cleared == {"faults": [], "counts": []}
    assert (await toy.get("/toy/fact"))[0] == 200


async def test_a_plan_that_was_shown_can_be_put_again(toy: Toy) -> None:
    """Export and import: every kind's parameters survive."""
    kinds = [{"kind": "latency", "distribution": "uniform", "low": 1, "high": 2}, {"kind": "drift", "field": "ten"}]
    plan = [{"system": "toy", "operation": "fact", "requests": "1-2,5", "key": "7", "fault": kind} for kind in kinds]
    _, first = await toy.admin("PUT", "faults", {"faults": plan})

    status, again = await toy.admin("PUT", "faults", {"faults": first["faults"]})

    assert (status, again) == (200, first)


async def test_many_requests_at_once_are_counted_each(toy: Toy) -> None:
    """Ordinals hold under load: of fifty at once, exactly the ten named are struck."""
    await toy.fault("status", plan={"requests": "1-10"}, status=500)

    answers = await asyncio.gather(*(toy.get("/toy/fact") for _ in range(50)))

    assert [answer[0] for answer in answers].count(500) == 10


async def test_hours_follow_the_virtual_clock(toy: Toy) -> None:
    """A window over midnight strikes within and not without, and what is without does not count."""
    toy.country.clock.advance(Scenario(description="x", starts="22:30").wait(toy.country.clock.now()))
    await toy.fault("status", plan={"between": "22:00-05:00"}, status=503)
    seen = await statuses(toy, 1)
    for hours in (6, 1):
        toy.country.clock.advance(timedelta(hours=hours))
        seen += await statuses(toy, 1)

    assert seen == [503, 503, 200]
    assert toy.country.faults.as_json()["counts"] == [{"matched": 2, "struck": 2}]


async def test_a_quota_is_of_a_virtual_day_and_of_a_system(toy: Toy) -> None:
    """So many are answered, the rest refused; the next day the count begins anew."""
    await toy.fault("quota_spent", plan={"beyond_per_day": 2})
    today = await statuses(toy, 4)
    toy.country.clock.advance(timedelta(days=1))

    assert today + await statuses(toy, 3) == [200, 200, 429, 429, 200, 200, 429]


async def test_a_fault_may_end_with_the_virtual_day(toy: Toy) -> None:
    """`for_days` counts the day on which it was put."""
    await toy.fault("quota_spent", plan={"for_days": 2})
    seen = []
    for _ in range(3):
        seen += await statuses(toy, 1)
        toy.country.clock.advance(timedelta(days=1))

    assert seen == [429, 429, 200]


async def test_any_system_is_every_call_that_the_kind_fits(toy: Toy) -> None:
    """`*` strikes facts of all systems and leaves tokens alone; it takes no operation of its own."""
    anywhere = {"system": "*", "fault": {"kind": "status", "status": 503}}
    await toy.admin("PUT", "faults", {"faults": [anywhere]})
    await toy.log_in()

    assert (await toy.get("/toy/fact"))[0] == (await toy.ask())[0] == 503
    status, answer = await toy.admin("PUT", "faults", {"faults": [{**anywhere, "operation": "fact"}]})
    assert status == 400
    assert "give that system in place of *" in answer["error"]


async def test_faults_can_be_added_while_the_others_go_on_counting(toy: Toy) -> None:
    """POST puts behind; the first keeps its count; the plan can't grow for ever."""
    await toy.fault("status", plan={"requests": "3"}, status=500)
    before = await statuses(toy, 2)
    more = {"system": "toy", "requests": "2", "fault": {"kind": "status", "status": 501}}

    status, shown = await toy.admin("POST", "faults", {"faults": [more]})

    assert (status, len(shown["faults"])) == (200, 2)
    assert before + await statuses(toy, 3) == [200, 200, 500, 501, 200]
    assert (await toy.admin("POST", "faults", {"faults": [more] * 999}))[0] == 400
    assert (await toy.admin("POST", "faults", {"faults": [{**more, "system": "no"}]}))[0] == 400


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (61, 401), (-3600, 200)])
async def test_a_skewed_clock_dates_answers_and_ends_tokens(toy: Toy, seconds: int, status: int) -> None:
    """The toy's tokens live 60 seconds; a clock that is further ahead takes them for spent."""
    await toy.fault("clock_skew", seconds=seconds)

    answered, _, headers = await toy.get("/toy/fact")

    assert answered == status
    off = (parsedate_to_datetime(headers["Date"]) - datetime.now(UTC)).total_seconds()
    assert abs(off - seconds) < 30
