"""Typed client of the LGSP gateway: one method for each operation, one exception for each code of a problem.

::

    with Client("http://127.0.0.1:8080", "lgsp_laptop_only") as client:
        answer = client.business_registry.enterprise("6799432450")
        print(answer.data.name, answer.meta.freshness)

Models are in :mod:`lgsp_client.models`, questions for :meth:`Client.batch` in :mod:`lgsp_client.questions`.
"""

from lgsp_client.answer import Answer, AsyncPage, BatchResult, Meta, Page
from lgsp_client.async_client import AsyncClient
from lgsp_client.catalogue import Connector
from lgsp_client.client import Client
from lgsp_client.content import AsyncContent, Content
from lgsp_client.errors import (
    CallerError,
    FieldError,
    GatewayError,
    LgspError,
    Outcome,
    Problem,
    ProblemError,
    TransportError,
    UnexpectedResponse,
    UpstreamError,
)
from lgsp_client.events import Event
from lgsp_client.problems import (
    Conflict,
    Forbidden,
    IdempotencyKeyReused,
    InProgress,
    Internal,
    InvalidRequest,
    MethodNotAllowed,
    MisdirectedRequest,
    NotCached,
    NotFound,
    Overloaded,
    PayloadTooLarge,
    PurposeRequired,
    RangeNotSatisfiable,
    RateLimited,
    Unauthenticated,
    UnknownRoute,
    UnsupportedMediaType,
    UpstreamInvalidResponse,
    UpstreamRefused,
    UpstreamTimeout,
    UpstreamUnavailable,
)
from lgsp_client.question import FileQuestion, PageQuestion, Question
from lgsp_client.request import CacheWish, Options
from lgsp_client.webhooks import WrongSignature, verify

__all__ = [
    "Answer",
    "AsyncClient",
    "AsyncContent",
    "AsyncPage",
    "BatchResult",
    "CacheWish",
    "CallerError",
    "Client",
    "Conflict",
    "Connector",
    "Content",
    "Event",
    "FieldError",
    "FileQuestion",
    "Forbidden",
    "GatewayError",
    "IdempotencyKeyReused",
    "InProgress",
    "Internal",
    "InvalidRequest",
    "LgspError",
    "Meta",
    "MethodNotAllowed",
    "MisdirectedRequest",
    "NotCached",
    "NotFound",
    "Options",
    "Outcome",
    "Overloaded",
    "Page",
    "PageQuestion",
    "PayloadTooLarge",
    "Problem",
    "ProblemError",
    "PurposeRequired",
    "Question",
    "RangeNotSatisfiable",
    "RateLimited",
    "TransportError",
    "Unauthenticated",
    "UnexpectedResponse",
    "UnknownRoute",
    "UnsupportedMediaType",
    "UpstreamError",
    "UpstreamInvalidResponse",
    "UpstreamRefused",
    "UpstreamTimeout",
    "UpstreamUnavailable",
    "WrongSignature",
    "verify",
]
