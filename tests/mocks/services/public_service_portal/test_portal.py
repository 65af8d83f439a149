"""The national portal's conversation, as a one-stop shop has it."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.one_stop_shop.procedures import procedures
from mocks.services.public_service_portal.statuses import PUSHED_BEFORE
from tests.mocks.services.public_service_portal.support import NEW, Portal

SEEDED = "000.00.04.H58-260105-9004"


async def test_login_gives_a_session(portal: Portal) -> None:
    """Code 0 as a number, and every login a session of its own."""
    first, second = await portal.log_in(), await portal.log_in()

    assert first["error_code"] == second["error_code"] == 0
    assert first["session"] != second["session"]


@pytest.mark.parametrize("wrong", [{"password": "no"}, {"username": "no"}, {"password": ""}])
async def test_a_wrong_account_is_code_1(portal: Portal, wrong: dict[str, str]) -> None:
    """In HTTP 200, without a session, and the password is nowhere in the journal."""
    answer = await portal.log_in(**wrong)

    assert (answer["error_code"], answer["session"]) == (1, "")
    assert set((await portal.last())["masked"].values()) == {"***"}


async def test_a_session_ends(portal: Portal, seconds: list[float]) -> None:
    """After half an hour of real time, by a code in HTTP 200: a number from reads, two digits from writes."""
    seconds[0] += 1_801

    assert (await portal.ask("TraCuuHoSo", mahoso=SEEDED))["error_code"] == 2
    assert await portal.sync(portal.dossier()) == "02"
    assert (await portal.last())["breaches"] == ["/session: spent"]


async def test_virtual_days_do_not_end_a_session(portal: Portal) -> None:
    """A gateway beside the mocks stays logged in when the clock is turned."""
    await portal.admin("POST", "clock", {"advance": "P30D"})

    assert await portal.known(SEEDED)


async def test_a_session_of_before_a_reset_is_unknown(portal: Portal) -> None:
    """And so are dossiers that were sent before it."""
    assert await portal.sync(portal.dossier()) == "00"
    await portal.admin("POST", "reset")

    assert (await portal.ask("TraCuuHoSo", mahoso=NEW))["error_code"] == 2
    await portal.log_in()
    assert await portal.known(NEW) == []


async def test_procedures_are_listed_briefly_and_given_whole(portal: Portal) -> None:
    """On the share address and on the other; an unknown code is an empty list."""
    listed = (await portal.ask("LayDanhSachTTHC", path="share"))["result"]
    one = listed[7]["MATTHC"]
    (whole,) = (await portal.ask("LayThuTuc", maTTHC=one))["result"]

    assert [row["MATTHC"] for row in listed] == [known.code for known in procedures()]
    assert whole["MATTHC"] == one
    assert whole["CACHTHUCTHUCHIEN"][0]["THOIGIAN"][0]["PHILEPHI"][0]["SOTIEN"] == "200000"
    assert (await portal.ask("LayThuTuc", path="share", maTTHC="1.0"))["result"] == []


async def test_a_dossier_is_sent_once_as_new_and_then_updated(portal: Portal) -> None:
    """isUpdating must agree with what TraCuuHoSo knows."""
    assert await portal.known(NEW) == []
    assert await portal.sync(portal.dossier(), updating="True") == "04"
    assert await portal.sync(portal.dossier()) == "00"
    assert await portal.sync(portal.dossier()) == "04"
    assert await portal.sync(portal.dossier(TrangThaiHoSo="9"), updating="True") == "00"

    assert [found["TrangThaiHoSo"] for found in await portal.known(NEW)] == ["9"]


async def test_a_list_is_taken_wholly_or_not_at_all(portal: Portal) -> None:
    """One wrong dossier keeps the others out, and one dossier twice is wrong."""
    other = NEW[:-1] + "2"

    assert await portal.sync(portal.dossier(), portal.dossier(other, MaTTHC="1.999")) == "09"
    assert await portal.sync(portal.dossier(), portal.dossier()) == "04"
    assert await portal.known(NEW) == await portal.known(other) == []
    assert await portal.sync(portal.dossier(), portal.dossier(other)) == "00"


async def test_progress_only_after_the_dossier_was_accepted(portal: Portal) -> None:
    """And it moves the dossier's state."""
    assert await portal.report(portal.step()) == "05"
    assert await portal.sync(portal.dossier()) == "00"
    assert await portal.report(portal.step(status="4")) == "00"

    (found,) = await portal.known(NEW)
    assert found["TrangThaiHoSo"] == "4"
    assert [done["TrangThai"] for done in found["TienDo"]] == ["4"]


