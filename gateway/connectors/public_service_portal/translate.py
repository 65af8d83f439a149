"""Pages of procedures: of a source that gives all at once, and of one that has pages of its own."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from gateway.connectors.public_service_portal.model import ProcedurePage, ProceduresQuery
from gateway.core.mistakes import WRONG_PAGE_TOKEN
from gateway.core.problems import FieldError, InvalidRequest
from gateway.dossiers.procedures import Procedure, has_words

PAGE_SIZE: Final = 100
_DIGEST: Final = 8


def to_page(procedures: Iterable[Procedure], left_out: int, query: ProceduresQuery) -> ProcedurePage:
    """One page of *procedures* by their codes, those with the words of *query*; the portal gives all at once."""
    after = last_before(query)
    found = sorted(
        (one for one in procedures if query.q is None or has_words(one, query.q)), key=lambda procedure: procedure.code
    )
    rest = [one for one in found if one.code > after]
    page = tuple(rest[:PAGE_SIZE])
    return ProcedurePage(
        items=page,
        next_page_token=page_token(page[-1].code, query) if len(rest) > PAGE_SIZE else None,
        total=len(found),
        rows_left_out=left_out,
    )


def _digest(query: ProceduresQuery) -> bytes:
    return blake2b(
        query.model_dump_json(exclude={"page_token"}, exclude_none=True).encode(), digest_size=_DIGEST
    ).digest()


def page_token(last: str, query: ProceduresQuery) -> str:
    """The token of the page of *query* after *last*: a procedure's code, which stays right when the list changes, or
    the number of a page of the source's own.
    """
    return base64.urlsafe_b64encode(_digest(query) + last.encode()).decode().rstrip("=")


def last_before(query: ProceduresQuery) -> str:
    """The code after which the page of *query* begins; the empty text for the first.

    Raises:
        InvalidRequest: The token is not a page token of this query.
    """
    if query.page_token is None:
        return ""
    try:
        raw = base64.b64decode(query.page_token + "=" * (-len(query.page_token) % 4), altchars=b"-_", validate=True)
        code = raw[_DIGEST:].decode()
    except (binascii.Error, ValueError):
        raw, code = b"", ""
    if not code or raw[:_DIGEST] != _digest(query):
        raise InvalidRequest(errors=[FieldError("/page_token", WRONG_PAGE_TOKEN)])
    return code


MOST_PAGES: Final = 100_000


def number_before(query: ProceduresQuery) -> int:
    """The number of the source's own page after which the page of *query* begins; 0 for the first.

    Raises:
        InvalidRequest: The token is not a page token of this query.
    """
    last = last_before(query)
    if last and not (last.isascii() and last.isdigit() and int(last) <= MOST_PAGES):
        raise InvalidRequest(errors=[FieldError("/page_token", WRONG_PAGE_TOKEN)])
    return int(last or 0)
