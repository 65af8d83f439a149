"""The newer generation: sentences, codes, states that move with the working days."""

from __future__ import annotations

from typing import Any

import pytest

from tests.mocks.services.criminal_records.support import NEW, SEEDED, System

ACCEPTED = "Gửi thông tin thành công"
KNOWN = "đã được tiếp nhận, không thể cập nhật thông tin"


async def test_application_is_accepted_once(system: System) -> None:
    """The first is well sent; the same again is known already, and the journal says why."""
    first = await system.submit()
    again = await system.submit()

    assert (first["status"], first["statusDescription"]) == (1, ACCEPTED)
    assert again["status"] == 0
    assert KNOWN in again["statusDescription"]
    assert await system.breaches() == ["maHoSoMCDT: known already, and no supplement is asked for"]


async def test_application_goes_on_with_the_working_days(system: System) -> None:
    """Received on Monday, in process on Tuesday, issued on Thursday."""
    await system.submit()
    course = [await system.state(NEW)]
    for _ in range(3):
        await system.advance("P1D")
        course.append(await system.state(NEW))

    assert course == [2, 4, 4, 9]


async def test_weekends_and_tet_do_not_count(system: System) -> None:
    """What is sent on the eve of Tết waits until offices open again."""
    await system.advance("P122D")  # Thursday 4 February 2027; Tết from Friday 5 to Tuesday 9
    await system.submit()
    await system.advance("P5D")
    during = await system.state(NEW)
    await system.advance("P3D")

    assert (during, await system.state(NEW)) == (2, 4)


async def test_supplement_is_taken_while_it_is_asked_for(system: System) -> None:
    """State 5 lets the dossier be sent again, once."""
    supplement = await system.submit(SEEDED[5], toKhai__loaiPhieu="2")
    after = await system.state(SEEDED[5])
    again = await system.submit(SEEDED[5])

    assert supplement["statusDescription"] == ACCEPTED
    assert after == 2
    assert KNOWN in again["statusDescription"]
    await system.advance("P3D")
    assert (await system.entry(SEEDED[5]))["ketQuaXuLy"]["loaiPhieu"] == "2"


@pytest.mark.parametrize("state", [1, 2, 4, 9, 10])
async def test_no_other_state_takes_a_supplement(system: System, state: int) -> None:
    """A dossier that nobody asked to complete may not change."""
    assert KNOWN in (await system.submit(SEEDED[state]))["statusDescription"]
    assert await system.state(SEEDED[state]) == state


@pytest.mark.parametrize(
    ("changes", "code", "breach"),
    [
        ({"authKey": "another"}, "100", "/authKey: not a key of this system"),
        ({"authKey": ...}, "100", "/authKey: not a key of this system"),
        ({"maTinh": "01"}, "108", "/maTinh: another province than the key's"),
        ({"ngayTiepNhan": ...}, "200", "/ngayTiepNhan: required"),
        ({"toKhai__nycHoTen": ""}, "200", "/toKhai/nycHoTen: minLength"),
        ({"toKhai__nycGioiTinh": "0"}, "500", "/toKhai/nycGioiTinh: enum"),
        ({"toKhai__nycNgaySinh": "1987-02-03"}, "500", "/toKhai/nycNgaySinh: pattern"),
        ({"toKhai__soLuongCap": 2}, "500", "/toKhai/soLuongCap: type"),
        ({"toKhai__la": "x"}, "500", "/toKhai/la: additionalProperties"),
        ({"toKhai__uyQuyen": "1"}, "200", "/toKhai/uyQuyenHoTen: required"),
    ],
)
async def test_message_off_contract_gets_its_code(
    system: System, changes: dict[str, Any], code: str, breach: str
) -> None:
    """A broken message is refused as the real system refuses it, taken nowhere, and the journal names the rule."""
    answer = await system.submit(**changes)
    breaches = await system.breaches()

    assert (answer["status"], answer["errorCode"]) == (0, code)
    assert breach in breaches
    assert not (await system.status(NEW))["value"]


async def test_body_that_is_no_json_is_refused(system: System) -> None:
    """Rubbish has no key."""
    url = f"{system.url}/criminal-records/lltp2024/guiHoSo"
    async with system.session.post(url, data=b"<x/>") as answer:
        assert '"errorCode":"100"' in await answer.text()


async def test_unknown_dossier_is_said_in_both_ways(system: System) -> None:
    """Nothing in the list, or code 201: by the dossier, always the same for one."""
    answers = [await system.status(f"000.00.04.H58-260105-80{number:02}") for number in range(10)]

    assert {(answer["status"], str(answer["value"])) for answer in answers} == {(1, "[]"), (0, "None")}
    assert all("RECORD_NOT_FOUND" in answer["statusDescription"] for answer in answers if answer["status"] == 0)


async def test_journal_masks_the_declaration(system: System) -> None:
    """Of a whole declaration the journal shows the dossier and the province, nobody's name or number."""
    await system.submit()

    _, journal = await system.admin("GET", "journal?system=criminal_records&operation=guiHoSo")
    shown = {name for name, value in journal["entries"][-1]["masked"].items() if value != "***"}

    assert shown == {"maHoSoMCDT", "maTinh"}


async def test_reset_forgets_what_was_sent(system: System) -> None:
    """After a reset the same application is new, and what was supplemented waits again."""
    await system.submit()
    await system.submit(SEEDED[5])

    await system.admin("POST", "reset")

    assert (await system.submit())["statusDescription"] == ACCEPTED
    assert await system.state(SEEDED[5]) == 5


async def test_wrong_record_is_another_dossier_in_the_same_state(system: System) -> None:
    """The fault gives a well-formed answer about somebody else."""
    await system.fault("nhanTrangThai", "wrong_record")

    found = await system.entry(SEEDED[9])

    assert found["maHoSoMCDT"] != SEEDED[9]
    assert found["ketQuaXuLy"]["phieuLLTP"]


@pytest.mark.parametrize(
    ("operation", "kind", "more"),
    [
        ("guiHoSo", "wrong_record", {}),
        ("traTrangThaiHs", "wrong_record", {}),
        ("nhanTrangThai", "token_expired", {}),
        ("nhanTrangThai", "soap_fault", {}),
        ("nhanTrangThai", "drift", {"field": "trangThai"}),
    ],
)
async def test_fault_that_would_not_show_is_refused(
    system: System, operation: str, kind: str, more: dict[str, object]
) -> None:
    """Naming a call that a kind can't strike is 400, with the reason."""
    status, answer = await system.fault(operation, kind, **more)

    assert status == 400
    assert operation in answer["error"]


async def test_drift_renames_inside_the_answer(system: System) -> None:
    """A field of the result can be made to change its name without notice."""
    await system.fault("nhanTrangThai", "drift", field="trangThaiXuLy")

    assert "trangThaiXuLy_v2" in await system.entry(SEEDED[4])


async def test_contract_is_served(system: System) -> None:
    """Both descriptions can be fetched from the mock."""
    for path in ("lltp2024/openapi.json", "apiLyLichTuPhap/openapi.json"):
        async with system.session.get(f"{system.url}/criminal-records/{path}") as answer:
            assert (await answer.json())["openapi"].startswith("3.1")