async def test_steps_go_in_order(portal: Portal) -> None:
    """An earlier one is refused, within a list too; the same one again changes nothing."""
    await portal.sync(portal.dossier())
    assert await portal.report(portal.step(minute=10), portal.step(minute=20, status="9")) == "00"

    assert await portal.report(portal.step(minute=15)) == "06"
    assert await portal.report(portal.step(minute=40), portal.step(minute=30)) == "06"
    assert await portal.report(portal.step(minute=10)) == "00"
    (found,) = await portal.known(NEW)
    assert [done["TrangThai"] for done in found["TienDo"]] == ["4", "9"]
    assert found["TrangThaiHoSo"] == "9"


@pytest.mark.parametrize(
    ("changes", "breach"),
    [
        ({"TenTTHC": ...}, "/data/0/TenTTHC: required"),
        ({"DonViXuLy": ""}, "/data/0/DonViXuLy: minLength"),
        ({"TrangThaiHoSo": "11"}, "/data/0/TrangThaiHoSo: enum"),
        ({"TrangThaiHoSo": 2}, "/data/0/TrangThaiHoSo: type"),
        ({"NgayTiepNhan": "2026-10-05"}, "/data/0/NgayTiepNhan: pattern"),
        ({"NgayTiepNhan": "20261305100000"}, "/data/0/NgayTiepNhan: pattern"),
        ({"MaHoSo": "4-2"}, "/data/0/MaHoSo: pattern"),
        ({"Khac": "1"}, "/data/0/Khac: additionalProperties"),
        ({"TaiLieuNop": {}}, "/data/0/TaiLieuNop: type"),
        ({"DanhSachLePhi": [{"Gia": "mười"}]}, "/data/0/DanhSachLePhi/0/Gia: pattern"),
    ],
)
async def test_a_dossier_off_the_contract_is_code_3(portal: Portal, changes: dict[str, Any], breach: str) -> None:
    """The journal names the field and the rule, and never the value."""
    assert await portal.sync(portal.dossier(**changes)) == "03"
    assert (await portal.last())["breaches"] == [breach]


@pytest.mark.parametrize("updating", [True, False, "true", "", None])
async def test_is_updating_is_a_word(portal: Portal, updating: object) -> None:
    """ "True" or "False" as text; a JSON boolean is off the contract."""
    assert await portal.sync(portal.dossier(), updating=updating) == "03"


async def test_another_provinces_agency_and_an_unknown_service_are_told_apart(portal: Portal) -> None:
    """Codes 7 and 8; an unknown service is a near miss."""
    assert (await portal.ask("TraCuuHoSo", mahoso=NEW, madonvi="000.00.01.H22"))["error_code"] == 7
    assert (await portal.ask("TraCuuHS", mahoso=NEW))["error_code"] == 8
    near = (await portal.last())["near_miss"]
    assert near["operation"] == "TraCuuHoSo"
    assert [(difference["at"], difference["got"]) for difference in near["differences"]] == [("/service", "TraCuuHS")]
    assert "DongBoHoSoMC | " in near["differences"][0]["expected"]


async def test_a_province_may_send_the_bare_list(portal: Portal) -> None:
    """Agency and isUpdating stand in the query, the list is the body, and there is no session."""
    path = "api/SynsTTHCC/DongBoHoSoMC?MaDinhDanhDV=000.00.01.H58&isUpdating="

    assert (await portal.post(f"{path}True", [portal.dossier()]))["error_code"] == "04"
    assert (await portal.post(f"{path}False", [portal.dossier()]))["error_code"] == "00"
    entry = await portal.last()
    assert entry["masked"]["[0].MaHoSo"] == NEW
    assert entry["masked"]["[0].ChuHoSo"] == "***"
    assert (await portal.post(f"{path}", [portal.dossier()]))["error_code"] == "03"
    assert (await portal.post(f"{path}True", {"data": []}))["error_code"] == "03"
    assert (await portal.post(path.replace("H58", "H22"), []))["error_code"] == "07"
    assert await portal.known(NEW)


