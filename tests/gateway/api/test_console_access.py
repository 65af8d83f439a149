"""The console for everybody: screen readers, the keyboard, both languages, both schemes."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from typing import Final

from tests.support.console import IN_CHROMIUM, QUESTION, Console
from tests.support.operator import recorded

pytestmark = IN_CHROMIUM


NAMELESS: Final = ("button", "link", "textbox", "combobox", "checkbox", "spinbutton", "dialog", "region", "image")
CONTRAST: Final = """
(() => {
  const parse = (text) => text.match(/[\\d.]+/g).map(Number);
  const over = (top, below) => {
    const alpha = top[3] ?? 1;
    return [0, 1, 2].map((place) => top[place] * alpha + below[place] * (1 - alpha));
  };
  const ground = (element) => {
    const layers = [];
    for (let at = element; at; at = at.parentElement) layers.push(parse(getComputedStyle(at).backgroundColor));
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
  };
  const light = (color) => {
    const linear = (one) => (one <= 0.04045 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4);
    const [r, g, b] = color.map((one) => linear(one / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const found = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest(".hidden, .skip, noscript, :disabled")) continue;
    const below = ground(element);
    const [one, other] = [light(over(parse(getComputedStyle(element).color), below)), light(below)];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) found.push(`${element.tagName}.${element.className} ${element.textContent.slice(0, 30)} ${ratio}`);
  }
  return found;
})()
"""


async def test_page_can_be_read_by_everybody(console: Console) -> None:
    """Every control has a name, headings go down by one, the focus goes through the page in its order, and text has a
    contrast of 4.5 to 1 in both schemes.
    """
    tab = console.tab
    await console.national.fault("business_registry", "status", status=503)
    for _ in range(2):
        await console.portal.ask("GET", QUESTION)
        await console.portal.ask("GET", "/v1/legal-documents?q=nh%C3%A0")
    await console.says("#overall", "Đang lỗi")
    for view in ("systems", "dossier", "lanes", "plans", "actions"):
        await console.view(view)
        await asyncio.sleep(0.3)
        tree = (await tab.call("Accessibility.getFullAXTree"))["nodes"]
        nameless = [
            node
            for node in tree
            if not node["ignored"] and node["role"]["value"] in NAMELESS and not node.get("name", {}).get("value")
        ]
        assert nameless == [], view
        for theme in ("light", "dark"):
            await tab.run(f"document.documentElement.dataset.theme = {theme!r}")
            await asyncio.sleep(0.25)  # the page's own change of colour
            assert await tab.run(CONTRAST) == [], (view, theme)
    levels = await tab.run("[...document.querySelectorAll('h1,h2,h3,h4')].map(e => Number(e.tagName[1]))")
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))
    assert await tab.run("document.documentElement.lang") == "vi"

    await console.view("systems")
    await tab.run("document.activeElement.blur(), window.getSelection().removeAllRanges(), document.body.focus()")
    places = []
    for _ in range(12):
        await console.strike("Tab", 9)
        places.append(
            await tab.run("[...document.querySelectorAll('a, button, summary, main')].indexOf(document.activeElement)")
        )
    assert places == sorted(places)
    assert len(set(places)) == len(places)


async def test_dialog_holds_the_focus_and_leaves_by_escape(console: Console) -> None:
    """It begins in the first field, and nothing is done when it is left."""
    card = "[data-system=business_registry] .upstream"
    await console.press(card, "Cách ly")
    await console.sign_in()
    await console.tab.until("document.activeElement?.id === 'deed-minutes'")
    for kind in ("keyDown", "keyUp"):
        await console.tab.call(
            "Input.dispatchKeyEvent", type=kind, key="Escape", code="Escape", windowsVirtualKeyCode=27
        )
    await console.done()
    assert await recorded(console.portal) == []


async def test_both_languages_say_everything(console: Console) -> None:
    """No text is empty or left in the other language, and the choice lasts."""
    tab = console.tab
    labels = "[...document.querySelectorAll('[data-t]')].map(e => e.textContent)"
    vietnamese = await tab.run(labels)
    await tab.click("#language")
    english = await tab.run(labels)

    assert all(vietnamese)
    assert all(english)
    assert not set(vietnamese) & set(english)
    assert await tab.run(
        "import('/console/words.js').then(({WORDS}) =>"
        " JSON.stringify(Object.keys(WORDS.vi).sort()) === JSON.stringify(Object.keys(WORDS.en).sort()))"
    )
    await console.says("#cards", "Not asked yet")
    await tab.open(console.portal.gateway.ops_url)
    await tab.until("document.documentElement.lang === 'en'")
