"""The policies around one upstream, with the defaults that apply unless its dialect or the configuration says
otherwise.

These are numbers for a national system of Vietnam as a province meets it, and each is a key of the deployment's file
(``connectors.<name>.upstreams.<upstream>.…``); what a single source needs besides is in its dialect's ``defaults``
and on the page ``docs/operate/policies.md``, which a test holds to the code.

- **Thin traffic**: a registry gets some calls a minute from one province, so a breaker that wants a hundred calls in
  half a minute would never open. Five failures in a row do it, however far apart.
- **Slow mornings**: from eight to ten answers take seconds. An attempt has five seconds, an answer is slow after three,
  and the breaker opens for slowness only where most calls are slow.
- **Old servers**: ten exchanges at once from one gateway, twenty waiting; a request that finds the queue full is
  refused at once.
- **Quotas by the day**: unknown until a ministry states one, so there is no default; the last tenth is for interactive
  requests.
- **Retries cost the source**: three attempts, a fifth more calls at most, six a minute where there is hardly traffic.
"""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from gateway.core.settings import Frozen
from gateway.pipeline.deadline import MINIMUM_S
from gateway.pipeline.upstream.breaker_settings import BreakerSettings
from gateway.pipeline.upstream.bulkhead_settings import BulkheadSettings
from gateway.pipeline.upstream.retry import RetrySettings


class UpstreamPolicies(Frozen):
    """The policies around one upstream, beside its address in configuration."""

    attempt_timeout_s: float = Field(default=5.0, gt=0, le=120, description="seconds one attempt may take")
    attempt_minimum_s: float = Field(
        default=MINIMUM_S, gt=0, le=120, description="no attempt is begun with less than this left of the deadline"
    )
    retry: RetrySettings = RetrySettings()
    breaker: BreakerSettings = BreakerSettings()
    bulkhead: BulkheadSettings = BulkheadSettings()
    quota_per_day: int | None = Field(
        default=None, ge=1, description="exchanges that the source grants per day, counted from midnight in Vietnam"
    )
    quota_reserve: float = Field(
        default=0.1, ge=0, le=1, description="last share of the day's quota, kept for interactive callers"
    )

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.attempt_minimum_s > self.attempt_timeout_s:
            raise ValueError("attempt_minimum_s is longer than attempt_timeout_s, so no attempt could ever begin")
        return self

    def shared_by(self, callers: int) -> Self:
        """These policies for a gateway with so many *callers*."""
        return self.model_copy(update={"bulkhead": self.bulkhead.shared_by(callers)})
