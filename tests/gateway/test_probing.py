"""Warming up: each system is tried once at start, the log says how it went, and an outage stops nothing."""

from __future__ import annotations

import asyncio
from collections.abc import MutableMapping
from typing import Any, Final

import pytest
from structlog.testing import capture_logs

from gateway.app import running
from gateway.core.canonical import Page, inner_models, personal_fields
from gateway.core.operation import Operation
from gateway.core.probe import PROBE
from gateway.registry import plan, scan
from gateway.settings import load
from tests.support.laptop import LAPTOP, PLAIN, laptop_settings
from tests.support.national import National

PLANNED: Final = plan(load(LAPTOP)).upstreams
UPSTREAMS: Final = {(up.connector, up.name) for up in PLANNED}
PROBED: Final = {(up.connector, up.name) for up in PLANNED if up.dialect.probe is not None}


async def lines_of_start(national: National, *, warm_up: bool) -> list[MutableMapping[str, Any]]:
    """The lines about warming up of a gateway that starts and is tried by nobody."""
    settings = laptop_settings(national.url, upstreams={**PLAIN, "attempt_timeout_s": 9}, warm_up=warm_up)
    with capture_logs() as lines:
        async with running(settings):
            while tried := [task for task in asyncio.all_tasks() if task.get_name() == "warm up"]:
                await asyncio.wait(tried)
    return [line for line in lines if "warmed up" in line["event"]]


async def test_each_system_is_tried_once_at_start(national: National) -> None:
    """By a question about nobody, or by its login; seconds are in the line."""
    lines = await lines_of_start(national, warm_up=True)

    means = {(line["connector"], line["upstream"]): line["by"] for line in lines}
    assert means.keys() == UPSTREAMS
    assert {names for names, by in means.items() if by == "question"} == PROBED
    assert means["social_insurance", "vss"] == "login"
    assert [line for line in lines if line["event"] != "warmed up" and line["by"] != "nothing"] == []
    assert all(line["seconds"] >= 0 for line in lines if line["event"] == "warmed up")


async def test_outage_at_start_stops_nothing(national: National) -> None:
    """The line has the reason; the others are warmed up."""
    await national.fault("business_registry", "status", status=503)
    lines = await lines_of_start(national, warm_up=True)

    (failed,) = [line for line in lines if line["log_level"] == "warning"]
    assert (failed["connector"], failed["reason"]) == ("business_registry", "upstream_error")
    assert len(lines) == len(UPSTREAMS)


async def test_nobody_is_asked_unless_the_configuration_says_so(national: National) -> None:
    """It is off by itself."""
    assert await lines_of_start(national, warm_up=False) == []
    assert await national.total() == 0


def test_probes_are_asked_by_no_portal() -> None:
    """No connector offers the question as an operation of the API."""
    offered: list[Operation[Any, Any]] = [one for connector in scan().values() for one in connector.operations]

    assert PROBE not in offered


def tells_of_people(operation: Operation[Any, Any]) -> bool:
    """Whether an answer has personal fields, also in the rows of a list."""
    answer = operation.answer
    item = answer.model_fields["items"].annotation if issubclass(answer, Page) else answer
    return any(personal_fields(model) for model in inner_models(item))


@pytest.mark.parametrize("name", sorted(scan()))
def test_system_without_probe_asks_about_people_alone(name: str) -> None:
    """A dialect that has a question whose answer is about nobody must offer it: its system could be tried."""
    for dialect in scan()[name].dialects:
        reads = [binding.operation for binding in dialect.calls if binding.operation.effect == "read"]
        if dialect.probe is None:
            assert all(one.needs_purpose() or tells_of_people(one) for one in reads), dialect.name
