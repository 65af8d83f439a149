"""The SOAP dialect against the mock's port, whose door is that of Apache WSS4J."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from gateway.connectors.criminal_records.operations import APPLY
from gateway.connectors.criminal_records.ws import WS
from gateway.connectors.criminal_records.ws.calls import acknowledge, changes
from gateway.connectors.criminal_records.ws.translate import WsSettings, classify
from gateway.core.message import Reply, Soap, SoapFault
from gateway.core.problems import OffContract, Refused
from gateway.core.wss import FAULTS
from gateway.testing import FakeUpstream, InTurn, make_call
from tests.gateway.connectors.criminal_records.support import ROAD, order_with
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import Portal

SYSTEM = "criminal_records"


def block(national: National, **changes: object) -> dict[str, Any]:
    """A deployment that asks the SOAP service."""
    credentials = national.country.world.contracts / SYSTEM / "credentials"
    ws = {
        "url": f"{national.url}/criminal-records/ws",
        "allow_private": True,
        "ministry_justice_id": 82,
        "username": f"file:{credentials / 'ws_username'}",
        "password": f"file:{credentials / 'ws_password'}",
        **PLAIN,
        **changes,
    }
    choices = {name: {"upstream": "ws"} for name in ("apply", "application")}
    return {SYSTEM: {"upstreams": {"ws": ws}, "operations": choices}}


@pytest.fixture
async def soap_portal(national: National) -> AsyncIterator[Portal]:
    """A gateway beside *national* that asks the SOAP service."""
    async with serving_portal(laptop_settings(national.url, connectors=block(national))) as found:
        yield found


async def test_application_goes_and_is_found(soap_portal: Portal, national: National) -> None:
    """Each message has a token of its own; the mandate, the family and the residences are carried."""
    samples = [one for one in await national.samples(f"{SYSTEM}.apply") if not one["body"].get("attachments")]
    accepted = [await soap_portal.look_up(f"{SYSTEM}.apply", sample) for sample in samples]
    found = await soap_portal.ask("GET", accepted[0].headers["Location"])
    cancelled = await soap_portal.ask("DELETE", accepted[0].headers["Location"])

    assert {one.status for one in accepted} == {202}
    assert (found.json["data"]["state"], found.json["data"]["source_text"]) == ("received", "STP đã tiếp nhận")
    assert (*cancelled.verdict, cancelled.json["reason"]) == (409, "conflict", "already_sent")


async def test_messages_at_once_have_different_tokens(soap_portal: Portal, national: National) -> None:
    """No nonce comes twice, so none is taken for a replay."""
    sample = (await national.samples(f"{SYSTEM}.application"))[0]
    answers = await asyncio.gather(*(soap_portal.look_up(f"{SYSTEM}.application", sample) for _ in range(20)))

    assert {one.status for one in answers} == {200}


async def test_wrong_password_wakes_the_operator(national: National, tmp_path: Any) -> None:
    """The door refuses before it reads: nothing was done."""
    wrong = tmp_path / "password"
    await asyncio.to_thread(wrong.write_text, "wrong")
    sample = (await national.samples(f"{SYSTEM}.apply"))[0]
    settings = laptop_settings(national.url, connectors=block(national, password=f"file:{wrong}"))
    async with serving_portal(settings) as portal:
        refused = await portal.look_up(f"{SYSTEM}.apply", sample)

    assert (*refused.verdict, refused.json["reason"]) == (502, "upstream-refused", "credentials")
    assert refused.json["outcome"] == "not_done"


# ---- the table

SUBMITTED = Soap(name="nhanHoSoDangKy")
ASKED = Soap(name="traTrangThaiHs")


@pytest.mark.parametrize("code", FAULTS)
def test_faults_of_the_door_prove_that_nothing_was_done(code: str) -> None:
    """The message behind it was not read."""
    found = classify(SUBMITTED, Reply(500, {}, SoapFault(code, "")))

    assert isinstance(found, Refused)
    assert found.outcome("write") == "not_done"


def test_replay_says_that_the_message_came_before() -> None:
    """Another copy of it may have been worked."""
    text = 'An error happened processing a Username Token "A replay attack has been detected"'
    seen = classify(SUBMITTED, Reply(500, {}, SoapFault("InvalidSecurity", text)))
    other = classify(SUBMITTED, Reply(500, {}, SoapFault("InvalidSecurity", "An error was discovered")))

    assert isinstance(seen, Refused)
    assert isinstance(other, Refused)
    assert (seen.outcome("write"), other.outcome("write")) == ("unknown", "not_done")


def test_message_off_the_schema_is_ours() -> None:
    """A fault that no table knows is left to the status."""
    off = classify(SUBMITTED, Reply(500, {}, SoapFault("Sender", "Unmarshalling Error: cvc-complex-type")))

    assert isinstance(off, OffContract)
    assert off.outcome("write") == "not_done"
    assert classify(ASKED, Reply(500, {}, SoapFault("Receiver", "Hệ thống đang bận"))) is None


async def test_changes_are_told_and_acknowledged() -> None:
    """As in ngsp, by SOAP messages."""
    settings = WsSettings.model_validate({**ROAD.model_dump(exclude={"base_path"}), "username": "u", "password": "p"})
    rows = [{"DECLARATION_ID": "A", "RECEIVE_NO": "x"}]
    script = {"traDsTrangThaiHs": {"STATUS": "1", "LISTCONTENT": rows}, "danhDauHsThanhCong": InTurn({"STATUS": "1"})}
    up = FakeUpstream(WS, settings, script, call=make_call(APPLY, order_with()))

    await acknowledge([one.token for one in await changes(up)], up)

    assert [json.loads(json.dumps(exchange.arguments)) for exchange in up.soap] == [
        {"infoType": "2"},
        {"declarationId": "A", "infoType": "2"},
    ]
