"""A real Chromium without a window, driven over its own DevTools protocol; nothing is installed for it."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import aiohttp

_FLAGS: Final = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--force-color-profile=srgb",
    "--remote-debugging-port=0",
]
_PATIENCE_S: Final = 30.0


def chromium() -> str | None:
    """The browser of this machine: `LGSP_CHROMIUM`, or what is on the path."""
    named = os.environ.get("LGSP_CHROMIUM")
    return named or next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@dataclass
class Tab:
    """One page, and what went wrong or went out in it."""

    socket: aiohttp.ClientWebSocketResponse
    session: str = ""
    complaints: list[str] = field(default_factory=list)
    """Uncaught exceptions and what the browser logs as an error (a refusal by the content security policy), apart
    from answers of 400 and more.
    """
    requests: list[str] = field(default_factory=list)
    _next: int = 0
    _waiting: dict[int, asyncio.Future[dict[str, Any]]] = field(default_factory=dict)

    async def call(self, method: str, **parameters: object) -> dict[str, Any]:
        """One command of the protocol."""
        self._next += 1
        number = self._next
        self._waiting[number] = asyncio.get_running_loop().create_future()
        message: dict[str, object] = {"id": number, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        await self.socket.send_json(message)
        try:
            async with asyncio.timeout(_PATIENCE_S):
                answer = await self._waiting[number]
        finally:
            del self._waiting[number]
        assert "error" not in answer, answer["error"]
        return answer["result"]

    async def listen(self) -> None:
        """Reads answers and events until the socket is closed."""
        async for message in self.socket:
            told = message.json()
            if "id" in told:
                if (waiting := self._waiting.get(told["id"])) is not None:
                    waiting.set_result(told)
                continue
            match told["method"], told["params"]:
                case "Runtime.exceptionThrown", params:
                    self.complaints.append(str(params["exceptionDetails"]))
                case "Log.entryAdded", {"entry": {"level": "error", "source": source} as entry} if source != "network":
                    self.complaints.append(f"{entry['text']} {entry.get('url', '')}")
                case "Network.requestWillBeSent", params:
                    self.requests.append(params["request"]["url"])

    async def open(self, url: str) -> None:
        """Goes there, and returns when the page and its scripts are loaded."""
        await self.call("Page.navigate", url=url)
        await self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    async def run(self, expression: str) -> Any:
        """The value of a JavaScript expression; a promise is awaited, an exception fails."""
        told = await self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    async def until(self, expression: str) -> None:
        """Returns as soon as the expression is true on the page."""
        async with asyncio.timeout(_PATIENCE_S):
            while not await self.run(f"Boolean({expression})"):  # noqa: ASYNC110  # the event is in another process
                await asyncio.sleep(0.02)

    async def click(self, selector: str) -> None:
        """A click with the mouse in the middle of the element."""
        where = await self.run(
            f"(() => {{ const e = document.querySelector({selector!r}); e.scrollIntoView({{block: 'center'}});"
            " const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; })()"
        )
        for kind in ("mousePressed", "mouseReleased"):
            await self.call("Input.dispatchMouseEvent", type=kind, x=where[0], y=where[1], button="left", clickCount=1)

    async def size(self, width: int, height: int, *, phone: bool = False) -> None:
        """The window, or a phone's screen."""
        await self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=2 if phone else 1,
            mobile=phone,
        )

    async def screenshot(self) -> bytes:
        """What is seen, as PNG."""
        shot = await self.call("Page.captureScreenshot", format="png")
        return base64.b64decode(shot["data"])


@asynccontextmanager
async def browsing(executable: str, profile: Path) -> AsyncIterator[Tab]:
    """A browser with a profile of its own and one empty tab; ended with the block."""
    process = await asyncio.create_subprocess_exec(
        executable,
        *_FLAGS,
        f"--user-data-dir={profile}",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(_PATIENCE_S):
            address = await _address(process)
        drained = asyncio.create_task(_drained(process))
        async with aiohttp.ClientSession() as session, session.ws_connect(address, max_msg_size=0) as socket:
            tab = Tab(socket)
            listening = asyncio.create_task(tab.listen())
            target = await tab.call("Target.createTarget", url="about:blank")
            attached = await tab.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
            tab.session = attached["sessionId"]
            for domain in ("Page", "Runtime", "Log", "Network"):
                await tab.call(f"{domain}.enable")
            yield tab
            tab.session = ""
            with contextlib.suppress(TimeoutError, AssertionError):
                await tab.call("Browser.close")
            await socket.close()
            await listening
            await asyncio.wait_for(process.wait(), _PATIENCE_S)
            await drained
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _address(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    said = b""
    async for line in process.stderr:
        said += line
        if line.startswith(b"DevTools listening on "):
            return line.decode().removeprefix("DevTools listening on ").strip()
    raise AssertionError(f"the browser did not start: {said.decode(errors='replace')}")


async def _drained(process: asyncio.subprocess.Process) -> None:
    assert process.stderr is not None
    while await process.stderr.read(65_536):
        pass
