"""Where spans are sent."""

from __future__ import annotations

from pydantic import Field

from gateway.core.settings import BaseUrl, Frozen
from gateway.settings.references import Secret


class TraceSettings(Frozen):
    """Spans of requests, sent by OTLP over HTTP; needs the extra ``traces``."""

    endpoint: BaseUrl = Field(description="address of the collector for spans: http://collector:4318/v1/traces")
    ratio: float = Field(
        default=0.05, ge=0, le=1, description="share of requests that are traced, where the caller does not say"
    )
    authorization: Secret | None = Field(default=None, description="sent to the collector as Authorization")
