"""Translates between the portal's second generation and the uniform API, without I/O, and reads its sentences."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated, Final

from pydantic import Field

from gateway.connectors.public_service_portal.gen2.wire import WireAnswer, WireAnswers
from gateway.connectors.public_service_portal.translate import (
    sent_procedure,
    sent_status,
    told,
    unknown_codes,
    unknown_status,
)
from gateway.core.message import Exchange, Outcome, Reply, ReplyKind, Rest
from gateway.core.mistakes import Mistake
from gateway.core.problems import Conflict, Failing, GatewayError, OffContract
from gateway.core.settings import UpstreamSettings
from gateway.core.unread import known
from gateway.dossiers.codes import LocalCodes, status_of
from gateway.dossiers.model import DossierBody, DossierSync, StepBody
from gateway.dossiers.newer_wire import with_newer_fields
from gateway.dossiers.rules import Found, agency_of, too_long
from gateway.dossiers.sentences import SentenceKind, SentenceRule, SentenceRules, SentenceTable
from gateway.dossiers.status import Status
from gateway.dossiers.wire import dossier_fields, step_fields

ADD: Final = "ThemMoiHoSo"
UPDATE: Final = "CapNhatHoSo"
PROGRESS: Final = "DongBoTienTrinh"
WELL: Final = "0"
"""``error_code`` of success [C]."""
KNOWN_CODES: Final = frozenset({"0", "3", "-3"})
"""Codes beside which "already exists" was seen [C]."""
MOST_STEPS: Final = 10
"""Steps in one list [C]."""
_PATH: Final = r"^[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*$"
SENTENCES: Final = (
    SentenceRule(says="đã tồn tại", kind="known"),
    SentenceRule(says="vui lòng thử lại", kind="try_again"),
    SentenceRule(says="hệ thống đang bận", kind="try_again"),
    SentenceRule(says="không kết nối được", kind="try_again"),
    SentenceRule(says="không hợp lệ", kind="final"),
    SentenceRule(says="không thuộc đơn vị", kind="final"),
    SentenceRule(says="chưa được đồng bộ", kind="final"),
    SentenceRule(says="chưa được công khai", kind="final"),
    SentenceRule(says="không đúng thứ tự", kind="final"),
    SentenceRule(says="phải là tiếp nhận", kind="final"),
    SentenceRule(says="vượt quá", kind="final"),
    SentenceRule(says="thành công", kind="accepted"),
    SentenceRule(says="đã được cập nhật", kind="known"),
)
"""``thành công`` and ``đã tồn tại`` are [C], all others ours [S]; see the contract's ``gen2.sentences.yaml``."""


class Gen2Settings(UpstreamSettings):
    """The three addresses, which codes of dossiers are the province's, and the data that make its sentences."""

    add_path: str = Field(default="them-moi", pattern=_PATH, description="address of new dossiers")
    update_path: str = Field(default="cap-nhat", pattern=_PATH, description="address of newer states of dossiers")
    progress_path: str = Field(default="dong-bo-tien-trinh", pattern=_PATH, description="address of steps")
    provinces: tuple[Annotated[str, Field(pattern="^[GH][0-9]{2}$")], ...] = Field(
        min_length=1,
        max_length=50,
        description="what the agency in a dossier's code ends with: [H58]; of a merged province, also the older ones",
    )
    codes: LocalCodes = Field(
        default=LocalCodes(), description="the province's own codes, accepted beside the portal's"
    )
    sentences: SentenceRules = Field(default=SENTENCES, description="what its sentences mean; the first rule wins")
    newer_replaces: bool = Field(
        default=False, description="a newer state of a dossier takes the place of one that waits and never left"
    )
    most_in_list: int = Field(default=MOST_STEPS, ge=1, le=MOST_STEPS, description="steps in one message")


# ---- what can't be sent

SUMMARY: Final = 1_000
OFFICER: Final = 50
"""Characters [C]; those of file names (4,000) and of names of results (2,000) are limits of the uniform API too."""
NOT_OURS: Final = Mistake(
    "not_our_agency",
    "is not a code of this province; it begins with an agency's code that ends with one of the deployment's provinces",
    "không phải là mã hồ sơ của tỉnh; mã phải bắt đầu bằng mã đơn vị thuộc tỉnh đã cấu hình",
)

NO_SUCH_STEP: Final = Mistake(
    "no_step_at_source",
    "is not told as a step: the last step is finished (9); send the dossier itself with this status",
    "không gửi bằng tiến trình: tiến trình cuối cùng là đã xử lý xong (9); hãy gửi hồ sơ với trạng thái này",
)
"""The last step that is sent has status 9, also of a dossier with 10 [C]."""


