"""The console in a real Chromium, on a gateway with a store beside the mock country: what an operator does with it."""

from __future__ import annotations

import asyncio
import hashlib
import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.test_applications import CODE, apply, until_state
from tests.gateway.pipeline.redis_server import RedisServer
from tests.support.chromium import browsing
from tests.support.console import EXECUTABLE, IN_CHROMIUM, QUESTION, WHY, Console, console_of, refused
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.operator import recorded
from tests.support.portal import Portal
from tests.support.postgres import address

#: Where the pictures go; `CONSOLE_IMAGES=docs/images` renews those of the documentation.
IMAGES = os.environ.get("CONSOLE_IMAGES")
TITLE: Final = "CSDLQG về đăng ký doanh nghiệp"

pytestmark = IN_CHROMIUM


async def asking(portal: Portal) -> None:
    """Less than a question a second, each to the source, until cancelled."""
    while True:
        await portal.ask("GET", QUESTION, headers={"Cache-Control": "no-cache"})
        await asyncio.sleep(1.1)


async def test_system_that_goes_down_is_on_the_page_within_three_seconds(console: Console) -> None:
    """Under less than one request a second: the headline names it, its card says why, a screen reader is told."""
    tab, national = console.tab, console.national
    task = asyncio.create_task(asking(console.portal))
    await console.says("#overall", "Mọi hệ thống đang trả lời")
    await national.fault("business_registry", "status", status=503)
    async with asyncio.timeout(3):
        await console.says("#overall", f"Đang lỗi: {TITLE}")

    card = "[data-system=business_registry]"
    assert await console.text(f"{card} .state") == "Đang lỗi"
    assert "Hệ thống quốc gia" in await console.text(f"{card} .why")
    assert await tab.run("document.getElementById('overall').getAttribute('aria-live')") == "polite"
    await national.calm()
    await console.says("#overall", "Mọi hệ thống đang trả lời")
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_operator_isolates_releases_and_purges(console: Console) -> None:
    """The key is asked for once; without a reason nothing is done; each deed is in the record of the page."""
    tab, portal, card = console.tab, console.portal, "[data-system=business_registry]"
    await portal.ask("GET", QUESTION)
    await console.press(f"{card} .upstream", "Cách ly")
    await console.sign_in("lgsp_wrong")
    await console.says("#sign-in .told", "khóa API")
    await console.sign_in()
    await console.fill(minutes="15")
    await tab.click("#deed-do")
    await console.says("#deed-told", "Ghi lý do")
    assert await recorded(portal) == []
    await console.confirm()
    await console.done()
    await console.says(f"{card} .state", "Đang cách ly")
    await console.says("#overall", f"Đang cách ly hoặc bảo trì: {TITLE}")
    assert (await portal.ask("GET", QUESTION.replace("32450", "32451"))).status in {400, 503}

    await console.press(f"{card} .upstream", "Bỏ cách ly")
    await console.confirm()
    await console.done()
    await tab.until(f"document.querySelector({card!r}).dataset.state !== 'isolated'")

    assert (await portal.ask("GET", QUESTION)).json["meta"]["freshness"] == "cached"
    await console.press(card, "Xóa bộ đệm")
    await console.confirm(operation="business_registry.enterprise", subject="6799432450")
    await console.done()
    assert (await portal.ask("GET", QUESTION)).json["meta"]["freshness"] == "live"

    await console.view("actions")
    await tab.until("document.querySelectorAll('#action-list tbody tr').length === 3")
    for word in ("isolate", "release", "purge", WHY, "laptop"):
        assert word in await console.text("#action-list")
    assert "6799432450" not in await console.text("#action-list")


async def test_maintenance_is_announced_and_sending_is_paused(console: Console) -> None:
    """Both have an end that the page shows, and are ended on the page."""
    tab, card = console.tab, "[data-system=business_registry]"
    await console.press(f"{card} .upstream", "Báo bảo trì")
    await console.sign_in()
    await console.confirm()
    await console.done()
    await console.says(f"{card} .plan", "Báo trước: bảo trì")
    await console.view("plans")
    await console.says("#isolation-list", "chưa bắt đầu")
    await console.press("#isolation-list", "Rút lịch")
    await console.confirm()
    await console.says("#isolation-list", "Không có hệ thống nào")

    pause = '[data-pause="criminal_records.apply"]'
    await tab.until(f"document.querySelector({pause!r})")
    await tab.click(pause)
    await console.confirm()
    await console.done()
    await tab.until(f"document.querySelector({pause!r})?.textContent === 'Chạy tiếp'")
    await console.says("#pause-list", WHY)
    await tab.click(pause)
    await console.confirm()
    await console.done()
    await tab.until(f"document.querySelector({pause!r})?.textContent === 'Tạm dừng'")
    assert [what for _, what, _, _ in await recorded(console.portal)] == ["resume", "pause", "withdraw", "announce"]