async def test_faults_fit_the_portal(portal: Portal) -> None:
    """A spent session as the portal says it, another dossier than asked, a field that was renamed."""
    await portal.fault("DongBoHoSoMC", "token_expired")
    assert await portal.sync(portal.dossier()) == "02"
    await portal.fault("TraCuuHoSo", "wrong_record")
    (wrong,) = await portal.known(SEEDED)
    assert wrong["MaHoSo"] != SEEDED
    await portal.fault("*", "drift", field="MaTTHC")
    (drifted,) = await portal.known(SEEDED)
    assert "MaTTHC_v2" in drifted
    status, why = await portal.fault("DongBoHoSoMC", "wrong_record")
    assert (status, "does not name the record" in why["error"]) == (400, True)


async def test_a_refused_dossier_was_not_taken_by_a_fault_before_it(portal: Portal) -> None:
    """A status stands in place of the work; a cut comes after it: what recovery after an unknown outcome meets."""
    await portal.fault("DongBoHoSoMC", "status", status=502, body={"error": "x"})
    url = f"{portal.url}/public-service-portal/integration"
    message = {"session": portal.session, "madonvi": "000.00.01.H58", "service": "DongBoHoSoMC"}
    async with portal.http.post(url, json={**message, "isUpdating": "False", "data": [portal.dossier()]}) as answer:
        assert answer.status == 502
    assert await portal.known(NEW) == []

    await portal.fault("DongBoHoSoMC", "malformed")
    async with portal.http.post(url, json={**message, "isUpdating": "False", "data": [portal.dossier()]}) as answer:
        assert (await answer.read())[-2:] == b",,"
    assert await portal.known(NEW)


async def outcomes(portal: Portal) -> list[tuple[str, str | None]]:
    """The decisions about the latest message: the word, and the part of the message in its dossier."""
    return [(told["outcome"], told.get("message")) for told in (await portal.last())["decisions"]]


@pytest.mark.parametrize(
    ("mode", "answer", "outcome", "filed", "status"),
    [
        ("refused", "04", ("repeated", None), 1, "2"),
        ("same", "00", ("repeated", None), 1, "2"),
        ("overwrites", "00", ("overwritten", None), 1, "5"),
        ("adds", "00", ("added", "dossier"), 2, "5"),
    ],
)
async def test_the_switch_says_what_a_second_dossier_does(
    portal: Portal, mode: str, answer: str, outcome: tuple[str, str | None], filed: int, status: str
) -> None:
    """The code, the journal's word, the ledger's count, and whose state stands."""
    wanted = {"system": "public_service_portal", "operation": "DongBoHoSoMC", "mode": mode}
    await portal.admin("PUT", "repeat", wanted)
    await portal.sync(portal.dossier())

    assert await portal.sync(portal.dossier(TrangThaiHoSo="5")) == answer
    assert await outcomes(portal) == [outcome]
    assert (await portal.admin("GET", f"dossiers?dossier={NEW}"))[1]["filed"] == filed
    assert (await portal.known(NEW))[0]["TrangThaiHoSo"] == status


@pytest.mark.parametrize(
    ("mode", "answer", "outcome", "steps"),
    [
        ("refused", "11", "repeated", 1),
        ("same", "00", "repeated", 1),
        ("overwrites", "00", "overwritten", 1),
        ("adds", "00", "added", 2),
    ],
)
async def test_the_switch_says_what_a_second_step_does(
    portal: Portal, mode: str, answer: str, outcome: str, steps: int
) -> None:
    """A new step beside it is taken unless the list is refused for the old one."""
    await portal.admin(
        "PUT", "repeat", {"system": "public_service_portal", "operation": "CapNhatTienDoHoSoMC", "mode": mode}
    )
    await portal.sync(portal.dossier())
    await portal.report(portal.step())

    assert await portal.report(portal.step()) == answer
    assert [word for word, _ in await outcomes(portal)] == [outcome]
    assert len((await portal.known(NEW))[0]["TienDo"]) == steps


