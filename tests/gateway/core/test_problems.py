"""The error tree, and the API's table of what each error tells a client."""

from __future__ import annotations

import re
from functools import cache
from inspect import signature
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.core import problems as p
from gateway.core.mistakes import Mistake
from gateway.core.problems import FieldError, GatewayError

WRONG = Mistake("wrong", "is wrong", "sai")


def every_class() -> list[type[GatewayError]]:
    """All errors that core declares."""
    return [cls for cls in vars(p).values() if isinstance(cls, type) and issubclass(cls, GatewayError)]


def make(cls: type[GatewayError], **more: Any) -> GatewayError:
    """An error of *cls*, whatever its constructor wants."""
    if cls is p.MethodNotAllowed:
        return p.MethodNotAllowed(["GET"])
    if cls is p.RangeNotSatisfiable:
        return p.RangeNotSatisfiable(3)
    if issubclass(cls, p.Withheld):
        return cls(reason="breaker_open", retry_after=5.0, **more)
    return cls(**more)


# ---- the tree


def drawn() -> dict[str, str]:
    """Each class that the module's docstring draws, and the class that it hangs from."""
    names = {cls.__name__ for cls in every_class()}
    found: dict[str, str] = {}
    above: dict[int, str] = {-1: ""}
    for line in (p.__doc__ or "").splitlines():
        here = [word for word in re.findall(r"[A-Za-z]+", line) if word in names]
        if here:
            depth = len(re.split(r"[A-Za-z]", line, maxsplit=1)[0]) // 3 - 1
            for name in here:
                found[name] = above[depth - 1]
            above[depth] = here[0]
    return found


def test_drawn_tree_is_the_real_one() -> None:
    """The docstring draws every class, each under the class that it extends."""
    real = {cls.__name__: cls.__bases__[0].__name__ for cls in every_class() if cls is not GatewayError}

    assert {name: parent for name, parent in drawn().items() if name != "GatewayError"} == real


@pytest.mark.parametrize("cls", every_class())
def test_docstring_is_the_default_detail(cls: type[GatewayError]) -> None:
    """Without a detail an error says the first line of its docstring: one sentence for a person."""
    detail = str(make(cls))

    assert detail
    assert "\n" not in detail
    assert detail.endswith(".")


# ---- the API's table: code, status, fault, retryable and outcome of a read, retryable and outcome of a write sent

