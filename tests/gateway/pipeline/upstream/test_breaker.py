"""The breaker's decisions, without an event loop."""

from __future__ import annotations

from typing import Final

import pytest

from gateway.core.problems import (
    CallerError,
    Conflict,
    Failing,
    GatewayError,
    OffContract,
    Overloaded,
    Refused,
    TimedOut,
    Withheld,
)
from gateway.pipeline.upstream.breaker import (
    Ask,
    BreakerSettings,
    Closed,
    Ended,
    HalfOpen,
    Isolate,
    Isolated,
    Lease,
    Open,
    Refusal,
    Restore,
    State,
    decide,
    name_of,
    why_of,
)
from gateway.pipeline.upstream.exchange_result import ExchangeResult, weigh

SETTINGS: Final = BreakerSettings()
DEADLINE_S: Final = 10.0


def admitted(state: State, now: float, settings: BreakerSettings = SETTINGS) -> tuple[State, Lease]:
    """A call that goes."""
    state, verdict = decide(state, Ask(now + DEADLINE_S), now, settings)
    assert isinstance(verdict, Lease)
    return state, verdict


def refused(state: State, now: float, settings: BreakerSettings = SETTINGS) -> Refusal:
    """A call that does not go."""
    _, verdict = decide(state, Ask(now + DEADLINE_S), now, settings)
    assert isinstance(verdict, Refusal)
    return verdict


def calls(
    state: State,
    outcomes: list[ExchangeResult],
    *,
    now: float = 0.0,
    every: float = 0.0,
    slow: bool = False,
    settings: BreakerSettings = SETTINGS,
) -> State:
    """*outcomes* one after the other, *every* so many seconds."""
    for outcome in outcomes:
        state, lease = admitted(state, now, settings)
        state, _ = decide(state, Ended(lease, outcome, slow=slow), now, settings)
        now += every
    return state


def half_open(settings: BreakerSettings = SETTINGS) -> tuple[HalfOpen, float]:
    """A breaker that may just probe, and the time then."""
    opened = calls(Closed(0), ["failed"] * settings.consecutive_failures, settings=settings)
    assert isinstance(opened, Open)
    state, lease = admitted(opened, opened.until, settings)
    state, _ = decide(state, Ended(lease, "nothing"), opened.until, settings)
    assert isinstance(state, HalfOpen)
    return state, opened.until


def test_failures_in_a_row_open_it_however_far_apart() -> None:
    """A failure an hour is thin traffic, and five of them are a source that is down."""
    state = calls(Closed(0), ["failed"] * 5, every=3_600.0)

    assert (name_of(state), why_of(state)) == ("open", "consecutive_failures")


def test_one_success_ends_the_row() -> None:
    """Four failures, a success, four failures are no row of five."""
    state = calls(Closed(0), [*["failed"] * 4, "well", *["failed"] * 4], every=100.0)

    assert name_of(state) == "closed"


def test_half_of_ten_calls_open_it() -> None:
    """Failures that never stand in a row open it by their share."""
    state = calls(Closed(0), ["well", "failed"] * 5)

    assert why_of(state) == "ratio"


def test_a_share_of_fewer_calls_than_the_least_is_not_looked_at() -> None:
    """Four failures of nine calls are an anecdote."""
    state = calls(Closed(0), [*["well", "failed"] * 4, "well"])

    assert name_of(state) == "closed"


def test_what_is_older_than_the_window_is_forgotten() -> None:
    """Failures a window ago do not add to those of now."""
    settings = BreakerSettings(window_s=60)
    state = calls(Closed(0), ["well", "failed"] * 4, now=0.0, settings=settings)
    state = calls(state, ["well", "failed"] * 4, now=61.0, settings=settings)

    assert name_of(state) == "closed"
    assert isinstance(state, Closed)
    assert sum(bucket.calls for bucket in state.window) == 8


def test_the_window_is_bounded() -> None:
    """A million calls an hour keep no more than the window's parts."""
    state = calls(Closed(0), ["well"] * 2_000, every=1.7)

    assert isinstance(state, Closed)
    assert len(state.window) <= 10


def test_slow_successes_open_it() -> None:
    """Six of ten calls that are slow say that the source drowns."""
    state = calls(Closed(0), ["well"] * 4)
    state = calls(state, ["well"] * 6, slow=True)

    assert why_of(state) == "slow_ratio"


def test_facts_and_what_was_never_asked_are_neutral() -> None:
    """No record, a caller's fault, a refusal of ours: neither a failure, nor a success that ends a row."""
    state = calls(Closed(0), [*["failed"] * 4, *["fact"] * 500, *["nothing"] * 500])

    assert name_of(state) == "closed"
    assert why_of(calls(state, ["failed"])) == "consecutive_failures"


def test_open_refuses_with_the_time_that_is_left() -> None:
    """Retry-After is what remains of the pause."""
    state = calls(Closed(0), ["failed"] * 5)

    assert refused(state, 0.0).retry_after == 30.0
    assert refused(state, 29.0).retry_after == 1.0


