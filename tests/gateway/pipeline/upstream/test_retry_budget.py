"""The retry budget: a fifth of the requests, and a few a minute."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from gateway.core.events import Event, RetryBudgetMoved
from gateway.pipeline.upstream.retry_budget import Budget, BudgetSettings, RetryBudget, decide, full
from gateway.testing.clock import FakeClock

SETTINGS = BudgetSettings()


def granted(budget: Budget, retries: int, now: float, limits: BudgetSettings = SETTINGS) -> int:
    """How many of *retries* at *now* are granted."""
    count = 0
    for _ in range(retries):
        budget, yes = decide(budget, "retry", now, limits)
        count += yes
    return count


def test_the_minimum_is_there_from_the_start() -> None:
    """Before any request has earned anything, the minute's minimum is granted, and no more."""
    assert granted(full(SETTINGS, 0.0), 50, 0.0) == SETTINGS.per_minute


def test_five_requests_earn_one_retry() -> None:
    """Each request earns a fifth of a retry."""
    limits = BudgetSettings(per_minute=0)
    budget = full(limits, 0.0)
    for _ in range(5):
        budget, _ = decide(budget, "request", 0.0, limits)

    assert granted(budget, 5, 0.0, limits) == 1


def test_what_is_earned_is_saved_up_to_the_burst() -> None:
    """A quiet day of well answered requests does not buy a storm of retries."""
    limits = BudgetSettings(per_minute=0, burst=10)
    budget = full(limits, 0.0)
    for _ in range(10_000):
        budget, _ = decide(budget, "request", 0.0, limits)

    assert granted(budget, 100, 0.0, limits) == 10


def test_the_minimum_comes_back_within_a_minute() -> None:
    """Spent retries are given anew with time, however thin the traffic."""
    budget = Budget(0.0, 0.0, 0.0)

    assert granted(budget, 10, 9.9) == 0
    assert granted(budget, 10, 10.0) == 1
    assert granted(budget, 10, 60.0) == SETTINGS.per_minute
    assert granted(budget, 10, 3_600.0) == SETTINGS.per_minute


def test_a_budget_of_nothing_grants_nothing() -> None:
    """Ratio and minimum of zero switch retries off."""
    limits = BudgetSettings(ratio=0, per_minute=0)
    budget, _ = decide(full(limits, 0.0), "request", 0.0, limits)

    assert granted(budget, 10, 1_000.0, limits) == 0


def test_what_is_left_is_told() -> None:
    """The gauge is there from the start, and each retry asked for moves it."""
    events: list[Event] = []
    budget = RetryBudget(SETTINGS, FakeClock(), events.append, ("register", "ws"))
    budget.earn()

    assert budget.spend()
    assert events == [RetryBudgetMoved("register", "ws", 6), RetryBudgetMoved("register", "ws", 5)]


@given(st.lists(st.tuples(st.sampled_from(["request", "retry"]), st.floats(0, 30)), max_size=200))
def test_time_never_takes_anything_away(steps: list[tuple[str, float]]) -> None:
    """However requests, retries and time mix, the budget stays within its bounds."""
    budget, now = full(SETTINGS, 0.0), 0.0
    for event, passed in steps:
        now += passed
        budget, _ = decide(budget, "request" if event == "request" else "retry", now, SETTINGS)

        assert 0 <= budget.earned <= SETTINGS.burst
        assert 0 <= budget.given <= SETTINGS.per_minute


class BudgetMachine(RuleBasedStateMachine):
    """Random traffic with random pauses against the promise of the budget."""

    def __init__(self) -> None:
        """Full, at some moment."""
        super().__init__()
        self.limits = BudgetSettings(ratio=0.2, burst=10, per_minute=6)
        self.now = 1_000.0
        self.began = self.now
        self.budget = full(self.limits, self.now)
        self.requests = 0
        self.retries = 0

    @rule(count=st.integers(1, 20))
    def requests_come(self, count: int) -> None:
        """Traffic earns."""
        for _ in range(count):
            self.budget, _ = decide(self.budget, "request", self.now, self.limits)
        self.requests += count

    @rule(count=st.integers(1, 20))
    def all_want_to_retry(self, count: int) -> None:
        """Everything fails at once."""
        for _ in range(count):
            self.budget, yes = decide(self.budget, "retry", self.now, self.limits)
            self.retries += yes
            assert yes or (self.budget.earned < 1 and self.budget.given < 1)

    @rule(seconds=st.floats(0, 90))
    def time_passes(self, seconds: float) -> None:
        """The minute's minimum grows back."""
        self.now += seconds

    @rule(seconds=st.floats(0, 90))
    def the_clock_is_read_late(self, seconds: float) -> None:
        """An older reading than the last one changes nothing."""
        before = self.budget
        self.budget, _ = decide(self.budget, "request", before.at - seconds, self.limits)
        self.requests += 1
        assert (self.budget.at, self.budget.given) == (before.at, before.given)

    @invariant()
    def never_more_than_promised(self) -> None:
        """Retries stay below a fifth of the requests plus the minimum of the time that passed."""
        minutes = (self.now - self.began) / 60
        promised = self.limits.ratio * self.requests + self.limits.per_minute * (minutes + 1)
        assert self.retries <= promised + 1e-6


BudgetMachine.TestCase.settings = settings(max_examples=300, stateful_step_count=80, deadline=None)
TestBudgetMachine = BudgetMachine.TestCase
