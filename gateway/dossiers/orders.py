"""Orders about dossiers, for the dialects of all portals: their lanes, their first answer, and what the store tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from hashlib import blake2b
from typing import Any, Final, Protocol, get_args

from gateway.core.canonical import Canonical
from gateway.core.durable import CaseRecord, CaseView, DurableOrder, Entry, Following, Hold, Moment
from gateway.core.mistakes import Mistake
from gateway.core.problems import CallerError, Conflict, FieldError, InvalidRequest
from gateway.dossiers.model import (
    DossierBody,
    DossierQuery,
    DossierSync,
    Parked,
    StepBody,
    SyncEntry,
    SyncState,
)
from gateway.dossiers.wire import instant


class OfDossier(Protocol):
    """An order or a question about one dossier."""

    @property
    def dossier_code(self) -> str: ...


def key_of(order: OfDossier) -> str:
    """Messages of one dossier reach a portal in the sequence in which they were accepted."""
    return order.dossier_code


def question(key: str) -> DossierQuery:
    """The question for the dossier with this code."""
    return DossierQuery(dossier_code=key)


def accepted(order: OfDossier) -> DossierSync:
    """The answer when *order* is on disk and nobody has sent it."""
    return DossierSync(dossier_code=order.dossier_code, state="accepted")


def held(order: OfDossier) -> DossierSync:
    """The answer when *order* is on disk and waits for its dossier."""
    return DossierSync(dossier_code=order.dossier_code, state="held")


# ---- which orders a dossier takes, and in which sequence

NOT_SENT: Final = "dossier_not_sent"
"""The reason for which a step is held."""


def admit_dossier(_dossier: DossierBody, _case: CaseView | None, _settings: object) -> None:
    """Takes every state of a dossier: the portal is told the newest one last."""


def step_order(step: StepBody, _settings: object) -> str:
    """Steps of a dossier reach a portal in the order of ``ThoiDiemXuLy``."""
    return instant(step.processed_at)


def admit_step(
    step: StepBody, case: CaseView | None, settings: Any, *, order_of: Callable[[StepBody, Any], str] = step_order
) -> CallerError | Hold | None:
    """Holds a step until its dossier was sent; one that is older than a step that has left comes too late."""
    if case is None:
        return Hold(NOT_SENT)
    if case.last_order is not None and order_of(step, settings) < case.last_order:
        return later_step_sent()
    return None


def later_step_sent() -> Conflict:
    """The conflict of a step that is before one that the portal has or may have."""
    return Conflict("A later step of this dossier was sent already.", reason="later_step_sent")


def content_hash(order: Canonical) -> bytes:
    """Equal for equal orders; nothing can be read from it."""
    return blake2b(order.model_dump_json().encode(), digest_size=32).digest()


def refuse(errors: Iterable[tuple[str, Mistake]]) -> None:
    """Raises :class:`InvalidRequest` with all *errors* (pointer and mistake), where there is one."""
    found = [FieldError(pointer, mistake) for pointer, mistake in errors]
    if found:
        raise InvalidRequest(errors=found)


# ---- what the store knows, as the province's system reads it

_STATES: Final[Mapping[str, SyncState]] = {state: state for state in get_args(SyncState)}
_OWN: Final[Mapping[str, SyncState]] = {
    "accepted": "accepted",
    "held": "held",
    "arrived": "synced",
    "reconciling": "reconciling",
    "refused": "refused",
    "cancelled": "cancelled",
}
"""Entries of the store's history that change the state by themselves."""


def present(record: CaseRecord) -> DossierSync:
    """The dossier as the store has it: the portal's last answer, what waits, and what happened."""
    state = _state(record.state)
    last = (
        DossierSync(dossier_code=record.key, state=state)
        if record.data is None
        else DossierSync.model_validate_json(record.data)
    )
    return last.model_copy(
        update={
            "state": state,
            "source_id": record.source_id or last.source_id,
            "waiting": record.waiting,
            "parked": _parked(record),
            "history": tuple(_history(record.history)),
        }
    )


def _state(said: str) -> SyncState:
    return _STATES.get(said, "synced")


def _parked(record: CaseRecord) -> Parked | None:
    if record.parked_at is None:
        return None
    return Parked(reason=record.reason or "refused", since=record.parked_at)


def _history(moments: Iterable[Moment]) -> Iterator[SyncEntry]:
    state: SyncState = "accepted"
    for moment in moments:
        told = entry_of(state, moment)
        state = _state(told.state)
        operation = moment.detail.get("operation")
        yield SyncEntry(
            at=moment.at,
            state=state,
            event=moment.kind,
            operation=operation.rpartition(".")[2] if isinstance(operation, str) else None,
            note=told.detail,
        )


def entry_of(state: str, moment: Moment) -> Entry:
    """An entry of the history, of which *state* is the one before it."""
    reason = moment.detail.get("reason")
    return Entry(_OWN.get(moment.kind, _state(state)), reason if isinstance(reason, str) and reason else None)


# ---- the parts that the declarations of all dialects share

dossier_order = partial(
    DurableOrder,
    key_of=key_of,
    admit=admit_dossier,
    accepted=accepted,
    opens_case=True,
    same_as=content_hash,
)
"""The declaration of a dossier, but for the operation and the dialect's own parts."""
progress_order = partial(
    DurableOrder,
    key_of=key_of,
    admit=admit_step,
    accepted=accepted,
    held=held,
    order_of=step_order,
    same_as=content_hash,
)
"""The declaration of a step, but for the operation and the dialect's own parts."""
following = partial(
    Following,
    question=question,
    key_of=key_of,
    looks=False,
    ended=frozenset(),
    present=present,
    entry_of=entry_of,
)
"""How a dossier is told, but for the operation; portals do not change it by themselves, so none is polled."""
