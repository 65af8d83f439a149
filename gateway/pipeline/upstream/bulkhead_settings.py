"""The settings of a bulkhead."""

from __future__ import annotations

from typing import Self

from pydantic import Field, model_validator

from gateway.core.settings import Frozen
from gateway.pipeline.upstream.adaptive import AimdSettings


class BulkheadSettings(Frozen):
    """Limits of one gateway's exchanges with a source."""

    limit: int = Field(default=10, ge=1, le=1_000, description="exchanges in flight at once")
    caller_limit: int | None = Field(
        default=None,
        ge=1,
        le=1_000,
        description=(
            "exchanges of one caller in flight at once; not said: three quarters of limit, rounded down but at least "
            "one, where the file has several callers, and limit where it has one"
        ),
    )
    queue: int = Field(default=20, ge=0, le=10_000, description="exchanges that may wait for a place")
    adaptive: bool = Field(default=False, description="adapt the limit to the latency, between 1 and limit")
    aimd: AimdSettings = AimdSettings()

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.caller_limit is not None and self.caller_limit > self.limit:
            raise ValueError("caller_limit is more than limit, so it would limit nobody")
        return self

    def shared_by(self, callers: int) -> Self:
        """These settings for a gateway with so many *callers*: ``caller_limit`` is said."""
        if self.caller_limit is not None:
            return self
        most = max(1, self.limit * 3 // 4) if callers > 1 else self.limit
        return self.model_copy(update={"caller_limit": most})
