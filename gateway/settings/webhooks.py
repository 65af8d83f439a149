"""The settings of a receiver of events."""

from __future__ import annotations

import ipaddress
from typing import Final, Self
from urllib.parse import urlsplit

from pydantic import Field, model_validator

from gateway.core.settings import BaseUrl, Frozen
from gateway.core.standard_webhooks import secret_key
from gateway.settings.references import Secret

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


def is_loopback(host: str) -> bool:
    """Whether *host* is this machine alone: a loopback address or name. ``127.example`` is a name like any other."""
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


class WebhookSettings(Frozen):
    """A receiver of events, in the form of Standard Webhooks."""

    url: BaseUrl = Field(description="https://…; http:// on loopback only")
    secret: Secret = Field(description="signs the messages: whsec_ and base64 of 24 to 64 random bytes")
    previous_secret: Secret | None = Field(
        default=None, description="signs them too, while the receiver changes to the new secret"
    )
    events: tuple[str, ...] = Field(
        default=("*",), description="the events that it is told of: system.kind, system.* or *"
    )
    caller: str | None = Field(default=None, description="told of this caller's applications alone")
    allow_private: bool = Field(default=False, description="allow an address on loopback or in a private range")
    ca_file: str | None = Field(default=None, description="PEM bundle of the authorities trusted for it")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        self.signing_keys  # noqa: B018  # raises where a secret is wrong
        where = urlsplit(self.url)
        if where.scheme == "http" and not is_loopback(where.hostname or ""):
            raise ValueError("a webhook's url begins with https:// (http:// is for loopback only)")
        return self

    @property
    def signing_keys(self) -> tuple[bytes, ...]:
        """The keys that sign, the new one first."""
        secrets = [self.secret] if self.previous_secret is None else [self.secret, self.previous_secret]
        return tuple(secret_key(one.get_secret_value()) for one in secrets)
