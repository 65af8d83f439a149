"""Turns a question into an HTTP request: method, URL, headers and body, byte for byte."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from string import Formatter
from typing import Any, Final, Literal, Self, TypedDict, Unpack
from urllib.parse import quote, urlencode

import httpx

from lgsp_client.question import FileQuestion, Operation, Question
from lgsp_client.values import as_json, as_text

BATCH: Final = Operation("batch", "POST", "/v1/batch")
CONNECTORS: Final = Operation("connectors", "GET", "/v1/connectors")
CONNECTOR: Final = Operation("connector", "GET", "/v1/connectors/{name}")
LONGEST_S: Final = 120.0
"""The gateway's longest deadline."""
MARGIN_S: Final = 5.0
"""How much longer than the gateway's deadline an answer is waited for, so that the gateway is the one to say no."""
CONNECT_S: Final = 5.0
_PLAIN: Final = re.compile(r"[\x20-\x7e]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheWish:
    """The caller's wishes for the gateway's cache (RFC 9111 section 5.2.1). Seconds."""

    no_cache: bool = False
    """Ask the national system, whatever is kept."""
    only_if_cached: bool = False
    """Answer from the cache, or with :class:`~lgsp_client.NotCached`."""
    max_age: int | None = None
    max_stale: int | None = None

    def header(self) -> str:
        """The value of ``Cache-Control``."""
        words = [word for word, said in (("no-cache", self.no_cache), ("only-if-cached", self.only_if_cached)) if said]
        ages = (("max-age", self.max_age), ("max-stale", self.max_stale))
        return ", ".join([*words, *(f"{word}={seconds}" for word, seconds in ages if seconds is not None)])


class Options(TypedDict, total=False):
    """The options of a single call; an option that is not given is as the client was made."""

    dossier: str | None
    """Mã hồ sơ: the dossier for which is asked."""
    user: str | None
    """The officer (cán bộ) who asks."""
    timeout: float | None
    """Seconds that the answer may take, 0.1 to 120, capped by the operation's own deadline."""
    cache: CacheWish | None
    language: Literal["vi", "en"] | None
    """Of the texts of problems."""
    request_id: str | None
    """Of the caller's own making, 64 plain characters at most; shown in the gateway's log."""


class Defaults(TypedDict, total=False):
    """The defaults of a client, used unless a call gives its own."""

    dossier: str | None
    user: str | None
    language: Literal["vi", "en"] | None
    timeout: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """The address of the gateway, the key, and the defaults of every question."""

    url: str
    key: str = field(repr=False)
    dossier: str | None = None
    user: str | None = None
    language: Literal["vi", "en"] | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        if not self.url.startswith(("http://", "https://")):
            raise ValueError("the gateway's URL begins with http:// or https://")
        if not self.key:
            raise ValueError("the API key is empty")

    @classmethod
    def from_env(cls, **defaults: Unpack[Defaults]) -> Self:
        """As ``LGSP_URL``, ``LGSP_KEY``, and unless *defaults* say otherwise ``LGSP_DOSSIER`` and ``LGSP_USER``.

        Raises:
            ValueError: Where one of the first two is missing.
        """
        url, key = os.environ.get("LGSP_URL"), os.environ.get("LGSP_KEY")
        if not url or not key:
            raise ValueError(f"set {'LGSP_KEY' if url else 'LGSP_URL'}")
        said: Defaults = {"dossier": os.environ.get("LGSP_DOSSIER"), "user": os.environ.get("LGSP_USER")}
        said.update(defaults)
        return cls(url=url, key=key, **said)

    def request(
        self, http: httpx.Client | httpx.AsyncClient, question: Question[Any] | FileQuestion, options: Options,
        idempotency_key: str | None = None,
    ) -> httpx.Request:  # fmt: skip
        """The request that asks *question*."""
        operation, given = question.operation, {k: v for k, v in question.fields.items() if v is not None}
        inside = [name for _, name, _, _ in Formatter().parse(operation.path) if name]
        path = operation.path.format(**{name: segment(name, given.pop(name, "")) for name in inside})
        headers = self._headers(options, idempotency_key, None if operation.names_dossier else self.dossier)
        if operation.method in {"GET", "DELETE"}:
            texts = {name: as_text(value) for name, value in given.items()}
            path += f"?{urlencode(texts, quote_via=quote, safe='')}" if texts else ""
            return self._build(http, operation.method, path, headers, None, options)
        body = dumps({name: as_json(value) for name, value in given.items()})
        return self._build(http, operation.method, path, headers, body, options)

    def batch(
        self, http: httpx.Client | httpx.AsyncClient, questions: Sequence[Question[Any]], options: Options
    ) -> httpx.Request:
        """The request that asks all *questions* at once."""
        parts = [
            {
                "operation": question.operation.name,
                "query": {name: as_json(value) for name, value in question.fields.items() if value is not None},
            }
            for question in questions
        ]
        return self._build(
            http, "POST", BATCH.path, self._headers(options, None, self.dossier), dumps({"requests": parts}), options
        )

    def _build(
        self, http: httpx.Client | httpx.AsyncClient, method: str, path: str, headers: Mapping[str, str],
        body: bytes | None, options: Options,
    ) -> httpx.Request:  # fmt: skip
        sent = dict(headers)
        if body is not None:
            sent["Content-Type"] = "application/json"
        seconds = options.get("timeout", self.timeout)
        # A client that was given from outside keeps its own patience, unless this call says another.
        patience: Any = {} if seconds is None else {"timeout": patience_for(seconds)}
        return http.build_request(method, self.url.rstrip("/") + path, headers=sent, content=body, **patience)

    def _headers(
        self, options: Options, idempotency_key: str | None = None, dossier: str | None = None
    ) -> dict[str, str]:
        wish, seconds = options.get("cache"), options.get("timeout", self.timeout)
        said = {
            "Authorization": f"Bearer {self.key}",
            "X-Dossier-Id": options.get("dossier", dossier),
            "X-User-Id": options.get("user", self.user),
            "X-Request-Timeout": None if seconds is None else f"{seconds:g}",
            "Cache-Control": wish.header() if wish is not None else None,
            "Accept-Language": options.get("language", self.language),
            "X-Request-Id": options.get("request_id"),
            "Idempotency-Key": idempotency_key,
        }
        found = {name: value for name, value in said.items() if value}
        for name, value in found.items():
            if not _PLAIN.fullmatch(value):
                raise ValueError(f"{name} must be printable ASCII")
        return found


def segment(name: str, value: object) -> str:
    """*value* as one segment of a path.

    Raises:
        ValueError: It is empty; the path would then belong to another operation.
    """
    text = as_text(value)
    if not text:
        raise ValueError(f"{name} is empty")
    # Dots alone would be taken for a step to another folder.
    return text.replace(".", "%2E") if text in {".", ".."} else quote(text, safe="")


def dumps(value: object) -> bytes:
    """Compact JSON in UTF-8."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def patience_for(seconds: float | None = None) -> httpx.Timeout:
    """How long to wait for the network if the gateway may take *seconds* (None: its longest deadline)."""
    return httpx.Timeout((LONGEST_S if seconds is None else seconds) + MARGIN_S, connect=CONNECT_S)
