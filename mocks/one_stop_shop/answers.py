"""`error_code` in HTTP 200: success is 0 or "00" [C]; the meaning of the other codes is our assumption [S]."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mocks.engine.service import Reply, Request, json_reply

WELL: Final = 0
WRONG_PASSWORD: Final = 1
NO_SESSION: Final = 2
OFF_CONTRACT: Final = 3
WRONG_UPDATING: Final = 4
NEVER_ACCEPTED: Final = 5
OUT_OF_ORDER: Final = 6
WRONG_AGENCY: Final = 7
NO_SUCH_SERVICE: Final = 8
NO_SUCH_PROCEDURE: Final = 9
NO_SUCH_MESSAGE: Final = 10
ALREADY_REPORTED: Final = 11
NO_SUCH_FILE: Final = 12

DONE: Final = "Thành công"


@dataclass(frozen=True, slots=True)
class Refusal:
    """The reason why a portal refuses a message, and the broken rule for the journal."""

    code: int
    message: str
    breach: str


def told(code: int, message: str, *, as_text: bool, **more: object) -> Reply:
    """Returns `{error_code, message, …}`; the code is two digits for calls that write, else a number [C]."""
    return json_reply({"error_code": f"{code:02d}" if as_text else code, "message": message, **more})


def refused(request: Request, refusal: Refusal, *, as_text: bool) -> Reply:
    """Returns the refusal as an answer, and records its rule for the journal."""
    request.breach(refusal.breach)
    return told(refusal.code, refusal.message, as_text=as_text)
