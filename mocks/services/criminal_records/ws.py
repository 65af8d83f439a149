"""Dialect ``ws``: the calls of ``ngsp`` as SOAP 1.2 with WS-Security, with the same rules and register [S]."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import orjson

from mocks.engine.schema import Contract
from mocks.engine.service import Reply, Request, World
from mocks.engine.soap12 import Message, Operation, Port
from mocks.engine.wssecurity import UsernameTokens
from mocks.services.criminal_records.ngsp import SUBMIT, Ngsp

PATH: Final = "ws"
_NAMESPACE: Final = "urn:vn:gov:moj:lltp:ws:1"
_SYSTEM: Final = "criminal_records"


def port(world: World, older: Ngsp, shown: frozenset[str]) -> Port:
    """Returns the port; faults and journal name its operations ``ws.<call>``."""
    contract = Contract(world.contract(f"{_SYSTEM}/ngsp.yaml"))
    return Port(
        world=world,
        folder=_SYSTEM,
        prefix="/criminal-records",
        path=PATH,
        namespace=_NAMESPACE,
        tokens=UsernameTokens(world, _SYSTEM),
        contract=contract,
        named="ws.",
        operations=tuple(
            Operation(
                name=name,
                asked=contract.question(name),
                answer=partial(_asked_as_json, answer),
                why_no_another=why,
                shown=shown,
                fields=fields,
                repeat="refused" if name == SUBMIT else None,
            )
            for name, answer, fields, why in older.calls()
        ),
    )


def _asked_as_json(answer: Callable[[Request], Reply], request: Request, message: Message) -> Message:
    """Returns the older dialect's answer to the message, and copies its breaches and decisions to this request."""
    asked = Request(request.method, request.path, {}, {}, orjson.dumps(message))
    asked.repeat = request.repeat
    found: Message = orjson.loads(answer(asked).body)
    request.breaches += asked.breaches
    request.decisions += asked.decisions
    return found
