"""The REST adapter's connections: where they break, whom they are made to, and what is never done with them."""

from __future__ import annotations

import asyncio
import socket

import aiohttp
import pytest

from gateway.adapters.rest import RestAdapter
from gateway.adapters.session import GuardedResolver, is_public, make_session
from gateway.core.message import Rest
from gateway.core.problems import Failing, GatewayError, Refused
from gateway.core.settings import UpstreamSettings
from tests.support.odd_server import Script, http, odd_server, saying, silence
from tests.support.rest_adapter import ASK, JSON, error_of, reply_to

# ---- connections


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (saying(), "unreachable"),
        (saying(reset=True), "unreachable"),
        (saying(b"HTTP/1.1 200"), "unreachable"),
        (saying(http(b'{"a": ', JSON, length=100)), "cut_off"),
        (saying(http(b'{"a": ', JSON, length=100), reset=True), "cut_off"),
        (saying(http(b'8\r\n{"a":', JSON, "Transfer-Encoding: chunked", length=None)), "cut_off"),
    ],
    ids=["closed", "reset", "head cut", "body cut", "body reset", "chunk cut"],
)
async def test_broken_connection_is_told_by_where_it_broke(script: Script, reason: str) -> None:
    """Before the answer it could not be reached, within it it was cut off; either way bytes had left."""
    error = await error_of(script)

    assert isinstance(error, Failing)
    assert (error.reason, error.may_have_arrived) == (reason, True)


async def test_refused_connection_sent_nothing() -> None:
    """Where nobody listens no byte left, so even an order may be sent again."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    adapter = RestAdapter(UpstreamSettings(url=f"http://127.0.0.1:{port}", allow_private=True))
    await adapter.open()
    with pytest.raises(Failing) as met:
        await adapter.send(ASK)
    await adapter.close()

    assert (met.value.reason, met.value.may_have_arrived) == ("unreachable", False)


async def test_unknown_name_sent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the name has no address no byte left."""

    async def nowhere(*_: object, **__: object) -> list[object]:
        raise OSError(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", nowhere)
    adapter = RestAdapter(UpstreamSettings(url="http://ministry.invalid"))
    await adapter.open()
    with pytest.raises(Failing) as met:
        await adapter.send(ASK)
    await adapter.close()

    assert (met.value.reason, met.value.may_have_arrived) == ("unreachable", False)
    assert "ministry" not in str(met.value)


async def test_silent_server_is_left_when_the_caller_leaves() -> None:
    """The adapter has no patience of its own; who cancels it closes the connection."""
    async with odd_server(silence) as server:
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True))
        await adapter.open()
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await adapter.send(ASK)
        await adapter.close()

    assert len(server.heard) == 1


async def test_dribbling_server_is_left_as_well() -> None:
    """One byte now and then does not buy time: the limit is on the whole."""

    async def dribble(writer: asyncio.StreamWriter) -> None:
        writer.write(http(b"", JSON, length=100))
        while not writer.is_closing():
            writer.write(b" ")
            await asyncio.sleep(0.005)

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await reply_to(dribble)


async def test_redirect_is_not_followed() -> None:
    """An answer that points elsewhere is an answer; nobody goes there."""
    async with odd_server(saying(http(b"{}", JSON))) as elsewhere:
        reply = await reply_to(saying(http(b"{}", JSON, f"Location: {elsewhere.url}/x", status="302 Found")))

    assert reply.status == 302
    assert elsewhere.heard == []


async def test_cookies_are_not_kept() -> None:
    """What a source wants remembered is not sent back to it."""
    async with odd_server(saying(http(b"{}", JSON, "Set-Cookie: session=1; Path=/"))) as server:
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True))
        await adapter.open()
        await adapter.send(ASK)
        await adapter.send(ASK)
        await adapter.close()

    assert len(server.heard) == 2
    assert all(b"cookie" not in request.lower() for request in server.heard)


async def test_question_is_never_repeated_unasked() -> None:
    """A kept connection that turns out closed is an error like any other: the retry step alone asks twice."""
    kept = http(b"{}", JSON).replace(b"Connection: close\r\n", b"")

    async def once(writer: asyncio.StreamWriter) -> None:
        writer.write(kept)
        await asyncio.sleep(0.02)  # so that the next question is sent on a connection that ends under it
        writer.transport.abort()

    async with odd_server(once) as server:
        adapter = RestAdapter(UpstreamSettings(url=server.url, allow_private=True))
        await adapter.open()
        await adapter.send(ASK)
        with pytest.raises(Failing) as met:
            await adapter.send(ASK)
        await adapter.close()

    assert met.value.reason == "unreachable"
    assert len(server.heard) == 1


