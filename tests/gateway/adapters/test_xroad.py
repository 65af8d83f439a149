"""X-Road's message protocol for REST: headers, errors of the road by whose fault, and the hash of a request."""

from __future__ import annotations

import base64
import hashlib
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.adapters.xroad import new_id, request_hash, road_error, road_headers
from gateway.core.problems import Failing, GatewayError, Internal, Refused
from gateway.core.settings import UpstreamSettings, XRoadSettings

CLIENT = "VN/GOV/000.00.00.H58/lgsp"
SERVICE = "VN/GOV/000.00.00.G08/dkdn/csdldkdn"


def test_headers_name_the_client_in_encoded_parts() -> None:
    """[G]: parts of an identifier are percent-encoded; the user goes only where configuration names one."""
    assert road_headers(XRoadSettings(client=CLIENT, service=SERVICE)) == {"X-Road-Client": CLIENT}
    named = XRoadSettings(client="VN/GOV/Sở/một-cửa", service=SERVICE, user_id="canbo.1")
    assert road_headers(named) == {
        "X-Road-Client": "VN/GOV/S%E1%BB%9F/m%E1%BB%99t-c%E1%BB%ADa",
        "X-Road-UserId": "canbo.1",
    }


def test_each_id_is_new() -> None:
    """A UUID names one exchange."""
    assert UUID(new_id()) != UUID(new_id())


@pytest.mark.parametrize(
    ("kind", "error", "reason", "of_write"),
    [
        ("Server.ClientProxy.UnknownMember", Refused, "road_refused", "not_done"),
        ("Server.ServerProxy.UnknownService", Refused, "road_refused", "not_done"),
        ("Server.ServerProxy.AccessDenied", Refused, "road_refused", "not_done"),
        ("Server.ServerProxy.NetworkError", Failing, "provider_failed", "unknown"),
        ("Server.ServerProxy.ServiceFailed", Failing, "provider_failed", "unknown"),
        ("Server.ServerProxy.ServiceFailed.HttpError", Failing, "provider_failed", "unknown"),
        ("Server.ClientProxy.NetworkError", Failing, "road_failed", "unknown"),
        ("Server.ClientProxy.OutdatedGlobalConf", Failing, "road_failed", "unknown"),
        ("Client.BadRequest", Internal, "road_request", "unknown"),
        ("", Failing, "road_failed", "unknown"),
        ("\N{SNOWMAN}<script>", Failing, "road_failed", "unknown"),
    ],
)
def test_errors_of_the_road_by_whose_fault(kind: str, error: type[GatewayError], reason: str, of_write: str) -> None:
    """A refusal wakes the operator and changed nothing; an order that the road lost has an unknown outcome."""
    found = road_error(500, {"x-road-error": kind})

    assert type(found) is error
    assert (found.reason, found.outcome("write"), found.upstream_status) == (reason, of_write, 500)
    assert "script" not in str(found)


def test_an_answer_without_the_header_is_the_providers() -> None:
    """[G]: X-Road-Error comes only where the road itself failed, whatever the status."""
    assert road_error(500, {"x-road-id": "1"}) is None


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_hash_binds_target_headers_and_body(one: bytes, other: bytes) -> None:
    """Any difference gives another hash; what a security server keeps for itself makes none."""
    sent = [("X-Road-Client", CLIENT), ("Accept", "application/json")]
    hashes = {request_hash("POST", "/r1/a?b=1", sent, "id", body) for body in (one, other)}

    assert len(hashes) == len({one, other})
    assert request_hash("POST", "/r1/a?b=1", [*sent, ("User-Agent", "x"), ("Host", "y")], "id", one) in hashes
    for changed in (
        request_hash("POST", "/r1/a?b=2", sent, "id", one),
        request_hash("PUT", "/r1/a?b=1", sent, "id", one),
        request_hash("POST", "/r1/a?b=1", sent, "other", one),
        request_hash("POST", "/r1/a?b=1", sent[:1], "id", one),
    ):
        assert changed not in hashes


def test_hash_is_that_of_the_protocol() -> None:
    """[G] SHA512(SHA512(headers) + SHA512(body)) in base64; the lines of the headers are [C]."""
    lines = b"POST\r\n/r1/a\r\nA:b\r\nX-Road-Request-Id:7\r\n"
    whole = hashlib.sha512(hashlib.sha512(lines).digest() + hashlib.sha512(b"x").digest()).digest()

    assert request_hash("POST", "/r1/a", [("A", "b")], "7", b"x") == base64.b64encode(whole).decode()
    assert (
        request_hash("POST", "/r1/a", [("A", "b")], "7", b"")
        == base64.b64encode(hashlib.sha512(lines).digest()).decode()
    )


@pytest.mark.parametrize(
    ("road", "base"),
    [
        ({}, "http://ss.example"),
        ({"road": "xroad", "xroad": {"client": CLIENT, "service": SERVICE}}, f"http://ss.example/r1/{SERVICE}"),
        (
            {"road": "xroad", "xroad": {"client": CLIENT, "service": "VN/GOV/Sở/x", "path": "ws"}},
            "http://ss.example/r1/VN/GOV/S%E1%BB%9F/x/ws",
        ),
        (
            {"road": "xrdadapter", "xrdadapter": {"dstcode": "VN:GOV:a"}},
            "http://ss.example/XrdAdapter/RestService/forward",
        ),
        (
            {"road": "xrdadapter", "xrdadapter": {"dstcode": "VN:GOV:a", "name": "VXPAdapter", "path": "a/b"}},
            "http://ss.example/VXPAdapter/RestService/forward/a/b",
        ),
    ],
)
def test_address_of_the_source_is_that_of_its_road(road: dict[str, object], base: str) -> None:
    """The paths of a connector are the same on every road."""
    assert UpstreamSettings.model_validate({"url": "http://ss.example/", **road}).base == base
