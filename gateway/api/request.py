"""Reads requests: turns headers, bodies and queries into values, or raises an error that points at a field."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Mapping
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

import orjson
from aiohttp.web import BaseRequest
from multidict import istr
from pydantic import ValidationError

from gateway.api.mistakes import mistake_of
from gateway.core.call import NO_WISH, CacheWish, Purpose
from gateway.core.canonical import Canonical, clean_text
from gateway.core.mistakes import (
    CONTROL_CHARACTER,
    GIVEN_TWICE,
    NOT_AN_OBJECT,
    NOT_JSON,
    NUMBER_RANGE,
    body_too_large,
)
from gateway.core.problems import (
    FieldError,
    InvalidRequest,
    PayloadTooLarge,
    UnsupportedMediaType,
)

_ID: Final = re.compile(r"[A-Za-z0-9._:@/-]{1,128}")
_REQUEST_ID: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_MEDIA: Final = re.compile(r"application/(?:json|[a-z0-9.+-]+\+json)")
DOSSIER: Final = istr("X-Dossier-Id")
USER: Final = istr("X-User-Id")
TIMEOUT: Final = istr("X-Request-Timeout")
IDEMPOTENCY_KEY: Final = istr("Idempotency-Key")
SHORTEST_S: Final = 0.1
LONGEST_S: Final = 120.0
BODY_S: Final = 30.0
"""Within so many seconds a body has arrived."""
_MAX_FIELDS: Final = 64


def own_request_id(value: str | None) -> str | None:
    """The caller's ``X-Request-Id`` where it is short and plain."""
    return value if value is not None and _REQUEST_ID.fullmatch(value) else None


def timeout_of(value: str | None) -> float | None:
    """Seconds of ``X-Request-Timeout``.

    Raises:
        InvalidRequest: Unless it is a number from 0.1 to 120.
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        seconds = 0.0
    if not SHORTEST_S <= seconds <= LONGEST_S:
        raise InvalidRequest(f"{TIMEOUT} must be a number of seconds from 0.1 to 120.", reason="timeout_header")
    return seconds


def purpose_of(headers: Mapping[str, str]) -> Purpose | None:
    """``X-Dossier-Id`` and ``X-User-Id``; None unless both are given."""
    dossier, user = headers.get(DOSSIER), headers.get(USER)
    if dossier is None and user is None:
        return None
    for name, value in ((DOSSIER, dossier), (USER, user)):
        if value and not _ID.fullmatch(value):
            raise InvalidRequest(
                f"{name} has other characters than letters, digits and ._:@/-.", reason="purpose_header"
            )
    return Purpose(dossier, user) if dossier and user else None


def cache_wish(value: str | None) -> CacheWish:
    """The request's ``Cache-Control``; unknown directives are ignored, as RFC 9111 section 5.2 asks."""
    if value is None:
        return NO_WISH
    no_cache = no_store = only = False
    max_age: float | None = None
    max_stale: float | None = None
    for part in value.lower().split(","):
        name, _, argument = part.strip().partition("=")
        argument = argument.strip('" ')
        seconds = float(argument) if argument.isascii() and argument.isdigit() else None
        match name.strip():
            case "no-cache":
                no_cache = True
            case "no-store":
                no_cache = no_store = True
            case "only-if-cached":
                only = True
            case "max-age":
                max_age = seconds if seconds is not None else 0.0
            case "max-stale":
                max_stale = seconds if argument else float("inf")
            case _:
                continue
    return CacheWish(no_cache, only, max_age, max_stale, no_store)


async def read_object(request: BaseRequest, limit: int, *, seconds: float = BODY_S) -> dict[str, Any]:
    """The JSON object in the body; a client that sent ``Expect: 100-continue`` is told to go on after the checks.

    Raises:
        UnsupportedMediaType: Unless it says JSON.
        PayloadTooLarge: Above *limit* bytes, announced or sent (decompressed).
        InvalidRequest: Unless it is one JSON object that arrives within *seconds*.
    """
    media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not _MEDIA.fullmatch(media):
        raise UnsupportedMediaType
    if (request.content_length or 0) > limit:
        raise _too_large(limit)
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = bytearray()
    try:
        # The sender's own pace on the socket, so the event loop's clock and not the policies'.
        async with asyncio.timeout(seconds):
            async for chunk in request.content.iter_chunked(64 * 1024):
                body += chunk
                if len(body) > limit:
                    raise _too_large(limit)
    except TimeoutError:
        raise InvalidRequest(f"The body did not arrive within {seconds:g} seconds.", reason="slow_body") from None
    return parse_object(bytes(body))


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(errors=[FieldError("", body_too_large(limit))])


