"""Both ministries hold the same conversation, each in its dialect, and send to the province."""

from __future__ import annotations

from typing import Any

import pytest
from zeep.exceptions import Fault

from tests.mocks.services.ministry_portals.support import NEW, Ministries

RESULT = f"KETQUA-{NEW}"


async def test_a_dossier_by_json_bears_the_ministrys_own_names(ministries: Ministries) -> None:
    """What went out under them comes back under them; the national portal's are off its contract."""
    sent = ministries.dossier()
    assert (await ministries.by_json("DongBoHoSoMC", isUpdating="False", data=[sent]))["error_code"] == "00"

    (found,) = (await ministries.by_json("TraCuuHoSo", mahoso=NEW))["result"]
    assert found["SoDinhDanh"] == sent["MaDoiTuong"]
    assert "MaDoiTuong" not in found
    message = {"session": ministries.session, "madonvi": "000.00.01.H58", "service": "DongBoHoSoMC"}
    message |= {"isUpdating": "True", "data": [sent]}  # type: ignore[dict-item]
    url = f"{ministries.url}/ministry-portals/construction/integration"
    async with ministries.http.post(url, json=message) as answer:
        assert (await answer.json())["error_code"] == "03"
    assert "/data/0/DonViThuLy: required" in (await ministries.last())["breaches"]


async def test_the_ledger_has_the_national_portals_rules(ministries: Ministries) -> None:
    """isUpdating, order of sync and progress, order of steps: in both dialects."""
    sent, steps = [ministries.dossier()], [ministries.step(), ministries.step(minutes=-9)]
    for ask in (ministries.by_json, ministries.by_soap):
        codes = [
            _code(await ask("CapNhatTienDoHoSoMC", data=steps[:1])),
            _code(await ask("DongBoHoSoMC", isUpdating="True", data=sent)),
            _code(await ask("DongBoHoSoMC", isUpdating="False", data=sent)),
            _code(await ask("DongBoHoSoMC", isUpdating="False", data=sent)),
            _code(await ask("CapNhatTienDoHoSoMC", data=steps[:1])),
            _code(await ask("CapNhatTienDoHoSoMC", data=steps[1:])),
        ]
        assert codes == ["05", "04", "00", "04", "00", "06"]
        (found,) = _rows(await ask("TraCuuHoSo", mahoso=NEW))
        assert (found["TrangThaiHoSo"], len(found["TienDo"])) == ("4", 1)


async def test_zeep_gets_typed_answers(ministries: Ministries) -> None:
    """Lists are lists, numbers are numbers, nested rows have their names."""
    waiting = await ministries.by_soap("LayHoSoGuiTinh", soLuong="2")
    (found,) = (await ministries.by_soap("TraCuuHoSo", mahoso="000.00.04.H58-260105-9409")).result

    assert (len(waiting.result), waiting.ConLai) == (2, 2)
    assert waiting.result[0].HoSo.MaHoSo == "000.00.00.G18-260105-0001"
    assert found.DanhSachGiayToKetQua[0].TenGiayTo == "Giấy tờ kết quả"
    assert found.TienDo[0].TrangThai == "9"


async def test_a_ministry_sends_dossiers_and_results_until_they_are_acknowledged(ministries: Ministries) -> None:
    """What was filed with it and what it has finished; all or none is acknowledged, and stays so."""
    for ask in (ministries.by_json, ministries.by_soap):
        rows = _rows(await ask("LayHoSoGuiTinh"))
        kinds = [row["LoaiThongDiep"] for row in rows]
        ids = [row["MaThongDiep"] for row in rows]

        assert kinds == ["HOSO", "HOSO", "HOSO", "KETQUA"]
        assert _code(await ask("XacNhanHoSoGuiTinh", MaThongDiep=[ids[0], "khong-co"])) == "10"
        assert _code(await ask("XacNhanHoSoGuiTinh", MaThongDiep=ids[:3])) == "00"
        assert _code(await ask("XacNhanHoSoGuiTinh", MaThongDiep=ids[:1])) == "00"
        assert [row["MaThongDiep"] for row in _rows(await ask("LayHoSoGuiTinh"))] == ids[3:]


async def test_a_dossier_is_finished_after_working_days_and_its_result_sent_back(ministries: Ministries) -> None:
    """On the virtual clock, once, with the papers; holidays do not count, so a fortnight is enough on any day."""
    for ask in (ministries.by_json, ministries.by_soap):
        await ask("DongBoHoSoMC", isUpdating="False", data=[ministries.dossier()])
        assert RESULT not in [row["MaThongDiep"] for row in _rows(await ask("LayHoSoGuiTinh"))]
    await ministries.admin("POST", "clock", {"advance": "P14D"})

    for ask in (ministries.by_json, ministries.by_soap):
        (row,) = [row for row in _rows(await ask("LayHoSoGuiTinh")) if row["MaThongDiep"] == RESULT]
        assert row["HoSo"]["TrangThaiHoSo"] == "9"
        assert row["HoSo"]["DanhSachGiayToKetQua"][0]["GiayToId"] == f"{NEW}-KQ"
        (found,) = _rows(await ask("TraCuuHoSo", mahoso=NEW))
        assert found["TrangThaiHoSo"] == "9"
        await ask("XacNhanHoSoGuiTinh", MaThongDiep=[RESULT])
        assert RESULT not in [row["MaThongDiep"] for row in _rows(await ask("LayHoSoGuiTinh"))]


