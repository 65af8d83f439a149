"""The declarations from which route, OpenAPI, CLI, metric labels and cache keys follow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from string import Formatter
from typing import Generic, Literal, TypeVar

from gateway.core.canonical import Canonical, Content, personal_fields
from gateway.core.problems import Effect

Q = TypeVar("Q", bound=Canonical)


R = TypeVar("R", bound=Canonical | Content)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation(Generic[Q, R]):
    """One question or order of the uniform API. Durations in seconds.

    *path* is below ``/v1/<connector>/``; its ``{fields}`` are fields of *query*. Other fields of a GET come from
    the query string, of a POST or PUT from the JSON body. A DELETE has the fields of its path alone.
    """

    name: str
    query: type[Q]
    answer: type[R]
    path: str
    summary: str
    """One sentence for the documentation, with the Vietnamese term."""
    method: Literal["GET", "POST", "PUT", "DELETE"] = "GET"
    effect: Effect = "read"
    personal: bool = False
    """Purpose is demanded even where no query field is marked."""
    purpose_from: str | None = None
    """The field of *query* that holds the dossier: ``X-Dossier-Id`` may be left out, and where it is sent it is equal
    to this field."""
    success: Literal[200, 202] = 200
    location: str | None = None
    """Template of the Location header of a 202, over fields of the answer and of *path*, under ``/v1/<connector>/``."""
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
    upstream_from: str | None = None
    """The field of the path that names the upstream which answers; each upstream whose dialect can offers the
    operation. None: one upstream answers, which the configuration names."""
    goes_with: str | None = None
    """The operation whose upstream answers this one too, unless the configuration names another; not offered where that
    upstream doesn't answer it."""
    deadline_s: float = 10.0
    events: bool = False
    """The record changes by itself: ``<path>/events`` tells what happens to it, by Server-Sent Events."""
    versioned: bool = False
    """A catalogue: an operator keeps what the source lists as versions and sees what differs. The answer is a page of
    entries with a ``code``, and an empty query lists all."""
    media_types: tuple[str, ...] = ()
    """Of a file: the types that it may have."""
    example: Mapping[str, object] = field(default_factory=dict, compare=False)
    """A query that the mock country answers, by the names of the API: the documentation asks it as it is."""

    def path_fields(self) -> tuple[str, ...]:
        """Names between braces in *path*, in order."""
        return _fields_of(self.path)

    def subject_fields(self) -> tuple[str, ...]:
        """Attributes of *query* whose values identify the record that the question is about."""
        named = self.subject or self.path_fields()
        return tuple(own for own, info in self.query.model_fields.items() if (info.alias or own) in named)

    def needs_purpose(self) -> bool:
        """Whether the question itself is about a person."""
        return self.personal or bool(personal_fields(self.query))

    def has_body(self) -> bool:
        """Whether the fields beside those of the path come from a JSON body."""
        return self.method in {"POST", "PUT"}

    def streams(self) -> bool:
        """Whether the answer is a file."""
        return self.answer is Content


@lru_cache(maxsize=512)
def _fields_of(path: str) -> tuple[str, ...]:
    return tuple(name for _, name, _, _ in Formatter().parse(path) if name)
