"""Dossiers and their steps to the mock portal in lists, in one process: ``python -m benchmarks.list_work WORK …``.

Prints seconds, those of the process's CPU, and its memory before and after in MiB, as JSON. *drain* accepts dossiers
with three steps each into a store and then lets the worker send them; *bare* puts the same messages, written before, to
the same portal, with as many connections as the worker may use.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
import orjson

from benchmarks.baselines import run
from benchmarks.store_work import CALLERS, Spent, drained, each, timed, working
from gateway.connectors.public_service_portal.ngsp import login, translate
from gateway.connectors.public_service_portal.operations import DOSSIER, STEP
from gateway.core.call import Call, Purpose, Rendered, Trace
from gateway.core.canonical import Canonical
from gateway.core.message import Rest, Token
from gateway.dossiers.model import DossierBody, StepBody
from gateway.dossiers.session import WELL, code_of
from gateway.durable.accept import AcceptOrder
from gateway.durable.orders import Line
from gateway.orders import OrderOffice
from gateway.pipeline.operation.call_connector import render

STEPS: Final = 3
"""Of each dossier."""
AT_ONCE: Final = 5_000
"""Dossiers that are made before they are accepted."""
SYSTEM: Final = "public_service_portal"
FIRST: Final = date(2026, 1, 6)
_PAGE_MIB: Final = 4096 / 1024 / 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured(Spent):
    """With the resident memory before and after, MiB."""

    before_mib: float
    after_mib: float


def dossier(number: int) -> DossierBody:
    """A whole dossier under a code of its own."""
    day = FIRST + timedelta(days=number // 10_000)
    code = f"000.00.04.H58-{day:%y%m%d}-{number % 10_000:04d}"
    return DossierBody.model_validate({**DOSSIER, "dossier_code": code})


def step(of: DossierBody, number: int) -> StepBody:
    """The *number*-th step of a dossier."""
    at = datetime.fromisoformat(str(STEP["processed_at"])) + timedelta(hours=number)
    return StepBody.model_validate({**STEP, "dossier_code": of.dossier_code, "processed_at": at.isoformat()})


def resident_mib() -> float:
    """Of this process, now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE_MIB


class Lists:
    """An office with the portal, and dossiers for it."""

    def __init__(self, office: OrderOffice, first: int) -> None:
        self.office = office
        self.line: Line = office.lines[f"{SYSTEM}.sync_dossier"]
        self._first = first

    async def drain(self, number: int) -> Measured:
        """Lets the worker send *number* dossiers and their steps, which were accepted while nobody sent."""
        for start in range(0, number, AT_ONCE):
            many = range(start, min(number, start + AT_ONCE))
            await each([dossier(self._first + one) for one in many], CALLERS, self._accept)
        while len(self.office.acceptor.opened):
            self.office.acceptor.opened.turn()  # as after an outage: all has to be opened and read
        before = resident_mib()
        spent = await timed(drained(self.office, SYSTEM))
        await self._check(number * (1 + STEPS))
        return Measured(**asdict(spent), before_mib=before, after_mib=resident_mib())

    async def _accept(self, one: DossierBody) -> None:
        await self._order("sync_dossier", one)
        for place in range(STEPS):
            await self._order("report_progress", step(one, place))

    async def _order(self, name: str, query: Canonical) -> None:
        office, line = self.office, self.office.lines[f"{SYSTEM}.{name}"]
        code = line.order.key_of(query)
        call = Call(
            connector=SYSTEM,
            operation=line.order.operation,
            query=query,
            caller="portal",
            request_id="1",
            expires_at=1e12,
            trace=Trace(0.0),
            purpose=Purpose(code, "canbo.bench"),
        )
        await AcceptOrder(line, office.acceptor, office.store, office.business, _rendered)(call)

    async def _check(self, messages: int) -> None:
        """All arrived; the portal refuses what comes out of order, and that would have parked its lane."""
        async with self.office.store.connection() as connection:
            cursor = await connection.execute("select count(*) from outcomes where kind = 'done'")
            row = await cursor.fetchone()
        assert row is not None
        assert row[0] == messages, f"{row[0]} of {messages} messages arrived"

    async def bare(self, number: int) -> Measured:
        """Puts the same messages to the portal: all dossiers, then all first steps, and so on."""
        settings = self.line.settings
        made = [dossier(self._first + one) for one in range(number)]
        groups = [made[at : at + settings.most_in_list] for at in range(0, number, settings.most_in_list)]
        rounds = [
            [translate.sync_message(group, settings, updating=False) for group in groups],
            *(
                [translate.progress_message([step(one, place) for one in group], settings) for group in groups]
                for place in range(STEPS)
            ),
        ]
        connector = aiohttp.TCPConnector(limit=self.line.road.room())
        async with aiohttp.ClientSession(connector=connector) as session:
            opened = await _post(session, settings, login.ask(settings))
            token = Token(str(opened["session"]), datetime.now(UTC))
            written = [[_written(login.LOGIN.put(one, token, settings)) for one in messages] for messages in rounds]
            before = resident_mib()

            async def send(one: Rest) -> None:
                answer = await _post(session, settings, one)
                assert code_of(answer) == WELL, answer

            async def all_rounds() -> None:
                for messages in written:
                    await each(messages, self.line.road.room(), send)

            spent = await timed(all_rounds())
        return Measured(**asdict(spent), before_mib=before, after_mib=resident_mib())


def _rendered(value: Canonical, call: Call) -> Rendered:
    return render(value, call)


def _written(message: Any) -> Rest:
    assert isinstance(message, Rest)
    return Rest(name=message.name, path=message.path, headers=message.headers, json=orjson.dumps(message.json))


async def _post(session: aiohttp.ClientSession, settings: Any, message: Rest) -> dict[str, object]:
    body = message.json if isinstance(message.json, bytes) else orjson.dumps(message.json)
    headers = {**message.headers, "Content-Type": "application/json"}
    async with session.post(f"{settings.url}/{message.path}", data=body, headers=headers) as answer:
        found: dict[str, object] = orjson.loads(await answer.read())
        return found


async def main(work: str, config: Path, number: int, first: int) -> Measured:
    """Does *work* with *number* dossiers."""
    async with working(config) as office:
        found: Measured = await getattr(Lists(office, first), work)(number)
        return found


def cli(given: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("work", choices=("drain", "bare"))
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--number", type=int, default=2_500)
    parser.add_argument("--first", type=int, default=0)
    words = parser.parse_args(given)

    async def start() -> None:
        sent = await main(words.work, words.config, words.number, words.first)
        sys.stdout.write(json.dumps(asdict(sent)))

    run(start())


if __name__ == "__main__":
    cli()
