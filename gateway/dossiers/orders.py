"""Orders about dossiers, for the dialects of all portals: their lanes, their first answer, and what the store tells."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol, get_args

from gateway.core.durable import CaseRecord, Entry, Moment
from gateway.core.mistakes import Mistake
from gateway.core.problems import FieldError, InvalidRequest
from gateway.dossiers.model import DossierQuery, DossierSync, Parked, SyncEntry, SyncState


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
    history = tuple(_history(record.history))
    return last.model_copy(
        update={
            "state": state,
            "source_id": record.source_id or last.source_id,
            "waiting": record.waiting,
            "parked": _parked(record, history),
            "history": history,
        }
    )


def _state(said: str) -> SyncState:
    return _STATES.get(said, "synced")


def _parked(record: CaseRecord, history: tuple[SyncEntry, ...]) -> Parked | None:
    if record.state != "refused":
        return None
    since = next((entry.at for entry in reversed(history) if entry.event == "refused"), None)
    return Parked(reason=record.reason or "refused", since=since)


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
