"""The model of a deployment's configuration, with secrets by reference."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.core.settings import MIB, Frozen
from gateway.durable.settings import EMBEDDED, StoreSettings, StreamSettings, has_password
from gateway.pipeline.cache.memory import MemorySettings
from gateway.pipeline.cache.shared.redis_settings import RedisSettings
from gateway.pipeline.operation.rate_limit import RateSettings
from gateway.settings.errors import RuleError
from gateway.settings.inbound import InboundSettings
from gateway.settings.life import DrainSettings
from gateway.settings.listen import Listen
from gateway.settings.references import Secret, read_reference
from gateway.settings.traces import TraceSettings
from gateway.settings.webhooks import WebhookSettings

PREFIX: Final = "LGSP_"
LAPTOP_KEY: Final = "lgsp_laptop_only"
COMMAND_VARIABLES: Final = frozenset(
    {
        "LGSP_URL",
        "LGSP_KEY",
        "LGSP_OPS_KEY",
        "LGSP_OPS_URL",
        "LGSP_DOSSIER",
        "LGSP_USER",
        "LGSP_CHROMIUM",
        "LGSP_STATE_DIR",
        "LGSP_CONFIG",
        "LGSP_CRASH_AT",
        "LGSP_STOP_AT",
        "LGSP_TEST_REDIS",
        "LGSP_TEST_POSTGRES",
        "LGSP_REQUIRE_ALL",
    }
)
_KNOWN_KEYS: Final = {
    hashlib.sha256(b"").hexdigest(): "an empty key",
    hashlib.sha256(LAPTOP_KEY.encode()).hexdigest(): f"the public key {LAPTOP_KEY}",
}
TEN_YEARS_S: Final = 315_360_000.0


# ---- the model


class OfficerSettings(Frozen):
    """An officer (cán bộ) whose registered name and citizen number some sources require with each question."""

    full_name: Secret
    citizen_id: Secret


def _laptop_key(value: object) -> object:
    if value not in {None, LAPTOP_KEY}:
        raise RuleError(
            "a key must not be written here; give key_sha256 (`lgsp keys create` makes both)", rule="secret-in-clear"
        )
    return value


def _no_known_key(value: str) -> str:
    if value in _KNOWN_KEYS:
        raise RuleError(
            f"this is the hash of {_KNOWN_KEYS[value]}; give that of a key of your own", rule="published-key"
        )
    return value


class KeySettings(Frozen):
    """A key by its hash; ``key_sha256`` is the SHA-256 of a 256-bit random key, in hex."""

    key_sha256: Annotated[str, AfterValidator(_no_known_key)] | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    key: Annotated[Literal["lgsp_laptop_only"] | None, BeforeValidator(_laptop_key)] = Field(
        default=None, description="the one key that may be written here; accepted on loopback only"
    )

    previous_key_sha256: Annotated[str, AfterValidator(_no_known_key)] | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="the hash of the key before, which is accepted too while its owner changes to the new one",
    )

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.key is None) == (self.key_sha256 is None):
            raise ValueError("give key_sha256 (make one with `lgsp keys create`)")
        return self

    @property
    def digests(self) -> tuple[bytes, ...]:
        """The SHA-256 of the key, then of the one before while that is accepted."""
        key = hashlib.sha256(self.key.encode()).digest() if self.key else bytes.fromhex(self.key_sha256 or "")
        return (key,) if self.previous_key_sha256 is None else (key, bytes.fromhex(self.previous_key_sha256))


class CallerSettings(KeySettings):
    """A caller and its rights."""

    scopes: tuple[str, ...] = Field(
        default=(),
        description="connector.operation, connector.* or *; with :personal for questions about people and for fields "
        "marked personal",
    )
    officers: tuple[str, ...] | None = Field(
        default=None,
        description="the X-User-Ids in whose name the caller may ask; unless said, those under officers, and any other "
        "with service_officer",
    )
    rate: RateSettings | None = Field(
        default=None, description="how often the caller may ask; without it there is no limit"
    )

    @property
    def effective_scopes(self) -> tuple[str, ...]:
        """The scopes; the laptop's literal key has personal data too wherever it has all operations."""
        return (*self.scopes, "*:personal") if self.key is not None and "*" in self.scopes else self.scopes


