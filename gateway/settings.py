"""One deployment is one file: YAML, overridden key by key by ``LGSP_…`` variables, with secrets by reference.

Precedence, first wins: environment, file, defaults in the code. What is misspelt is refused with the nearest name.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Final, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from gateway.core.upstream import Frozen
from gateway.pipeline.memory import MemorySettings
from gateway.pipeline.rate import RateSettings
from gateway.pipeline.redis_settings import RedisSettings

PREFIX: Final = "LGSP_"
LAPTOP_KEY: Final = "lgsp_laptop_only"
COMMAND_VARIABLES: Final = frozenset(
    {
        "LGSP_URL",
        "LGSP_KEY",
        "LGSP_DOSSIER",
        "LGSP_USER",
        "LGSP_CHROMIUM",
        "LGSP_STATE_DIR",
        "LGSP_CONFIG",
        "LGSP_TEST_REDIS",
        "LGSP_REQUIRE_ALL",
    }
)
TEN_YEARS_S: Final = 315_360_000.0
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
EVERYWHERE: Final = frozenset({"0.0.0.0", "::", ""})  # noqa: S104  # compared with, never bound


class ConfigurationError(Exception):
    """The configuration can't be used; the message is one sentence that says what to change."""


# ---- secrets by reference


def read_reference(value: object) -> object:
    """The secret behind ``env:NAME`` or ``file:/path``; raises :class:`ValueError` for a literal or a missing one."""
    if not isinstance(value, str):
        return value
    kind, _, name = value.partition(":")
    if kind == "env" and name:
        found = os.environ.get(name)
        if not found:
            raise ValueError(f"the environment variable {name} is not set")
        return found
    if kind == "file" and name:
        try:
            found = Path(name).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ValueError(f"the secret file {name} can't be read ({error.strerror})") from None
        if not found:
            raise ValueError(f"the secret file {name} is empty")
        return found
    raise ValueError("secrets stand by reference only: env:NAME or file:/path")


Secret = Annotated[SecretStr, BeforeValidator(read_reference)]


# ---- the model


class Listen(Frozen):
    """Where a server listens."""

    host: str = "127.0.0.1"
    port: int = Field(default=8080, ge=0, le=65535)

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK or self.host.startswith("127.")

    def meets(self, other: Listen) -> bool:
        """Whether both can't listen at once."""
        hosts = {self.host, other.host}
        same = len(hosts) == 1 or bool(hosts & EVERYWHERE) or (self.is_loopback and other.is_loopback)
        return same and self.port == other.port != 0


class OfficerSettings(Frozen):
    """An officer (cán bộ) whose registered name and citizen number some sources want with each question."""

    full_name: Secret
    citizen_id: Secret


def _laptop_key(value: object) -> object:
    if value not in {None, LAPTOP_KEY}:
        raise ValueError("a key never stands here in the clear; give key_sha256 (`lgsp keys create` makes both)")
    return value


class CallerSettings(Frozen):
    """Who may call, and what: ``key_sha256`` is the SHA-256 of a 256-bit random key, in hex."""

    key_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    key: Annotated[Literal["lgsp_laptop_only"] | None, BeforeValidator(_laptop_key)] = Field(
        default=None, description="the one literal key, on loopback only"
    )
    scopes: tuple[str, ...] = Field(
        default=(), description="connector.operation, connector.* or *; with :personal for fields marked personal"
    )
    rate: RateSettings | None = Field(
        default=None, description="how often it may ask; unless said, as often as it likes"
    )

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.key is None) == (self.key_sha256 is None):
            raise ValueError("give key_sha256 (make one with `lgsp keys create`)")
        return self


Seconds = Annotated[float, Field(ge=0, le=TEN_YEARS_S, allow_inf_nan=False)]


class OperationSettings(Frozen):
    """What a deployment changes of an operation; seconds."""

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
    key: Secret = Field(description="secret that names and encrypts entries; the same in every gateway")
    previous_keys: tuple[Secret, ...] = Field(default=(), description="still read, while a key is being rotated")


class CacheSettings(MemorySettings):
    """What the cache may hold in this process, and the second level that gateways share."""

    redis: RedisCacheSettings | None = None


class LogSettings(Frozen):
    """How to log: JSON for machines, text for people; auto looks whether a terminal reads."""

    format: Literal["auto", "json", "text"] = "auto"
    level: Literal["debug", "info", "warning", "error"] = "info"


class Settings(BaseSettings):
    """A whole deployment."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__", case_sensitive=False
    )

    listen: Listen = Listen()
    ops: Listen = Listen(port=8081)
    mocks_url: str | None = Field(default=None, description="laptop only; ${mocks_url} elsewhere in the file")
    contracts: str = Field(
        default="", description="folder of the pinned contracts; empty: the one shipped with the code"
    )
    officers: Mapping[str, OfficerSettings] = Field(
        default={},
        description="by X-User-Id; the one named service answers for unknown ones where service_officer says so",
    )
    service_officer: bool = Field(default=False, description="officers.service stands in for officers not listed")
    callers: Mapping[str, CallerSettings] = {}
    cache: CacheSettings = CacheSettings()
    log: LogSettings = LogSettings()
    connectors: Mapping[str, ConnectorSettings] = {}

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if any(caller.key for caller in self.callers.values()) and not self.listen.is_loopback:
            raise ValueError(
                f"the public key {LAPTOP_KEY} is accepted on loopback only; listen on 127.0.0.1 or remove it"
            )
        if self.listen.meets(self.ops):
            raise ValueError(f"listen and ops both want port {self.listen.port}; give ops another")
        return self


# ---- loading


class _FileSource(PydanticBaseSettingsSource):
    """The YAML file, already read."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = dict(values)

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002  # the base's signature
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._values


