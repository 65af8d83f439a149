"""What explains the gateway: catalogue, documentation, the page of each problem, the operator's port."""

from __future__ import annotations

import html
import json
import re
from typing import Final

import aiohttp
import pytest

from gateway.api.reasons import reasons_of
from gateway.api.texts import CODES
from tests.support.laptop import ROOT
from tests.support.national import National
from tests.support.portal import Portal

pytestmark = pytest.mark.asyncio(loop_scope="module")

SYSTEMS: Final = {"business_registry", "social_insurance", "legal_documents", "criminal_records"}


# ---- the catalogue


async def test_catalogue_lists_what_is_connected(shared_portal: Portal) -> None:
    """Each connector with its operations, their routes, upstreams and state, and since when."""
    answered = await shared_portal.ask("GET", "/v1/connectors")
    entries = {entry["name"]: entry for entry in answered.json["data"]}

    assert set(entries) >= SYSTEMS
    for entry in entries.values():
        assert {"name", "title", "state", "upstreams", "planned_maintenance", "operations"} <= set(entry)
        assert all(up["state"] in {"unknown", "up", "failing"} and up["since"] for up in entry["upstreams"])
        for operation in entry["operations"]:
            assert operation["path"].startswith("/v1/")
            assert operation["offered"] is True


@pytest.mark.parametrize("name", ["business_registry", "business-registry"])
async def test_connector_is_found_by_either_spelling(name: str, shared_portal: Portal) -> None:
    """The name as in operations, and as in routes."""
    answered = await shared_portal.ask("GET", f"/v1/connectors/{name}")

    assert answered.json["data"]["name"] == "business_registry"


async def test_unknown_connector_is_not_found(shared_portal: Portal) -> None:
    """No connector of this name: a 404 that says where the names are."""
    answered = await shared_portal.ask("GET", "/v1/connectors/nothing")

    assert answered.verdict == (404, "not-found")
    assert "/v1/connectors" in answered.json["detail"]


async def test_unknown_connector_in_vietnamese_is_not_blamed_on_a_national_system(shared_portal: Portal) -> None:
    """The Vietnamese detail speaks of the gateway's connectors, as the English one does."""
    answered = await shared_portal.ask("GET", "/v1/connectors/nothing", headers={"Accept-Language": "vi"})

    assert answered.json["detail"].startswith("Cổng tích hợp không có kết nối tên này")


async def test_catalogue_says_no_secret(shared_portal: Portal) -> None:
    """Neither addresses nor credentials of upstreams are told to callers."""
    answered = await shared_portal.ask("GET", "/v1/connectors")
    secrets = [path.read_text("utf-8").strip() for path in (ROOT / "contracts").glob("*/credentials/*")]

    assert secrets
    assert not [secret for secret in secrets if len(secret) > 6 and secret in answered.body.decode()]
    assert "http://" not in answered.body.decode()


# ---- documentation


async def test_docs_need_nothing_from_elsewhere(shared_portal: Portal) -> None:
    """The page, its script and its style come from here, without a key, and forbid what doesn't."""
    page = await shared_portal.ask("GET", "/docs", key=None)
    assets = re.findall(r'(?:src|href)="(/docs/[^"]+)"', page.body.decode())

    assert page.media_type == "text/html"
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page.body.decode())
    assert len(assets) >= 3
    for asset in assets:
        answered = await shared_portal.ask("GET", asset, key=None)
        assert (answered.status, bool(answered.body)) == (200, True)
        assert answered.media_type in {"text/javascript", "text/css"}


@pytest.mark.parametrize("code", CODES)
async def test_each_problem_has_its_page(code: str, shared_portal: Portal) -> None:
    """The address in a problem's ``type`` tells code and reasons in both languages, and whether to try again."""
    answered = await shared_portal.ask("GET", f"/problems/{code}", key=None)
    page = answered.body.decode()

    assert (answered.status, answered.media_type) == (200, "text/html")
    assert f"<code>{code}</code>" in page
    assert CODES[code].title.vi in page
    for reason, text in reasons_of(code).items():
        assert f"<dt><code>{reason}</code></dt>" in page
        assert html.escape(text.en) in page
        assert html.escape(text.vi) in page
    assert "Sending the same request again" in page


async def test_unknown_problem_has_none(shared_portal: Portal) -> None:
    """What is no code is an unknown route."""
    assert (await shared_portal.ask("GET", "/problems/nothing")).verdict == (404, "unknown-route")


# ---- the operator's port


async def test_operators_port_tells_how_it_is(shared_portal: Portal, shared_national: National) -> None:
    """Alive, ready, metrics and connectors, none of them on the public port."""
    await shared_portal.look_up(
        "business_registry.enterprise", (await shared_national.samples("business_registry.enterprise"))[0]
    )
    found = {}
    async with aiohttp.ClientSession() as session:
        for path in ("/livez", "/readyz", "/metrics", "/connectors"):
            async with session.get(shared_portal.gateway.ops_url + path) as answer:
                assert answer.status == 200
                found[path] = await answer.text()
            assert (await shared_portal.ask("GET", path)).verdict == (404, "unknown-route")

    assert found["/livez"] == "ok\n"
    assert json.loads(found["/readyz"])["ready"] is True
    assert {entry["name"] for entry in json.loads(found["/connectors"])["data"]} >= SYSTEMS
    assert re.search(r'^lgsp_requests_total\{.*connector="business_registry".*\} \d', found["/metrics"], re.MULTILINE)


async def test_metrics_come_in_the_format_that_is_asked_for(shared_portal: Portal) -> None:
    """A scraper that wants OpenMetrics gets it."""
    accept = {"Accept": "application/openmetrics-text; version=1.0.0"}
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{shared_portal.gateway.ops_url}/metrics", headers=accept) as answer,
    ):
        assert answer.content_type == "application/openmetrics-text"
        assert (await answer.text()).endswith("# EOF\n")
