"""Shared by the dialects: codes of orders, what an order became, and pages of procedures."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable
from hashlib import blake2b
from typing import Final

from gateway.connectors.public_service_portal.model import ProcedurePage, ProceduresQuery
from gateway.core.mistakes import WRONG_PAGE_TOKEN, Mistake
from gateway.core.problems import AlreadyReceived, FieldError, InvalidRequest
from gateway.dossiers.codes import LocalCodes, procedure_of, status_of
from gateway.dossiers.model import DossierBody, DossierSync
from gateway.dossiers.procedures import Procedure, has_words
from gateway.dossiers.rules import Found
from gateway.dossiers.status import Status

PAGE_SIZE: Final = 100
_DIGEST: Final = 8

# ---- codes of orders


def unknown_codes(dossier: DossierBody, codes: LocalCodes) -> Found:
    """The codes of *dossier* that are neither the portal's nor in the tables of the configuration."""
    yield from unknown_status(dossier.status, codes)
    procedure = procedure_of(dossier.procedure.code, codes)
    if isinstance(procedure, Mistake):
        yield "/procedure/code", procedure


def unknown_status(said: str, codes: LocalCodes) -> Found:
    """The status of a dossier, a step or a report, where it is one that nobody knows."""
    found = status_of(said, codes)
    if isinstance(found, Mistake):
        yield "/status", found


def sent_status(said: str, codes: LocalCodes) -> Status:
    """The status that *said* is, which was checked before."""
    found = status_of(said, codes)
    assert isinstance(found, Status), "an order is checked before it is sent"
    return found


def sent_procedure(said: str, codes: LocalCodes) -> str:
    """The portal's code of a procedure, which was checked before."""
    found = procedure_of(said, codes)
    assert isinstance(found, str), "an order is checked before it is sent"
    return found


# ---- what an order became


def taken(dossier: DossierBody, codes: LocalCodes) -> DossierSync:
    """The answer for a dossier that the portal took."""
    procedure = sent_procedure(dossier.procedure.code, codes)
    return told(dossier.dossier_code, sent_status(dossier.status, codes)).model_copy(
        update={"procedure_code": procedure}
    )


def told(dossier_code: str, status: Status) -> DossierSync:
    """The answer for a step or a status that the portal took."""
    return DossierSync(dossier_code=dossier_code, state="synced", status=status.word, source_code=status.code)


def already_received() -> AlreadyReceived:
    """The conflict of what the portal has; to an order that was sent before, the proof that it arrived."""
    return AlreadyReceived("The portal has this already.", reason="known_at_portal")


# ---- pages of procedures


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
