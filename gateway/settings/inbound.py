"""The settings of what systems push to the province."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from ipaddress import IPv4Network, IPv6Network
from typing import Self

from pydantic import Field, model_validator

from gateway.core.settings import MIB, BaseUrl, Frozen
from gateway.settings.listen import Listen
from gateway.settings.references import Secret


class InboundListen(Listen):
    """The address at which systems push."""

    port: int = Field(default=8082, ge=0, le=65535)


class InboundCallerSettings(Frozen):
    """A system that pushes: its key, and from where it does."""

    key_sha256: str | None = Field(
        default=None, pattern=r"^[0-9a-f]{64}$", description="the SHA-256 of its key, in hex (`lgsp keys create`)"
    )
    key: Secret | None = Field(default=None, description="the key itself, by env: or file:, in place of its hash")
    previous_key_sha256: str | None = Field(
        default=None,
        pattern=r"^[0-9a-f]{64}$",
        description="the hash of the key before, which is accepted too while the system changes to the new one",
    )
    networks: tuple[IPv4Network | IPv6Network, ...] = Field(
        default=(), description="the networks from which it pushes, such as 10.1.0.0/16; not said: from anywhere"
    )
    systems: tuple[str, ...] = Field(
        default=(),
        description="the systems as which it pushes: public_service_portal, ministry_portals.<ministry>; not said: all",
    )

    @model_validator(mode="after")
    def _one_key(self) -> Self:
        if (self.key is None) == (self.key_sha256 is None):
            raise ValueError("give key_sha256 (make one with `lgsp keys create`), or key by env: or file:")
        return self

    @property
    def digests(self) -> tuple[bytes, ...]:
        """The SHA-256 of the key, then of the one before while that is accepted."""
        key = bytes.fromhex(self.key_sha256 or "")
        if self.key is not None:
            key = hashlib.sha256(self.key.get_secret_value().encode()).digest()
        return (key,) if self.previous_key_sha256 is None else (key, bytes.fromhex(self.previous_key_sha256))


class InboundSettings(Frozen):
    """Settings of what systems push to the province; without ``listen`` no port is opened for it."""

    listen: InboundListen | None = None
    callers: Mapping[str, InboundCallerSettings] = Field(default={}, description="by name; who may push")
    public_url: BaseUrl | None = Field(
        default=None,
        description="the address under which systems reach this port; links to results begin with it",
    )
    body_bytes: int = Field(default=16 * MIB, ge=1024, le=64 * MIB, description="bytes of a message, files included")
    in_work_bytes: int = Field(
        default=32 * MIB, ge=1024, description="bytes of all messages that are read at once; more are refused"
    )
    file_bytes: int = Field(default=16 * MIB, ge=1024, le=64 * MIB, description="bytes of a file")
    file_days: float = Field(default=7, gt=0, description="days for which a file that does not come is asked for")
    result_days: float = Field(default=180, gt=0, description="days for which a link to a result is valid")

    @model_validator(mode="after")
    def _fits(self) -> Self:
        owners: dict[bytes, str] = {}
        for name, digest in ((name, digest) for name, caller in self.callers.items() for digest in caller.digests):
            if (other := owners.setdefault(digest, name)) != name:
                raise ValueError(f"callers.{other} and callers.{name} have the same key; make a key for each")
        if self.listen is not None and not self.callers:
            raise ValueError("listen is given and callers is empty: nobody could push; add a caller, or remove listen")
        return self
