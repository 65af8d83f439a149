"""Applications that go another way than to be issued: by plan, by the clock, the same each time."""

from __future__ import annotations

from datetime import datetime

import pytest

from mocks.engine.clock import HANOI
from mocks.services.criminal_records.applications import quirk_of
from mocks.services.criminal_records.courses import COURSES, Course, course_of, next_change, state_at
from tests.mocks.services.criminal_records.support import NEW, SEEDED, System, question


async def plan(system: System, course: str, dossier: str = NEW) -> None:
    """Sets a course."""
    status, told = await system.admin("PUT", "applications/plan", {"dossier": dossier, "course": course})
    assert status == 200, told


async def states(system: System, days: int) -> list[int]:
    """The state today and on each of the next days, from a Monday on."""
    found = [await system.state(NEW)]
    for _ in range(days):
        await system.advance("P1D")
        found.append(await system.state(NEW))
    return found


@pytest.mark.parametrize(
    ("course", "expected"),
    [
        ("issue", [2, 4, 4, 9, 9]),
        ("supplement", [2, 5, 5, 5, 5]),
        ("payment", [2, 6, 4, 4, 9]),
        ("refuse", [2, 3, 3, 3, 3]),
        ("withdraw", [2, 4, 7, 7, 7]),
        ("stop", [2, 4, 8, 8, 8]),
        ("hand_over", [2, 4, 4, 9, 10]),
        ("revoke", [2, 4, 4, 9, 9]),
    ],
)
async def test_a_course_follows_the_working_days(system: System, course: str, expected: list[int]) -> None:
    """Monday to Friday, for an application that was planned before it came."""
    await plan(system, course)
    await system.submit()

    assert await states(system, 4) == expected


async def test_a_supplement_is_asked_for_taken_once_and_then_issued(system: System) -> None:
    """The answer says what is wanted while it is wanted; the supplement is received anew and issued."""
    await plan(system, "supplement")
    await system.submit()
    await system.advance("P1D")
    asked = await system.entry(NEW)
    taken = await system.submit(toKhai__loaiPhieu="2")
    again = await system.submit(toKhai__loaiPhieu="2")

    assert "Bổ sung" in asked["ghiChu"]
    assert (taken["status"], again["status"]) == (1, 0)
    assert await states(system, 3) == [2, 4, 4, 9]
    issued = await system.entry(NEW)
    assert "ghiChu" not in issued
    assert issued["ketQuaXuLy"]["loaiPhieu"] == "2"
    _, told = await system.admin("GET", f"applications?dossier={NEW}")
    assert (told["applications"][0]["accepted"], told["applications"][0]["repeated"]) == (2, 1)


async def test_a_certificate_is_revoked_after_its_issue(system: System) -> None:
    """Issued on Thursday without a decision, revoked after the weekend with one."""
    await plan(system, "revoke")
    await system.submit()
    await system.advance("P3D")
    before = (await system.entry(NEW))["ketQuaXuLy"]["quyetDinhThuHoi"]
    await system.advance("P4D")

    assert before == ""
    assert (await system.entry(NEW))["ketQuaXuLy"]["quyetDinhThuHoi"]


async def test_an_application_changes_its_course_under_way(system: System) -> None:
    """What came on the way to a certificate can be sent on another, and keeps the day of its receipt."""
    await system.submit()
    await system.advance("P3D")
    await plan(system, "stop")

    assert await system.state(NEW) == 8


async def test_mixed_goes_by_the_code(system: System) -> None:
    """With `*` every application that comes takes the course of its quirk number; a reset forgets the plan."""
    await plan(system, "mixed", "*")
    codes = [f"000.00.04.H58-261005-{number:04d}" for number in range(1, 21)]
    for code in codes:
        await system.submit(code)
    _, told = await system.admin("GET", "applications?limit=100")
    shown = {found["dossier"]: found["course"] for found in told["applications"]}
    await system.admin("POST", "reset")

    assert shown == {code: course_of(quirk_of(code)) for code in codes}
    assert len(set(shown.values())) > 3
    assert (await system.admin("GET", "applications/plan"))[1]["plan"] == {"*": "issue"}


async def test_pages_of_applications_follow_each_other(system: System) -> None:
    """`after` the last code comes the next page; total counts those that were sent."""
    codes = [f"000.00.04.H58-261005-{number:04d}" for number in range(1, 6)]
    for code in codes:
        await system.submit(code)
    seen: list[str] = []
    while len(seen) < len(codes):
        _, told = await system.admin("GET", f"applications?limit=2&after={seen[-1] if seen else ''}")
        seen += [found["dossier"] for found in told["applications"]]

    assert (seen, told["total"]) == (codes, 5)
    assert (await system.admin("GET", "applications?after=x"))[0] == 400


@pytest.mark.parametrize(
    "body",
    [
        {"dossier": NEW, "course": "x"},
        {"dossier": "", "course": "issue"},
        {"dossier": NEW, "course": "mixed"},
        {"dossier": SEEDED[9], "course": "stop"},
        {"course": "issue"},
        [],
    ],
    ids=str,
)
async def test_a_plan_that_does_not_fit_is_refused(system: System, body: object) -> None:
    """Unknown courses, one dossier mixed, a fixed state: 400, and nothing changes."""
    assert (await system.admin("PUT", "applications/plan", body))[0] == 400
    assert (await system.admin("GET", "applications/plan"))[1]["plan"] == {"*": "issue"}
    assert await system.state(SEEDED[9]) == 9


async def changes(system: System) -> list[dict[str, object]]:
    """The dossiers of `traDsTrangThaiHs`."""
    found: list[dict[str, object]] = (await system.road("traDsTrangThaiHs", question("traDsTrangThaiHs")))[
        "LISTCONTENT"
    ]
    return found


async def acknowledge(system: System, rows: list[dict[str, object]]) -> None:
    """Acknowledges their states."""
    ids = ";".join(str(row["DECLARATION_ID"]) for row in rows)
    answer = await system.road("danhDauHsThanhCong", question("danhDauHsThanhCong", infoType="2", declarationId=ids))
    assert answer["STATUS"] == "1"


async def test_changes_since_the_last_acknowledgement(system: System) -> None:
    """A sent application is told when it comes, when it goes on and when it is issued, each time until acknowledged."""
    await acknowledge(system, await changes(system))
    await system.road("nhanHoSoDangKy", question("nhanHoSoDangKy.person", idReceivedDec=NEW))
    told = []
    for days in ("P1D", "P2D", "P1D"):
        rows = [row for row in await changes(system) if row["RECEIVE_NO"] == NEW]
        assert rows == [row for row in await changes(system) if row["RECEIVE_NO"] == NEW]
        told.append([str(row["DEC_STATUS_ID"]) for row in rows])
        await acknowledge(system, await changes(system))
        assert await changes(system) == []
        await system.advance(days)

    assert told == [["3"], ["4"], ["5"]]
    assert [row for row in await changes(system) if row["RECEIVE_NO"] == NEW] == []


@pytest.mark.parametrize("course", COURSES)
def test_a_change_is_foretold(course: Course) -> None:
    """The instants at which a state changes on its own are those that the register waits for."""
    received_at = datetime(2026, 10, 5, 10, 0, tzinfo=HANOI)
    now, seen = received_at, 0
    while (instant := next_change(course, received_at, now)) is not None:
        before, after = state_at(course, received_at, now), state_at(course, received_at, instant)
        assert instant > now
        assert before != after
        now, seen = instant, seen + 1

    assert seen >= 1
