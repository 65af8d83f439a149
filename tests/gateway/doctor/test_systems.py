"""The way to a system, step by step: each place where it ends has its word."""

from __future__ import annotations

from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest

from gateway.cli.doctor import examine
from gateway.core.clock import SystemClock
from gateway.doctor.findings import Finding, as_json
from gateway.doctor.systems import of_answer
from gateway.registry import plan
from gateway.settings import Settings
from tests.gateway.pipeline.redis_server import free_port
from tests.support.certificates import Authority
from tests.support.odd_server import http, odd_server, saying

NOT_FOUND = http(b'{"data": null}', "Content-Type: application/json", status="404 Not Found")


def settings_of(url: str, **upstream: Any) -> Settings:
    """A deployment with one system, of legal documents, at *url*."""
    block = {"dialect": "gateway", "url": url, "allow_private": True, **upstream}
    return Settings.model_validate({"connectors": {"legal_documents": {"upstreams": {"gateway": block}}}})


async def system(url: str, **upstream: Any) -> Finding:
    """The finding about that system."""
    return (await examine(settings_of(url, **upstream)))[0]


@pytest.mark.parametrize(
    ("url", "upstream", "reason"),
    [
        ("http://no-such-host.invalid", {}, "name_unknown"),
        ("http://localhost:1", {"allow_private": False}, "private_address"),
        ("http://127.0.0.1:{port}", {}, "refused"),
    ],
)
async def test_way_that_ends_before_a_connection(url: str, upstream: dict[str, object], reason: str) -> None:
    """An unknown name, a private address and a port on which nothing listens are told apart."""
    found = await system(url.format(port=free_port()), **upstream)

    assert (found.state, [complaint.reason for complaint in found.complaints]) in (
        ("wrong", [reason]),
        # A machine whose resolver is mute says so of each name.
        ("wrong", ["resolver"] if reason == "name_unknown" else [reason]),
    )


@pytest.mark.parametrize(
    ("host", "days", "known", "reason"),
    [
        ("127.0.0.1", (-10, -1), True, "tls_expired"),
        ("ministry.example", (-1, 90), True, "tls_wrong_host"),
        ("127.0.0.1", (-1, 90), False, "tls_untrusted"),
        ("127.0.0.1", (-1, 9), True, "certificate_ends"),
    ],
)
async def test_certificate_has_its_word(
    host: str, days: tuple[int, int], known: bool, reason: str, tmp_path: Path
) -> None:
    """Nothing is asked where it is not trusted; one that ends soon is a warning with its days."""
    authority = Authority.make()
    trusted = authority if known else Authority.make()
    tls = authority.server(tmp_path, host=host, days=days)
    async with odd_server(saying(NOT_FOUND), tls=tls) as server:
        found = await system(server.url, ca_file=trusted.bundle(tmp_path))

    complaint = next(one for one in found.complaints if one.reason == reason)
    if reason == "certificate_ends":
        assert found.facts["certificate_days"] == 8
        assert "ends in 8 days" in complaint.text.en
    else:
        assert (found.state, len(found.complaints)) == ("wrong", 1)
        assert server.heard == []


async def test_clock_that_differs_is_told() -> None:
    """By the Date of the answer, with the seconds; the answer itself may be well."""
    late = formatdate(SystemClock().now().timestamp() - 600, usegmt=True)
    dated = http(b'{"data": null}', "Content-Type: application/json", f"Date: {late}", status="404 Not Found")
    async with odd_server(saying(dated)) as server:
        found = await system(server.url)

    (complaint,) = [one for one in found.complaints if one.reason == "clock_skew"]
    assert complaint.state == "warning"
    assert -605 < float(str(found.facts["clock_ahead_s"])) < -595


async def test_answer_with_an_unreadable_value_is_a_warning() -> None:
    """It can be used, and the developers are to be told."""
    wrong = b'{"MainInformation": {"ENTERPRISE_GDT_CODE": "6799432450", "NAME": "A", "FOUNDING_DATE": "soon"}}'
    async with odd_server(saying(http(wrong, "Content-Type: application/json"))) as server:
        block = {"dialect": "ngsp", "url": server.url, "allow_private": True}
        settings = Settings.model_validate({"connectors": {"business_registry": {"upstreams": {"ngsp": block}}}})
        found = (await examine(settings))[0]

    (complaint,) = [one for one in found.complaints if one.reason != "slow"]
    assert (complaint.reason, complaint.state) == ("drift", "warning")
    assert "(unreadable)" in complaint.text.en


def test_half_of_an_attempts_time_is_slow() -> None:
    """The seconds are told beside the limit of the configuration."""
    (up,) = plan(settings_of("http://127.0.0.1:1", attempt_timeout_s=4)).upstreams
    (complaint,) = of_answer(up, 2.0, {"unknown_field"})

    assert of_answer(up, 1.9, set()) == []
    assert (complaint.reason, complaint.state) == ("slow", "warning")
    assert "took 2 s of the 4 s" in complaint.text.en


async def test_findings_for_programs_have_both_languages() -> None:
    """``well`` is false where something is wrong, and each complaint has its word, its sentences and its cause."""
    told = as_json([await system(f"http://127.0.0.1:{free_port()}")])
    (finding,) = [one for one in told["findings"] if one["subject"] == "legal_documents/gateway"]  # type: ignore[attr-defined]  # plain JSON

    assert told["well"] is False
    (complaint,) = finding["complaints"]
    assert complaint["says"].startswith("Nothing listens on 127.0.0.1:")
    assert complaint["says_vi"].startswith("Không có dịch vụ ở 127.0.0.1:")
    assert "Connect call failed" in complaint["cause"]