def unsendable_dossier(dossier: DossierBody, settings: Gen2Settings) -> Found:
    """The parts of *dossier* that are too long, and its codes that nobody knows or that are another province's."""
    yield from _of_others(dossier.dossier_code, settings)
    yield from unknown_codes(dossier, settings.codes)
    if len(dossier.summary or "") > SUMMARY:
        yield "/summary", too_long(SUMMARY)


def unsendable_step(step: StepBody, settings: Gen2Settings) -> Found:
    """The same of a step."""
    yield from _of_others(step.dossier_code, settings)
    yield from unknown_status(step.status, settings.codes)
    if status_of(step.status, settings.codes) is Status.HANDED_OVER:
        yield "/status", NO_SUCH_STEP
    if len(step.officer.full_name) > OFFICER:
        yield "/officer/full_name", too_long(OFFICER)


def _of_others(dossier_code: str, settings: Gen2Settings) -> Found:
    agency = agency_of(dossier_code)
    if agency is not None and not agency.endswith(settings.provinces):
        yield "/dossier_code", NOT_OURS


# ---- out


def add_message(dossier: DossierBody, settings: Gen2Settings) -> Rest:
    """``ThemMoiHoSo``."""
    return Rest(name=ADD, path=settings.add_path, json=[dossier_row(dossier, settings)])


def update_message(dossier: DossierBody, settings: Gen2Settings) -> Rest:
    """``CapNhatHoSo``."""
    return Rest(name=UPDATE, path=settings.update_path, json=[dossier_row(dossier, settings)])


def dossier_row(dossier: DossierBody, settings: Gen2Settings) -> dict[str, object]:
    """The dossier with all of its fields."""
    codes = settings.codes
    status, procedure = sent_status(dossier.status, codes), sent_procedure(dossier.procedure.code, codes)
    return with_newer_fields(dossier_fields(dossier, status=status, procedure=procedure), dossier)


def progress_message(steps: Sequence[StepBody], settings: Gen2Settings) -> Rest:
    """``DongBoTienTrinh``."""
    rows = [step_fields(step, status=sent_status(step.status, settings.codes)) for step in steps]
    return Rest(name=PROGRESS, path=settings.progress_path, json=rows)


# ---- back


def classify(exchange: Exchange, reply: Reply) -> Outcome:
    """A sentence in HTTP 200 is an answer; what it means is data, read where the answer is used.

    Steps may be answered by a list, or by a sentence alone [C]. An empty 404 is off contract of every call [S].
    """
    if reply.status != 200:
        return None
    body = reply.body
    if isinstance(body, dict) and ("error_code" in body or "message" in body):
        return ReplyKind.ANSWER
    return ReplyKind.ANSWER if exchange.name == PROGRESS and isinstance(body, list | str) and body else None


def kind_of(answer: WireAnswer, settings: Gen2Settings) -> SentenceKind | GatewayError:
    """``accepted`` or ``known``; the error of any other answer. Success needs the code and the sentence [C].

    An answer about a step may be a sentence without a code [C]. What no rule knows was not taken where a code beside it
    says so, and is unknown where none does.
    """
    code, kind = known(answer.error_code), SentenceTable.of(settings.sentences).kind_of(known(answer.message))
    if kind == "accepted" and code in {None, WELL}:
        return kind
    if kind == "known" and (code is None or code in KNOWN_CODES):
        return kind
    if kind == "try_again":
        return Failing("The portal asks to try again.", reason="upstream_error", may_have_arrived=False)
    if kind == "final":
        return Conflict("The portal refuses this order for good.", reason="refused_for_good")
    return OffContract(
        "The portal answered with a code or a sentence that its contract does not know.",
        reason="off_contract",
        may_have_arrived=code in {None, WELL},
    )


def results(
    wire: WireAnswers, steps: Sequence[StepBody], settings: Gen2Settings
) -> Iterator[DossierSync | GatewayError]:
    """For each of *steps* what became of it: the answer to the first says nothing of the others.

    Raises:
        GatewayError: One answer refuses the whole list, or the answers are not those of *steps*.
    """
    answers = wire.answers * len(steps) if wire.whole else wire.answers
    if len(answers) != len(steps):
        raise OffContract("The portal did not answer each step of the list.", reason="malformed")
    for answer, step in zip(answers, steps, strict=True):
        if answer is None:
            yield OffContract("The portal's answer about a step could not be read.", reason="malformed")
            continue
        if known(answer.MaHoSo) not in {None, step.dossier_code}:
            raise OffContract("The portal answered about another dossier.", reason="inconsistent_response")
        found = kind_of(answer, settings)
        if not isinstance(found, GatewayError):
            yield told(step.dossier_code, sent_status(step.status, settings.codes))
        elif wire.whole:
            raise found
        else:
            yield found