class OperatorSettings(KeySettings):
    """An operator and its rights on the operator's port."""

    scopes: tuple[Literal["read", "act"], ...] = Field(
        default=("read",), description="read: metrics, connectors, console; act: actions"
    )


class OpsListen(Listen):
    """The operator's port; beyond loopback, all but ``/livez`` and ``/readyz`` wants an operator's key."""

    port: int = Field(default=8081, ge=0, le=65535)
    operators: Mapping[str, OperatorSettings] = Field(default={}, description="by name; keys as those of callers")
    hosts: tuple[str, ...] = Field(
        default=(), description="names by which the port is asked, besides addresses and loopback names"
    )


Seconds = Annotated[float, Field(ge=0, le=TEN_YEARS_S, allow_inf_nan=False)]


class OperationSettings(Frozen):
    """The settings of an operation that a deployment can change; seconds."""

    upstream: str | None = None
    fresh_s: Seconds | None = None
    swr_s: Seconds | None = None
    soft_timeout_s: Seconds | None = None
    stale_s: Seconds | None = None
    negative_s: Seconds | None = None
    deadline_s: float | None = Field(default=None, gt=0, le=120)


class ConnectorSettings(Frozen):
    """One national system: its upstreams by name, and changes to its operations."""

    upstreams: Mapping[str, Mapping[str, Any]] = {}
    operations: Mapping[str, OperationSettings] = {}


class RedisCacheSettings(RedisSettings):
    """A Redis that gateways share; without this block every gateway keeps its own cache only."""

    password: Secret | None = None
    key: Secret = Field(
        description="secret from which the names and the encryption of entries are derived; the same in every gateway"
    )
    previous_keys: tuple[Secret, ...] = Field(
        default=(), description="older secrets that are still read while the key is rotated"
    )


class CacheSettings(MemorySettings):
    """Limits of the cache in this process, and the second level that gateways share."""

    redis: RedisCacheSettings | None = None


class AnswersSettings(Frozen):
    """Limits of all answers together, over all upstreams."""

    in_flight_bytes: int = Field(
        default=32 * MIB, ge=MIB, description="bytes of answers that are being read or parsed at once; more are refused"
    )


class ClockSettings(Frozen):
    """The clock of days, time limits and windows."""

    follow: str | None = Field(
        default=None, description="address of the mocks whose clock is followed; for the laptop only"
    )


