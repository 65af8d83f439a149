"""Orders of all dialects: which of them a case takes, what is answered, and the time limit of the law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Final, Literal, get_args

from pydantic import Field

from gateway.connectors.criminal_records.model import (
    Application,
    ApplicationOrder,
    ApplicationQuery,
    HistoryEntry,
    State,
)
from gateway.connectors.criminal_records.operations import APPLICATION, APPLY, NOBODYS_DOSSIER
from gateway.connectors.criminal_records.translate import already_received
from gateway.core.days import day_in_vietnam
from gateway.core.durable import CaseRecord, CaseView, DurableOrder, Entry, Following, Moment
from gateway.core.papers import Expected
from gateway.core.problems import CallerError, Conflict, FieldError, InvalidRequest
from gateway.core.settings import UpstreamSettings

Kind = Literal["form_1", "form_2"]


class IssuanceSettings(UpstreamSettings):
    """The settings of every application, whatever dialect carries it."""

    time_limit_days: dict[Kind, int] = Field(
        default={"form_1": 5, "form_2": 5},
        description="working days from the acceptance to the certificate (Law 107/2025/QH15), by form",
    )


def refuse(errors: Sequence[FieldError]) -> None:
    """Raises :class:`InvalidRequest` where there is an error."""
    if errors:
        raise InvalidRequest(errors=errors)


def time_limit_days(order: ApplicationOrder, settings: IssuanceSettings) -> int:
    """Working days that the law gives for *order*; 5 for a form of which the configuration says nothing."""
    kind: Kind = "form_1" if order.certificate_form == 1 else "form_2"
    return settings.time_limit_days.get(kind, 5)


def dossier_code(order: ApplicationOrder) -> str:
    """Orders of a dossier reach the source in their sequence."""
    return order.dossier_code


def question(key: str) -> ApplicationQuery:
    """The question for the state of the application *key*. An empty *key* asks for a code that no dossier has."""
    return ApplicationQuery(application_id=key or NOBODYS_DOSSIER)


def key_of(query: ApplicationQuery) -> str:
    """The dossier code in a question."""
    return query.application_id


def accepted(order: ApplicationOrder) -> Application:
    """The answer when *order* is on disk and nobody has sent it."""
    return Application(application_id=order.dossier_code, state="accepted")


ANEW: Final = frozenset({"refused", "cancelled"})
"""States of an application that the source never took in."""


def admit_application(_order: ApplicationOrder, case: CaseView | None, _settings: object = None) -> CallerError | None:
    """A dossier code has one application, unless the source never took it in."""
    if case is None or case.state in ANEW:
        return None
    if case.state == "supplement_requested":
        return Conflict(
            "The source asks for a supplement of this application; send it to the application's supplement.",
            reason="supplement_requested",
        )
    return already_received()


def admit_supplement(_order: ApplicationOrder, case: CaseView | None, _settings: object = None) -> CallerError | None:
    """Takes a supplement while the source asks for one, and one at a time.

    An application that the store does not know may have been sent before there was a store: the source is asked before
    the supplement goes.
    """
    if case is None:
        return None
    if case.waiting:
        return Conflict("An order of this application waits to be sent.", reason="order_waiting")
    return None if case.state == "supplement_requested" else supplement_not_requested()


def supplement_not_requested() -> Conflict:
    """The conflict of a supplement that the source does not ask for, or no longer."""
    return Conflict(
        "The source does not ask for a supplement of this application now.", reason="supplement_not_requested"
    )


def already_sent() -> Conflict:
    """The conflict of an application that can't be cancelled any more."""
    return Conflict(
        "The source has the application; the citizen can ask the issuing agency to withdraw it.", reason="already_sent"
    )


ENDED: Final = frozenset({"not_received", "withdrawn", "stopped", "issued", "handed_over"})
"""States after which the source changes nothing that the follower waits for."""


def file_ready(found: Application) -> bool:
    """Whether the certificate can be fetched."""
    return found.certificate_available is True


def withdrawn(found: Application) -> bool:
    """Whether the certificate was revoked (thu hồi)."""
    return found.revoked is True


def expected(order: ApplicationOrder | None, found: Application) -> Expected:
    """The parts that a certificate of this application has."""
    return Expected(
        number=found.certificate_number,
        full_name=order.applicant.full_name if order else None,
        identity_number=order.applicant.identity_document.number if order else None,
    )


# ---- what the store knows, as the portal reads it

_KNOWN: Final[Mapping[str, State]] = {state: state for state in get_args(State)}
_OWN: Final[Mapping[str, State]] = {
    "accepted": "accepted",
    "arrived": "received",
    "reconciling": "reconciling",
    "refused": "refused",
    "cancelled": "cancelled",
}
"""Entries of the store's history that change the state by themselves."""


def present(record: CaseRecord) -> Application:
    """The application as the store has it: the source's last answer, and the state that the order's way gives it."""
    state = _KNOWN.get(record.state, "unknown")
    last = Application(application_id=record.key, state=state) if record.data is None else _last(record.data)
    due_on = None if record.due_at is None else day_in_vietnam(record.due_at)
    # The gateway may see a certificate days after it was issued: its own day says whether that was in time.
    in_time = last.issued_on is not None and due_on is not None and last.issued_on <= due_on
    return last.model_copy(
        update={
            "state": state,
            "source_id": record.source_id or last.source_id,
            "supplement_request": last.supplement_request if state == "supplement_requested" else None,
            "due_on_by_law": due_on,
            "overdue": record.overdue and not in_time,
            "certificate_available": None if last.certificate_available is None else record.file_state == "kept",
            "history": tuple(_history(record.history)),
        }
    )


def _last(data: bytes) -> Application:
    return Application.model_validate_json(data)


def _history(moments: Iterable[Moment]) -> Iterable[HistoryEntry]:
    state: State = "accepted"
    for moment in moments:
        told = entry_of(state, moment)
        state = _KNOWN.get(told.state, "unknown")
        yield HistoryEntry(at=moment.at, state=state, note=told.detail)


def entry_of(state: str, moment: Moment) -> Entry:
    """An entry of the history, of which *state* is the one before it."""
    of_file = moment.detail.get("what") == "certificate"
    if moment.kind == "state" and not of_file:
        state = _KNOWN.get(str(moment.detail.get("state")), "unknown")
    return Entry(_OWN.get(moment.kind, state), _note(moment, of_file=of_file))


def _note(moment: Moment, *, of_file: bool) -> str | None:
    """The word that an entry has beside its state."""
    if of_file:
        return "certificate_withdrawn"
    reason = moment.detail.get("reason")
    if isinstance(reason, str) and reason:
        return reason
    return None if moment.kind in {"accepted", "state"} else moment.kind


# ---- the parts that the declarations of all dialects share

application_order = partial(
    DurableOrder,
    operation=APPLY,
    key_of=dossier_code,
    admit=admit_application,
    accepted=accepted,
    opens_case=True,
)
"""The declaration of an application, but for the dialect's own parts."""
following = partial(
    Following,
    question=question,
    key_of=key_of,
    operation=APPLICATION,
    ended=ENDED,
    present=present,
    entry_of=entry_of,
    time_limit_days=time_limit_days,
)
"""How an application is followed, but for the dialect's own parts."""
