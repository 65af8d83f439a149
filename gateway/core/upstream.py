"""What a connector sees of a national system: exchanges, replies, and one `Upstream` to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, Generic, Literal, Protocol, TypeAlias, TypeVar

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

from gateway.core.canonical import Wire
from gateway.core.problems import Effect, GatewayError

if TYPE_CHECKING:
    from gateway.core.operation import Call

_HTTP_URL: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)


def _base_url(value: str) -> str:
    """*value* without its final slash; raises :class:`ValueError` unless it is an absolute http(s) address."""
    parsed = _HTTP_URL.validate_python(value)
    if parsed.query or parsed.fragment or parsed.username or parsed.password:
        raise ValueError("an upstream's url carries no query, fragment or credentials")
    return value.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_base_url)]


class Frozen(BaseModel):
    """A block of configuration: frozen, and exactly the declared keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerLimits(Frozen):
    """What an answer may weigh; a larger one is cut and refused as ``response_too_large``."""

    body_bytes: int = Field(default=16 * 1024 * 1024, gt=0, description="bytes on the wire")
    decoded_bytes: int = Field(default=32 * 1024 * 1024, gt=0, description="bytes after decompression")
    ratio: int = Field(default=200, gt=1, description="decompressed bytes for each byte received, above 1 MiB")
    depth: int = Field(default=64, gt=0, description="nesting of JSON or XML")
    elements: int = Field(default=200_000, gt=0, description="JSON values or XML elements")


class ClientCredentials(Frozen):
    """How to get the road's token (RFC 6749 section 4.4), in the two spellings that adapters of provinces use."""

    url: BaseUrl = Field(description="address of the token endpoint")
    spelling: Literal["basic", "lgspaccesstoken"] = Field(
        default="basic", description="HTTP Basic of key and secret, or the lgspaccesstoken header (base64 of JSON)"
    )
    access_key: SecretStr
    secret_key: SecretStr
    app_name: str = ""
    partner_code: str = ""
    partner_code_cus: str = ""
    scope: str | None = None


class UpstreamSettings(Frozen):
    """Address, road and credentials of one upstream; every dialect's settings extend it."""

    url: BaseUrl
    road: Literal["direct", "lgsp"] = Field(
        default="direct", description="lgsp: bearer token of the province's adapter (NGSP / LGSP)"
    )
    token: ClientCredentials | None = Field(default=None, description="demanded by road lgsp")
    api_key: SecretStr | None = Field(default=None, description="sent as X-API-KEY")
    allow_private: bool = Field(default=False, description="let the upstream live on loopback or a private range")
    ca_file: str | None = Field(default=None, description="PEM bundle of the authorities trusted for this upstream")
    limits: AnswerLimits = AnswerLimits()


# ---- one message and its answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One message to one upstream; *name* is the national call's own (``chiTietDoanhNghiep``)."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest(Exchange):
    """An HTTP message; *path* is appended to the upstream's address."""

    path: str
    method: Literal["GET", "POST", "PUT"] = "POST"
    query: Mapping[str, str] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: object | None = field(default=None, repr=False)
    form: Mapping[str, str] | None = field(default=None, repr=False)
    absolute: bool = False
    """*path* is a whole address (a token endpoint beside the service)."""
    raw: bool = False
    """The answer is a file: a body with status 200 is ``{"content": bytes, "media_type": str}``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Soap(Exchange):
    """A SOAP message; *name* is the WSDL operation, *arguments* the content of its body element."""

    arguments: Mapping[str, object] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    """HTTP headers of the road."""


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A SOAP Fault as it came; *code* without its namespace prefix."""

    code: str
    message: str
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as the adapter read it, within the limits.

    *body* is parsed JSON (REST), a mapping of the body element or a :class:`SoapFault` (SOAP);
    *headers* have lower-case names. *defect* is what is wrong with the body where it could not be read:
    raised unless status or table already say more; *body* is then None, or the bare sentence that came.
    """

    status: int
    headers: Mapping[str, str]
    body: object
    defect: GatewayError | None = None


class Verdict(Enum):
    """What a table may say of a reply besides an error."""

    WELL = "well"
    NO_RECORD = "no record"
    """A fact: neutral to retry and breaker, cached, rendered as a 404 problem."""
    RENEW = "renew"
    """Our token is spent, whatever the status says."""


Judgement: TypeAlias = GatewayError | Verdict | None
"""None leaves the decision to the HTTP status."""


@dataclass(frozen=True, slots=True)
class Officer:
    """Who asks, for sources whose contract wants a registered name and citizen number with each question."""

    full_name: str
    citizen_id: str = field(repr=False)


# ---- asking

W = TypeVar("W", bound=Wire)
S = TypeVar("S", bound=UpstreamSettings)
S_co = TypeVar("S_co", bound=UpstreamSettings, covariant=True)


class Upstream(Protocol[S_co]):
    """One upstream as one call sees it: all that a connector ever touches."""

    @property
    def settings(self) -> S_co: ...

    @property
    def call(self) -> Call: ...

    @property
    def officer(self) -> Officer | None:
        """The officer for whom is asked, if configuration knows one."""
        ...

    async def ask(
        self,
        exchange: Exchange,
        into: type[W],
        *,
        same: Callable[[W], bool] | None = None,
        effect: Effect | None = None,
    ) -> W | None:
        """Sends *exchange* through the upstream's ring.

        Args:
            exchange: The message.
            into: The wire model of the answer.
            same: Whether the answer belongs to the question (compared wherever both carry it).
            effect: The operation's, unless said.

        Returns:
            The decoded answer, or None where the register has no such record.

        Raises:
            GatewayError: Whatever kept it from being known.
        """
        ...


@dataclass(frozen=True, slots=True)
class Token:
    """A token as given; without *expires_at* it is used until refused."""

    value: str = field(repr=False)
    expires_at: datetime | None
    more: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Login(Generic[S]):
    """A way to get and show a token, pure: the token step does the asking.

    *read* gets the present instant for endpoints that say a lifetime, and raises :class:`GatewayError`.
    """

    ask: Callable[[S], Rest]
    read: Callable[[Reply, datetime], Token]
    put: Callable[[Exchange, Token, S], Exchange]


@dataclass(slots=True)
class Progress:
    """How far an exchange has come: written by the steps near the source, read by those further out.

    A retry starts the same exchange again, so these are of its latest attempt; *attempts* counts all. Seconds.
    """

    attempts: int = 0
    """Attempts begun at the source."""
    seconds: float = 0.0
    """What the latest attempt took, queueing left out."""
    left: bool = False
    """Whether anything of it may have left: it may still have waited for a token."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What travels down the upstream ring."""

    exchange: Exchange
    call: Call
    effect: Effect
    into: type[Wire]
    same: Callable[[Any], bool] | None
    progress: Progress = field(default_factory=Progress)

    def carrying(self, exchange: Exchange) -> Sent:
        """The same, with another *exchange* (``dataclasses.replace`` costs four times as much, for every exchange)."""
        return Sent(exchange, self.call, self.effect, self.into, self.same, self.progress)
