"""The parts of answers that no connector declares, as the description shows them: meta, problems, batch, catalogue."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from gateway.api.reasons import REASONS
from gateway.api.texts import CODES
from gateway.core.problems import Fault, RequestOutcome


class Meta(BaseModel):
    """The source and the age of an answer."""

    system: str = Field(description="Connector", examples=["business_registry"])
    operation: str = Field(description="Operation", examples=["enterprise"])
    freshness: Literal["live", "cached", "stale"] = Field(
        description="live: asked just now; cached: younger than its life; stale: older, and said so"
    )
    fetched_at: datetime = Field(
        description="When the national system gave the data, RFC 3339", examples=["2026-11-24T03:04:05Z"]
    )
    age_seconds: int = Field(description="Seconds since then", ge=0)
    request_id: str = Field(description="Identifies the request in the log and in questions to the operator")
    withheld: list[str] = Field(
        default=[],
        description="JSON pointers into data: personal fields that are left out, because the request has no purpose "
        "(X-Dossier-Id, X-User-Id) or the key no right to them; absent where there are none",
        examples=[["/members/0/identity_number"]],
    )
    incomplete: list[str] = Field(
        default=[],
        description="JSON pointers into data: values that the source gave and that could not be read; they are null. "
        "Absent where there are none",
        examples=[["/founded_on"]],
    )
    rows_left_out: int = Field(
        default=0, ge=0, description="Rows of lists in data that could not be read; absent where there are none"
    )


class PageMeta(Meta):
    """As Meta, for a list."""

    next_page_token: str | None = Field(description="page_token of the next page; null at the end")
    total: int | None = Field(description="Number of all records, where the source says it")


class RequestMeta(BaseModel):
    """The request that was answered."""

    request_id: str = Field(description="Identifies the request in the log and in questions to the operator")


# ---- problems


class FieldProblem(BaseModel):
    """One thing wrong with a request."""

    pointer: str = Field(description="JSON pointer (RFC 6901) to the field; empty: the body as a whole")
    code: str = Field(description="Stable word", examples=["required", "check_digit"])
    message: str = Field(description="What is wrong, in the language of Accept-Language")


class Problem(BaseModel):
    """RFC 9457 problem document; decide by code, retryable and outcome, never by text."""

    type: str = Field(description="Address of the code's page", examples=["/problems/upstream-timeout"])
    title: str = Field(description="The code in words, in the language of Accept-Language")
    status: int = Field(description="The HTTP status", ge=400, le=599)
    detail: str = Field(description="The reason in words, else the code's, in the language of Accept-Language")
    code: str = Field(description="Stable word", json_schema_extra={"enum": [*sorted(CODES)]})
    fault: Fault = Field(description="Who can mend it")
    retryable: bool = Field(description="Whether the same request may be sent again without harm")
    outcome: RequestOutcome = Field(description="What happened to the thing asked")
    request_id: str = Field(description="Identifies the request in the log and in questions to the operator")
    reason: str | None = Field(
        default=None,
        description="Finer stable word; the page of the code (type) lists its reasons",
        json_schema_extra={"examples": [*sorted(REASONS)]},
    )
    retry_after_seconds: int | None = Field(default=None, description="As the header Retry-After", ge=0)
    system: str | None = Field(default=None, description="Connector", examples=["business_registry"])
    operation: str | None = Field(default=None, description="Operation", examples=["enterprise"])
    errors: list[FieldProblem] | None = Field(default=None, description="What is wrong with the request, by field")


# ---- the batch


class BatchDone(BaseModel):
    """The answer to one part, as its operation alone gives it."""

    status: Literal[200]
    data: dict[str, Any] | list[dict[str, Any]] = Field(description="The data of the operation's own answer")
    meta: Meta | PageMeta


class BatchFailed(BaseModel):
    """The problem of one part."""

    status: int = Field(description="The HTTP status that the operation alone would have", ge=400, le=599)
    problem: Problem


class BatchAnswer(BaseModel):
    """The parts in the order asked."""

    data: list[BatchDone | BatchFailed]
    meta: RequestMeta


# ---- the catalogue


class CatalogueOperation(BaseModel):
    """One operation of a connector."""

    operation: str = Field(description="connector.operation", examples=["business_registry.enterprise"])
    summary: str
    method: Literal["GET", "POST", "PUT", "DELETE"]
    path: str = Field(examples=["/v1/business-registry/enterprises/{enterprise_code}"])
    offered: bool = Field(description="Whether this deployment answers it")
    upstream: str | None = Field(description="The upstream that it asks")


class CatalogueUpstream(BaseModel):
    """The state of one upstream, as its last exchanges say."""

    upstream: str
    state: Literal["unknown", "up", "failing", "isolated"]
    since: datetime
    why: str | None = Field(description="The reason of its last failure, or the operator's words")


class Maintenance(BaseModel):
    """A time in which an operator has taken an upstream out of service."""

    upstream: str
    begin: datetime = Field(alias="from")
    until: datetime | None
    why: str | None


class CatalogueEntry(BaseModel):
    """One national system."""

    name: str = Field(examples=["business_registry"])
    title: str
    state: Literal["unknown", "up", "failing", "isolated"] = Field(description="The worst of its upstreams'")
    upstreams: list[CatalogueUpstream]
    planned_maintenance: list[Maintenance]
    operations: list[CatalogueOperation]


class Catalogue(BaseModel):
    """All connectors."""

    data: list[CatalogueEntry]
    meta: RequestMeta


class CatalogueOne(BaseModel):
    """One connector."""

    data: CatalogueEntry
    meta: RequestMeta


SCHEMAS: tuple[type[BaseModel], ...] = (Problem, Meta, PageMeta, BatchAnswer, Catalogue, CatalogueOne)
"""Those that the description refers to by name."""