TABLE = [
    (p.UnknownRoute, "unknown-route", 404, "caller", (False, "not_done"), (False, "not_done")),
    (p.MethodNotAllowed, "method-not-allowed", 405, "caller", (False, "not_done"), (False, "not_done")),
    (p.Unauthenticated, "unauthenticated", 401, "caller", (False, "not_done"), (False, "not_done")),
    (p.Forbidden, "forbidden", 403, "caller", (False, "not_done"), (False, "not_done")),
    (p.Misdirected, "misdirected-request", 421, "caller", (False, "not_done"), (False, "not_done")),
    (p.UnsupportedMediaType, "unsupported-media-type", 415, "caller", (False, "not_done"), (False, "not_done")),
    (p.PayloadTooLarge, "payload-too-large", 413, "caller", (False, "not_done"), (False, "not_done")),
    (p.RangeNotSatisfiable, "range-not-satisfiable", 416, "caller", (False, "not_done"), (False, "not_done")),
    (p.InvalidRequest, "invalid-request", 400, "caller", (False, "not_done"), (False, "not_done")),
    (p.PurposeRequired, "purpose-required", 400, "caller", (False, "not_done"), (False, "not_done")),
    (p.NotFound, "not-found", 404, "caller", (False, "not_done"), (False, "not_done")),
    (p.Conflict, "conflict", 409, "caller", (False, "not_done"), (False, "not_done")),
    (p.AlreadyReceived, "conflict", 409, "caller", (False, "not_done"), (False, "unknown")),
    (p.IdempotencyKeyReused, "idempotency-key-reused", 422, "caller", (False, "not_done"), (False, "not_done")),
    (p.InProgress, "in-progress", 409, "caller", (True, "not_done"), (True, "not_done")),
    (p.RateLimited, "rate-limited", 429, "caller", (True, "not_done"), (True, "not_done")),
    (p.NotCached, "not-cached", 504, "caller", (True, "not_done"), (True, "not_done")),
    (p.Overloaded, "overloaded", 503, "gateway", (True, "not_done"), (True, "not_done")),
    (p.OwnTrouble, "overloaded", 503, "gateway", (True, "not_done"), (True, "not_done")),
    (p.Failing, "upstream-unavailable", 503, "upstream", (True, "not_done"), (False, "unknown")),
    (p.Withheld, "upstream-unavailable", 503, "upstream", (True, "not_done"), (True, "not_done")),
    (p.Throttled, "upstream-unavailable", 503, "upstream", (True, "not_done"), (True, "not_done")),
    (p.TimedOut, "upstream-timeout", 504, "upstream", (True, "not_done"), (False, "unknown")),
    (p.Refused, "upstream-refused", 502, "upstream", (False, "not_done"), (False, "unknown")),
    (p.OffContract, "upstream-invalid-response", 502, "upstream", (False, "not_done"), (False, "unknown")),
    (p.CutOff, "upstream-invalid-response", 502, "upstream", (False, "not_done"), (False, "unknown")),
    (p.Internal, "internal", 500, "gateway", (False, "unknown"), (False, "unknown")),
]


@pytest.mark.parametrize(
    ("cls", "code", "status", "fault", "read", "write"), TABLE, ids=[row[0].__name__ for row in TABLE]
)
def test_error_tells_what_the_table_says(
    cls: type[GatewayError],
    code: str,
    status: int,
    fault: str,
    read: tuple[bool, str],
    write: tuple[bool, str],
) -> None:
    """Code, status and fault; and, for a read and for a write whose bytes left, retryable and outcome."""
    error = make(cls)

    assert (error.code, error.status, error.fault) == (code, status, fault)
    assert (error.may_retry("read"), error.outcome("read")) == read
    assert (error.may_retry("write"), error.outcome("write")) == write


def test_every_error_is_in_the_table() -> None:
    """An error that core learns is missed here until the table says what it tells."""
    branches = {p.GatewayError, p.CallerError, p.UpstreamError, p.Unavailable}

    assert set(every_class()) - branches == {row[0] for row in TABLE}


@pytest.mark.parametrize("cls", [p.Failing, p.TimedOut, p.Refused, p.OffContract, p.CutOff])
def test_write_that_never_left_was_not_done(cls: type[GatewayError]) -> None:
    """Where no byte left, the order was not done, and may be sent again where the cause passes."""
    error = make(cls, may_have_arrived=False)

    assert error.outcome("write") == "not_done"
    assert error.may_retry("write") is cls.retryable


def test_callers_fault_is_no_5xx_and_ours_no_4xx() -> None:
    """Who is at fault can be told from the status, but for the 504 that HTTP's caching demands."""
    for cls, _, status, fault, *_ in TABLE:
        assert (status < 500) == (fault == "caller") or cls is p.NotCached


def test_only_what_may_pass_is_retried_inside_and_counted() -> None:
    """Retry and breaker look at an upstream's failures alone, never at a caller's, at a refusal or at a known wait."""
    assert {row[0] for row in TABLE if row[0].retry_inside} == {p.Failing, p.TimedOut, p.Throttled, p.CutOff}
    assert {row[0] for row in TABLE if row[0].counts_for_breaker} == {p.Failing, p.TimedOut, p.OffContract, p.CutOff}


