"""The door checks in one order: route, who, right, media type, size, body and query, purpose."""

from __future__ import annotations

import itertools
from typing import Any, Final

import pytest

from tests.support.laptop import NARROW_KEY
from tests.support.national import National
from tests.support.portal import KEY, Portal

pytestmark = pytest.mark.asyncio(loop_scope="module")

ORDER: Final[dict[str, tuple[int, str]]] = {
    "route": (404, "unknown-route"),
    "method": (405, "method-not-allowed"),
    "who": (401, "unauthenticated"),
    "right": (403, "forbidden"),
    "media type": (415, "unsupported-media-type"),
    "size": (413, "payload-too-large"),
    "body": (400, "invalid-request"),
    "purpose": (400, "purpose-required"),
}
PARTICIPANTS: Final = "/v1/social-insurance/participants/lookup"


def wrong_in(wrongs: frozenset[str]) -> dict[str, Any]:
    """Arguments of a request that is wrong in these ways, and in no other."""
    key: str | None = NARROW_KEY if "right" in wrongs else KEY
    body: dict[str, str] = {} if "body" in wrongs else {"insurance_number": "9900000001"}
    return {
        "method": "DELETE" if "method" in wrongs else "POST",
        "path": "/v1/nowhere/at/all" if "route" in wrongs else PARTICIPANTS,
        "key": None if "who" in wrongs else key,
        "headers": {"Content-Type": "text/plain"} if "media type" in wrongs else {},
        "body": {**body, "x": "a" * 300_000} if "size" in wrongs else body,
        "purpose": "purpose" not in wrongs,
    }


@pytest.mark.parametrize(
    "wrongs",
    [frozenset(names) for size in (1, 2) for names in itertools.combinations(ORDER, size)],
    ids=lambda names: " and ".join(name for name in ORDER if name in names),
)
async def test_first_wrong_thing_is_told(
    wrongs: frozenset[str], shared_portal: Portal, shared_national: National
) -> None:
    """A request that is wrong in two ways gets the problem of the first in the documented order, and costs no call."""
    before = await shared_national.total()
    answered = await shared_portal.ask(**wrong_in(wrongs))

    assert answered.verdict == next(verdict for name, verdict in ORDER.items() if name in wrongs)
    assert await shared_national.total() == before


async def test_all_at_once_is_an_unknown_route(shared_portal: Portal) -> None:
    """A request that is wrong in every way is told that its route does not exist, and nothing of the rest."""
    answered = await shared_portal.ask(**wrong_in(frozenset(ORDER)))

    assert answered.verdict == ORDER["route"]


@pytest.mark.parametrize("header", [{"X-Request-Timeout": "0"}, {"X-User-Id": "a b"}])
async def test_wrong_header_comes_after_the_body(header: dict[str, str], shared_portal: Portal) -> None:
    """A wrong body is told before a wrong header, and a wrong header before a missing purpose."""
    both = await shared_portal.ask("POST", PARTICIPANTS, body={"nope": 1}, headers=header)
    alone = await shared_portal.ask("POST", PARTICIPANTS, body={"insurance_number": "9900000001"}, headers=header)

    assert "/nope" in both.pointers
    assert alone.verdict == ORDER["body"]
    assert not alone.pointers


async def test_right_is_checked_before_anything_is_read(shared_portal: Portal) -> None:
    """Who may not ask learns nothing of what the operation expects."""
    answered = await shared_portal.ask("GET", "/v1/legal-documents/documents?nope=1", key=NARROW_KEY)

    assert answered.verdict == ORDER["right"]