class LogSettings(Frozen):
    """Format and level of the log; ``auto`` is text on a terminal and JSON otherwise."""

    format: Literal["auto", "json", "text"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


def _embedded(value: object) -> object:
    return {"embedded": True} if value == EMBEDDED else value


def _open_address(value: object) -> object:
    """An address without a password as it is; any other by its reference."""
    plain = isinstance(value, str) and value.startswith(("postgresql://", "postgres://"))
    if plain and not has_password(str(value)):
        return value
    if plain:
        raise ValueError("an address with a password must be a reference: env:NAME or file:/path")
    return read_reference(value)


class StoreBlock(StoreSettings):
    """The PostgreSQL in which the gateway keeps what it has accepted; ``store: embedded`` on a laptop."""

    url: Annotated[SecretStr | None, BeforeValidator(_open_address)] = Field(
        default=None, description="postgresql://…; an address with a password by env: or file:"
    )
    key: Secret | None = Field(
        default=None, description="encrypts what is personal; the same in every gateway; on a laptop a published one"
    )
    previous_keys: tuple[Secret, ...] = Field(default=(), description="older keys, while `lgsp store rotate-key` runs")


class PrivacySettings(Frozen):
    """The secret of the hashes that stand for people in the request log and in the record of look-ups."""

    key: Secret | None = Field(
        default=None,
        description="the same in every gateway; without it the store's key is used, and without both the hashes change "
        "with each start",
    )


class Settings(BaseSettings):
    """A whole deployment."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__", case_sensitive=False
    )

    listen: Listen = Listen()
    ops: OpsListen = OpsListen()
    state_dir: str = Field(
        default="",
        description="folder of what this gateway keeps beside its store; empty: .lgsp beside this file",
    )
    mocks_url: str | None = Field(
        default=None,
        description="address of the mocks, for the laptop only; other keys of the file refer to it as ${mocks_url}",
    )
    contracts: str = Field(
        default="", description="folder of the pinned contracts; empty: the one shipped with the code"
    )
    officers: Mapping[str, OfficerSettings] = Field(
        default={},
        description="by X-User-Id; with service_officer, the one named service is used for officers not listed",
    )
    service_officer: bool = Field(default=False, description="use officers.service for officers not listed")
    callers: Mapping[str, CallerSettings] = {}
    cache: CacheSettings = CacheSettings()
    answers: AnswersSettings = AnswersSettings()
    log: LogSettings = LogSettings()
    privacy: PrivacySettings = PrivacySettings()
    store: Annotated[
        StoreBlock | None, BeforeValidator(_embedded, json_schema_input_type=StoreBlock | Literal["embedded"] | None)
    ] = Field(
        default=None,
        description="where accepted orders are kept until they are done; without it an order is sent in its request",
    )
    streams: StreamSettings = StreamSettings()
    webhooks: Mapping[str, WebhookSettings] = Field(
        default={}, description="by name; the portal's servers that are told of events, which needs a store"
    )
    inbound: InboundSettings = Field(
        default=InboundSettings(), description="what national systems push to the province, which needs a store"
    )
    clock: ClockSettings = ClockSettings()
    drain: DrainSettings = DrainSettings()
    traces: TraceSettings | None = Field(
        default=None, description="spans of requests by OTLP; without this block nothing is traced"
    )
    warm_up: bool = Field(
        default=False,
        description="at start, ask each system its cheapest question about nobody, or log in, and say in the log how "
        "it went; a failure stops nothing",
    )
    connectors: Mapping[str, ConnectorSettings] = {}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for block, port, holders in (
            ("callers", self.listen, self.callers),
            ("ops.operators", self.ops, self.ops.operators),
        ):
            owners: dict[bytes, str] = {}
            for name, digest in ((name, digest) for name, holder in holders.items() for digest in holder.digests):
                if (other := owners.setdefault(digest, name)) != name:
                    raise RuleError(
                        f"{block}.{other} and {block}.{name} have the same key; make a key for each",
                        rule="same-key-twice",
                    )
            if any(holder.key for holder in holders.values()) and not port.is_loopback:
                raise RuleError(
                    f"the public key {LAPTOP_KEY} is accepted on loopback only; listen on 127.0.0.1 or remove the key",
                    rule="public-key-beyond-loopback",
                )
        if self.store is not None and self.store.embedded and not self.listen.is_loopback:
            raise ValueError("store: embedded is for a laptop: listen on 127.0.0.1 or give store.url and store.key")
        if self.store is not None and self.store.key is None and not self.listen.is_loopback:
            raise ValueError("store.key is missing (env:NAME or file:/path): the published key is for a laptop only")
        if self.webhooks and self.store is None:
            raise ValueError("webhooks need a store, which keeps the events; add store, or remove webhooks")
        for name, webhook in self.webhooks.items():
            if webhook.caller is not None and webhook.caller not in self.callers:
                raise ValueError(f"webhooks.{name}.caller {webhook.caller} is not one of callers")
        if self.clock.follow is not None and not self.listen.is_loopback:
            raise ValueError("clock.follow is for a laptop: listen on 127.0.0.1 or remove it")
        if self.listen.meets(self.ops):
            raise RuleError(
                f"listen and ops have the same port {self.listen.port}; give ops another port", rule="same-port-twice"
            )
        return self

    @model_validator(mode="after")
    def _takes_what_is_pushed(self) -> Self:
        if (pushed := self.inbound.listen) is None:
            return self
        if self.store is None:
            raise ValueError("inbound.listen needs a store, which keeps what is pushed; add store, or remove it")
        for name, port in (("listen", self.listen), ("ops", self.ops)):
            if port.meets(pushed):
                raise ValueError(f"{name} and inbound.listen have the same port {port.port}; give one another port")
        return self

    def more_authorities(self) -> Iterator[tuple[str, str]]:
        """The keys and paths of the files of authorities that are no upstream's."""
        for name, webhook in self.webhooks.items():
            if webhook.ca_file is not None:
                yield f"webhooks.{name}.ca_file", webhook.ca_file
        if self.cache.redis is not None and self.cache.redis.ca_file is not None:
            yield "cache.redis.ca_file", self.cache.redis.ca_file


def fingerprint(settings: Settings) -> str:
    """A short hash of the effective configuration, without secrets."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12]