def parse_object(body: bytes) -> dict[str, Any]:
    """One JSON object in UTF-8; a name that is given twice is refused, because it is not known which value was meant.

    Raises:
        InvalidRequest: Where it is anything else.
    """
    try:
        found = json.loads(body.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise InvalidRequest(errors=[FieldError("", NOT_JSON)]) from None
    if not isinstance(found, dict):
        raise InvalidRequest(errors=[FieldError("", NOT_AN_OBJECT)])
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise InvalidRequest(errors=[FieldError(pointer(twice), GIVEN_TWICE)])
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def fields_of_query(raw: str) -> dict[str, str]:
    """The fields of a query string; a field that is given twice is refused, because its value would be ambiguous."""
    if not raw:
        return {}
    try:
        pairs = parse_qsl(raw, keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict")
    except ValueError:
        raise InvalidRequest("The query string could not be parsed.", reason="query_string") from None
    found: dict[str, str] = {}
    for name, value in pairs:
        if name in found:
            raise InvalidRequest(errors=[FieldError(pointer(name), GIVEN_TWICE)])
        found[name] = value
    return found


def clean(value: Any, where: str = "") -> Any:
    """*value* with all text in NFC; raises :class:`InvalidRequest` on control characters."""
    if isinstance(value, str):
        try:
            return clean_text(value)
        except ValueError:
            raise InvalidRequest(errors=[FieldError(where, CONTROL_CHARACTER)]) from None
    if isinstance(value, dict):
        return {clean(k, where): clean(inner, where + pointer(k)) for k, inner in value.items()}
    if isinstance(value, list):
        return [clean(inner, f"{where}/{index}") for index, inner in enumerate(value)]
    return value


def query_from_text(model: type[Canonical], fields: Mapping[str, str]) -> Canonical:
    """A query from the fields of path and query string.

    Raises:
        InvalidRequest: With a pointer for each field that is wrong.
    """
    try:
        return model.model_validate_strings(clean(dict(fields)), strict=True)
    except ValidationError as error:
        raise invalid(error) from None


def query_from_json(model: type[Canonical], fields: Mapping[str, Any]) -> Canonical:
    """A query from the fields of a JSON body; JSON types are not converted."""
    try:
        return model.model_validate_json(orjson.dumps(clean(dict(fields))), strict=True)
    except (ValidationError, TypeError) as error:
        if isinstance(error, ValidationError):
            raise invalid(error) from None
        raise InvalidRequest(errors=[FieldError("", NUMBER_RANGE)]) from None


def invalid(error: ValidationError, prefix: str = "") -> InvalidRequest:
    """Pydantic's findings as field errors; input values are never repeated."""
    found = error.errors(include_input=False, include_url=False)
    deeper = {item["loc"][:depth] for item in found for depth in range(len(item["loc"]))}
    return InvalidRequest(
        errors=[
            FieldError(
                prefix + "".join(pointer(part) for part in item["loc"] if not _is_union_tag(part)),
                mistake_of(item),
            )
            for item in found[:_MAX_FIELDS]
            # A list whose elements are wrong is "too short" as well, which is nobody's mistake.
            if not (item["type"] == "too_short" and item["loc"] in deeper)
        ]
    )


def _is_union_tag(part: int | str) -> bool:
    return isinstance(part, str) and ("[" in part or part in {"function-after", "str", "int"})


def pointer(part: object) -> str:
    """One step of a JSON pointer (RFC 6901 section 3)."""
    return "/" + str(part).replace("~", "~0").replace("/", "~1")
