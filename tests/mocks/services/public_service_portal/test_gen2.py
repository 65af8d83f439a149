"""The portal's second generation as public code speaks to it: no login, three addresses, sentences."""

from __future__ import annotations

from typing import Any

import pytest

from mocks.services.public_service_portal.gen2 import ADDED, HAD, NEWER, NOT_FIRST, REPORTED, TOO_MANY, UPDATED
from tests.mocks.services.public_service_portal.support import NEW, Portal
from tests.mocks.services.public_service_portal.test_contract import OTHERS, conforms

NEWER_FIELDS: dict[str, object] = {
    "SoGiayToChuHoSo": "049185978634",
    "DinhDanhCHS": [{"LoaiDinhDanh": "1", "SoDinhDanh": "049185978634"}],
    "NoiNopHoSo": "2",
    "HoSoCoThanhPhanSoHoa": "1",
    "TaiKhoanDuocXacThucVoiVNeID": "0",
    "DuocThanhToanTrucTuyen": "3",
    "NgayTuChoi": "",
    "NgayNopHoSo": "20261005090000",
    "DSKetNoiCSDL": [{"MaCSDL": "7"}],
}


async def post(portal: Portal, path: str, message: object) -> Any:
    """The answer's JSON, of HTTP 200."""
    async with portal.http.post(f"{portal.url}/public-service-portal/gen2/{path}", json=message) as answer:
        assert answer.status == 200
        return await answer.json()


async def test_dossier_is_added_once_and_then_updated(portal: Portal) -> None:
    """Each by a code and a sentence, as the contract has them."""
    whole = portal.dossier(**NEWER_FIELDS)
    answers = [
        await post(portal, "them-moi", [whole]),
        await post(portal, "them-moi", [whole]),
        await post(portal, "cap-nhat", [{**whole, "TrangThaiHoSo": "4"}]),
    ]

    for answer in answers:
        conforms("KetQua", answer, OTHERS["gen2"])
    assert [(answer["error_code"], answer["message"]) for answer in answers] == [
        ("0", ADDED), ("3", HAD), ("0", UPDATED),
    ]  # fmt: skip


async def test_both_generations_have_the_same_dossiers(portal: Portal) -> None:
    """The first shows them without the newer fields, which its contract does not have."""
    assert set(NEWER_FIELDS) == NEWER
    file = {**portal.dossier()["TaiLieuNop"][0], "DuocSoHoa": "1", "DuocTaiSuDung": "0"}
    await post(portal, "them-moi", [portal.dossier(**NEWER_FIELDS, TaiLieuNop=[file])])

    [found] = await portal.known(NEW)
    conforms("HoSo", {name: value for name, value in found.items() if name != "TienDo"})
    assert await portal.sync(portal.dossier()) == "04"
    assert await portal.sync(portal.dossier(), updating="True") == "00"


@pytest.mark.parametrize(
    "changes",
    [
        {"TrangThaiHoSo": "11"},
        {"TrichYeuHoSo": "a" * 1_001},
        {"LoaiDoiTuong": "5"},
        {"DuocThanhToanTrucTuyen": "4"},
        {"MaHoSo": "000.00.04.H20-261005-0001"},
        {"DinhDanhCHS": [{"LoaiDinhDanh": "1"}]},
    ],
)
async def test_dossier_off_the_contract_is_refused(portal: Portal, changes: dict[str, object]) -> None:
    """With -3, and the journal says where."""
    assert (await post(portal, "them-moi", [portal.dossier(**{**NEWER_FIELDS, **changes})]))["error_code"] == "-3"
    assert (await portal.last())["breaches"]


async def test_newer_state_of_an_unknown_dossier_and_an_unknown_procedure_are_refused(portal: Portal) -> None:
    """By a sentence each."""
    unknown = await post(portal, "cap-nhat", [portal.dossier()])
    unpublished = await post(portal, "them-moi", [portal.dossier(MaTTHC="9.9")])

    assert (unknown["error_code"], unpublished["error_code"]) == ("3", "3")
    assert "chưa được đồng bộ" in unknown["message"]
    assert "chưa được công khai" in unpublished["message"]


async def test_each_step_of_a_list_is_taken_or_refused_by_itself(portal: Portal) -> None:
    """The answer to the first says nothing of the second."""
    await post(portal, "them-moi", [portal.dossier()])
    other = "000.00.04.H58-261005-0002"

    answers = await post(portal, "dong-bo-tien-trinh", [portal.step(status="2"), portal.step(other, status="2")])

    conforms("KetQuaTienTrinh", answers, OTHERS["gen2"])
    assert [(one["MaHoSo"], one["error_code"]) for one in answers] == [(NEW, "0"), (other, "3")]
    assert answers[0]["message"] == REPORTED
    assert len((await portal.known(NEW))[0]["TienDo"]) == 1


async def test_first_step_is_the_receipt_and_an_equal_step_changes_nothing(portal: Portal) -> None:
    """Any step may follow; one that is before the last is refused."""
    await post(portal, "them-moi", [portal.dossier()])

    async def report(**wanted: Any) -> tuple[str, str]:
        [answer] = await post(portal, "dong-bo-tien-trinh", [portal.step(**wanted)])
        return answer["error_code"], answer["message"]

    assert await report(status="4") == ("3", NOT_FIRST)
    assert await report(status="2", minute=1) == ("0", REPORTED)
    assert await report(status="2", minute=1) == ("0", REPORTED)
    assert await report(status="9", minute=3) == ("0", REPORTED)
    assert (await report(status="4", minute=2))[0] == "3"
    assert [row["TrangThai"] for row in (await portal.known(NEW))[0]["TienDo"]] == ["2", "9"]


async def test_more_than_ten_steps_are_refused_whole(portal: Portal) -> None:
    """None of them is taken."""
    await post(portal, "them-moi", [portal.dossier()])

    answer = await post(portal, "dong-bo-tien-trinh", [portal.step(status="2", minute=at) for at in range(11)])

    assert answer == {"error_code": "-3", "message": TOO_MANY}
    assert (await portal.known(NEW))[0]["TienDo"] == []


async def test_journal_has_a_decision_about_each_message(portal: Portal) -> None:
    """Also of a step that came too early: the checker of a proof reads them."""
    await post(portal, "them-moi", [portal.dossier()])
    assert [one["outcome"] for one in (await portal.last())["decisions"]] == ["accepted"]
    await post(portal, "dong-bo-tien-trinh", [portal.step(status="4")])
    assert [one["outcome"] for one in (await portal.last())["decisions"]] == ["refused"]
