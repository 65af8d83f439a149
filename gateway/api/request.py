"""Reads requests: turns headers, bodies and queries into values, or raises an error that points at a field."""

from __future__ import annotations

import asyncio
import contextlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NoReturn
from urllib.parse import parse_qsl

import orjson
from aiohttp.web import BaseRequest
from multidict import CIMultiDictProxy, istr
from pydantic import ValidationError

from gateway.api.mistakes import mistake_of
from gateway.core.call import NO_WISH, CacheWish, Purpose
from gateway.core.canonical import Canonical, clean_text
from gateway.core.mistakes import (
    BYTE_ORDER_MARK,
    CONTROL_CHARACTER,
    GIVEN_TWICE,
    NOT_AN_OBJECT,
    NOT_JSON,
    NUMBER_RANGE,
    TEXT_TOO_LONG,
    Mistake,
    body_too_large,
    too_deep,
    too_many_values,
)
from gateway.core.problems import (
    FieldError,
    InvalidRequest,
    PayloadTooLarge,
    UnsupportedMediaType,
)
from gateway.core.vietnamese import COMPOSED

_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:@/-]{0,127}")
"""A dossier's or an officer's code; a sign alone is not a code."""
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
DEEPEST: Final = 32
"""Nesting of a body's JSON; no operation needs a third of it."""
MOST_VALUES: Final = 10_000
"""Values in a body's JSON; an order with everything that it may hold has some hundreds."""
LONGEST_TEXT: Final = 20_000
"""Characters of a text beyond ASCII; the longest field has a tenth."""
_MAX_FIELDS: Final = 64
_LONGEST_NAME: Final = 200
_TEXTS: Final = re.compile(rb'"[^"]*+"?')
"""JSON strings without escapes; one that is not closed goes on to the end."""
_NOT_STRUCTURE: Final = bytes(set(range(256)) - set(b'"[]{}'))
_MARK: Final = b"\xef\xbb\xbf"


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


def check_sent_once(headers: CIMultiDictProxy[str], names: Sequence[str]) -> None:
    """Refuses a request with one of these headers twice, even with the same value: which one is meant is for the caller
    to say.
    """
    for name in names:
        if len(headers.getall(name, ())) > 1:
            raise InvalidRequest(f"{name} is sent more than once.", reason="header_twice")


def purpose_of(headers: Mapping[str, str], own_dossier: str | None = None) -> Purpose | None:
    """``X-Dossier-Id``, unless it is sent *own_dossier*, and ``X-User-Id``; None unless both are known."""
    dossier, user = headers.get(DOSSIER) or own_dossier, headers.get(USER)
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

    Call it behind the key: a compressed body is unpacked here, and not by the server.

    Raises:
        UnsupportedMediaType: Unless it says JSON.
        PayloadTooLarge: Above *limit* bytes, announced, sent or unpacked.
        InvalidRequest: Unless it is one JSON object that arrives within *seconds*.
    """
    media = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if not _MEDIA.fullmatch(media):
        raise UnsupportedMediaType
    return parse_object(await read_body(request, limit, seconds=seconds))


async def read_body(request: BaseRequest, limit: int, *, seconds: float = BODY_S) -> bytes:
    """The body, unpacked, of whatever type it says it is; see :func:`read_object`.

    Raises:
        PayloadTooLarge: Above *limit* bytes, announced, sent or unpacked.
        InvalidRequest: It does not arrive whole within *seconds*.
    """
    coding = _coding(request.headers)
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
    return unpacked(bytes(body), limit) if coding else bytes(body)


def _coding(headers: CIMultiDictProxy[str]) -> str:
    """The content coding to undo (RFC 9110 section 8.4.1), empty where there is none."""
    # What is sent in another transfer coding than chunks is not undone, so it must not be read as if it were.
    if any(value.strip().lower() != "chunked" for value in headers.getall("Transfer-Encoding", ())):
        raise InvalidRequest(reason="transfer_encoding")
    coding = ",".join(headers.getall("Content-Encoding", ())).strip().lower()
    if coding in {"", "identity"}:
        return ""
    if coding not in {"gzip", "x-gzip", "deflate"}:
        raise InvalidRequest(reason="content_encoding")
    return coding


def unpacked(body: bytes, limit: int) -> bytes:
    """*body* out of gzip or deflate (zlib), of which never more than *limit* bytes and one are unpacked.

    Raises:
        PayloadTooLarge: It is longer than *limit*.
        InvalidRequest: The compression is broken, ends early, or something follows it.
    """
    inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    try:
        found = inflate.decompress(body, limit + 1)
    except zlib.error:
        raise InvalidRequest(reason="broken_body") from None
    if len(found) > limit:
        raise _too_large(limit)
    if not inflate.eof or inflate.unused_data:
        raise InvalidRequest(reason="broken_body")
    return found


def _too_large(limit: int) -> PayloadTooLarge:
    return PayloadTooLarge(errors=[FieldError("", body_too_large(limit))])


def parse_object(body: bytes) -> dict[str, Any]:
    """One JSON object in UTF-8; a name that is given twice is refused, because it is not known which value was meant.

    Raises:
        InvalidRequest: Where it is anything else, or larger than any question: the body is looked at once before a
            parser recurses into it.
    """
    if body.startswith(_MARK):
        raise _refused(BYTE_ORDER_MARK)
    _check_size(body)
    try:
        text = body.decode("utf-8")
        try:
            found = json.loads(text, object_pairs_hook=object_of, parse_constant=_no_constant)
        except InvalidRequest:  # where it stands is known only of the whole
            place = _given_twice(json.loads(text, object_pairs_hook=tuple, parse_constant=_no_constant))
            raise InvalidRequest(errors=[FieldError(place or "", GIVEN_TWICE)]) from None
    except (ValueError, RecursionError):
        raise _refused(NOT_JSON) from None
    if not isinstance(found, dict):
        raise _refused(NOT_AN_OBJECT)
    return found


def _refused(why: Mistake) -> InvalidRequest:
    return InvalidRequest(errors=[FieldError("", why)])


def _check_size(body: bytes) -> None:
    """Refuses too many values, by their commas, brackets, quotation marks and escapes, and too deep a nesting.

    Each step is a walk of the C library over the body; only brackets are looked at one by one.
    """
    openings = body.count(b"[") + body.count(b"{")
    # A member has a comma and four quotation marks; base64 of some clients has an escaped slash among 64 characters.
    if (
        openings + body.count(b",") > MOST_VALUES
        or body.count(b'"') > 4 * MOST_VALUES
        or body.count(b"\\") > max(20 * MOST_VALUES, len(body) // 24)
    ):
        raise _refused(too_many_values(MOST_VALUES))
    if openings <= DEEPEST:
        return
    bare = body.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _NOT_STRUCTURE)
    depth = 0
    for bracket in _TEXTS.sub(b"", bare):
        depth += 1 if bracket in b"[{" else -1
        if depth > DEEPEST:
            raise _refused(too_deep(DEEPEST))
        if depth < 0:
            return


def object_of(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The object with these members; raises :class:`InvalidRequest` where a name is given twice."""
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
    raise InvalidRequest(errors=[FieldError(pointer(twice), GIVEN_TWICE)])


