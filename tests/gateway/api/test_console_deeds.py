"""Deeds on the console in a real Chromium, as people do them: by keyboard, on a phone, under traffic, after a day."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from typing import Final

from tests.acceptance.test_applications import CODE, until_state
from tests.support.console import IN_CHROMIUM, QUESTION, WHY, Console, console_of, refused
from tests.support.national import National
from tests.support.operator import recorded
from tests.support.portal import KEY

CARD: Final = "[data-system=business_registry]"
BUTTON: Final = f"document.querySelectorAll('{CARD} .upstream button')"
FOCUSED: Final = "document.activeElement.textContent"

pytestmark = IN_CHROMIUM


async def test_keyboard_alone_isolates_and_releases(console: Console) -> None:
    """From the top of the page by Tab, Enter and letters; the focus is then on the opposite of what was done."""
    tab = console.tab
    await tab.run("document.body.focus()")
    await reach(console, "Cách ly")
    await console.strike("Enter", 13)
    await tab.until("document.activeElement?.id === 'key'")
    await console.write(KEY)
    await console.strike("Enter", 13)
    await tab.until("document.activeElement?.id === 'deed-minutes'")
    await console.strike("Tab", 9)
    await reason_by_keyboard(console)
    await console.says(f"{CARD} .state", "Đang cách ly")
    await tab.until(f"{FOCUSED} === 'Bỏ cách ly'")

    await console.strike("Enter", 13)
    await tab.until("document.activeElement?.id === 'deed-reason'")
    await reason_by_keyboard(console)
    await tab.until(f"{FOCUSED} === 'Cách ly'")
    assert [what for _, what, _, _ in await recorded(console.portal)] == ["release", "isolate"]


async def test_keyboard_alone_sends_a_parked_dossier_again(console: Console) -> None:
    """Found by its code, sent, and the dialog left; the focus is not lost with the button that is gone."""
    tab, code = console.tab, CODE.format(1)
    await refused(console, code)
    await reach(console, "Tra hồ sơ")
    await console.strike("Enter", 13)
    await tab.until("document.activeElement?.id === 'code'")
    await console.write(code)
    await console.strike("Enter", 13)
    await console.says("#timeline .missing", "chặn các yêu cầu sau")
    await reach(console, "Gửi lại")
    await console.strike("Enter", 13)
    await tab.until("document.activeElement?.id === 'key'")
    await console.write(KEY)
    await console.strike("Enter", 13)
    await tab.until("document.activeElement?.id === 'deed-reason'")
    await console.write(WHY)
    await reach(console, "Gửi lại")
    await console.strike("Enter", 13)
    await console.says("#deed-told", "Đã xong: 1 đã làm")
    await console.strike("Escape", 27)
    await console.done()

    await tab.until("document.activeElement !== document.body")  # the event of a closed dialog comes after it is closed
    await until_state(console.portal, code, "received")


async def reach(console: Console, text: str) -> None:
    """Goes on by Tab until what says *text* has the focus."""
    for _ in range(60):
        await console.strike("Tab", 9)
        if await console.tab.run(f"{FOCUSED} === {text!r}"):
            return
    raise AssertionError(f"Tab does not reach {text}")


async def reason_by_keyboard(console: Console) -> None:
    """Types the reason and goes on to the button that does it."""
    await console.write(WHY)
    await console.strike("Tab", 9)
    await console.strike("Tab", 9)
    await console.strike("Enter", 13)
    await console.done()


async def test_press_is_not_lost_where_numbers_change_under_it(console: Console) -> None:
    """Under traffic a card changes twice a second: its buttons stay the same ones, and what was opened stays open."""
    tab, portal, national = console.tab, console.portal, console.national
    await national.fault("business_registry", "status", status=503, requests="1")
    await portal.ask("GET", QUESTION)
    await tab.until(f"document.querySelector('{CARD} .upstream details:not([hidden])')")
    await tab.run(f"document.querySelector('{CARD} .upstream details').open = true")
    await tab.run(f"window.first = {BUTTON}[0]")
    for _ in range(4):  # with the first as many as open the breaker, which is another look of the card
        await national.fault("business_registry", "status", status=503, requests="1")
        await portal.ask("GET", QUESTION)
    await console.says(f"{CARD} .upstream", "mở (không hỏi)")

    assert await tab.run(f"window.first === {BUTTON}[0] && document.querySelector('{CARD} .upstream details').open")
    await console.press(f"{CARD} .upstream", "Đóng ngắt mạch")
    await console.sign_in()
    await console.confirm()
    await console.done()
    await console.says(f"{CARD} .upstream", "đóng (bình thường)")
    assert (await portal.ask("GET", QUESTION)).status == 200


async def test_session_that_has_ended_is_begun_again_in_the_deed(console: Console) -> None:
    """A page that was open for a day: the key is asked for, and what was typed is done with the reason given."""
    tab = console.tab
    await tab.click("#session")
    await console.sign_in()
    await console.says("#session", "Đăng xuất (laptop)")
    await tab.call("Network.clearBrowserCookies")
    await console.press(f"{CARD} .upstream", "Cách ly")
    await console.confirm(minutes="15")
    await console.sign_in()
    await console.done()

    assert [(what, why) for _, what, _, why in await recorded(console.portal)] == [("isolate", WHY)]


async def test_stream_that_ended_with_the_session_is_begun_again(national: National, tmp_path: Path) -> None:
    """Beyond loopback a page that was open for eight hours asks for the key, and is live again with it."""
    digest = hashlib.sha256(b"lgsp_lan_key").hexdigest()
    ops = {"host": "0.0.0.0", "operators": {"laptop": {"key": None, "key_sha256": digest, "scopes": ["read"]}}}
    async with console_of(national, tmp_path, ops=ops) as console:
        await console.sign_in("lgsp_lan_key")
        await console.says(f"{CARD} .state", "Chưa được hỏi")
        await console.tab.run("fetch('/api/session', {method: 'DELETE'}).then((answer) => answer.status)")
        await console.portal.ask("GET", QUESTION)  # something to tell of
        await console.sign_in("lgsp_lan_key")
        await console.says(f"{CARD} .state", "Hoạt động")
        await console.says("#live", "Trực tiếp")


async def test_key_that_may_only_look_is_told_so(national: National, tmp_path: Path) -> None:
    """Pressing a button asks for another key, and nothing is done without it."""
    digest = hashlib.sha256(b"lgsp_reader").hexdigest()
    readers = {"operators": {"reader": {"key_sha256": digest, "scopes": ["read"]}}}
    async with console_of(national, tmp_path, ops=readers) as console:
        await console.press(f"{CARD} .upstream", "Cách ly")
        await console.sign_in("lgsp_reader")
        await console.says("#sign-in .told", "chỉ được xem")
        await console.sign_in(KEY)
        await console.confirm()
        await console.done()
        assert [who for who, *_ in await recorded(console.portal)] == ["laptop"]


async def test_phone_does_what_a_desk_does(console: Console) -> None:
    """360 pixels wide, in English and dark: nothing is cut off or beside the screen, each cell says what it is, and the
    part of the page that is shown is in sight.
    """
    tab, codes = console.tab, [CODE.format(1), CODE.format(2)]
    for code in codes:
        await refused(console, code)
    await tab.size(360, 740, phone=True)
    await tab.run("document.documentElement.dataset.theme = 'dark'")
    await tab.click("#language")
    await console.says("#overall", "Dossiers that wait for a person: 2")
    for view in ("systems", "dossier", "lanes", "plans", "actions"):
        await console.view(view)
        await asyncio.sleep(0.3)
        assert await tab.run("document.documentElement.scrollWidth") == 360, view
        assert await tab.run(BESIDE) == [], view
    await console.view("lanes")
    await console.says("#lanes-told", "2")
    heads = "[...document.querySelectorAll('#lane-list tbody tr:first-child td')].map(e => e.dataset.head)"
    assert await tab.run(heads) == ["", "System", "State", "Reason", "Wait", "Waits since"]
    await tab.click(f"#lane-list a[href$='{codes[0]}']")
    await console.press("#timeline .lane", "Skip")
    await console.sign_in()
    await console.confirm()
    await console.says("#deed-told", "1 done")
    await tab.click("#deed-cancel")
    assert [what for _, what, _, _ in await recorded(console.portal)] == ["skip"]


#: Controls of the part that is shown, and its link, that are not wholly on the screen from left to right.
BESIDE: Final = """
[...document.querySelectorAll("main :is(button, input, select, a), nav a[aria-current]")]
  .filter((e) => e.checkVisibility())
  .filter((e) => e.getBoundingClientRect().left < 0 || e.getBoundingClientRect().right > innerWidth + 1)
  .map((e) => e.textContent)
"""
