"""What a road adds to each message, and what it says of the answer: on real sockets."""

from __future__ import annotations

import asyncio
import base64
import hashlib
from typing import Any

import pytest

from gateway.adapters.rest import RestAdapter
from gateway.core.message import Reply, Rest
from gateway.core.problems import Failing, GatewayError, OffContract
from gateway.core.settings import UpstreamSettings
from tests.support.odd_server import OddServer, Script, http, odd_server, saying

JSON = "Content-Type: application/json"
XROAD = {"client": "VN/GOV/H58/lgsp", "service": "VN/GOV/G08/dkdn/csdl"}
WRONG = saying(http(b"{}", JSON, "X-Road-Request-Id: 7", "X-Road-Request-Hash: AAAA"))
ASK = Rest(name="ask", path="ask", method="GET", query={"a": "1 2"})
TELL = Rest(name="tell", path="tell", json={"a": 1})
FILE = Rest(name="file", path="file", method="GET", raw=True)


async def carried(
    script: Script, *exchanges: Rest, road: str = "xroad", **block: Any
) -> tuple[list[Reply | GatewayError], OddServer, int]:
    """What became of *exchanges*, what the server heard, and how often drift was told."""
    drift = 0

    def on_drift() -> None:
        nonlocal drift
        drift += 1

    known = {**XROAD, **block} if road == "xroad" else block
    async with odd_server(script) as server, asyncio.timeout(5):
        settings = {"url": server.url, "allow_private": True, "road": road, road: known}
        adapter = RestAdapter(UpstreamSettings.model_validate(settings), on_drift=on_drift)
        await adapter.open()
        found: list[Reply | GatewayError] = []
        try:
            for exchange in exchanges:
                try:
                    found.append(await adapter.send(exchange))
                except GatewayError as error:
                    found.append(error)
        finally:
            await adapter.close()
        return found, server, drift


def heard(server: OddServer, number: int = 0) -> tuple[str, dict[str, str]]:
    """The first line and the headers of a message."""
    first, *lines = server.heard[number].partition(b"\r\n\r\n")[0].decode().split("\r\n")
    return first, dict(line.split(": ", 1) for line in lines)


@pytest.mark.parametrize("exchange", [ASK, TELL, FILE], ids=["GET", "POST", "file"])
async def test_difference_of_the_hash_is_drift_or_refused(exchange: Rest) -> None:
    """Without ``verify_hash`` the answer is used and the difference counted; with it nothing of the answer is used."""
    [answer], _, drift = await carried(WRONG, exchange)
    assert isinstance(answer, Reply)
    assert drift == 1

    [refused], _, drift = await carried(WRONG, exchange, verify_hash=True)
    assert isinstance(refused, OffContract)
    assert (refused.reason, drift) == ("request_hash", 0)


async def test_hash_of_the_very_message_is_accepted() -> None:
    """Computed here by the protocol from the bytes that arrived, in the order in which they arrived."""
    server = OddServer()

    async def script(writer: asyncio.StreamWriter) -> None:
        head, _, body = server_of[0].heard[-1].partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        method, target, _ = first.split(" ")
        kept = [line.replace(": ", ":", 1) for line in lines]
        kept = [line for line in kept if line.split(":")[0].lower() not in {"host", "user-agent", "content-length"}]
        text = "".join(f"{line}\r\n" for line in (method, target, *kept, "X-Road-Request-Id:7"))
        digest = hashlib.sha512(text.encode()).digest()
        if body:
            digest = hashlib.sha512(digest + hashlib.sha512(body).digest()).digest()
        told = base64.b64encode(digest).decode()
        await saying(http(b"{}", JSON, "X-Road-Request-Id: 7", f"X-Road-Request-Hash: {told}"))(writer)

    server_of = [server]
    form = Rest(name="token", path="token", form={"grant_type": "client_credentials", "ô": "đ &"})
    async with odd_server(script) as found, asyncio.timeout(5):
        server_of[0] = found
        settings = {
            "url": found.url, "allow_private": True, "road": "xroad", "xroad": {**XROAD, "verify_hash": True}
        }  # fmt: skip
        adapter = RestAdapter(UpstreamSettings.model_validate(settings))
        await adapter.open()
        try:
            for exchange in (ASK, TELL, FILE, form):
                reply = await adapter.send(exchange)
                assert reply.defect is None
                if reply.rest is not None:
                    await reply.rest.close()
        finally:
            await adapter.close()
    assert len(found.heard) == 4


async def test_each_message_says_client_id_and_user() -> None:
    """One client, an id of its own unless the exchange brings one, and the user of the configuration."""
    _, server, _ = await carried(
        WRONG, ASK, ASK, ASK.with_headers({"X-Road-Id": "mine"}), user_id="canbo.1", path="below"
    )

    found = [heard(server, number) for number in range(3)]
    assert {first for first, _ in found} == {"GET /r1/VN/GOV/G08/dkdn/csdl/below/ask?a=1+2 HTTP/1.1"}
    assert {(head["X-Road-Client"], head["X-Road-UserId"]) for _, head in found} == {("VN/GOV/H58/lgsp", "canbo.1")}
    ids = [head["X-Road-Id"] for _, head in found]
    assert len(set(ids)) == 3
    assert ids[2] == "mine"


async def test_error_of_the_road_comes_before_the_body() -> None:
    """An answer with X-Road-Error is the road's, whatever stands in it; nothing is counted as drift."""
    script = saying(http(b"<p>", "X-Road-Error: Server.ServerProxy.ServiceFailed", status="500 Internal Server Error"))
    for exchange in (ASK, TELL, FILE):
        [error], _, drift = await carried(script, exchange)
        assert isinstance(error, Failing)
        assert (error.reason, error.upstream_status, drift) == ("provider_failed", 500, 0)


async def test_message_to_another_host_goes_without_the_road() -> None:
    """A token endpoint that is not behind the security server sees neither client nor code."""
    async with odd_server(saying(http(b"{}", JSON))) as other:
        away = Rest(name="token", path=f"{other.url}/token", absolute=True, form={"a": "b"})
        [reply], server, drift = await carried(WRONG, away)
        [replied], _, _ = await carried(WRONG, away, road="xrdadapter", dstcode="VN:GOV:a")

    assert isinstance(reply, Reply)
    assert isinstance(replied, Reply)
    assert (server.heard, drift) == ([], 0)
    for number in range(2):
        first, head = heard(other, number)
        assert first == "POST /token HTTP/1.1"
        assert not [name for name in head if name.startswith("X-Road")]


async def test_adapter_of_a_security_server_gets_its_code_in_each_query() -> None:
    """``dstcode`` and ``providerurl`` beside the message's own query, for questions, orders, files and tokens."""
    block = {"dstcode": "VN:GOV:G22:vpcpdvcprovider", "provider_url": "https://dvc.example/a"}
    more = "dstcode=VN:GOV:G22:vpcpdvcprovider&providerurl=https://dvc.example/a"
    _, server, drift = await carried(WRONG, ASK, TELL, FILE, road="xrdadapter", **block)

    assert [heard(server, number)[0] for number in range(3)] == [
        f"GET /XrdAdapter/RestService/forward/ask?{more}&a=1+2 HTTP/1.1",
        f"POST /XrdAdapter/RestService/forward/tell?{more} HTTP/1.1",
        f"GET /XrdAdapter/RestService/forward/file?{more} HTTP/1.1",
    ]
    assert drift == 0
