"""The parts of configuration that all upstreams share."""

from __future__ import annotations

from typing import Annotated, Final, Literal, TypeVar
from urllib.parse import quote

from pydantic import AfterValidator, AnyHttpUrl, BaseModel, ConfigDict, Field, SecretStr, TypeAdapter

MIB: Final = 1024 * 1024
_HTTP_URL: TypeAdapter[AnyHttpUrl] = TypeAdapter(AnyHttpUrl)


def _base_url(value: str) -> str:
    """*value* without its final slash; raises :class:`ValueError` unless it is an absolute http(s) address."""
    parsed = _HTTP_URL.validate_python(value)
    if parsed.query or parsed.fragment or parsed.username or parsed.password:
        raise ValueError("an upstream's url must not have a query, a fragment or credentials")
    return value.rstrip("/")


BaseUrl = Annotated[str, AfterValidator(_base_url)]


class Frozen(BaseModel):
    """A block of configuration: frozen, and exactly the declared keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class AnswerLimits(Frozen):
    """Limits of an answer; a larger one is cut off and refused as ``response_too_large``."""

    body_bytes: int = Field(default=4 * MIB, gt=0, description="bytes on the wire")
    decoded_bytes: int = Field(default=4 * MIB, gt=0, description="bytes after decompression")
    file_bytes: int = Field(
        default=16 * MIB,
        gt=0,
        description="bytes of a file, on the wire and after decompression; above 1 MiB it passes through, unkept",
    )
    ratio: int = Field(default=200, gt=1, description="decompressed bytes for each byte received, above 1 MiB")
    depth: int = Field(default=64, gt=0, description="nesting of JSON or XML")
    elements: int = Field(default=50_000, gt=0, description="JSON values, XML elements, or tags in the texts of JSON")

    def of_file(self) -> AnswerLimits:
        """The limits of an answer that is a file."""
        return self.model_copy(update={"body_bytes": self.file_bytes, "decoded_bytes": self.file_bytes})


class TlsSettings(Frozen):
    """How an upstream's certificate is held to the rules; whether it is trusted is never a setting."""

    strict: bool | None = Field(
        default=None,
        description=(
            "hold certificates to the form of RFC 5280, such as an Authority Key Identifier; not said: as Python does "
            "by itself, which is strict from 3.13 on. false accepts certificates of older authorities"
        ),
    )


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


_CODE: Final = r"[^\s/\\%:;]+"
"""One part of an identifier: X-Road does not allow these characters in codes."""
_PATH: Final = r"(?:[!-\"$-.0->@-~]+(?:/[!-\"$-.0->@-~]+)*)?"


class XRoadSettings(Frozen):
    """How messages go over an X-Road security server (NDXP), by its message protocol for REST."""

    client: str = Field(
        pattern=rf"^{_CODE}(?:/{_CODE}){{2,3}}$",
        description="identifier of this gateway's subsystem: instance/class/member/subsystem",
    )
    service: str = Field(
        pattern=rf"^{_CODE}(?:/{_CODE}){{3,4}}$",
        description="identifier of the source's service: instance/class/member/subsystem/service",
    )
    path: str = Field(default="", pattern=f"^{_PATH}$", description="path of the source below its service, such as ws")
    user_id: str | None = Field(default=None, pattern="^[!-~]+$", description="sent as X-Road-UserId")
    verify_hash: bool = Field(
        default=False,
        description=(
            "refuse an answer whose X-Road-Request-Hash is not that of the message that was sent; false counts it as "
            "drift, for a security server may hash a message that it has rewritten"
        ),
    )

    @property
    def address(self) -> str:
        """The address below that of the security server, percent-encoded."""
        service = "/".join(quote(part, safe="") for part in self.service.split("/"))
        return f"r1/{service}" + (f"/{self.path}" if self.path else "")


class XrdAdapterSettings(Frozen):
    """How messages go over the adapter of a security server (XrdAdapter, once named VXPAdapter)."""

    dstcode: str = Field(pattern="^[!-~]+$", description="code of the source, such as VN:GOV:000.00.00.G22:service")
    provider_url: BaseUrl | None = Field(default=None, description="sent as providerurl: the source's own address")
    name: Literal["XrdAdapter", "VXPAdapter"] = Field(
        default="XrdAdapter", description="name of the adapter in its address"
    )
    path: str = Field(default="", pattern=f"^{_PATH}$", description="path of the source below the adapter, such as ws")

    @property
    def address(self) -> str:
        """The address below that of the security server."""
        return f"{self.name}/RestService/forward" + (f"/{self.path}" if self.path else "")


class UpstreamSettings(Frozen):
    """Address, road and credentials of one upstream; every dialect's settings extend it."""

    url: BaseUrl = Field(description="address of the source; of the security server when road is xroad or xrdadapter")
    road: Literal["direct", "lgsp", "xroad", "xrdadapter"] = Field(
        default="direct",
        description=(
            "way to the source: direct, lgsp with a bearer token of the province's adapter (NGSP / LGSP), "
            "xroad over a security server (NDXP), or xrdadapter over the adapter of one"
        ),
    )
    xroad: XRoadSettings | None = Field(default=None, description="required when road is xroad")
    xrdadapter: XrdAdapterSettings | None = Field(default=None, description="required when road is xrdadapter")
    token: ClientCredentials | None = Field(
        default=None,
        description="required when road is lgsp; with xroad and xrdadapter: the bearer token that the source asks for",
    )
    api_key: SecretStr | None = Field(default=None, description="sent as X-API-KEY")
    allow_private: bool = Field(default=False, description="allow an address on loopback or in a private range")
    ca_file: str | None = Field(default=None, description="PEM bundle of the authorities trusted for this upstream")
    tls: TlsSettings = TlsSettings()
    limits: AnswerLimits = AnswerLimits()

    @property
    def base(self) -> str:
        """The address below which the paths of the source are, on its road."""
        on_road = {"xroad": self.xroad, "xrdadapter": self.xrdadapter}.get(self.road)
        return self.url if on_road is None else f"{self.url}/{on_road.address}"


S = TypeVar("S", bound=UpstreamSettings)


S_co = TypeVar("S_co", bound=UpstreamSettings, covariant=True)
