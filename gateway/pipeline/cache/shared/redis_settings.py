"""Settings of the Redis that gateways share, apart from its client, which is loaded only if it is used."""

from __future__ import annotations

import re
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from gateway.core.settings import Frozen

SHORTEST_SECRET: Final = 32


_ADDRESS: Final = re.compile(
    r"rediss?://(?:\[[0-9A-Fa-f:.]+\]|[^\[\]:/?#\s]+)(?::[0-9]{1,5})?(?:/[0-9]{0,4})?(?:\?db=[0-9]{1,4})?"
    r"|unix:///[^?#\s]+(?:\?db=[0-9]{1,4})?"
)
"""One that its client reads without an error at the first question, and with the database that is meant."""


class RedisSettings(Frozen):
    """A Redis that gateways share; without this block every gateway keeps its own cache only."""

    url: str = Field(
        description="redis://host:port/db, rediss:// for TLS, or unix:///path", examples=["redis://redis/0"]
    )
    username: str | None = None
    password: SecretStr | None = None
    ca_file: str | None = Field(default=None, description="PEM bundle of the authorities trusted for rediss://")
    key: SecretStr = Field(description="secret that names and encrypts entries; the same in every gateway")
    previous_keys: tuple[SecretStr, ...] = Field(default=(), description="still read, while a key is being rotated")
    prefix: str = Field(default="lgsp", pattern=r"^[a-z0-9_-]{1,32}$", description="before every name in Redis")
    timeout_s: float = Field(default=0.05, gt=0, le=2, description="longest wait of a request for Redis")
    failures: int = Field(default=3, ge=1, description="failures in a row after which it is passed over")
    open_s: float = Field(default=5.0, gt=0, description="seconds after which it is looked at again")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.url.partition("://")[0] not in {"redis", "rediss", "unix"}:
            raise ValueError("url begins with redis://, rediss:// or unix://")
        if "@" in self.url:
            raise ValueError("url carries no credentials; give username and password")
        if not _ADDRESS.fullmatch(self.url) or not _has_port(self.url):
            raise ValueError("url is redis://HOST:PORT/NUMBER, rediss://HOST:PORT/NUMBER or unix:///PATH, with no more")
        for secret in (self.key, *self.previous_keys):
            if len(secret.get_secret_value()) < SHORTEST_SECRET:
                raise ValueError(
                    f"a key has at least {SHORTEST_SECRET} characters; make one with `openssl rand -hex 32`"
                )
        return self


def _has_port(url: str) -> bool:
    """Whether the port of *url* is one, where it has any."""
    try:
        return urlsplit(url).port != 0
    except ValueError:
        return False
