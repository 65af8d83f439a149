"""Dialect `gateway`: the public system of 2026."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import aiohttp
import pytest
from lxml import etree

from tests.mocks.services.legal_documents.support import (
    ACCESS,
    HEADERS,
    ID,
    KEY,
    SECRET,
    breaches,
    get,
    known,
    post,
    search,
    text,
)
from tests.support.national import National


async def test_key_or_token_else_401(national: National) -> None:
    """The system's own words for none, and a road's token in place of the key."""
    one = await known(national)
    form = {"grant_type": "client_credentials"}
    async with national.session.post(
        f"{national.url}/legal-documents/token", data=form, headers=_basic(ACCESS, SECRET)
    ) as answer:
        token = (await answer.json())["access_token"]

    assert (await get(national, one))[0] == 200
    bearer = {"Accept": "application/json", "Authorization": f"Bearer {token}"}
    assert (await get(national, one, bearer))[0] == 200
    status, refusal = await get(national, one, {"Accept": "application/json"})
    assert (status, refusal["message"]) == (401, "Missing Authorization header or X-API-KEY")


def _basic(user: str, password: str) -> dict[str, str]:
    """HTTP Basic."""
    return {"Authorization": aiohttp.encode_basic_auth(user, password)}


async def test_who_does_not_ask_for_json_gets_xml(national: National) -> None:
    """The journal says why."""
    one = await known(national)
    url = f"{national.url}/legal-documents/api/qtdc/public/doc/{one}"
    async with national.session.get(url, headers={"X-API-KEY": KEY, "Accept": "*/*"}) as answer:
        root = etree.fromstring(await answer.read())

    assert root.findtext("data/id") == one
    assert await breaches(national) == ["header Accept: does not ask for application/json"]


async def test_conditions_hold_together_and_fieldids_is_ignored(national: National) -> None:
    """As seen of the real one."""

    async def total(**body: Any) -> int:
        """How many fit."""
        return int((await search(national, **body))["total"])

    _, types = await get(national, "combobox?groupCode=LoaiVanBan")
    decree = next(entry["id"] for entry in types["data"] if entry["code"] == "NĐ")
    _, agencies = await get(national, "agency/combobox?type=TW")
    government = next(entry["id"] for entry in agencies["data"] if entry["name"] == "Chính phủ")
    everything, decrees = await total(), await total(docType=[decree])

    assert 0 < decrees < everything
    assert 0 < await total(docType=[decree], agencyIds=[government]) <= decrees
    assert await total(docType=[decree], fieldIds=["1"]) == decrees
    assert await total(docType=["none"]) == await total(agencyIds=["none"]) == 0
    assert 0 < await total(agencyLevel="TRUNG_UONG") < everything
    assert await total(docNum="68/2014") == 1


async def test_lists_are_newest_first(national: National) -> None:
    """Or oldest, where asked."""
    newest = [item["issueDate"] for item in (await search(national))["items"]]
    oldest = [item["issueDate"] for item in (await search(national, sortDirection="asc"))["items"]]

    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)


@pytest.mark.parametrize("body", [{"pageNumber": 0}, {"pageSize": 101}, {"pageNumber": "1"}])
async def test_a_page_that_is_none_is_400(national: National, body: dict[str, Any]) -> None:
    """Pages count from 1, at most 100 rows each."""
    url = f"{national.url}/legal-documents/api/qtdc/public/doc/all"
    async with national.session.post(url, headers=HEADERS, json={"pageNumber": 1, "pageSize": 20, **body}) as answer:
        assert answer.status == 400
    assert await breaches(national)


async def test_an_attachment_is_a_word_document(national: National) -> None:
    """Listed, downloaded, opened."""
    one = await known(national, "an empty body")
    _, files = await get(national, f"minio/buckets/vbpl/folders/{one}/files")
    name = next(entry["fileName"] for entry in files["data"] if entry["fileName"].endswith(".docx"))
    url = f"{national.url}/legal-documents/api/qtdc/public/doc/minio/buckets/vbpl/{one}/{name}/download"
    async with national.session.get(url, headers=HEADERS) as answer:
        packed = await answer.read()

    with zipfile.ZipFile(io.BytesIO(packed)) as archive:
        assert "Số: " in archive.read("word/document.xml").decode()


async def test_both_generations_tell_the_same(national: National) -> None:
    """Number, dates and status of one document."""
    one = await known(national, "a law, replaced")
    _, old = await post(national, "ChiTietVanBan", ID.format(one))
    _, new = await get(national, one)

    assert text(old, "VanBan/SoKyHieu") == new["data"]["docNum"]
    assert text(old, "VanBan/TinhTrangHieuLuc") == new["data"]["effStatus"]["code"] == "HHL"
    day = new["data"]["effTo"].partition("T")[0].split("-")
    assert text(old, "VanBan/NgayHetHieuLuc") == "/".join(reversed(day))


async def test_time_moves_what_is_in_force(national: National) -> None:
    """A document that waits for 2031 is in force when it has come."""
    one = await known(national, "not yet in force")
    _, before = await get(national, one)
    await national.advance("P6Y")
    _, after = await get(national, one)

    assert before["data"]["effStatus"]["code"] == "CCHL"
    assert after["data"]["effStatus"]["code"] == "CHL"
