"""Shared by the dialects of ministries: codes of statuses, the meaning of sentences, the errors of answers."""

from __future__ import annotations

from typing import Final

from gateway.connectors.ministry_portals.settings import MinistrySettings
from gateway.core.mistakes import Mistake
from gateway.core.problems import AlreadyReceived, Conflict, Failing, GatewayError, OffContract, Refused
from gateway.dossiers.codes import status_of, unknown_code
from gateway.dossiers.sentences import SentenceKind, SentenceTable
from gateway.dossiers.status import BY_WORD, KnownStatus, Status, word_of_code

NO_PERIOD: Final = Mistake(
    "no_period_at_source",
    "this ministry gives what was not acknowledged, whatever its day; leave it out",
    "bộ, ngành này trả các thông điệp chưa xác nhận, không theo ngày; hãy bỏ ra",
)


def status_code(said: str, settings: MinistrySettings) -> tuple[Status, str] | Mistake:
    """The status of a word or a local code, and the ministry's code of it; the mistake names the nearest three."""
    found = status_of(said, settings.codes)
    if isinstance(found, Mistake) or not settings.statuses:
        return found if isinstance(found, Mistake) else (found, found.code)
    code = settings.statuses.get(found.word)
    return unknown_code("status", said, settings.statuses) if code is None else (found, code)


def word_of(code: str | None, settings: MinistrySettings) -> KnownStatus | None:
    """The word for a code of the ministry; ``unknown`` for one that its table does not have."""
    if not settings.statuses or not code:
        return word_of_code(code)
    theirs = {one: word for word, one in settings.statuses.items()}
    return BY_WORD[theirs[code]].word if code in theirs else "unknown"


# ---- what an answer says


def kind_of(said: str | None, settings: MinistrySettings) -> SentenceKind | None:
    """The meaning of the sentence that answers an order, by the ministry's rules; None where no rule fits.

    Raises:
        Failing: Try again.
        Conflict: They will never take it.
    """
    kind = SentenceTable.of(settings.sentences).kind_of(said)
    if kind == "try_again":
        raise Failing("The ministry asks to try again.", reason="upstream_error", may_have_arrived=False)
    if kind == "final":
        raise refused_for_good()
    return kind


def refused_for_good() -> GatewayError:
    """The conflict of an order that a ministry will never take."""
    return Conflict("The ministry refuses this order for good.", reason="refused_for_good")


def already_received() -> GatewayError:
    """The conflict of what a ministry has; to an order that was sent before, the proof that it arrived."""
    return AlreadyReceived("The ministry has this already.", reason="already_received")


def unknown_answer() -> GatewayError:
    """The error of an answer that neither a table nor a rule knows."""
    return OffContract(
        "The ministry answered with a code or a sentence that its contract does not know.", reason="off_contract"
    )


def credentials() -> GatewayError:
    """The error of an account or an agency that a ministry does not accept."""
    return Refused("The ministry does not accept the gateway's account.", reason="credentials", may_have_arrived=False)


def our_mistake() -> GatewayError:
    """The error of a message that a ministry finds off its contract."""
    return OffContract(
        "The ministry says that the gateway's message breaks its contract.",
        reason="off_contract",
        may_have_arrived=False,
    )
