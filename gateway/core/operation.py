"""The declarations from which route, OpenAPI, CLI, metric labels and cache keys follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from string import Formatter
from typing import Any, Generic, Literal, Protocol, TypeVar

from gateway.core.canonical import Canonical, Content, personal_fields
from gateway.core.problems import Effect
from gateway.core.upstream import Exchange, Judgement, Login, Reply, S, Upstream, UpstreamSettings

Q = TypeVar("Q", bound=Canonical)
R = TypeVar("R", bound=Canonical | Content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Q, R]):
    """One question or order of the uniform API. Durations in seconds.

    *path* stands under ``/v1/<connector>/``; its ``{fields}`` are fields of *query*. Other fields of a GET come from
    the query string, of a POST or PUT from the JSON body.
    """

    name: str
    query: type[Q]
    answer: type[R]
    path: str
    summary: str
    """One sentence for the documentation, with the Vietnamese term."""
    method: Literal["GET", "POST", "PUT"] = "GET"
    effect: Effect = "read"
    personal: bool = False
    """Purpose is demanded even where no query field is marked."""
    success: Literal[200, 202] = 200
    location: str | None = None
    """Template of the Location header of a 202, over the answer's fields, under ``/v1/<connector>/``."""
    idempotency_key: bool = False
    """An Idempotency-Key is demanded."""
    body_limit: int = 262_144
    """Bytes."""
    fresh_s: float = 0.0
    """0: never cached."""
    swr_s: float = 0.0
    """Stale while one refresh runs."""
    soft_timeout_s: float = 0.0
    """Stale when the source is slower than this; 0: off."""
    stale_s: float = 0.0
    """Stale when the source fails."""
    negative_s: float = 60.0
    """How long "no such record" is kept; never longer than *fresh_s*."""
    never_stale: bool = False
    """Law: an old answer is never shown, and configuration can't allow it."""
    subject: tuple[str, ...] = ()
    """Fields of *query* whose values say what record it is about; those of *path* unless said. A write makes what is
    kept about its subject be forgotten."""
    deadline_s: float = 10.0

    def path_fields(self) -> tuple[str, ...]:
        """Names between braces in *path*, in order."""
        return _fields_of(self.path)

    def subject_fields(self) -> tuple[str, ...]:
        """Attributes of *query* whose values say what record the question is about."""
        named = self.subject or self.path_fields()
        return tuple(own for own, info in self.query.model_fields.items() if (info.alias or own) in named)

    def needs_purpose(self) -> bool:
        """Whether the question itself is about a person."""
        return self.personal or bool(personal_fields(self.query))

    def streams(self) -> bool:
        """Whether the answer is a file."""
        return self.answer is Content


@lru_cache(maxsize=512)
def _fields_of(path: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(path) if name)


@dataclass(frozen=True, slots=True)
class Binding:
    """An operation and the function of a dialect that answers it."""

    operation: Operation[Any, Any]
    run: Callable[[Any, Any], Awaitable[Any]]


def answers(operation: Operation[Q, R], run: Callable[[Q, Upstream[S]], Awaitable[R | None]]) -> Binding:
    """Ties a dialect's function to the operation it answers; the types must meet."""
    return Binding(operation, run)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """One generation of a national system's service: ``connectors/<name>/<dialect>/__init__.py``."""

    name: str
    adapter: Literal["rest", "soap"]
    settings: type[UpstreamSettings]
    fault_of: Callable[[Exchange, Reply], Judgement]
    """The table of their codes; None leaves it to the HTTP status."""
    calls: tuple[Binding, ...]
    login: Login[Any] | None = None
    wsdl: str | None = None
    """Path of the pinned WSDL below ``contracts/``, for SOAP."""
    known_again: bool = False
    """An order sent twice is answered with "we have it" (:class:`Conflict`), so one of unknown outcome may be sent
    again under its key: the dialect's function reads that answer as success where ``call.may_have_arrived``."""
    keyed_writes: bool = False
    """Whether the source does an order with a known Idempotency-Key only once, so that it may be sent again."""
    defaults: Mapping[str, object] = field(default_factory=dict)
    """Policies that suit this source (``attempt_timeout_s``, ``bulkhead``…), where configuration says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Connector:
    """A national system's identity card: ``connectors/<name>/__init__.py`` ends in ``CONNECTOR = Connector(…)``."""

    name: str
    title: str
    operations: tuple[Operation[Any, Any], ...]
    dialects: tuple[Dialect, ...]

    @property
    def slug(self) -> str:
        """The name in routes: ``business-registry``."""
        return self.name.replace("_", "-")


