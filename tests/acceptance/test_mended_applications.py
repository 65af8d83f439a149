"""Applications whose applicant was mended on the way, and certificates that stay wrong."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Final

import pytest

from tests.acceptance.test_applications import (
    CODE,
    PATH,
    apply,
    body_of,
    days,
    gateways,
    issued_with_anothers_paper,
    look,
    operate,
    purpose,
    until,
    until_state,
)
from tests.proof.processes import address
from tests.support.laptop import OTHER_DIALECTS, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal
from tests.support.written import hashed

NAME: Final = "Nguyễn Thị Đổi Tên"


@pytest.fixture
async def portal(national: National, database: str) -> AsyncIterator[Portal]:
    """A gateway with a store."""
    async with gateways(national, database) as [found]:
        yield found


async def plan(national: National, code: str, course: str) -> None:
    """The course of an application at the ministry."""
    url = f"{national.url}/__mock/applications/plan"
    async with national.session.put(url, json={"dossier": code, "course": course}) as answer:
        assert answer.status == 200, await answer.text()


async def mended(national: National, code: str) -> dict[str, Any]:
    """The application with another name of its applicant."""
    body = await body_of(national, code)
    body["applicant"]["full_name"] = NAME
    return body


async def test_a_supplement_may_mend_the_name(portal: Portal, national: National) -> None:
    """What is asked for is told; the certificate is held against what the ministry took last, and given out."""
    code = CODE.format(31)
    await plan(national, code, "supplement")
    await apply(portal, national, code)
    await until_state(portal, code, "received")
    await days(national, 4)
    asked = await until_state(portal, code, "supplement_requested")
    headers = {**purpose(code), "Idempotency-Key": f"supplement-{code}"}
    body = await mended(national, code)
    sent = await portal.ask("POST", f"{PATH}/{code}/supplement", body=body, headers=headers, purpose=False)
    await until_state(portal, code, "received")
    await days(national, 7)
    await until_state(portal, code, "issued")
    paper = await until(lambda: look(portal, code, "/certificate"), lambda found: found.status != 404)

    assert asked.json["data"]["supplement_request"]
    assert (sent.status, paper.status) == (202, 200)


async def test_an_application_that_was_refused_may_be_made_anew_with_another_name(
    portal: Portal, national: National
) -> None:
    """The order that never arrived says nothing about the certificate."""
    code = CODE.format(32)
    await national.fault("criminal_records", "status", operation="guiHoSo", requests="1", status=413)
    await apply(portal, national, code)
    await until_state(portal, code, "refused")
    await operate(portal, "POST", f"/api/lanes/criminal_records/{code}/cancel", {"reason": "another name"})
    headers = {**purpose(code), "Idempotency-Key": f"anew-{code}"}
    await portal.ask("POST", PATH, body=await mended(national, code), headers=headers, purpose=False)
    await until_state(portal, code, "received")
    await days(national, 7)
    await until_state(portal, code, "issued")
    paper = await until(lambda: look(portal, code, "/certificate"), lambda found: found.status != 404)

    assert paper.status == 200


async def test_a_foreign_supplement_that_was_refused_holds_back_no_application(
    national: National, database: str
) -> None:
    """Who applies has the dossier: the other's supplement, of which the ministry knows nothing, is cancelled."""
    other, code = "another caller's key", CODE.format(34)
    callers = {"other": {"key_sha256": hashed(other), "scopes": ["*", "*:personal"]}}
    changes: dict[str, Any] = {"store": {"url": address(database)}, "clock": {"follow": national.url}}
    async with serving_portal(laptop_settings(national.url, callers=callers, **changes)) as portal:
        url, headers = f"{PATH}/{code}/supplement", {**purpose(code), "Idempotency-Key": "foreign"}
        body = await body_of(national, code)
        await portal.ask("POST", url, body=body, headers=headers, purpose=False, key=other)
        lane = f"/api/lanes/criminal_records/{code}"
        async with asyncio.timeout(20):
            while (await operate(portal, "GET", lane))[1]["data"]["state"] != "parked":  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        await apply(portal, national, code)
        found = await until_state(portal, code, "received")

    assert ("cancelled", "other_caller") in [(one["state"], one["note"]) for one in found.json["data"]["history"]]
    assert await national.total("criminal_records", "guiHoSo") == 1


async def test_a_certificate_that_stays_wrong_is_told_once(portal: Portal, national: National) -> None:
    """It is looked at again and again, and the history does not grow."""
    code = CODE.format(33)
    await issued_with_anothers_paper(portal, national, code)
    await until(lambda: look(portal, code, "/certificate"), lambda found: found.status == 502)
    for _ in range(6):  # in turn a look, and the file anew
        before = await national.total("criminal_records", "nhanTrangThai")
        await days(national, 1)
        async with asyncio.timeout(20):
            while await national.total("criminal_records", "nhanTrangThai") == before:  # noqa: ASYNC110  # a server
                await asyncio.sleep(0.05)
    found = await look(portal, code)

    told = [entry["note"] for entry in found.json["data"]["history"]]
    assert sum(note in {"other_person", "other_number"} for note in told) == 1


@pytest.mark.parametrize("dialect", ["ngsp", "ws"])
async def test_a_list_of_changes_is_asked_for_and_acknowledged(national: National, database: str, dialect: str) -> None:
    """A gateway that starts asks at once which applications have changed, and says which of them it has noted."""
    code, before = CODE.format(35), "ws." if dialect == "ws" else ""
    changes: dict[str, Any] = {"store": {"url": address(database)}, "clock": {"follow": national.url}}
    offered = {name: {"upstream": dialect} for name in ("apply", "application", "cancel")}
    connectors = {"criminal_records": {**OTHER_DIALECTS["criminal_records"], "operations": offered}}
    settings = laptop_settings(national.url, connectors=connectors, **changes)
    async with serving_portal(settings) as portal:
        await apply(portal, national, code)
        await until_state(portal, code, "received")
    await days(national, 4)
    async with serving_portal(settings) as portal:
        async with asyncio.timeout(20):
            while not await national.total("criminal_records", f"{before}danhDauHsThanhCong"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)

    assert await national.total("criminal_records", f"{before}traDsTrangThaiHs") > 0