def test_stale_may_stand_in_for_not_knowing_alone() -> None:
    """Old data stands in for a source that can't be known, never for a refusal or a caller's fault."""
    standing = {row[0] for row in TABLE if row[0].stale_may_stand_in}

    of_sources = {p.Failing, p.Withheld, p.Throttled, p.TimedOut, p.OffContract, p.CutOff}
    assert standing == {p.Overloaded, p.OwnTrouble, *of_sources}


def test_error_keeps_what_it_was_given() -> None:
    """Reason, wait and fields are kept as they are."""
    error = p.InvalidRequest("Wrong.", reason="r", retry_after=3.0, errors=[FieldError("/a", WRONG)])

    assert (str(error), error.reason, error.retry_after, error.errors) == (
        "Wrong.",
        "r",
        3.0,
        (FieldError("/a", WRONG),),
    )


# ---- errors do not change


@cache
def made(cls: type[GatewayError]) -> st.SearchStrategy[GatewayError]:
    """Errors of *cls* with anything that its constructor takes."""
    if cls is p.MethodNotAllowed:
        return st.lists(st.text(), max_size=3).map(p.MethodNotAllowed)
    if cls is p.RangeNotSatisfiable:
        return st.integers(min_value=0).map(p.RangeNotSatisfiable)
    words: dict[str, st.SearchStrategy[Any]] = {
        "detail": st.text(),
        "reason": st.text(),
        "retry_after": st.none() | st.floats(0, 1e6),
        "may_have_arrived": st.booleans(),
        "errors": st.lists(
            st.builds(FieldError, st.text(), st.builds(Mistake, st.text(), st.text(), st.text())), max_size=2
        ),
    }
    taken = signature(cls).parameters
    return st.builds(cls, **{word: values for word, values in words.items() if word in taken})


@pytest.mark.parametrize("cls", every_class())
@given(data=st.data(), arrived=st.none() | st.booleans(), status=st.none() | st.integers(100, 599))
def test_replace_changes_what_is_given_and_keeps_the_rest(
    cls: type[GatewayError], data: st.DataObject, arrived: bool | None, status: int | None
) -> None:
    """A changed copy is of the same class and says all else as the error itself, which stays as it was."""
    error = data.draw(made(cls))
    before = dict(vars(error))

    copy = error.replace(may_have_arrived=arrived, upstream_status=status)

    changes = {"may_have_arrived": arrived, "upstream_status": status}
    assert (type(copy), str(copy), copy.args) == (cls, str(error), error.args)
    assert vars(copy) == {**before, **{name: value for name, value in changes.items() if value is not None}}
    assert vars(error) == before


@pytest.mark.parametrize("cls", every_class())
def test_replace_drags_nothing_along(cls: type[GatewayError]) -> None:
    """Who meets an error again meets one of its own, without the first one's frames, causes and notes."""
    with pytest.raises(GatewayError) as met:
        raise make(cls) from ValueError()
    met.value.add_note("where it was met first")
    copy = met.value.replace()

    assert copy is not met.value
    assert (copy.__traceback__, copy.__cause__, copy.__context__) == (None, None, None)
    assert not hasattr(copy, "__notes__")


@pytest.mark.parametrize("cls", every_class())
@pytest.mark.parametrize("name", ["may_have_arrived", "upstream_status", "reason", "retry_after", "args", "of_my_own"])
def test_what_an_error_says_can_not_be_changed(cls: type[GatewayError], name: str) -> None:
    """An assignment is refused, and says what to do instead."""
    error = make(cls)

    with pytest.raises(AttributeError, match=rf"replace\({name}="):
        setattr(error, name, None)


def test_the_interpreter_may_set_what_is_its_own() -> None:
    """Raising, chaining, notes and tracebacks work as with any exception."""
    error, cause = p.Failing(), ValueError()
    error.add_note("n")
    with pytest.raises(p.Failing) as met:
        raise error from cause

    assert met.value.__cause__ is cause
    assert met.value.__notes__ == ["n"]
    assert error.with_traceback(None).__traceback__ is None
