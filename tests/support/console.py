"""The operator's console, open in a real Chromium."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from tests.acceptance.test_applications import INCOMPLETE, apply, until_state
from tests.support.chromium import Tab, browsing, chromium
from tests.support.laptop import laptop_settings, serving_portal
from tests.support.national import National
from tests.support.portal import KEY, Portal
from tests.support.postgres import address

EXECUTABLE: Final = chromium()
IN_CHROMIUM: Final = [
    pytest.mark.skipif(EXECUTABLE is None, reason="no Chromium on this machine; name one with LGSP_CHROMIUM"),
    pytest.mark.timeout(180),
]
"""The marks of tests in a browser."""
QUESTION: Final = "/v1/business-registry/enterprises/6799432450"
WHY: Final = "cơ quan quản lý báo bảo trì"


@dataclass
class Console:
    """The page, open in a browser, and the gateway behind it."""

    tab: Tab
    portal: Portal
    national: National

    async def text(self, selector: str) -> str:
        found: str = await self.tab.run(f"document.querySelector({selector!r}).innerText")
        return found

    async def view(self, name: str) -> None:
        """Goes to a part of the page by its link."""
        await self.tab.click(f'nav a[href="#{name}"]')
        await self.tab.until(f"!document.getElementById('view-{name}').hidden")

    async def says(self, selector: str, text: str) -> None:
        """Returns once the element says *text*."""
        await self.tab.until(f"document.querySelector({selector!r})?.innerText.includes({text!r})")

    async def press(self, selector: str, text: str) -> None:
        """Presses the button below *selector* that says *text*, as soon as it is there."""
        found = f"[...document.querySelectorAll({selector!r} + ' button')].find(e => e.textContent === {text!r})"
        await self.tab.until(f"{found} && !{found}.disabled")
        await self.tab.run(f"{found}.focus(), {found}.click()")

    async def strike(self, key: str, code: int) -> None:
        """A key of the keyboard."""
        text = {"text": "\r"} if key == "Enter" else {}
        for kind, more in (("keyDown", text), ("keyUp", {})):
            await self.tab.call(
                "Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more
            )

    async def write(self, text: str) -> None:
        """Types into what has the focus."""
        await self.tab.call("Input.insertText", text=text)

    async def sign_in(self, key: str = KEY) -> None:
        """Types the key where the page asks for it."""
        await self.tab.until("document.querySelector('#sign-in[open] #key')")
        await self.tab.run(f"document.querySelector('#key').value = {key!r}")
        await self.tab.run("document.querySelector('#sign-in form').requestSubmit()")

    async def fill(self, **values: str) -> None:
        """Fills fields of the open dialog."""
        await self.tab.until("document.querySelector('#deed[open]')")
        for name, value in values.items():
            await self.tab.run(f"document.getElementById('deed-{name}').value = {value!r}")

    async def confirm(self, **values: str) -> None:
        """Fills the dialog, gives a reason, and does it."""
        await self.fill(**values, reason=WHY)
        await self.tab.click("#deed-do")

    async def done(self) -> None:
        """Returns once the dialog is closed."""
        await self.tab.until("!document.querySelector('#deed[open]')")


@asynccontextmanager
async def console_of(national: National, folder: Path, **changes: Any) -> AsyncIterator[Console]:
    """A gateway with *changes*, and a browser with its console."""
    assert EXECUTABLE is not None
    changes["ops"] = {"port": 0, **changes.get("ops", {})}
    settings = laptop_settings(national.url, upstreams={"retry": {"attempts": 1}}, **changes)
    async with serving_portal(settings) as portal, browsing(EXECUTABLE, folder) as tab:
        await tab.size(1360, 1000)
        await tab.open(portal.gateway.ops_url.replace("0.0.0.0", "127.0.0.1"))
        yield Console(tab, portal, national)
        assert tab.complaints == []
        own = (portal.gateway.ops_url.replace("0.0.0.0", "127.0.0.1"), "data:", "about:")
        assert all(asked.startswith(own) for asked in tab.requests)


@asynccontextmanager
async def whole_console(national: National, database: str, folder: Path) -> AsyncIterator[Console]:
    """The console of a gateway with a store, loaded, in Vietnamese."""
    changes: dict[str, Any] = {"store": {"url": address(database)}, "clock": {"follow": national.url}}
    async with console_of(national, folder, **changes) as found:
        await found.tab.until("document.body.dataset.ready")
        yield found


async def refused(console: Console, code: str) -> None:
    """An application that the ministry refuses."""
    await console.national.fault(
        "criminal_records", "status", operation="guiHoSo", requests="1", status=200, body=INCOMPLETE
    )
    await apply(console.portal, console.national, code)
    await until_state(console.portal, code, "refused")
