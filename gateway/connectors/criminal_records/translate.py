"""Shared by both generations of the service: the justice services' codes, sentences and date formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Final

from gateway.connectors.criminal_records.model import BanStatus, Coded, ConvictionStatus, Relative
from gateway.core.canonical import PartialDate
from gateway.core.files import is_pdf
from gateway.core.lenient import read_base64
from gateway.core.message import Outcome, ReplyKind
from gateway.core.mistakes import Mistake
from gateway.core.no_record import speaks_of_failure
from gateway.core.problems import AlreadyReceived, FieldError, GatewayError, InvalidRequest, OffContract, Refused
from gateway.core.vietnamese import folded

ACCEPTED_SENTENCE: Final = folded("gửi thông tin thành công")
RECEIVED_SENTENCE: Final = folded("đã được tiếp nhận, không thể cập nhật thông tin")


# ---- the justice services' error codes [G]


def _credentials() -> GatewayError:
    return Refused(
        "The source does not accept the authentication key (AUTHEN_ERROR).",
        reason="credentials",
        may_have_arrived=False,
    )


def _allow_list() -> GatewayError:
    return Refused(
        "The source does not accept the gateway's address (IP_DISALLOWED).", reason="allow_list", may_have_arrived=False
    )


def _incomplete() -> GatewayError:
    return InvalidRequest("The source says that the dossier is incomplete (RECORD_UNCOMPLETE).", reason="incomplete")


def _ours(word: str) -> Callable[[], GatewayError]:
    return lambda: OffContract(
        f"The source says that the gateway's message is wrong ({word}).", reason="off_contract", may_have_arrived=False
    )


CODES: Final[dict[str, tuple[str, str | None, Callable[[], GatewayError] | ReplyKind]]] = {
    "100": ("AUTHEN_ERROR", "Mã xác thực không chính xác", _credentials),
    "101": ("IP_DISALLOWED", "Địa chỉ IP không được phép truy cập", _allow_list),
    "106": ("AGENCY_ID_INCORRECT", "Mã đơn vị không chính xác", _ours("AGENCY_ID_INCORRECT")),
    "108": ("PROVINCE_ID_INCORRECT", "Mã tỉnh không chính xác", _ours("PROVINCE_ID_INCORRECT")),
    "200": ("RECORD_UNCOMPLETE", "Hồ sơ chưa hoàn thành đăng ký", _incomplete),
    "201": ("RECORD_NOT_FOUND", "Hồ sơ không tồn tại", ReplyKind.NO_RECORD),
    "302": ("DATA_TYPE_INVALID", "Loại dữ liệu danh mục không hợp lệ", _ours("DATA_TYPE_INVALID")),
    "500": ("DATA_INCORRECT", None, _ours("DATA_INCORRECT")),
}
"""Code, its word, the Vietnamese sentence that comes with it (500 has a new one each time), and what it means here."""

_PHRASES: Final = {
    code: tuple(folded(phrase) for phrase in (word, sentence) if phrase is not None)
    for code, (word, sentence, _) in CODES.items()
}
_DENIED: Final = re.compile(
    "|".join((rf"\b({folded('không')}|{folded('chưa')})\b[^.;]*\b{folded('thành công')}", folded("thất bại")))
)
_UNKNOWN: Final = "The source answered with a code or a text that its contract does not know."


def _meaning(code: str, *, write: bool) -> GatewayError | ReplyKind:
    word, _, meaning = CODES[code]
    if isinstance(meaning, ReplyKind):
        # An order asks about no record: there the code is as wrong as an unknown one, but nothing was taken in.
        return _ours(word)() if write else meaning
    return meaning()


def failure(code: str | None, text: str, *, write: bool) -> GatewayError | ReplyKind:
    """The meaning of a refused exchange: by its code, else by the word or the sentence in *text*, else off contract.

    A sentence that speaks of a failure as well is not "no such record". A refusal that the table knows proves that an
    order was not accepted; after any other its outcome is unknown.
    """
    if code in CODES:
        return _meaning(code, write=write)
    said = folded(text)
    if code in {None, "", "0"}:
        for known, phrases in _PHRASES.items():
            if any(phrase in said for phrase in phrases):
                if CODES[known][2] is ReplyKind.NO_RECORD and speaks_of_failure(text):
                    break
                return _meaning(known, write=write)
    return OffContract(_UNKNOWN, reason="off_contract")


def denies(text: str) -> bool:
    """Whether a sentence about an order says that it was not taken in, or names an error of the table."""
    said = folded(text)
    return _DENIED.search(said) is not None or any(
        phrase in said for phrases in _PHRASES.values() for phrase in phrases
    )


def contradiction() -> OffContract:
    """The error of an order whose answer says both that it was taken in and that it was not."""
    return OffContract("The source says that the order was taken in, and that it was not.", reason="off_contract")


def repeated(text: str) -> Outcome:
    """The conflict, if *text* says that they already have the dossier and that it may not be changed now."""
    if RECEIVED_SENTENCE not in folded(text):
        return None
    return already_received()


def already_received() -> AlreadyReceived:
    """The conflict of a dossier that they have; to an order that was sent before, the proof that it arrived."""
    return AlreadyReceived(
        "The source already has this dossier and accepts changes only after it has asked for a supplement; "
        "look at the application's state.",
        reason="already_received",
    )


# ---- what an order may not lose


_NO_FIELD: Final = Mistake(
    "no_field_at_source",
    "the source has no field for this; leave it out",
    "nguồn không có trường cho giá trị này; hãy bỏ ra",
)


CHANNEL_NOT_ACCEPTED: Final = Mistake(
    "channel_not_accepted",
    "this province does not accept this channel; choose another channel",
    "tỉnh này không nhận hồ sơ qua kênh này; chọn kênh khác",
)


def lost(given: Mapping[str, object]) -> list[FieldError]:
    """An error for each pointer of *given* with a value: no part of an application is dropped without an error."""
    return [FieldError(pointer, _NO_FIELD) for pointer, value in given.items() if value is not None]


# ---- words and dates


CONVICTIONS: Final[Mapping[str, ConvictionStatus]] = {"không có án tích": "none", "có án tích": "convicted"}
"""``tenTinhTrangAnTich``: the whole sentence [S]; the codes beside it have no published meaning."""
BANS: Final[Mapping[str, BanStatus]] = {"không bị cấm": "none", "bị cấm": "banned"}
"""``tenThongTinCDNCV``: the first words [S]; behind them only what one is kept from may be named."""
_OF_BANS: Final = frozenset(
    folded("đảm nhiệm giữ chức vụ thành lập quản lý điều hành doanh nghiệp hợp tác xã công ty các và hoặc").split()
)
_DENYING: Final = tuple(map(folded, ("không", "chưa")))
_DIGIT: Final = re.compile(r"[0-9]")
_CONVICTIONS: Final = {folded(words): status for words, status in CONVICTIONS.items()}
_BANS: Final = {folded(words): status for words, status in BANS.items()}


def conviction_status(text: str | None, live: Iterable[bool | None] = ()) -> ConvictionStatus | None:
    """Tình trạng án tích, by the source's own words, and *live*: of each judgment, whether it is not expunged (None
    where it can't be read).

    A sentence that is not in the table says nothing; nor does one that the judgments do not bear out.

    Raises:
        OffContract: The words say "none" beside a judgment that is not expunged.
    """
    said = " ".join(_words(text))
    if not said:
        return None
    found, judgments = _CONVICTIONS.get(said, "unknown"), tuple(live)
    if found == "none" and any(judgments):
        raise OffContract("The words say that there is no conviction, the list has one.", reason="off_contract")
    doubtful = None in judgments if found == "none" else bool(judgments) and not any(judgments)
    return "unknown" if doubtful else found


def ban_status(text: str | None, decisions: Iterable[bool | None] = ()) -> BanStatus | None:
    """Thông tin cấm đảm nhiệm chức vụ, by the source's own words; *decisions*: one for each, None for one unread.

    Raises:
        OffContract: The words say "none" beside a decision.
    """
    words = _words(text)
    if not words:
        return None
    first = next((n for n in (3, 2) if " ".join(words[:n]) in _BANS), 0)
    found = _BANS.get(" ".join(words[:first]), "unknown") if set(words[first:]) <= _OF_BANS else "unknown"
    listed = tuple(decisions)
    if found == "none" and any(listed):
        raise OffContract("The words say that there is no ban, the list has one.", reason="off_contract")
    return "unknown" if found == "none" and listed else found


def revoked(text: str) -> bool | None:
    """Quyết định thu hồi: the decision by its number or as a file in base64 [C]; None for words that name none."""
    said = folded(text)
    return True if _DIGIT.search(said) and not said.startswith(_DENYING) else None


def _words(text: str | None) -> list[str]:
    """The words of a sentence as they are compared, without its punctuation."""
    return folded(re.sub(r"[,;:.()]", " ", text or "")).split()


def written(day: date | None) -> str:
    """*day* as dd/MM/yyyy; empty for none."""
    return "" if day is None else f"{day:%d/%m/%Y}"


def written_partial(value: PartialDate | None) -> str:
    """*value* as dd/MM/yyyy, MM/yyyy or yyyy, as precise as it is; empty for none."""
    return "" if value is None else "/".join(reversed(value.value.split("-")))


def code_of(entry: Coded | None) -> str:
    """The code of *entry*; empty for none."""
    return "" if entry is None else entry.code


def name_of(entry: Coded | None) -> str:
    """The name of *entry*; empty for none."""
    return "" if entry is None else entry.name


def flag(value: bool) -> str:
    """Yes and no as they write them."""
    return "1" if value else "0"


def relative(who: Relative | None) -> tuple[str, str]:
    """Name and birth date of *who* as they write them; empty for none."""
    return ("", "") if who is None else (who.full_name, written_partial(who.birth_date))


def pdf_of(encoded: object) -> bytes:
    """The PDF in base64, in any of its spellings; raises :class:`OffContract` where it is not one."""
    try:
        content = read_base64(encoded)
    except ValueError:
        content = b""
    if not is_pdf(content):
        raise OffContract("The source's certificate is not a PDF in base64.", reason="malformed")
    return content
