"""The page in a real Chromium: what a tester does with it, in both languages, on a desk and on a phone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from mocks.engine.country import Country
from mocks.engine.server import listening
from tests.mocks.engine.test_pushing import receiving
from tests.support.chromium import Tab, browsing, chromium

EXECUTABLE = chromium()
#: Where the pictures go; `MOCKS_IMAGES=docs/images` renews those of the documentation.
IMAGES = os.environ.get("MOCKS_IMAGES")

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason="no Chromium on this machine; name one with LGSP_CHROMIUM")


@dataclass
class Page:
    """The page, open in a browser, and the country behind it."""

    tab: Tab
    country: Country
    url: str

    async def text(self, selector: str) -> str:
        return await self.tab.run(f"document.querySelector({selector!r}).innerText")

    async def click_named(self, selector: str, text: str) -> None:
        """Clicks the element of this selector that says *text*."""
        await self.tab.run(
            f"[...document.querySelectorAll({selector!r})].find(e => e.textContent === {text!r}).click()"
        )

    async def fill(self, **values: str) -> None:
        """Chooses and types in the form of faults."""
        for name, value in values.items():
            await self.tab.run(
                f"(() => {{ const e = document.getElementById('fault-form').elements[{name!r}];"
                f" e.value = {value!r}; e.dispatchEvent(new Event('change')); }})()"
            )


@pytest.fixture
async def page(tmp_path: Path) -> AsyncIterator[Page]:
    """The whole country's page, loaded, in Vietnamese."""
    assert EXECUTABLE is not None
    country = await asyncio.to_thread(Country)
    async with listening(country) as url, browsing(EXECUTABLE, tmp_path) as tab:
        await tab.size(1360, 1000)
        await tab.open(url)
        await tab.until("document.body.dataset.ready")
        yield Page(tab, country, url)
        assert tab.complaints == []
        assert all(asked.startswith((url, "data:", "about:")) for asked in tab.requests)


async def test_a_tester_works_with_the_page(page: Page) -> None:
    """Tries a sample, sees it in the journal live, puts a fault, meets it, clears it, picks a scenario, moves time."""
    tab, country = page.tab, page.country

    await tab.click("#service-list button.try")
    await tab.until("document.getElementById('tried-told').textContent.startsWith('HTTP 200')")
    assert "msdn=" in await page.text("#tried-request")
    assert "ENTERPRISE_GDT_CODE" in await page.text("#tried-answer")
    await tab.until("document.querySelectorAll('#entries tr').length === 1")
    await tab.until("document.querySelector('#entries').innerText.includes('200')")
    await tab.run("document.getElementById('tried').close()")

    await page.fill(system="business_registry", operation="chiTietDoanhNghiep", kind="status")
    await page.fill(**{"parameter-status": "503", "requests": "1"})
    await tab.click("#fault-form button[type=submit]")
    await tab.until("document.querySelectorAll('#fault-list li').length === 1")
    await tab.click("#service-list button.try")
    await tab.until("document.getElementById('tried-told').textContent.startsWith('HTTP 503')")
    await tab.until("document.querySelector('#entries tr').innerText.includes('503')")
    await tab.run("document.getElementById('tried').close()")
    await tab.click("#clear")
    await tab.until("document.querySelectorAll('#fault-list li').length === 0")
    assert country.faults.as_json()["faults"] == []

    await page.click_named("#scenario-list button", "registry-down")
    await tab.until("document.getElementById('scenario-now').textContent === 'registry-down'")
    assert country.scenario == "registry-down"
    await tab.until("document.querySelectorAll('#fault-list li').length === 2")

    before = country.clock.ahead
    shown = f"{country.clock.now() + timedelta(days=3):%d/%m/%Y}"
    await tab.click("[data-advance=P3D]")
    await tab.until(f"document.getElementById('clock-now').textContent.startsWith({shown!r})")
    assert country.clock.ahead - before == timedelta(days=3)

    await tab.click("#reset")
    await tab.until("document.getElementById('scenario-now').textContent === 'calm'")
    await tab.until("document.querySelectorAll('#entries tr').length === 0")
    assert country.journal.total() == 0