def _given_twice(value: object, where: str = "") -> str | None:
    """The place of the first name that is given twice in *value*, whose objects are tuples of their members."""
    if not isinstance(value, tuple | list):
        return None
    seen: set[str | int] = set()
    for name, inner in value if isinstance(value, tuple) else enumerate(value):
        place = where + pointer(name)
        if name in seen or (found := _given_twice(inner, place)) is not None:
            return place if name in seen else found
        seen.add(name)
    return None


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
        # Only files are long, and they are base64; to clean a text takes time.
        if len(value) > LONGEST_TEXT and not value.isascii():
            raise InvalidRequest(errors=[FieldError(where, TEXT_TOO_LONG)])
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
    # Most are codes and numbers: all of them are looked at together.
    together = "".join([*fields, *fields.values()])
    found = dict(fields) if together.isascii() and together.isprintable() else clean(dict(fields))
    try:
        return model.model_validate_strings(found, strict=True)
    except ValidationError as error:
        raise invalid(error) from None


def query_from_json(model: type[Canonical], fields: Mapping[str, Any]) -> Canonical:
    """A query from the fields of a JSON body; JSON types are not converted."""
    try:
        return model.model_validate_json(clean_json(fields), strict=True)
    except (ValidationError, TypeError) as error:
        if isinstance(error, ValidationError):
            raise invalid(error) from None
        raise InvalidRequest(errors=[FieldError("", NUMBER_RANGE)]) from None


def clean_json(fields: Mapping[str, Any]) -> bytes:
    """*fields* as JSON, with text as :func:`clean` gives it; raises :class:`TypeError` on numbers beyond 64 bits."""
    with contextlib.suppress(TypeError):
        written = orjson.dumps(fields)
        # All texts are looked at together: controls are escaped, and what is in the pattern is clean already.
        if b"\\" not in written and (written.isascii() or len(written) <= LONGEST_TEXT):
            text = written.decode()
            if text.isprintable() if text.isascii() else COMPOSED.fullmatch(text):
                return written
    return orjson.dumps(clean(dict(fields)))


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
    """One step of a JSON pointer (RFC 6901 section 3), as far as a problem can repeat it.

    Half a surrogate pair is a question mark, and a very long name is cut.
    """
    step = "/" + str(part).replace("~", "~0").replace("/", "~1")
    if len(step) > _LONGEST_NAME:
        step = f"{step[:_LONGEST_NAME]}…"
    return step if step.isascii() else step.encode("utf-8", "replace").decode("utf-8")