# ---- one request inside the gateway


@dataclass(frozen=True, slots=True)
class Purpose:
    """For which dossier (hồ sơ), and which officer asks."""

    dossier_id: str
    user_id: str


@dataclass(frozen=True, slots=True)
class CacheWish:
    """The caller's ``Cache-Control`` (RFC 9111 section 5.2.1); seconds."""

    no_cache: bool = False
    only_if_cached: bool = False
    max_age: float | None = None
    max_stale: float | None = None


NO_WISH = CacheWish()


Priority = Literal["interactive", "batch"]


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a caller's rate still grants. Seconds.

    *most* requests may come at once, *window_s* earns them anew; *remaining* are left, all again after *reset_s*.
    """

    most: int
    window_s: float
    remaining: int
    reset_s: float
    refused_s: float | None = None
    """Set where this request is one too many: when the next one is granted."""


@dataclass(slots=True)
class Trace:
    """What one request met on its way, for its log line and Server-Timing; seconds on the monotonic clock."""

    started: float
    queued: float = 0.0
    upstream: float = 0.0
    translate: float = 0.0
    attempts: int = 0
    notes: list[str] = field(default_factory=list)
    """What policies decided, in order, bounded by the number of attempts."""
    allowance: Allowance | None = None
    """None: the caller has no rate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request inside the gateway."""

    connector: str
    operation: Operation[Any, Any]
    query: Canonical
    caller: str
    request_id: str
    expires_at: float
    """Monotonic seconds; spent by everything below the door."""
    trace: Trace
    purpose: Purpose | None = None
    view: Literal["full", "public"] = "full"
    """public: fields marked personal are cut before anything is kept or rendered."""
    idempotency_key: str | None = None
    may_have_arrived: bool = False
    """The same order was sent before under this key, and nobody knows what became of it."""
    priority: Priority = "interactive"
    cache: CacheWish = NO_WISH


@dataclass(frozen=True, slots=True)
class Rendered:
    """The JSON of ``data``, made once and kept with the cache entry."""

    data: bytes = field(repr=False)
    etag: str
    paged: bool = False
    next_page_token: str | None = None
    total: int | None = None
    location: str | None = None


@dataclass(frozen=True, slots=True)
class CacheNote:
    """How the cache took part, for ``Cache-Status`` (RFC 9211). *ttl* in seconds, negative when stale."""

    kind: Literal["hit", "miss", "stale", "bypass"]
    ttl: float = 0.0
    detail: str = ""
    fwd_status: int | None = None
    collapsed: bool = False
    stored: bool = False


class Standing(Protocol):
    """An answer from the cache that stands: whoever asks the same plain question would be given it again."""

    def give_again(self, now: float) -> tuple[float, float] | None:
        """Its age and the rest of its life at *now* (seconds, monotonic), and it counts as given; None where it does
        not stand any more.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the operation ring gives; *value* None is a fact: no such record."""

    value: Rendered | Content | None
    fetched_at: datetime
    freshness: Literal["live", "cached", "stale"] = "live"
    age: float = 0.0
    """Seconds since *fetched_at*."""
    cache: CacheNote | None = None
    standing: Standing | None = field(default=None, compare=False, repr=False)
    """Set where nothing but the cache has a say in the next answer to the same question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """An operation as this deployment offers it: with configuration's numbers, and the ring that answers it."""

    connector: Connector
    operation: Operation[Any, Any]
    upstream: str
    run: Callable[[Call], Awaitable[Answer]]

    @property
    def name(self) -> str:
        return f"{self.connector.name}.{self.operation.name}"

    @property
    def path(self) -> str:
        return f"/v1/{self.connector.slug}/{self.operation.path}"
