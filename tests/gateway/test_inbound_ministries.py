"""Ministries push under their own names: those of the configuration, with keys that may."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Final, cast

from gateway.core.clock import Clock, SystemClock
from gateway.core.events import silence
from gateway.durable.store import Store
from gateway.durable.wakes import Wakes
from gateway.inbound import InboxOffice
from gateway.observe.metrics import Metrics
from gateway.orders import OrderOffice
from gateway.registry import Plan
from tests.support import postgres
from tests.support.laptop import laptop_settings
from tests.support.national import National
from tests.support.pusher import new_dossier

HEALTH_KEY: Final = "a key of one ministry"
MINISTRIES: Final = {"ministry_portals": {"upstreams": {"construction": {}, "birth-death": {}}}}
CALLERS: Final = {
    "health": {
        "key_sha256": hashlib.sha256(HEALTH_KEY.encode()).hexdigest(),
        "systems": ["ministry_portals.birth_death"],
    }
}


@dataclass
class Office:
    """The parts of an office of orders that the inbox needs."""

    store: Store
    business: Clock
    wakes: Wakes


@asynccontextmanager
async def inbound_port(store: Store) -> AsyncIterator[str]:
    """The inbound port of a gateway whose configuration names two ministries."""
    where = {"url": "postgresql:///unused", "key": None}
    settings = laptop_settings(
        "http://127.0.0.1:9",
        store=where,
        inbound={"listen": {"port": 0}, "callers": CALLERS},
        connectors=MINISTRIES,
    )
    clock = SystemClock()
    office = cast("OrderOffice", Office(store, clock, Wakes(store, clock, lambda: None)))
    async with AsyncExitStack() as stack:
        inbox = InboxOffice(settings, office, Plan((), (), (), ()), {}, clock, silence)
        url = await inbox.listen(stack, Metrics("0", "0"))
        assert url is not None
        await inbox.open(stack)
        yield url


async def test_a_ministry_pushes_as_itself(national: National, database: str) -> None:
    """Its messages are in the inbox under its name; a hyphen in its name is one name with an underscore."""
    async with postgres.store(database) as store, inbound_port(store) as url:
        for kind in ("dossier", "supplement", "result"):
            to = f"{url}/inbound/ministry-portals/construction/{kind}"
            [pushed] = await national.push(system="ministry_portals/construction", kind=kind, to=to)
            assert [answer["status"] for answer in pushed["answers"]] == [200], pushed
        other = f"{url}/inbound/ministry-portals/birth-death/dossier"
        headers = {"Authorization": f"Bearer {HEALTH_KEY}"}
        async with national.session.post(other, json=new_dossier("B-1"), headers=headers) as answer:
            own = answer.status
        wrong = f"{url}/inbound/ministry-portals/construction/dossier"
        async with national.session.post(wrong, json=new_dossier("B-2"), headers=headers) as answer:
            foreign = answer.status, (await answer.json())["error_code"]
        async with national.session.post(f"{url}/inbound/ministry-portals/moon/dossier", headers=headers) as answer:
            nowhere = answer.status
        rows = await postgres.tell(store, "select system, kind from inbox order by id")

    assert (own, foreign, nowhere) == (200, (403, "02"), 404)
    assert rows == [
        ("ministry_portals.construction", "dossier"),
        ("ministry_portals.construction", "supplement"),
        ("ministry_portals.construction", "result"),
        ("ministry_portals.birth_death", "dossier"),
    ]