async def test_a_reset_takes_it_all_back(ministries: Ministries) -> None:
    """Sessions, dossiers, acknowledgements."""
    await ministries.by_json("DongBoHoSoMC", isUpdating="False", data=[ministries.dossier()])
    await ministries.admin("POST", "reset")

    assert (await ministries.by_json("TraCuuHoSo", mahoso=NEW))["error_code"] == 2
    await ministries.log_in()
    assert (await ministries.by_json("TraCuuHoSo", mahoso=NEW))["result"] == []


async def test_what_is_off_the_contract_is_named_in_both_dialects(ministries: Ministries) -> None:
    """Code 3 in an answer; what the schema itself forbids is a Fault."""
    wrong = ministries.dossier(TrangThaiHoSo="11")

    assert _code(await ministries.by_soap("DongBoHoSoMC", isUpdating="False", data=[wrong])) == "03"
    assert (await ministries.last())["breaches"] == ["/data/0/TrangThaiHoSo: enum"]
    assert _code(await ministries.by_json("DongBoHoSoMC", isUpdating="no", data=[wrong])) == "03"
    assert (await ministries.last())["breaches"] == ["/data/0/TrangThaiHoSo: enum", "/isUpdating: enum"]
    assert _code(await ministries.by_json("LayHoSoGuiTinh", soLuong="0")) == "3"


async def test_faults_fit_each_ministry_by_its_name(ministries: Ministries) -> None:
    """One is down and the other is not; a spent token is said in the dialect's way."""
    entry = {"system": "ministry_portals", "operation": "health.TraCuuHoSo", "fault": {"kind": "token_expired"}}
    await ministries.admin("PUT", "faults", {"faults": [entry]})

    with pytest.raises(Fault) as caught:
        await ministries.by_soap("TraCuuHoSo", mahoso=NEW)
    assert caught.value.subcodes[0].localname == "MessageExpired"
    assert (await ministries.by_json("TraCuuHoSo", mahoso=NEW))["error_code"] == 0


@pytest.mark.parametrize("operation", ["construction.TraCuuHoSo", "health.TraCuuHoSo"])
async def test_another_dossier_can_be_planned(ministries: Ministries, operation: str) -> None:
    """Well-formed, and about somebody else's."""
    entry = {"system": "ministry_portals", "operation": operation, "fault": {"kind": "wrong_record"}}
    await ministries.admin("PUT", "faults", {"faults": [entry]})
    ask = ministries.by_soap if operation.startswith("health") else ministries.by_json

    (found,) = _rows(await ask("TraCuuHoSo", mahoso=NEW))
    assert found["MaHoSo"] != NEW


@pytest.mark.parametrize(
    ("path", "status"), [("finance/auth", 404), ("construction/khac", 404), ("construction/integration", 200)]
)
async def test_what_is_not_there_is_said(ministries: Ministries, path: str, status: int) -> None:
    """An unknown ministry with the list of those that are; an unknown service as a code."""
    async with ministries.http.post(f"{ministries.url}/ministry-portals/{path}", json={"service": "x"}) as answer:
        told = await answer.json()

    assert answer.status == status
    assert told.get("error_code") == 8 or told["error"]


async def test_whole_orders_are_of_dossiers_that_nobody_sent(ministries: Ministries) -> None:
    """And progress and lookups of those that a ministry knows, by both."""
    listed = await ministries.admin("GET", "samples")
    asks = {"construction": ministries.by_json, "health": ministries.by_soap}
    for sample in listed["ministry_portals.send_dossier"]:
        path = sample["path"]
        assert _rows(await asks[path["ministry"]]("TraCuuHoSo", mahoso=path["dossier_code"])) == []
    for sample in (*listed["ministry_portals.dossier"], *listed["ministry_portals.report_progress"]):
        path = sample["path"]
        if path["ministry"] not in asks:
            continue
        found = _rows(await asks[path["ministry"]]("TraCuuHoSo", mahoso=path["dossier_code"]))
        assert bool(found) is sample.get("exists", True)


@pytest.mark.parametrize("operation", ["send_dossier", "report_progress", "dossier", "incoming"])
async def test_a_button_asks_in_the_ministrys_own_dialect(ministries: Ministries, operation: str) -> None:
    """Every sample can be tried, and is taken."""
    service = ministries.country.services["ministry_portals"]
    name = f"ministry_portals.{operation}"
    for sample in service.samples()[name]:
        ask = service.tries[name](sample)
        url = f"{ministries.url}{service.prefix}/{ask.path}"
        asked = ministries.http.request(ask.method, url, headers=ask.headers, data=ask.body, params=ask.query)
        async with asked as answer:
            text = await answer.text()
        assert answer.status == 200
        well = ('"error_code":"00"', '"error_code":0', "error_code>00<", '"data":', "thành công")
        assert any(words in text for words in well), text


def _code(answer: Any) -> str:
    return str(answer["error_code"])


def _rows(answer: Any) -> list[Any]:
    found: list[Any] = answer["result"]
    return found