async def test_each_part_of_a_list_is_decided(portal: Portal) -> None:
    """An update that changes something is told from a copy; steps are named by their instant."""
    other = NEW[:-1] + "2"
    await portal.sync(portal.dossier(), portal.dossier(other))
    assert await outcomes(portal) == [("accepted", "dossier")] * 2
    await portal.sync(portal.dossier(), portal.dossier(other, GhiChu="Bổ sung"), updating="True")
    assert await outcomes(portal) == [("overwritten", None), ("accepted", "update")]
    assert (await portal.last())["outcome"] == "mixed"
    await portal.report(portal.step(), portal.step(), portal.step(other))

    named = f"step {portal.step()['ThoiDiemXuLy']}"
    assert await outcomes(portal) == [("accepted", named), ("repeated", None), ("accepted", named)]


def _status(national: str, **changes: object) -> dict[str, object]:
    return {
        "MaHoSo": national,
        "MaHoSoDonVi": NEW,
        "TrangThai": "4",
        "NgayXuLy": "20261005100000",
        **changes,
    }


async def test_status_is_taken_of_a_dossier_that_was_pushed(portal: Portal) -> None:
    """By the codes of both sides; the same one again changes nothing, and 3 is not a number of this service."""
    sent = _status(PUSHED_BEFORE[0])

    assert (await portal.ask("DongBoTrangThaiHoSo", type="2", data=[sent]))["error_code"] == "00"
    assert (await portal.last())["outcome"] == "accepted"
    assert (await portal.ask("DongBoTrangThaiHoSo", type="2", data=[sent]))["error_code"] == "00"
    assert (await portal.last())["outcome"] == "repeated"
    refused = _status(PUSHED_BEFORE[0], TrangThai="11")
    assert (await portal.ask("DongBoTrangThaiHoSo", type="2", data=[refused]))["error_code"] == "00"
    wrong = _status(PUSHED_BEFORE[0], TrangThai="3")
    assert (await portal.ask("DongBoTrangThaiHoSo", type="2", data=[wrong]))["error_code"] == "03"


async def test_status_of_a_dossier_that_was_never_pushed_is_refused(portal: Portal) -> None:
    """With the code of progress before its dossier."""
    unknown = _status("000.00.00.G22-260105-9999")

    assert (await portal.ask("DongBoTrangThaiHoSo", type="2", data=[unknown]))["error_code"] == "05"


# ---- the catalogue in a tester's hands


async def test_a_tester_publishes_renames_and_withdraws_procedures(portal: Portal) -> None:
    """The list, the answer by code and the check of a dossier's procedure follow; a reset takes it back."""
    first, second = (known.code for known in procedures()[:2])

    assert (await portal.admin("PUT", "procedures", {"code": "9.999999", "title": "Thủ tục mới"}))[0] == 200
    assert (await portal.admin("PUT", "procedures", {"code": first, "title": "Tên mới"}))[0] == 200
    assert (await portal.admin("PUT", "procedures", {"code": second, "published": False}))[0] == 200

    listed = {row["MATTHC"]: row["TENTTHC"] for row in (await portal.ask("LayDanhSachTTHC"))["result"]}
    assert (listed["9.999999"], listed[first], second in listed) == ("Thủ tục mới", "Tên mới", False)
    assert (await portal.ask("LayThuTuc", maTTHC=second))["result"] == []
    assert await portal.sync(portal.dossier(MaTTHC=second)) == "09"
    assert await portal.sync(portal.dossier(MaTTHC="9.999999")) == "00"
    _, told = await portal.admin("GET", "procedures")
    assert {row["code"]: row["title"] for row in told["procedures"]} == listed
    await portal.admin("POST", "reset")
    _, told = await portal.admin("GET", "procedures")
    assert [row["code"] for row in told["procedures"]] == [known.code for known in procedures()]


@pytest.mark.parametrize("wrong", [{}, {"code": ""}, {"code": "9.1", "fee": 3}, {"code": "9.1", "title": ""}])
async def test_a_change_of_the_catalogue_that_says_nothing_is_refused(portal: Portal, wrong: dict[str, object]) -> None:
    """With 400, and nothing changes."""
    _, before = await portal.admin("GET", "procedures")

    assert (await portal.admin("PUT", "procedures", wrong))[0] == 400
    assert await portal.admin("GET", "procedures") == (200, before)
