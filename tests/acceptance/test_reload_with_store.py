"""Changes of the configuration while a store keeps orders: none is lost, and all go by the new one from then on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from tests.acceptance.test_applications import CODE, apply, look, until_state
from tests.support import postgres
from tests.support.laptop import OTHER_DIALECTS, PLAIN, ROOT
from tests.support.national import National
from tests.support.pusher import KEY, Pusher, new_dossier
from tests.support.receiver import PREVIOUS, SECRET, Receiver, receiving
from tests.support.written import Changing, changing, hashed, written

SYSTEM: Final = "criminal_records"
PAUSE: Final = {"reason": "for the test", "target": f"{SYSTEM}.apply"}
NEW_KEY: Final = "lgsp_ministry_of-a-test"


@asynccontextmanager
async def kept(national: National, database: str, folder: Path, **changes: Any) -> AsyncIterator[Changing]:
    """A gateway with a store, which follows the mocks' clock."""
    changes = {"store": {"url": postgres.address(database)}, "clock": {"follow": national.url}, **changes}
    async with changing(await asyncio.to_thread(written, folder, national.url, **changes)) as found:
        yield found


async def test_orders_and_pauses_outlive_a_change_of_the_road(
    national: National, database: str, tmp_path: Path
) -> None:
    """What waits is still there after a reload and still paused, and goes to the new address when it is let go."""
    code = CODE.format(1)
    async with kept(national, database, tmp_path) as running:
        block = running.file.upstream(SYSTEM, "lltp2024")
        address = block["url"]
        block["url"] = "http://127.0.0.1:9"
        await running.changed()
        await running.ops("POST", "/api/pause", PAUSE)
        accepted = await apply(running.portal, national, code)
        block["url"] = address
        await running.changed()
        lane = (await running.ops("GET", f"/api/lanes/{SYSTEM}/{code}")).json["data"]
        waiting = await look(running.portal, code)
        before = await national.arrivals(SYSTEM)
        await running.ops("POST", "/api/resume", PAUSE)
        await until_state(running.portal, code, "received")

    assert accepted.status == 202
    assert (lane["waiting"], waiting.json["data"]["state"], before) == (1, "accepted", [])


async def test_new_orders_go_in_the_new_dialect(national: National, database: str, tmp_path: Path) -> None:
    """The worker speaks it from the reload on, and can be paused by its name."""
    other = {**OTHER_DIALECTS[SYSTEM]["upstreams"]["ngsp"], **PLAIN}
    other["token"] = {name: value.replace("file:../", f"file:{ROOT}/") for name, value in dict(other["token"]).items()}
    async with kept(national, database, tmp_path) as running:
        await apply(running.portal, national, CODE.format(1))
        await until_state(running.portal, CODE.format(1), "received")
        first = await national.arrivals(SYSTEM)
        block = running.file.values["connectors"][SYSTEM]
        block["upstreams"]["ngsp"] = other
        block["operations"] = {name: {"upstream": "ngsp"} for name in ("apply", "application")}
        await running.changed()
        paused = await running.ops("POST", "/api/pause", {**PAUSE, "target": f"{SYSTEM}/ngsp"})
        await running.ops("POST", "/api/resume", {**PAUSE, "target": f"{SYSTEM}/ngsp"})
        await apply(running.portal, national, CODE.format(2))
        await until_state(running.portal, CODE.format(2), "received")
        then = (await national.arrivals(SYSTEM))[len(first) :]

    assert paused.status == 200
    assert set(first).isdisjoint(then)


async def test_the_key_of_a_system_that_pushes_is_rotated(national: National, database: str, tmp_path: Path) -> None:
    """Both keys are accepted while it changes, and the first is refused when it is left out."""
    caller: dict[str, Any] = {"key_sha256": hashed(KEY)}
    inbound = {"listen": {"port": 0}, "callers": {"portal": caller}}
    answers = []
    async with kept(national, database, tmp_path, inbound=inbound) as running:
        pusher = Pusher(running.portal.gateway, running.portal.session)
        caller |= {"key_sha256": hashed(NEW_KEY), "previous_key_sha256": hashed(KEY)}
        await running.changed()
        answers += [(await pusher.push(new_dossier(), key=key)).status for key in (KEY, NEW_KEY)]
        del caller["previous_key_sha256"]
        await running.changed()
        answers += [(await pusher.push(new_dossier(), key=key)).status for key in (KEY, NEW_KEY)]

    assert answers == [200, 200, 401, 200]


async def test_the_secret_of_a_webhook_is_rotated(national: National, database: str, tmp_path: Path) -> None:
    """Messages are signed by the old one, then by both; what was told before is not told again."""
    for name, secret in (("old", PREVIOUS), ("new", SECRET)):
        await asyncio.to_thread((tmp_path / name).write_text, secret, encoding="utf-8")
    async with receiving(secrets=(PREVIOUS,)) as receiver:
        hook: dict[str, Any] = {"url": receiver.url, "secret": "file:old", "allow_private": True}
        async with kept(national, database, tmp_path, webhooks={"portal": hook}) as running:
            await apply(running.portal, national, CODE.format(1))
            await until_state(running.portal, CODE.format(1), "received")
            await taken(receiver, 2)
            hook |= {"secret": "file:new", "previous_secret": "file:old"}
            await running.changed()
            receiver.secrets = (SECRET, PREVIOUS)
            await apply(running.portal, national, CODE.format(2))
            await until_state(running.portal, CODE.format(2), "received")
            await taken(receiver, 4)

    assert receiver.wrong == []
    assert len({number for number, _ in receiver.seen}) == len(receiver.seen)


async def taken(receiver: Receiver, number: int) -> None:
    """Waits until so many messages were taken."""
    async with asyncio.timeout(20):
        await receiver.has_taken(number)