def load(path: Path, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Reads the deployment at *path*; *overrides* (the command line's) win over everything.

    Raises:
        ConfigurationError: One sentence, for exit status 2.
    """
    values = _read_yaml(path)
    _check_environment(os.environ)

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the base's signature
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (init_settings, EnvSettingsSource(settings_cls), _FileSource(settings_cls, values))

        @model_validator(mode="before")
        @classmethod
        def _resolve(cls, data: Any) -> Any:
            scalars = {k: str(v) for k, v in data.items() if isinstance(v, str | int | float)}
            return _substitute(data, scalars, path.resolve().parent)

    given = overrides or {}
    try:
        return Loaded(**given)
    except ValidationError as error:
        where = _origin([str(part) for part in _first(error)["loc"]], given, path)
        raise ConfigurationError(f"{where}: {explain_validation(error, Settings)}") from None
    except SettingsError as error:
        raise ConfigurationError(f"a variable {PREFIX}… can't be read: {error}") from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}") from None


def _origin(loc: Sequence[str], overrides: Mapping[str, Any], path: Path) -> str:
    """Who said the value at *loc*: the command line, a variable or the file, in the order of precedence."""
    if loc and loc[0] in overrides and (len(loc) == 1 or loc[1] in overrides[loc[0]]):
        return "command line"
    variables = {name.upper(): name for name in os.environ}
    names = (f"{PREFIX}{'__'.join(loc[:depth])}".upper() for depth in range(len(loc), 0, -1))
    return next((variables[name] for name in names if name in variables), str(path))


class _OneKeyEach(yaml.SafeLoader):
    """YAML in which a key that stands twice is an error, not the last one's victory (YAML 1.2.2 section 3.2.1.3)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag.endswith(":str") and key.value in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key.value!r} stands twice", key.start_mark)
            seen.add(key.value if key.tag.endswith(":str") else "")
        return super().construct_mapping(node, deep)


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigurationError(f"the configuration {path} can't be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"the configuration {path} is not UTF-8") from None
    try:
        values = yaml.load(text, _OneKeyEach) or {}  # noqa: S506  # a SafeLoader
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f" line {mark.line + 1}" if mark else ""
        raise ConfigurationError(f"{path}{where}: not YAML ({getattr(error, 'problem', 'unreadable')})") from None
    except (ValueError, RecursionError) as error:
        raise ConfigurationError(f"{path}: not YAML that can be used ({error})") from None
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path}: expected a mapping of keys at the top")
    for key in values:
        if key not in Settings.model_fields:
            raise ConfigurationError(f"{path}: unknown key {key!r}{nearest(str(key), Settings.model_fields)}")
    return values


def _check_environment(environment: Mapping[str, str]) -> None:
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in environment:
        if (
            name.upper().startswith(PREFIX)
            and name not in COMMAND_VARIABLES
            and name.upper().split("__")[0] not in known
        ):
            raise ConfigurationError(f"unknown variable {name}{nearest(name, known | COMMAND_VARIABLES)}")


def _substitute(value: Any, scalars: Mapping[str, str], base: Path) -> Any:
    """*value* with ``${name}`` replaced by the top-level key, and ``file:`` made absolute from the file's folder."""
    if isinstance(value, str):
        value = re.sub(r"\$\{(\w+)\}", lambda m: _scalar(m[1], scalars), value)
        if value.startswith("file:") and not value.startswith("file:/"):
            return f"file:{(base / value[5:]).resolve()}"
        return value
    if isinstance(value, Mapping):
        found = {key: _substitute(inner, scalars, base) for key, inner in value.items()}
        if isinstance(authorities := found.get("ca_file"), str):
            found["ca_file"] = str(base / authorities)
        return found
    if isinstance(value, list | tuple):
        return [_substitute(inner, scalars, base) for inner in value]
    return value


def _scalar(name: str, scalars: Mapping[str, str]) -> str:
    if name not in scalars:
        raise ValueError(f"${{{name}}} names no top-level key{nearest(name, scalars)}")
    return scalars[name]


# ---- saying what is wrong


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` with the nearest of *known*, or the list of them."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}" if known else ""


def explain_validation(error: ValidationError, model: type[BaseModel], prefix: str = "") -> str:
    """The first complaint of *error* as one sentence; never an input value, which may be a secret."""
    item = _first(error)
    loc = [str(part) for part in item["loc"]]
    where = ".".join([prefix, *loc] if prefix else loc)
    if item["type"] == "extra_forbidden":
        return f"unknown key {where!r}{nearest(loc[-1], _keys_at(model, loc[:-1]))}"
    if item["type"] == "missing":
        return f"{where} is missing"
    if item["type"] in {"model_type", "dict_type", "mapping_type"}:
        return f"{where}: expected a block of keys"
    message = item["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def _first(error: ValidationError) -> ErrorDetails:
    """The complaint to tell; a misspelt key comes before the key that it left missing."""
    items = error.errors(include_input=False, include_url=False)
    return next((item for item in items if item["type"] == "extra_forbidden"), items[0])


def _keys_at(model: type[BaseModel], loc: list[str]) -> list[str]:
    found: type[BaseModel] | None = model
    for part in loc:
        if found is None:
            return []
        info = found.model_fields.get(part)
        found = _model_in(info.annotation) if info else found
    return list(found.model_fields) if found else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    arguments = getattr(annotation, "__args__", ())
    return next((model for argument in reversed(arguments) if (model := _model_in(argument))), None)


def fingerprint(settings: Settings) -> str:
    """A short hash of the effective configuration, without secrets."""
    return hashlib.sha256(settings.model_dump_json().encode()).hexdigest()[:12]
