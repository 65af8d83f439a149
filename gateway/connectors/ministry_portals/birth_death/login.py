"""The account and its token, without I/O; and the data that make this ministry: states, their order, its sentences."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Self

from pydantic import Field, SecretStr, model_validator

from gateway.connectors.ministry_portals.settings import PATH, MinistrySettings
from gateway.core.lenient import text
from gateway.core.login import credentials_refused, login_failure
from gateway.core.message import Exchange, Login, Reply, Rest, Token
from gateway.core.problems import GatewayError, OffContract
from gateway.dossiers.sentences import SentenceRule, SentenceRules
from gateway.dossiers.status import StatusWord

StateCode = Annotated[str, Field(pattern=r"^[0-9A-Za-z_-]{1,20}$")]
STATES: Final[dict[StatusWord, str]] = {
    "newly_registered": "1",
    "received": "3",
    "in_process": "7",
    "finished": "4",
    "handed_over": "5",
}
"""The numbers are [C], what each means is our assumption [S]."""
BEFORE: Final[dict[str, tuple[str, ...]]] = {"4": ("1", "3", "7"), "5": ("1", "3", "7")}
"""1, 3 and 7 must have arrived before 4 and 5 [C]."""
SENTENCES: Final = (
    SentenceRule(says="logic trạng thái không hợp lệ", kind="final"),
    SentenceRule(says="hồ sơ không tồn tại", kind="final"),
    SentenceRule(says="mã đơn vị không hợp lệ", kind="final"),
    SentenceRule(says="dữ liệu không hợp lệ", kind="final"),
    SentenceRule(says="thử lại", kind="try_again"),
    SentenceRule(says="hệ thống đang bận", kind="try_again"),
    SentenceRule(says="không kết nối được", kind="try_again"),
    SentenceRule(says="đã có trạng thái", kind="known"),
    SentenceRule(says="đã kết thúc", kind="known"),
    SentenceRule(says="đã bị từ chối", kind="known"),
    SentenceRule(says="thành công", kind="accepted"),
)
"""The three kinds are [C], their words ours [S]: ``contracts/ministry_portals/birth_death.sentences.yaml``."""


class BirthDeathSettings(MinistrySettings):
    """The account at the joint service."""

    username: str = Field(min_length=1, description="tài khoản, as given")
    password: SecretStr = Field(description="mật khẩu, as given")
    login_path: str = Field(default="login", pattern=PATH, description="path of the login")
    statuses: dict[StatusWord, StateCode] = Field(default=STATES, description="the service's codes by status")
    comes_after: dict[StateCode, tuple[StateCode, ...]] = Field(
        default=BEFORE, description="codes that must have arrived before a code: {'4': ['1', '3', '7']}"
    )
    others_report: bool = Field(
        default=False,
        description="another program reports states of this province too, or did: a state whose forerunners this "
        "gateway did not report is sent all the same",
    )
    sentences: SentenceRules = Field(default=SENTENCES, description="what its sentences mean; the first rule wins")

    @model_validator(mode="after")
    def _in_an_order(self) -> Self:
        known = set(self.statuses.values())
        for code, before in self.comes_after.items():
            for one in (code, *before):
                if one not in known:
                    raise ValueError(f"comes_after: {one!r} is not a code of statuses, which are {', '.join(known)}")
            for one in before:
                if code in self.comes_after.get(one, ()) or one == code:
                    raise ValueError(f"comes_after: {one} and {code} would each have to come before the other")
        return self


def ask(settings: BirthDeathSettings) -> Rest:
    """``POST login {username, password}``."""
    account = {"username": settings.username, "password": settings.password.get_secret_value()}
    return Rest(name="login", path=settings.login_path, json=account)


def read(reply: Reply, now: datetime) -> Token | GatewayError:
    """The token; null where the account is wrong [S]. How long it lives is not said."""
    if (failure := login_failure(reply, now)) is not None:
        return failure
    match reply.body:
        case {"token": str(token)} if text(token):
            return Token(token, None)
        case {"token": None, "message": str(_)}:
            return credentials_refused()
        case _:
            pass
    return OffContract(
        "The login's answer has a shape that its contract does not foresee.", reason="malformed", may_have_arrived=False
    )


def put(exchange: Exchange, token: Token, _: BirthDeathSettings) -> Exchange:
    """A bearer token."""
    return exchange.with_headers({"Authorization": f"Bearer {token.value}"})


LOGIN: Final = Login(ask=ask, read=read, put=put)
