"""Dialect `ws`: SOAP 1.1 by the pinned schema."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import zeep
from zeep.exceptions import Fault

from tests.mocks.services.legal_documents.support import ID, NS, breaches, envelope, known, post, text
from tests.support.national import National


async def test_a_foreign_client_finds_its_way_by_the_wsdl(national: National) -> None:
    """zeep, knowing nothing but ``?wsdl``: schemas, address, operations, faults."""
    one = await known(national)

    def ask() -> tuple[Any, Any, Any]:
        """A document, a page and a fault."""
        client = zeep.Client(f"{national.url}/legal-documents/ws?wsdl")
        with pytest.raises(Fault) as caught:
            client.service.ChiTietVanBan(Id="999998")
        return client.service.ChiTietVanBan(Id=one), client.service.TimKiemVanBan(Trang=1, SoBanGhi=2), caught.value

    found, page, fault = await asyncio.to_thread(ask)

    assert found["Id"] == one
    assert len(page["VanBan"]) == 2
    assert fault.code == "KHONG_TIM_THAY"


async def test_an_unknown_document_is_a_fault_with_500(national: National) -> None:
    """For texts as well."""
    for name in ("ChiTietVanBan", "NoiDungVanBan"):
        status, fault = await post(national, name, ID.format("999998"))

        assert (status, text(fault, "faultcode")) == (500, "KHONG_TIM_THAY")
        assert text(fault, "detail/ChiTietLoi/MaLoi") == "KHONG_TIM_THAY"
    assert await breaches(national) == []


@pytest.mark.parametrize(
    ("inner", "headers", "rule"),
    [
        ("<vb:Id>a/b</vb:Id>", {}, "SCHEMAV"),
        ("", {}, "SCHEMAV"),
        ("<vb:Id>1</vb:Id><vb:Moi/>", {}, "SCHEMAV"),
        (ID.format("1"), {"SOAPAction": f'"{NS}/NoiDungVanBan"'}, "SOAPAction"),
        (ID.format("1"), {"SOAPAction": ""}, "SOAPAction"),
        (ID.format("1"), {"Content-Type": "application/json"}, "Content-Type"),
    ],
    ids=["pattern", "missing", "unknown", "another action", "no action", "media type"],
)
async def test_a_message_off_contract_gets_its_fault_and_the_journal_its_rule(
    national: National, inner: str, headers: dict[str, str], rule: str
) -> None:
    """As the real one would: no answer to a message that its schema forbids."""
    status, fault = await post(national, "ChiTietVanBan", inner, headers)

    assert (status, text(fault, "faultcode")) == (500, "THAM_SO_KHONG_HOP_LE")
    assert any(rule in breach for breach in await breaches(national))


@pytest.mark.parametrize(
    "body",
    [b"<a/>", b"not XML", b"", envelope("Khac", ""), b"<!DOCTYPE a><a/>"],
    ids=["no envelope", "text", "empty", "unknown", "DOCTYPE"],
)
async def test_what_is_no_operation_is_a_client_fault(national: National, body: bytes) -> None:
    """And the journal shows what it came closest to."""
    status, fault = await post(national, "ChiTietVanBan", "", body=body)

    assert (status, text(fault, "faultcode")) == (500, "soap:Client")
    assert await breaches(national)


async def test_search_forgets_case_blanks_and_unicode_form(national: National) -> None:
    """By number, whole; by issuer, a part; by words, all of them."""
    status, page = await post(
        national,
        "TimKiemVanBan",
        "<vb:SoKyHieu> 68/2014/qh13 </vb:SoKyHieu><vb:Trang>1</vb:Trang><vb:SoBanGhi>20</vb:SoBanGhi>",
    )
    _, none = await post(
        national,
        "TimKiemVanBan",
        "<vb:SoKyHieu>68/2014</vb:SoKyHieu><vb:Trang>1</vb:Trang><vb:SoBanGhi>20</vb:SoBanGhi>",
    )
    _, words = await post(
        national, "TimKiemVanBan",
        "<vb:CoQuanBanHanh>QUỐC</vb:CoQuanBanHanh><vb:LoaiVanBan>luật</vb:LoaiVanBan>"
        "<vb:TuKhoa>nghiệp DOANH</vb:TuKhoa><vb:Trang>1</vb:Trang><vb:SoBanGhi>20</vb:SoBanGhi>",
    )  # fmt: skip

    assert (status, text(page, "TongSo"), text(page, "VanBan/SoKyHieu")) == (200, "1", "68/2014/QH13")
    assert text(none, "TongSo") == "0"
    assert int(text(words, "TongSo") or 0) >= 2


async def test_pages_do_not_overlap_and_end(national: National) -> None:
    """All decrees, page by page."""
    seen: list[str] = []
    total = page = 1
    while len(seen) < total:
        inner = f"<vb:LoaiVanBan>Nghị định</vb:LoaiVanBan><vb:Trang>{page}</vb:Trang><vb:SoBanGhi>100</vb:SoBanGhi>"
        _, found = await post(national, "TimKiemVanBan", inner)
        total = int(text(found, "TongSo") or 0)
        rows = [row.findtext("{*}Id") or "" for row in found.iterfind("{*}VanBan")]
        assert rows
        seen += rows
        page += 1

    assert len(seen) == len(set(seen)) == total
