"""Every value in every answer of a national system, replaced by what nobody expects: an answer in order, or a 502."""

from __future__ import annotations

import itertools
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from typing import Any, Final, get_args

import pytest
import pytest_asyncio
from pydantic import TypeAdapter

from gateway.core.canonical import Content, Page
from gateway.core.operation import Operation
from tests.support.every_operation import WAYS, Everywhere, Way, everywhere
from tests.support.meddler import Meddler, elements, meddling, places, with_json, with_xml
from tests.support.national import National

pytestmark = pytest.mark.asyncio(loop_scope="module")

WORDS: Final = (
    "", " ", "odd", "0", "-1", "1", "99/99/9999", "00/00/0000", "0001-01-01T00:00:00", "9999-12-31T23:59:59-12:00",
    "NaN", "Infinity", "1e400", "9" * 400, "a" * 20_000, "ﷺ", "true", "<b>", "null",
)  # fmt: skip
VALUES: Final[Sequence[object]] = (
    *WORDS, "\u0000\u0007", None, 0, -1, 10**30, 1.5, True, False, [], [None], ["odd"], [[]], {}, {"odd": "odd"},
)  # fmt: skip
PER_PLACE: Final = 6
"""Values tried at each place; which ones goes around, so that all places together meet all values."""
THEIR_BREACH: Final = {
    (404, "not-found"),
    (502, "upstream-invalid-response"),
    (502, "upstream-refused"),
    (503, "upstream-unavailable"),
}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def meddler(shared_national: National) -> AsyncIterator[Meddler]:
    """Between gateways and country."""
    async with meddling(shared_national.url) as found:
        yield found


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def gateways(meddler: Meddler, shared_national: National) -> AsyncIterator[Everywhere]:
    """Gateways that ask the country through the meddler."""
    async with everywhere(shared_national, url=meddler.url) as found:
        yield found


def changes(bodies: Sequence[bytes]) -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    """Changes of these answers, each with its description."""
    values, words = itertools.cycle(VALUES), itertools.cycle(WORDS)
    for body in bodies:
        if body.lstrip().startswith(b"<"):
            for number in elements(body):
                for word in itertools.islice(words, PER_PLACE):
                    yield f"element {number} = {word[:20]!r}", with_xml(number, word)
        else:
            for path in places(json.loads(body)):
                for value in itertools.islice(values, PER_PLACE):
                    yield f"{'/'.join(map(str, path))} = {str(value)[:20]!r}", with_json(path, value)


def check(operation: Operation[Any, Any], body: bytes) -> None:
    """An answer's ``data`` is what the API describes; raises :class:`pydantic.ValidationError` where it is not."""
    if operation.answer is Content:
        return
    model: Any = operation.answer
    if issubclass(model, Page):
        model = tuple[get_args(model.model_fields["items"].annotation)[0], ...]
    TypeAdapter(model).validate_json(json.dumps(json.loads(body)["data"]), strict=True)


@pytest.mark.parametrize("way", WAYS, ids=str)
async def test_odd_value_is_no_bug_of_ours(way: Way, gateways: Everywhere, meddler: Meddler) -> None:
    """Whatever stands where a value should, the portal gets an answer in order, no such record, or their breach."""
    meddler.change = None
    meddler.seen.clear()
    assert (await gateways.ask(way)).status == way.declared.success
    seen = list(meddler.seen)
    met: Counter[object] = Counter()
    for what, change in changes(seen):
        meddler.change = change
        answered = await gateways.ask(way)
        if answered.status == way.declared.success:
            check(way.declared, answered.body)
            met["well"] += 1
        else:
            met[answered.verdict if answered.verdict in THEIR_BREACH else (what, answered.verdict)] += 1

    assert set(met) <= {"well", *THEIR_BREACH}
    assert met.total() >= 10
