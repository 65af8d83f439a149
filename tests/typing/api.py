"""Never run, only type-checked: what a connector's author may write, and what the types refuse at the line.

Each ``type: ignore`` is an error that must be there: mypy warns of one that no longer hides anything.
"""

from __future__ import annotations

from typing import ClassVar, assert_type

from gateway.core.canonical import Canonical, Content, Page, Wire
from gateway.core.clock import Clock, SystemClock
from gateway.core.connector import Binding, answers
from gateway.core.message import Login, Reply, Rest, Token
from gateway.core.operation import Operation
from gateway.core.settings import UpstreamSettings
from gateway.core.steps import Next, compose
from gateway.core.upstream import Officer, Upstream
from gateway.testing.clock import FakeClock
from lgsp_pytest.client import MockCountry


class Question(Canonical):
    code: str


class OtherQuestion(Canonical):
    number: str


class Fact(Canonical):
    name: str


class OtherFact(Canonical):
    title: str


class WireFact(Wire):
    NAME: str


class OwnSettings(UpstreamSettings):
    province: str = ""


FACT: Operation[Question, Fact] = Operation(name="fact", query=Question, answer=Fact, path="facts/{code}", summary="…")
LIST: Operation[Question, Page[Fact]] = Operation(
    name="list", query=Question, answer=Page[Fact], path="facts", summary="…"
)
FILE: Operation[Question, Content] = Operation(name="file", query=Question, answer=Content, path="file", summary="…")


# ---- a dialect's functions


async def fact(query: Question, up: Upstream[OwnSettings]) -> Fact | None:
    """Settings are the dialect's own, the answer is decoded, and None is a fact."""
    assert_type(up.settings, OwnSettings)
    assert_type(up.officer, Officer | None)
    wire = await up.ask(Rest(name="fact", path=query.code), WireFact, same=lambda found: query.code == found.NAME)
    assert_type(wire, WireFact | None)
    return None if wire is None else Fact(name=wire.NAME)


async def page(query: Question, up: Upstream[UpstreamSettings]) -> Page[Fact]:
    """A list is always there."""
    return Page[Fact](items=(Fact(name=query.code),))


async def file(query: Question, up: Upstream[UpstreamSettings]) -> Content | None:
    """A file may be none."""
    return None


async def about_another(query: OtherQuestion, up: Upstream[UpstreamSettings]) -> Fact | None:
    """Takes another question than the operation's."""
    return Fact(name=query.number)


async def gives_another(query: Question, up: Upstream[UpstreamSettings]) -> OtherFact | None:
    """Gives another answer than the operation's."""
    return OtherFact(title=query.code)


async def compares_another(query: Question, up: Upstream[UpstreamSettings]) -> Fact | None:
    """Compares a field that the wire model does not have."""
    wire = await up.ask(Rest(name="fact", path=""), WireFact, same=lambda found: query.code == found.TITLE)  # type: ignore[attr-defined]
    return Fact(name=wire.NAME)  # type: ignore[union-attr]


BINDINGS: tuple[Binding, ...] = (
    answers(FACT, fact),
    answers(LIST, page),
    answers(FILE, file),
    answers(FACT, about_another),  # type: ignore[arg-type]
    answers(FACT, gives_another),  # type: ignore[arg-type]
    answers(LIST, fact),  # type: ignore[arg-type]
)


# ---- values don't change


def changes(query: Question, token: Token) -> None:
    """What is frozen is refused at the line."""
    query.code = "x"  # type: ignore[misc]
    token.value = "x"  # type: ignore[misc]
    FACT.name = "x"  # type: ignore[misc]


# ---- logins are pure


def ask(settings: OwnSettings) -> Rest:
    """A request for a token, from the settings alone."""
    return Rest(name="login", path="login", form={"province": settings.province})


def put(exchange: object, token: Token, settings: OwnSettings) -> Rest:
    """The token on a message."""
    return Rest(name="fact", path="fact", headers={"Authorization": token.value})


LOGIN: Login[OwnSettings] = Login(ask=ask, read=lambda reply, now: Token(str(reply.body), now), put=put)
WRONG_LOGIN: Login[UpstreamSettings] = Login(ask=ask, read=lambda reply, now: Token("", now), put=put)  # type: ignore[arg-type]


# ---- rings and clocks


async def innermost(value: int) -> str:
    """The end of a ring."""
    return str(value)


class Doubling:
    """A step of it."""

    name: ClassVar[str] = "doubling"

    async def __call__(self, proceed: Next[int, str], value: int) -> str:
        return await proceed(value * 2)


class OfAnotherRing:
    """A step of a ring of texts."""

    name: ClassVar[str] = "of another ring"

    async def __call__(self, proceed: Next[str, str], value: str) -> str:
        return await proceed(value)


RING: Next[int, str] = compose([Doubling(), Doubling()], innermost)
WRONG_RING: Next[int, str] = compose([OfAnotherRing()], innermost)  # type: ignore[list-item]
CLOCKS: tuple[Clock, ...] = (SystemClock(), FakeClock())


# ---- the mock country in others' tests


def uses(country: MockCountry, reply: Reply) -> None:
    """A tester gets values with types."""
    assert_type(country.url, str)
    assert_type(reply.status, int)