async def test_parked_dossier_is_found_tried_and_sent_again(console: Console) -> None:
    """By its code: what was sent and answered, what is missing; a dry run changes nothing; then it arrives."""
    code = CODE.format(1)
    await refused(console, code)
    await console.view("dossier")
    await console.tab.run(f"document.getElementById('code').value = {code!r}")
    await console.tab.click("#search button")
    await console.says("#timeline .missing", "chặn các yêu cầu sau")
    assert "criminal_records.apply" in await console.text("#timeline .missing")
    await console.says("#timeline .lane", "incomplete")

    await console.press("#timeline .lane", "Gửi lại")
    await console.sign_in()
    await console.fill(reason=WHY)
    await console.tab.click("#deed-dry")
    await console.says("#deed-told", "Chạy thử: 1 sẽ làm")
    assert await recorded(console.portal) == []
    await console.tab.click("#deed-do")
    await console.says("#deed-told", "Đã xong: 1 đã làm")
    await console.tab.click("#deed-cancel")
    await until_state(console.portal, code, "received")

    await console.press("#timeline .lane", "Hỏi bên kia")
    await console.confirm()
    await console.says("#deed-told", "bên kia có")
    await console.tab.click("#deed-cancel")
    await console.tab.click("#search button")
    await console.says("#timeline .fine", "Bên kia đã có mọi yêu cầu")
    assert [what for _, what, _, _ in await recorded(console.portal)] == ["ask", "retry"]


async def test_order_in_the_hands_of_a_process_says_until_when(console: Console) -> None:
    """While the ministry does not answer, the page says which process sends, and when another would take over."""
    code = CODE.format(1)
    await console.national.fault("criminal_records", "hang", operation="guiHoSo", requests="1")
    await apply(console.portal, console.national, code)
    await console.view("lanes")
    await console.tab.run("document.getElementById('lane-state').value = 'sending'")
    await console.tab.until(
        "(document.querySelector('#lane-filter button').click(), document.querySelector('#lane-list td'))"
    )
    assert re.search(r"Đang gửi \(ở tiến trình \S+; .* sau \d\d:\d\d:\d\d\)", await console.text("#lane-list"))

    await console.tab.run("document.querySelector('#lane-list a').click()")
    await console.says("#timeline .lane", "Trạng thái: Đang gửi (ở tiến trình ")


async def test_many_parked_dossiers_are_handled_at_once(console: Console) -> None:
    """Chosen in the list of those that wait; one is edited first, and wrong fields are told."""
    codes = [CODE.format(number) for number in (1, 2, 3)]
    for code in codes:
        await refused(console, code)
    await console.view("lanes")
    await console.says("#lanes-told", "3 hồ sơ")
    await console.tab.run(f"[...document.querySelectorAll('#lane-list a')].find(e => e.text === {codes[2]!r}).click()")
    await console.press("#timeline .lane", "Sửa và gửi")
    await console.sign_in()
    await console.confirm(body='{"copies": 0}')
    await console.says("#deed-told", "Không thực hiện được")
    await console.confirm(body="copies")
    await console.says("#deed-told", "JSON")
    await console.confirm(body='{"copies": 2}')
    await console.says("#deed-told", "Đã xong: 1 đã làm")
    await console.tab.click("#deed-cancel")
    await until_state(console.portal, codes[2], "received")

    await console.view("lanes")
    await console.says("#lanes-told", "2 hồ sơ")
    await console.tab.click("#lane-list thead input")
    await console.press("#lane-list", "Hủy")
    await console.fill(reason=WHY)
    await console.tab.click("#deed-dry")
    await console.says("#deed-told", "Chạy thử: 2 sẽ làm")
    await console.tab.click("#deed-do")
    await console.says("#deed-told", "Đã xong: 2 đã làm")
    await console.tab.click("#deed-cancel")
    await console.says("#lanes-told", "Không có hồ sơ nào như vậy")


async def test_page_is_drawn_four_times_a_second_at_most(console: Console) -> None:
    """However much comes; and a line has no more points than an hour has steps."""
    tab = console.tab
    before = await tab.run("[Number(document.body.dataset.drawn), performance.now()]")
    asks = [console.portal.ask("GET", QUESTION, headers={"Cache-Control": "no-cache"}) for _ in range(100)]
    await asyncio.gather(*asks)
    after = await tab.run("[Number(document.body.dataset.drawn), performance.now()]")
    assert (after[0] - before[0]) <= 4 * (after[1] - before[1]) / 1000 + 1

    points = await tab.run(
        "import('/console/charts.js').then(({History}) => { const one = new History(null, 5);"
        " for (let n = 0; n < 5000; n += 1) one.add([n, 1, 0, 0, 0, 0, null, null]); return one.at.length; })"
    )
    assert points == 720