async def test_a_wrong_fault_is_told_on_the_page(page: Page) -> None:
    """What the administration refuses stands there in words, and the next success takes it away."""
    await page.fill(kind="latency", **{"parameter-seconds": "soon"})
    await page.tab.click("#fault-form button[type=submit]")

    await page.tab.until("!document.getElementById('message').hidden")
    assert "seconds" in await page.text("#message")
    await page.tab.click("#clear")
    await page.tab.until("document.getElementById('message').hidden")


async def test_both_languages_say_everything(page: Page) -> None:
    """No label is empty or left in the other language, and the choice lasts."""
    tab = page.tab
    labels = "[...document.querySelectorAll('[data-t]')].map(e => e.textContent)"
    vietnamese = await tab.run(labels)
    await tab.click("#language")
    english = await tab.run(labels)

    assert all(vietnamese)
    assert all(english)
    assert "Hệ thống" in vietnamese
    assert "Systems" in english
    assert not set(vietnamese) & set(english)
    assert await tab.run(
        "JSON.stringify(Object.keys(WORDS.vi).sort()) === JSON.stringify(Object.keys(WORDS.en).sort())"
    )
    await tab.open(page.url)
    await tab.until("document.documentElement.lang === 'en'")


async def test_what_systems_and_callers_say_is_text_on_the_page(page: Page) -> None:
    """Markup in a path that somebody asked for does nothing."""
    await page.tab.run("fetch('/business-registry/%3Cimg%20onerror=alert(1)%3E')")

    await page.tab.until("document.querySelector('#entries').innerText.includes('<img onerror')")
    assert await page.tab.run("document.querySelectorAll('img').length") == 0


async def test_pictures_for_the_documentation(page: Page, tmp_path: Path) -> None:
    """On a desk and on a phone; nothing is wider than the screen."""
    tab = page.tab
    for scenario in ("calm", "registry-down"):
        await page.click_named("#scenario-list button", scenario)
        await tab.until(f"document.getElementById('scenario-now').textContent === {scenario!r}")
        for _ in range(2):
            await tab.click("#service-list button.try")
            await tab.until("document.getElementById('tried-told').textContent.startsWith('HTTP')")
            await tab.run("document.getElementById('tried').close()")
    await tab.until("document.querySelectorAll('#entries tr').length === 4")
    await tab.until("document.querySelector('#entries tr').innerText.includes('503')")
    await tab.size(1360, 1320)
    await tab.run("document.activeElement.blur(), window.scrollTo(0, 0)")
    desk = await tab.screenshot()
    await tab.size(390, 844, phone=True)
    await tab.run("document.getElementById('days').scrollIntoView()")
    assert await tab.run("document.documentElement.scrollWidth") == 390
    phone = await tab.screenshot()

    assert desk[:4] == phone[:4] == b"\x89PNG"
    folder = Path(IMAGES) if IMAGES else tmp_path
    await asyncio.to_thread((folder / "mocks.png").write_bytes, desk)
    await asyncio.to_thread((folder / "mocks-phone.png").write_bytes, phone)


async def test_a_tester_lets_the_portal_push(page: Page) -> None:
    """A button for each kind: the dossier goes to the address in the field, and the page shows what came back."""
    async with receiving() as to:
        await page.tab.run(
            "(() => { const e = [...document.querySelectorAll('#service-list details')]"
            ".find(e => e.dataset.key === 'public_service_portal.pushes'); e.open = true;"
            f" const row = e.querySelector('.sample'); row.querySelector('input').value = {to.url!r};"
            " row.querySelector('button').click(); })()"
        )
        await page.tab.until("document.getElementById('tried-answer').innerText.includes('error_code')")
        told = await page.text("#tried-told")

    [sent] = to.bodies
    assert told.startswith("HTTP 200")
    assert sent["MaHoSo"] in await page.text("#tried-request")
    assert sent["ChuHoSo"] not in await page.text("body")
