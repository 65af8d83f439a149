"""Personal data goes into answers to those who may see it, and into no log, metric, journal or error."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import aiohttp
import pytest

from gateway.core.canonical import personal_fields
from tests.support.every_operation import OPERATIONS
from tests.support.laptop import PLAIN, laptop_settings, serving_portal
from tests.support.national import National, Sample
from tests.support.portal import Answered, Portal

SHORTEST: Final = 6
"""Shorter values (a sex, a code of two digits) stand in many places by chance, and so do days of our time."""
OUR_TIME: Final = "20"
BAD_DAYS: Final[tuple[dict[str, Any], ...]] = (
    {"kind": "status", "status": 500},
    {"kind": "malformed"},
    {"kind": "reset_mid_body"},
    {"kind": "html_page"},
)
ASKED: Final = [name for name, one in OPERATIONS.items() if one.has_body() and one.needs_purpose()]


def texts(value: object) -> Iterator[str]:
    """All texts in a JSON value that are long enough to be told from others."""
    if isinstance(value, str):
        if len(value) >= SHORTEST and not value.startswith(OUR_TIME):
            yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            yield from texts(inner)


def at(value: Any, pointer: str) -> Iterator[Any]:
    """What stands at a pointer in which ``*`` is any element."""
    found = [value]
    for step in pointer.split("/")[1:]:
        if step == "*":
            found = [inner for each in found if isinstance(each, list) for inner in each]
        else:
            found = [each[step] for each in found if isinstance(each, Mapping) and each.get(step) is not None]
    yield from found


def personal(operation: str, sample: Sample, answered: Answered) -> set[str]:
    """The personal values of a question and of its answer."""
    declared = OPERATIONS[operation]
    asked = {**sample.get("path", {}), **sample.get("query", {}), **sample.get("body", {})}
    found = {text for pointer in personal_fields(declared.query) for each in at(asked, pointer) for text in texts(each)}
    if answered.status < 300 and "json" in answered.media_type:
        data = answered.json["data"]
        rows = data if isinstance(data, list) else [data]
        model = declared.answer
        inside = {pointer.removeprefix("/items/*") for pointer in personal_fields(model)}
        found |= {text for row in rows for pointer in inside for each in at(row, pointer) for text in texts(each)}
    return found


async def ask(portal: Portal, operation: str, sample: Sample, number: int) -> Answered:
    """*sample*, not from the cache; an order under a key of its own."""
    headers = {"Cache-Control": "no-cache", "Idempotency-Key": f"privacy-{operation}-{number}"}
    return await portal.look_up(operation, sample, headers)


async def everything_told(portal: Portal, national: National) -> dict[str, str]:
    """What an operator can read of the requests: metrics, catalogue, and the country's journal."""
    found = {}
    async with aiohttp.ClientSession() as session:
        for path in ("/metrics", "/connectors"):
            async with session.get(portal.gateway.ops_url + path) as answer:
                found[path] = await answer.text()
        async with session.get(f"{national.url}/__mock/journal") as answer:
            found["journal"] = await answer.text()
    return found


def stands_in(text: str, secret: str) -> bool:
    """Whether *text* has *secret*; a number, such as a wage, not as digits within a longer one or within an id, which
    it is by chance.
    """
    if not secret.isdigit():
        return secret in text
    return re.search(rf"(?<![0-9A-Za-z.]){secret}(?![0-9A-Za-z])", text) is not None


@pytest.mark.parametrize("operation", ASKED)
async def test_person_is_told_to_nobody_else(
    operation: str, national: National, capfd: pytest.CaptureFixture[str]
) -> None:
    """After good days and bad no value of a person stands in log, metrics, catalogue, journal or problem."""
    system = operation.partition(".")[0]
    secrets: set[str] = set()
    problems: list[Answered] = []
    async with serving_portal(laptop_settings(national.url, upstreams=PLAIN)) as portal:
        for number, sample in enumerate((await national.samples(operation))[:3]):
            answered = await ask(portal, operation, sample, number)
            secrets |= personal(operation, sample, answered)
            for kind, more in (
                ("status", {"status": 500}),
                ("malformed", {}),
                ("reset_mid_body", {}),
                ("html_page", {}),
            ):
                await national.fault(system, kind, **more)
                problems.append(await ask(portal, operation, sample, number + 100))
            await national.calm()
            body = {**sample.get("body", {}), "nope": 1}
            problems.append(await ask(portal, operation, {**sample, "body": body}, number + 200))
            problems.append(await ask(portal, operation, {**sample, "body": [body]}, number + 300))
        told = await everything_told(portal, national)
    told["log"] = "".join(capfd.readouterr())
    told["problems"] = json.dumps([problem.json for problem in problems if problem.status >= 400], ensure_ascii=False)

    assert secrets
    assert len(told["problems"]) > 1_000
    assert "outcome=" in told["log"]
    for where, text in told.items():
        assert {secret for secret in secrets if stands_in(text, secret)} == set(), where


async def test_marks_that_are_searched_for_would_be_found(portal: Portal, national: National) -> None:
    """The search itself works: the values are in the answer of who may see them."""
    sample = (await national.samples("social_insurance.participant"))[0]
    answered = await portal.look_up("social_insurance.participant", sample)
    secrets = personal("social_insurance.participant", sample, answered)

    assert sample["body"]["insurance_number"] in secrets
    assert answered.json["data"]["full_name"] in secrets
    assert all(stands_in(json.dumps(answered.json, ensure_ascii=False), secret) for secret in secrets)
    assert stands_in('wage="7300000"', "7300000")
    assert not stands_in("lgsp_disk_free_bytes 17300000512", "7300000")
