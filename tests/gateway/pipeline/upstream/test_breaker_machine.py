"""Random traffic, failures, losses and time against the breaker's promises."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from gateway.pipeline.upstream.breaker import (
    Ask,
    BreakerSettings,
    Closed,
    Ended,
    ExchangeResult,
    HalfOpen,
    Isolate,
    Isolated,
    Lease,
    Open,
    Refusal,
    Restore,
    State,
    decide,
)


class BreakerMachine(RuleBasedStateMachine):
    """One breaker and the calls that it let go."""

    leases = Bundle("leases")

    def __init__(self) -> None:
        """Closed, at some moment."""
        super().__init__()
        self.limits = BreakerSettings(
            consecutive_failures=3, min_calls=6, window_s=20, open_s=10, half_open_calls=3, slow_s=1
        )
        self.now = 1_000.0
        self.state: State = Closed(0)
        self.row = 0

    def tell(self, event: Ask | Ended | Isolate | Restore) -> Lease | Refusal | None:
        """Decides; generations only rise, and by one."""
        before = self.state
        self.state, verdict = decide(before, event, self.now, self.limits)
        assert self.state.generation in {before.generation, before.generation + 1}
        assert self.state.generation > before.generation or type(self.state) is type(before)
        if self.state.generation != before.generation:
            self.row = 0
        return verdict

    @rule(target=leases, lasts=st.floats(0.1, 30))
    def a_call_comes(self, lasts: float) -> Lease | None:
        """It goes or is refused for a time that is not yet over."""
        verdict = self.tell(Ask(self.now + lasts))
        if isinstance(verdict, Refusal):
            assert verdict.retry_after > 0
            assert not isinstance(self.state, Closed)
            return None
        assert isinstance(verdict, Lease)
        assert not isinstance(self.state, Open | Isolated)
        return verdict

    @rule(
        lease=consumes(leases),
        outcome=st.sampled_from(["well", "failed", "failed", "fact", "nothing"]),
        slow=st.booleans(),
    )
    def a_call_ends(self, lease: Lease | None, outcome: ExchangeResult, slow: bool) -> None:
        """Only results of the present generation count."""
        if lease is None:
            return
        before = self.state
        if lease.generation == before.generation and isinstance(before, Closed):
            self.row = self.row + 1 if outcome == "failed" else 0 if outcome == "well" else self.row
        row = self.row
        self.tell(Ended(lease, outcome, slow=slow))
        if lease.generation != before.generation:
            assert self.state == before
        if row >= self.limits.consecutive_failures:
            assert isinstance(self.state, Open)

    @rule(lease=consumes(leases))
    def a_call_is_lost(self, lease: Lease | None) -> None:
        """It never tells how it ended, as a task that was killed."""

    @rule(seconds=st.floats(0, 40))
    def time_passes(self, seconds: float) -> None:
        """Leases and pauses end."""
        self.now += seconds

    @rule(seconds=st.floats(1, 100))
    def an_operator_isolates(self, seconds: float) -> None:
        """Planned work."""
        self.tell(Isolate(self.now + seconds, "bảo trì"))

    @rule()
    def an_operator_restores(self) -> None:
        """The work is done."""
        self.tell(Restore())

    @invariant()
    def never_more_probes_than_allowed(self) -> None:
        """Half open, those that run and those that ended well are no more than it wants."""
        if isinstance(self.state, HalfOpen):
            assert len(self.state.leases) + self.state.good <= self.limits.half_open_calls
            assert len(set(self.state.leases)) == len(self.state.leases)

    @invariant()
    def never_stuck(self) -> None:
        """From any state, after all pauses and leases are over, a call goes."""
        later = self.now + 1_000
        _, verdict = decide(self.state, Ask(later + 10), later, self.limits)
        assert isinstance(verdict, Lease)

    @invariant()
    def never_too_much_memory(self) -> None:
        """What is remembered is bounded."""
        if isinstance(self.state, Closed):
            assert len(self.state.window) <= 10


BreakerMachine.TestCase.settings = settings(max_examples=300, stateful_step_count=80, deadline=None)
TestBreakerMachine = BreakerMachine.TestCase
