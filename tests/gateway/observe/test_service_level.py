"""The classes of outcomes."""

from __future__ import annotations

from gateway.core import problems
from gateway.observe.service_level import class_of, outcomes


def test_each_class_in_one_table() -> None:
    """Written here by hand: a wrong class wakes the wrong person, or nobody."""
    expected = {
        "good": {"ok", "not_found", "not-found"},
        "stale": {"stale"},
        "failed": {"upstream-unavailable", "upstream-timeout", "upstream-refused", "upstream-invalid-response"},
        "gateway": {"overloaded", "internal"},
        "planned": {"isolated"},
    }
    for name, words in expected.items():
        assert {word for word in outcomes() if class_of(word) == name} == words
    known = set().union(*expected.values())
    assert {class_of(word) for word in outcomes() if word not in known} == {"caller"}


def test_every_error_has_a_class() -> None:
    """Its code is an outcome; what is in no table is ours, and is looked into."""
    codes = {
        kind.code
        for kind in vars(problems).values()
        if isinstance(kind, type) and issubclass(kind, problems.GatewayError)
    }
    assert codes <= set(outcomes())
    assert class_of("a-new-code") == "gateway"
