"""The store's part of the configuration."""

from __future__ import annotations

import re
from typing import Final, Literal, Self
from urllib.parse import parse_qsl, urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator

from gateway.core.settings import Frozen

EMBEDDED: Final = "embedded"
POSTGRES: Final = "postgres"
"""The folder of a PostgreSQL of the gateway's own, below its state folder."""


_HOST: Final = r"(?:\[[0-9A-Fa-f:.%]+\]|[^\[\]:/?#@,\s]*)(?::[0-9]{0,5})?"
_PART: Final = r"[a-z_]+=[^&#\s]*"
_ADDRESS: Final = re.compile(
    rf"postgres(?:ql)?://(?:[^@/?#:\s]*(?::[^@/?#\s]*)?@)?{_HOST}(?:,{_HOST})*(?:/[^/?#@\s]*)?(?:\?{_PART}(?:&{_PART})*)?"
)
"""One in which no part of a password is taken for a host, a port or a name: PostgreSQL's client would tell these."""
_BAD_PERCENT: Final = re.compile("%(?![0-9A-Fa-f]{2})")


class RetentionSettings(Frozen):
    """How long what has ended is kept; days."""

    orders_days: float = Field(default=180, gt=0, description="orders, cases and their history after their end")
    files_days: float = Field(default=30, gt=0, description="files such as certificates after they were delivered")
    keys_days: float = Field(default=30, gt=0, description="Idempotency-Keys")


class StoreSettings(Frozen):
    """The PostgreSQL in which the gateway keeps what it has accepted."""

    url: SecretStr | None = Field(
        default=None, description="postgresql://…; write an address without a password here, any other by env: or file:"
    )
    embedded: bool = Field(
        default=False, description="a PostgreSQL of this gateway's own under LGSP_STATE_DIR, for the laptop"
    )
    key: SecretStr | None = Field(default=None, description="seals what is personal; the same in every gateway")
    previous_keys: tuple[SecretStr, ...] = Field(
        default=(), description="older keys, while `lgsp store rotate-key` runs"
    )
    migrate: Literal["auto", "manual"] = Field(
        default="auto", description="manual leaves an older schema to `lgsp store migrate`"
    )
    connections: int = Field(default=8, ge=3, le=200, description="connections to PostgreSQL, besides one that listens")
    statement_timeout_s: float = Field(default=10.0, gt=0, le=600, description="seconds that one statement may take")
    lease_s: float = Field(
        default=90.0,
        ge=1,
        le=3600,
        description="seconds that a gateway holds an order which it sends; more than any deadline",
    )
    retention: RetentionSettings = RetentionSettings()

    @field_validator("url")
    @classmethod
    def _is_an_address(cls, value: SecretStr | None) -> SecretStr | None:
        written = "" if value is None else value.get_secret_value()
        if value is not None and (not _ADDRESS.fullmatch(written) or _BAD_PERCENT.search(written)):
            raise ValueError(
                "is not postgresql://USER:PASSWORD@HOST:PORT/DATABASE; write %40 for @, %2F for / and %25 for % in a "
                "password"
            )
        return value

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if self.embedded == (self.url is not None):
            raise ValueError("say either `store: embedded` or store.url")
        return self


def address_without_password(url: str) -> str:
    """Host, port and database of *url*, for people."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2] or "this machine"
    return f"{host}{parts.path}"


def has_password(url: str) -> bool:
    """Whether *url* carries a password."""
    parts = urlsplit(url)
    return parts.password is not None or any("password" in name for name, _ in parse_qsl(parts.query))


class StreamSettings(Frozen):
    """How many clients one process tells of events at once."""

    most: int = Field(default=400, ge=0, description="streams of events at once; more are refused")
    most_per_caller: int = Field(default=200, ge=0, description="those of one caller")