def test_half_open_lets_exactly_its_probes_go() -> None:
    """The fourth of three is refused until a probe's lease ends at the latest."""
    state, now = half_open()
    held: State = state
    for _ in range(3):
        held, _ = admitted(held, now)

    assert refused(held, now).retry_after == DEADLINE_S


def test_probes_that_end_well_close_it() -> None:
    """As many good probes as it wants, and it begins anew."""
    state, now = half_open()
    after = calls(state, ["well"] * 2, now=now)
    assert name_of(after) == "half_open"

    assert calls(after, ["well"], now=now) == Closed(after.generation + 1)


def test_facts_are_signs_of_life_from_a_probe() -> None:
    """A register that answers "no such record" is back, else thin traffic of such questions kept it half open."""
    state, now = half_open()

    assert name_of(calls(state, ["fact"] * 3, now=now)) == "closed"


def test_one_failed_probe_opens_it_again() -> None:
    """The pause begins anew."""
    state, now = half_open()
    after = calls(state, ["well", "failed"], now=now)

    assert (name_of(after), why_of(after)) == ("open", "probe_failed")
    assert refused(after, now).retry_after == 30.0


def test_slow_probes_open_it_again() -> None:
    """A source that is back but drowns gets another pause."""
    state, now = half_open()

    assert why_of(calls(state, ["well"] * 3, now=now, slow=True)) == "slow_ratio"


def test_a_lost_probe_gives_its_permit_back_by_itself() -> None:
    """A lease ends at its call's deadline, so probes that never end can't hold the breaker half open."""
    state, now = half_open()
    held: State = state
    for _ in range(3):
        held, _ = admitted(held, now)

    later = now + DEADLINE_S
    held, lease = admitted(held, later)

    assert isinstance(held, HalfOpen)
    assert held.leases == (lease,)


def test_the_late_end_of_an_expired_probe_changes_nothing() -> None:
    """Its permit has been given to another already."""
    state, now = half_open()
    held, lost = admitted(state, now)
    held, _ = admitted(held, now + DEADLINE_S)

    after, _ = decide(held, Ended(lost, "failed"), now + DEADLINE_S, SETTINGS)

    assert after == held


@pytest.mark.parametrize("outcome", ["well", "failed", "fact", "nothing"])
def test_results_of_an_older_generation_change_nothing(outcome: ExchangeResult) -> None:
    """A call begun while closed that ends when it is open, half open or closed anew says nothing about now."""
    closed, old = admitted(Closed(0), 0.0)
    opened = calls(closed, ["failed"] * 5)
    probing, now = half_open()
    anew = calls(probing, ["well"] * 3, now=now)

    for state in (opened, probing, anew):
        assert decide(state, Ended(old, outcome), now, SETTINGS) == (state, None)


def test_an_operator_isolates_for_a_while() -> None:
    """Nothing goes until the end that was said, then it begins anew."""
    state, _ = decide(Closed(3), Isolate(600.0, "nâng cấp máy chủ"), 0.0, SETTINGS)

    assert (name_of(state), why_of(state)) == ("isolated", "nâng cấp máy chủ")
    assert refused(state, 100.0) == Refusal(500.0, isolated=True)
    after, _ = admitted(state, 600.0)
    assert after == Closed(5)


def test_an_operator_ends_isolation_and_pause() -> None:
    """Restored, it forgets what was."""
    isolated = Isolated(7, 1e9, "")
    opened = calls(Closed(0), ["failed"] * 5)

    for state in (isolated, opened):
        assert decide(state, Restore(), 0.0, SETTINGS)[0] == Closed(state.generation + 1)


def test_isolation_of_an_open_breaker_outlasts_its_pause() -> None:
    """Planned work is not ended by a probe."""
    opened = calls(Closed(0), ["failed"] * 5)
    state, _ = decide(opened, Isolate(3_600.0, ""), 1.0, SETTINGS)

    assert refused(state, 31.0).isolated


@pytest.mark.parametrize(
    ("error", "seconds", "outcome"),
    [
        (Failing(reason="upstream_error"), 0.1, "failed"),
        (Failing(reason="unreachable", may_have_arrived=False), 0.1, "failed"),
        (TimedOut(reason="attempt"), 5.0, "failed"),
        (OffContract(reason="malformed"), 0.1, "failed"),
        (TimedOut(reason="deadline", may_have_arrived=False), 0.0, "nothing"),
        (TimedOut(reason="deadline"), 0.2, "nothing"),
        (TimedOut(reason="deadline"), 1.9, "failed"),
        (Withheld(reason="quota_spent", retry_after=1.0), 0.1, "nothing"),
        (Refused(reason="credentials"), 0.1, "nothing"),
        (Refused(reason="tls_expired", may_have_arrived=False), 0.1, "nothing"),
        (Overloaded(), 0.0, "nothing"),
        (Conflict(), 0.1, "fact"),
        (CallerError(), 0.1, "fact"),
    ],
)
def test_what_an_error_says_about_the_source(error: GatewayError, seconds: float, outcome: ExchangeResult) -> None:
    """Only what the source did wrong counts against it, and an impatient caller proves nothing."""
    assert weigh(error, seconds, SETTINGS) == outcome
