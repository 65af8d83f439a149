"""`error_code` in HTTP 200: well is 0 or "00" [C]; what the other codes mean is ours [S]."""

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

DONE: Final = "Thành công"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a portal does not take what it was sent, and which rule that was, for the journal."""

    code: int
    message: str
    breach: str


def told(code: int, message: str, *, as_text: bool, **more: object) -> Reply:
    """`{error_code, message, …}`; calls that write say the code in two digits, calls that read as a number [C]."""
    return json_reply({"error_code": f"{code:02d}" if as_text else code, "message": message, **more})


def refused(request: Request, refusal: Refusal, *, as_text: bool) -> Reply:
    """The refusal as an answer; the journal has its rule."""
    request.breach(refusal.breach)
    return told(refusal.code, refusal.message, as_text=as_text)
