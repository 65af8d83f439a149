"""The NGSP's six calls over the same register."""

from __future__ import annotations

import pytest

from tests.mocks.services.criminal_records.support import SEEDED, System, question

NUMBER = "000.00.04.H58-261005-0002"


async def test_calls_need_the_roads_token(system: System) -> None:
    """Without a token, and with one that is spent, the road refuses."""
    assert (await system.post("apiLyLichTuPhap/traTrangThaiHs", question("traTrangThaiHs")))[0] == 401

    await system.fault("traTrangThaiHs", "token_expired")
    status, _ = await system.post("apiLyLichTuPhap/traTrangThaiHs", question("traTrangThaiHs"), await system.token())

    assert status == 401


async def test_application_is_taken_once(system: System) -> None:
    """The first gets the system's own ID; the same number again is known already."""
    message = question("nhanHoSoDangKy.person", idReceivedDec=NUMBER)

    first = await system.road("nhanHoSoDangKy", message)
    again = await system.road("nhanHoSoDangKy", message)

    assert first["STATUS"] == "1"
    assert first["ID"]
    assert "đã được tiếp nhận" in again["DESCRIPTION"]


async def test_both_generations_know_the_same_applications(system: System) -> None:
    """What was sent through one is found through the other."""
    await system.road("nhanHoSoDangKy", question("nhanHoSoDangKy.mandate", idReceivedDec=NUMBER))

    assert await system.state(NUMBER) == 2
    assert "đã được tiếp nhận" in (await system.submit(NUMBER))["statusDescription"]


@pytest.mark.parametrize(("state", "told"), [(1, 3), (2, 3), (4, 4), (5, 4), (9, 5), (10, 5)])
async def test_ten_states_are_told_in_three(system: System, state: int, told: int) -> None:
    """Received, in process or issued; the days are told with the paper."""
    found = await system.road("traTrangThaiHs", question("traTrangThaiHs", idReceivedDec=SEEDED[state]))

    assert int(found["DEC_STATUS_ID"]) == told
    assert bool(found["ISSUE_DATE"]) == (told == 5)


async def test_unknown_number_is_201(system: System) -> None:
    """An unknown number, and one that no one-stop shop received, are not found."""
    unknown = await system.road("traTrangThaiHs", question("traTrangThaiHs", idReceivedDec="H58-1"))
    elsewhere = await system.road("traTrangThaiHs", question("traTrangThaiHs", infoType="1", identifyNo="1"))

    assert (unknown["STATUS"], elsewhere["STATUS"]) == ("201", "201")


@pytest.mark.parametrize(
    ("call", "changes", "code", "breach"),
    [
        ("nhanHoSoDangKy.person", {"idMinistryJustice": "1"}, "106", "/idMinistryJustice: unknown"),
        ("nhanHoSoDangKy.person", {"declarationWSForm__fullName": ...}, "200", "/declarationWSForm/fullName: required"),
        ("nhanHoSoDangKy.person", {"declarationWSForm__genderId": 2}, "500", "/declarationWSForm/genderId: enum"),
        ("nhanHoSoDangKy.person", {"declarationWSForm__genderId": "1"}, "500", "/declarationWSForm/genderId: type"),
        ("nhanHoSoDangKy.person", {"declarationWSForm__ethnicId": 1}, "500", "ethnicId: not in catalogue 3"),
        ("traTrangThaiHs", {"infoType": "1"}, "200", "/identifyNo: required"),
        ("traDanhMuc", {"infoType": "6"}, "302", "/infoType: enum"),
        ("danhDauHsThanhCong", {"declarationId": "A;B"}, "201", "/declarationId: names an unknown ID"),
    ],
)
async def test_message_off_contract_gets_its_code(
    system: System, call: str, changes: dict[str, object], code: str, breach: str
) -> None:
    """A broken message is refused with its code, and the journal names the rule."""
    answer = await system.road(call.partition(".")[0], question(call, **changes))
    breaches = await system.breaches()

    assert answer["STATUS"] == code
    assert any(breach in found for found in breaches)


async def test_changes_are_told_until_acknowledged(system: System) -> None:
    """What was acknowledged is not told again until its state changes."""
    await system.road("nhanHoSoDangKy", question("nhanHoSoDangKy.person", idReceivedDec=NUMBER))

    async def told() -> dict[str, str]:
        """Dossier code to ID of what is told as changed."""
        listed = (await system.road("traDsTrangThaiHs", {"infoType": "2"}))["LISTCONTENT"]
        return {row["RECEIVE_NO"]: row["DECLARATION_ID"] for row in listed}

    before = await told()
    both = ";".join((before[NUMBER], before[SEEDED[9]]))
    await system.road("danhDauHsThanhCong", {"declarationId": both, "infoType": "2"})
    after = await told()
    await system.advance("P1D")

    assert {NUMBER, SEEDED[9]} & after.keys() == set()
    assert NUMBER in await told()
    assert SEEDED[9] not in await told()


async def test_declarations_are_told_until_fetched(system: System) -> None:
    """New declarations, online and at the counter, are told apart and told until they are marked."""
    online = (await system.road("traHoSo", {"infoType": "1"}))["LISTCONTENT"]
    counter = (await system.road("traHoSo", {"infoType": "2"}))["LISTCONTENT"]
    ids = [row["declarationTraHoSoForm"]["declarationId"] for row in online]

    await system.road("danhDauHsThanhCong", {"declarationId": ";".join(ids), "infoType": "3"})

    assert len(online) == 2
    assert len(counter) == 1
    assert (await system.road("traHoSo", {"infoType": "1"}))["LISTCONTENT"] == []


@pytest.mark.parametrize("info_type", ["1", "2", "3", "4", "5"])
async def test_each_catalogue_is_there(system: System, info_type: str) -> None:
    """Units, nationalities, ethnic groups, agencies, offices."""
    listed = (await system.road("traDanhMuc", {"infoType": info_type}))["LISTCONTENT"]

    assert all(entry["ID"] and entry["NAME"] for entry in listed)