async def test_lost_gateway_is_told(national: National, database: str, tmp_path: Path) -> None:
    """Old numbers are not shown as those of now."""
    assert EXECUTABLE is not None
    async with browsing(EXECUTABLE, tmp_path) as tab:
        settings = laptop_settings(national.url, store={"url": address(database)})
        async with serving_portal(settings) as portal:
            await tab.open(portal.gateway.ops_url)
            await tab.until(
                "document.body.dataset.ready && document.getElementById('live').innerText.includes('Trực tiếp')"
            )
        await tab.until("document.getElementById('live').innerText.includes('Mất kết nối')")
        assert await tab.run("document.body.classList.contains('lost')")


@pytest.mark.redis
async def test_breaker_of_another_gateway_is_on_the_page(
    national: National, own_redis: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state and since when, with a button to close it everywhere; without Redis the page says so."""
    monkeypatch.setenv("SHARED_CACHE_KEY", "the secret that two gateways of a test share")
    breaks = {"breaker": {"consecutive_failures": 1, "open_s": 3600}}
    shared: dict[str, Any] = {
        "cache": {"redis": {"url": own_redis.url, "key": "env:SHARED_CACHE_KEY"}},
        "connectors": {"business_registry": {"upstreams": {"ngsp": breaks}}},
    }
    async with (
        serving_portal(laptop_settings(national.url, **shared)) as other,
        console_of(national, tmp_path, **shared) as console,
    ):
        row = "[data-system=business_registry] .facts"
        await console.says(row, "1 tiến trình khác đóng")
        await national.fault("business_registry", "status", status=503)
        await other.ask("GET", QUESTION)
        await console.says(row, "mở (không hỏi), từ")
        await national.calm()
        await console.press("[data-system=business_registry] .upstream", "Đóng ngắt mạch")
        await console.sign_in()
        await console.confirm()
        await console.says(row, "1 tiến trình khác đóng")
        own_redis.stop()
        await console.says("#own", "Không liên lạc được với các tiến trình khác")
        own_redis.start()
        await console.tab.until("document.getElementById('own').hidden")


async def test_key_is_asked_for_beyond_loopback(national: National, tmp_path: Path) -> None:
    """The page loads without one and shows nothing of the gateway until somebody has signed in."""
    digest = hashlib.sha256(b"lgsp_lan_key").hexdigest()
    ops = {"host": "0.0.0.0", "operators": {"laptop": {"key": None, "key_sha256": digest, "scopes": ["read"]}}}
    async with console_of(national, tmp_path, ops=ops) as console:
        await console.tab.until("document.querySelector('#sign-in[open]')")
        assert await console.tab.run("document.querySelectorAll('.card').length") == 0
        await console.sign_in("lgsp_lan_key")
        await console.tab.until("document.querySelectorAll('.card').length > 3")
        await console.says("#session", "laptop")
        assert await console.tab.run("document.cookie") == ""


async def test_pictures_for_the_documentation(console: Console, tmp_path: Path) -> None:
    """On a desk, dark, on a phone and in English; nothing is wider than the screen."""
    tab, portal, national = console.tab, console.portal, console.national
    await refused(console, CODE.format(1))
    for number in range(14):
        if number == 9:
            await national.fault("business_registry", "status", status=503)
        await asyncio.gather(
            portal.ask("GET", QUESTION, headers={"Cache-Control": "no-cache"}),
            portal.ask("GET", "/v1/legal-documents?q=nh%C3%A0"),
        )
        await asyncio.sleep(1.5)
    await console.says("#overall", "Đang lỗi")
    await console.says("#overall", "Hồ sơ chờ người xử lý")
    shots: dict[str, bytes] = {}
    await tab.size(1360, 900)
    await tab.run("document.activeElement.blur(), window.scrollTo(0, 0)")
    shots["console.png"] = await tab.screenshot()
    await tab.run("document.documentElement.dataset.theme = 'dark'; document.getElementById('theme').click()")
    await tab.until("document.documentElement.dataset.theme === 'dark'")
    await asyncio.sleep(0.4)
    shots["console-dark.png"] = await tab.screenshot()
    for _ in range(2):
        await tab.click("#theme")
    await tab.click("#language")
    await console.says("#overall", "Failing")
    await asyncio.sleep(0.4)
    shots["console-english.png"] = await tab.screenshot()
    await tab.click("#language")
    await tab.size(390, 844, phone=True)
    await asyncio.sleep(0.6)
    assert await tab.run("document.documentElement.scrollWidth") == 390
    shots["console-phone.png"] = await tab.screenshot()

    folder = Path(IMAGES) if IMAGES else tmp_path
    for name, shot in shots.items():
        assert shot[:4] == b"\x89PNG"
        assert len(shot) < 200_000, name
        await asyncio.to_thread((folder / name).write_bytes, shot)
