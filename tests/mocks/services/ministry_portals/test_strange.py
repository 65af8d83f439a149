"""Messages of a kind that the contract does not name, which a tester puts before all others."""

from __future__ import annotations

from tests.mocks.services.ministry_portals.support import Ministries


async def test_strange_messages_are_given_first_until_they_are_acknowledged(ministries: Ministries) -> None:
    """In both dialects, like any other message."""
    for ministry in ("construction", "health"):
        url = f"{ministries.url}/__mock/messages/{ministry}"
        async with ministries.http.put(url, json={"kind": "KHAC", "count": 2}) as answer:
            assert (await answer.json())["messages"] == ["KHAC-0001", "KHAC-0002"]
    by_soap = (await ministries.by_soap("LayHoSoGuiTinh", soLuong="3")).result
    by_json = (await ministries.by_json("LayHoSoGuiTinh", soLuong="3"))["result"]
    await ministries.by_json("XacNhanHoSoGuiTinh", MaThongDiep=["KHAC-0001", "KHAC-0002"])
    [after] = (await ministries.by_json("LayHoSoGuiTinh", soLuong="1"))["result"]

    assert (
        [one.LoaiThongDiep for one in by_soap] == [one["LoaiThongDiep"] for one in by_json] == ["KHAC", "KHAC", "HOSO"]
    )
    assert after["LoaiThongDiep"] == "HOSO"
