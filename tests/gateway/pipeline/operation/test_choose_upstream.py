"""A field of the path chooses the upstream; a name that nobody has is told with its nearest."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.core.call import Answer, Call, Rendered
from gateway.core.canonical import Canonical
from gateway.core.operation import Operation
from gateway.core.problems import NotFound
from gateway.core.steps import compose
from gateway.pipeline.operation.choose_upstream import ChooseUpstream, UnknownUpstream, slug_of
from gateway.testing import make_call


class Question(Canonical):
    """A question to one of them."""

    ministry: str


ASK: Operation[Question, Question] = Operation(
    name="ask", query=Question, answer=Question, path="{ministry}", summary="Asks", upstream_from="ministry"
)


def answering(name: str) -> Answer:
    """The answer of one of them."""
    return Answer(value=Rendered(name.encode(), ""), fetched_at=datetime(2026, 1, 1, tzinfo=UTC))


async def health(_: Call) -> Answer:
    """Answers."""
    return answering("health")


async def birth_death(_: Call) -> Answer:
    """Answers."""
    return answering("birth_death")


PRESENT = ("health", "birth-death", "transport", "construction")
RING = compose(
    [ChooseUpstream("ministry", {"health": health, "birth-death": birth_death})],
    UnknownUpstream("ministry", ("health", "birth-death"), PRESENT),
)


@pytest.mark.parametrize(("name", "answer"), [("health", b"health"), ("birth-death", b"birth_death")])
async def test_the_ring_of_the_name_answers(name: str, answer: bytes) -> None:
    """Each name has a ring of its own."""
    found = (await RING(make_call(ASK, Question(ministry=name)))).value

    assert isinstance(found, Rendered)
    assert found.data == answer


@pytest.mark.parametrize(
    ("name", "reason", "said"),
    [
        ("helth", "unknown_upstream", "is not configured here; the nearest names are health"),
        ("birth_death", "unknown_upstream", "is not configured here; the nearest names are birth-death"),
        ("zzz", "unknown_upstream", "is not configured here; the nearest names are birth-death, construction, health"),
        ("transport", "not_offered_there", "does not offer this operation; it is offered by birth-death, health"),
    ],
)
async def test_a_name_that_nobody_has_is_not_found(name: str, reason: str, said: str) -> None:
    """The problem names the field, and what could have been meant."""
    with pytest.raises(NotFound) as refused:
        await RING(make_call(ASK, Question(ministry=name)))

    (error,) = refused.value.errors
    assert (refused.value.reason, error.pointer, error.mistake.en) == (reason, "/ministry", said)


def test_addresses_have_hyphens() -> None:
    """As connectors do."""
    assert slug_of("birth_death") == "birth-death"
