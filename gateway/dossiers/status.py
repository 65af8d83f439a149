"""Trạng thái hồ sơ: the ten statuses of a dossier at the portals, by word and by number [C]."""

from __future__ import annotations

from collections.abc import Mapping
from enum import IntEnum
from typing import Final, Literal, TypeAlias

StatusWord: TypeAlias = Literal[
    "newly_registered",
    "received",
    "not_received",
    "in_process",
    "supplement_requested",
    "payment_requested",
    "withdrawn",
    "stopped",
    "finished",
    "handed_over",
]
KnownStatus: TypeAlias = Literal[StatusWord, "unknown"]
"""unknown: a code that the contract does not know; the source's own code is beside it."""


class Status(IntEnum):
    """``TrangThaiHoSo`` and ``TrangThai``: the number is the portals' own."""

    NEWLY_REGISTERED = 1
    """Mới đăng ký."""
    RECEIVED = 2
    """Được tiếp nhận."""
    NOT_RECEIVED = 3
    """Không được tiếp nhận."""
    IN_PROCESS = 4
    """Đang xử lý."""
    SUPPLEMENT_REQUESTED = 5
    """Yêu cầu bổ sung giấy tờ."""
    PAYMENT_REQUESTED = 6
    """Yêu cầu thực hiện nghĩa vụ tài chính."""
    WITHDRAWN = 7
    """Công dân yêu cầu rút hồ sơ."""
    STOPPED = 8
    """Dừng xử lý."""
    FINISHED = 9
    """Đã xử lý xong."""
    HANDED_OVER = 10
    """Đã trả kết quả."""

    @property
    def word(self) -> StatusWord:
        """The status in the words of the uniform API."""
        return WORDS[self]

    @property
    def code(self) -> str:
        """The number as the portals write it: a text."""
        return str(self.value)


WORDS: Final[Mapping[Status, StatusWord]] = {
    Status.NEWLY_REGISTERED: "newly_registered",
    Status.RECEIVED: "received",
    Status.NOT_RECEIVED: "not_received",
    Status.IN_PROCESS: "in_process",
    Status.SUPPLEMENT_REQUESTED: "supplement_requested",
    Status.PAYMENT_REQUESTED: "payment_requested",
    Status.WITHDRAWN: "withdrawn",
    Status.STOPPED: "stopped",
    Status.FINISHED: "finished",
    Status.HANDED_OVER: "handed_over",
}
BY_WORD: Final[Mapping[str, Status]] = {word: status for status, word in WORDS.items()}
_BY_CODE: Final[Mapping[str, Status]] = {status.code: status for status in Status}


def status_of_code(code: str | None) -> Status | None:
    """The status of a code of theirs (``9``, ``09``); None for a code that the contract does not know."""
    return None if code is None else _BY_CODE.get(code.strip().lstrip("0"))


def word_of_code(code: str | None) -> KnownStatus | None:
    """The word for a code of theirs; None where there is none, ``unknown`` for one that the contract does not know."""
    if not code:
        return None
    found = status_of_code(code)
    return "unknown" if found is None else found.word
