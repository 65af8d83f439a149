"""Sorts the outcomes of requests by what they say of the service: the only place where this is decided.

Alarms and dashboards count these classes, so that a caller's mistake wakes nobody and an old answer that stands in for
a failing source is not taken for a good one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal, TypeAlias, get_args

from gateway.core.events import ISOLATED
from gateway.core.problems import GatewayError, NotFound

Class: TypeAlias = Literal["good", "stale", "failed", "gateway", "planned", "caller"]
CLASSES: Final[tuple[Class, ...]] = get_args(Class)
"""good: an answer, or the fact that there is no such record; stale: an old answer; failed: the source's fault;
gateway: ours; planned: an operator had isolated the source; caller: the request had to change, or its caller left."""


def class_of(outcome: str) -> Class:
    """The class of a request's *outcome*; one that is not in the table is ours."""
    return _TABLE.get(outcome, "gateway")


def outcomes() -> tuple[str, ...]:
    """Every word that the outcome of a request can be."""
    return tuple(sorted(_TABLE))


def _errors(kind: type[GatewayError]) -> Iterator[type[GatewayError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _errors(below)


_OF_FAULT: Final[dict[str, Class]] = {"caller": "caller", "gateway": "gateway", "upstream": "failed"}
_TABLE: Final[dict[str, Class]] = {
    **{error.code: _OF_FAULT[error.fault] for error in _errors(GatewayError) if "code" in vars(error)},
    "ok": "good",
    "not_found": "good",
    NotFound.code: "good",
    "stale": "stale",
    ISOLATED: "planned",
    "cancelled": "caller",
}