# ---- addresses


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "[::1]", "[::ffff:10.0.0.1]", "0.0.0.0"]
)
async def test_private_address_is_refused_unless_permitted(host: str) -> None:
    """An upstream on a private range is refused before a connection, where configuration does not permit it."""
    adapter = RestAdapter(UpstreamSettings(url=f"http://{host}:1"))
    await adapter.open()
    with pytest.raises(Refused) as met:
        await adapter.send(ASK)
    await adapter.close()

    assert (met.value.reason, met.value.may_have_arrived) == ("private_address", False)


async def test_private_token_address_is_refused_as_well() -> None:
    """A token endpoint of a public upstream is no way around the rule."""
    adapter = RestAdapter(UpstreamSettings(url="http://ministry.example"))
    await adapter.open()
    with pytest.raises(Refused, match="private"):
        await adapter.send(Rest(name="token", path="http://169.254.169.254/token", absolute=True, form={}))
    await adapter.close()


async def test_name_with_a_private_address_is_not_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads to a private range is refused when connecting, whatever it led to before."""
    async with odd_server(saying(http(b"{}", JSON))) as server:
        port = int(server.url.rpartition(":")[2])

        async def rebound(*_: object, **__: object) -> list[dict[str, object]]:
            return [{"hostname": "x", "host": "127.0.0.1", "port": port, "family": 2, "proto": 6, "flags": 0}]

        monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", rebound)
        adapter = RestAdapter(UpstreamSettings(url=f"http://ministry.example:{port}"))
        await adapter.open()
        with pytest.raises(GatewayError) as met:
            await adapter.send(ASK)
        await adapter.close()

    assert met.value.may_have_arrived is False
    assert server.heard == []


async def test_resolver_keeps_public_addresses_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of several addresses the private ones are left out."""

    async def both(*_: object, **__: object) -> list[dict[str, object]]:
        return [{"host": "10.0.0.1"}, {"host": "8.8.8.8"}]

    monkeypatch.setattr(aiohttp.ThreadedResolver, "resolve", both)
    resolver = GuardedResolver()

    assert await resolver.resolve("ministry.example", 80) == [{"host": "8.8.8.8"}]
    await resolver.close()


@pytest.mark.parametrize(
    ("address", "public"),
    [("8.8.8.8", True), ("2001:4860:4860::8888", True), ("127.0.0.1", False), ("fe80::1%eth0", False),
     ("100.64.0.1", False), ("::ffff:127.0.0.1", False), ("224.0.0.1", False), ("nonsense", False), ("", False),
     ("::ffff:8.8.8.8", True), ("::ffff:10.0.0.1", False), ("::ffff:100.64.0.1", False),
     ("64:ff9b::7f00:1", False), ("64:ff9b::808:808", False), ("64:ff9b:1::a00:1", False), ("2002:7f00:1::", False),
     ("2002:a00:1::1", False), ("192.88.99.1", False), ("::7f00:1", False), ("::10.0.0.1", False), ("::", False),
     ("fec0::1", False), ("feff::1", False), ("fc00::1", False), ("3fff::1", False), ("5f00::1", False),
     ("2001::1", False), ("2003::1", True), ("64:ff9b:2::1", True),
     ("::ffff:0:7f00:1", False), ("::ffff:0:808:808", False)],
)  # fmt: skip
def test_public_addresses_are_told_from_others(address: str, public: bool) -> None:
    """Loopback, private, link-local, shared and multicast ranges are not public."""
    assert is_public(address) is public


async def test_session_takes_nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy in the environment does not get to see the questions."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    reply = await reply_to(saying(http(b"{}", JSON)))

    assert reply.status == 200


async def test_session_keeps_few_connections() -> None:
    """One upstream can't take all sockets of the process."""
    session = make_session(UpstreamSettings(url="http://x.example", allow_private=True), connections=3)

    assert session.connector is not None
    assert session.connector.limit == 3
    await session.close()
