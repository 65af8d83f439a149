"""Finds the caller of an API key, with rights that are computed once at start."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from gateway.core.problems import Unauthenticated


@dataclass(frozen=True, slots=True)
class Caller:
    """A client of the API. It may ask *operations*, and sees the fields marked personal of those in *personal*.

    *officers*: by whom a purpose may be given (X-User-Id); None: by anyone.
    """

    name: str
    operations: frozenset[str]
    personal: frozenset[str]
    officers: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """One accepted key: its SHA-256 and the scopes that configuration gives it."""

    caller: str
    digest: bytes
    scopes: tuple[str, ...]
    officers: frozenset[str] | None = None
    """Those in whose name the caller may ask; None: any."""


_OUR_KEY: Final = re.compile(r"(lgsp_[a-z][a-z0-9-]{0,40}_[\w-]{4})[\w-]{20,}", re.ASCII)
"""As `lgsp keys create` makes them."""
PERSONAL: Final = ":personal"
"""The end of a scope that covers the fields marked personal too."""


def matches(scope: str, operation: str) -> bool:
    """Whether *scope* (``*``, ``connector.*`` or ``connector.operation``) covers *operation*."""
    return scope in {"*", operation, f"{operation.partition('.')[0]}.*"}


class Keyring:
    """Accepted keys by the hash of the secret; the secrets themselves are not kept.

    Args:
        grants: The accepted keys.
        operations: The names of all operations.
        about_people: Those of *operations* that can't be answered without personal data: they need ``:personal``.
        named: Those of *operations* that have personal data and are granted by their own name too: ``*`` is not enough.
    """

    def __init__(
        self,
        grants: Iterable[KeyGrant],
        operations: Iterable[str],
        about_people: Iterable[str] = (),
        *,
        named: Iterable[str] = (),
    ) -> None:
        self._operations = tuple(operations)
        self._about_people = frozenset(about_people)
        self._named = frozenset(named)
        self._callers: dict[bytes, Caller] = {}
        self.replace(grants)

    def replace(self, grants: Iterable[KeyGrant]) -> None:
        """Accepts exactly *grants* from the next request on; rights are checked before the cache is read."""
        names = self._operations
        callers: dict[bytes, Caller] = {}
        for grant in grants:
            scopes = [scope.removesuffix(PERSONAL) for scope in grant.scopes]
            marked = [scope.removesuffix(PERSONAL) for scope in grant.scopes if scope.endswith(PERSONAL)]
            personal = frozenset(name for name in names if any(matches(scope, name) for scope in marked))
            asked = frozenset(name for name in names if any(matches(scope, name) for scope in scopes))
            by_name = self._named & frozenset(scopes)
            wide = asked - self._about_people - self._named
            callers[grant.digest] = Caller(grant.caller, wide | by_name | personal, personal, grant.officers)
        self._callers = callers

    def become(self, other: Keyring) -> None:
        """Accepts the keys of *other* with the rights that they have there, from the next look at a key on."""
        self._operations, self._about_people, self._named = other._operations, other._about_people, other._named
        self._callers = other._callers

    def caller(self, authorization: str | None) -> Caller:
        """The caller behind an ``Authorization`` header.

        Raises:
            Unauthenticated: Without a bearer key, or with one that is not accepted.
        """
        found = self.find(authorization)
        if found is None:
            raise Unauthenticated(reason="unknown_key" if _is_bearer(authorization) else "")
        return found

    def find(self, authorization: str | None) -> Caller | None:
        """The caller behind an ``Authorization`` header, if its key is accepted."""
        digest = bearer_digest(authorization)
        return self._callers.get(digest) if digest is not None else None


def key_prefix(authorization: str | None) -> str:
    """The key in an ``Authorization`` header as the log may show it: its name and four characters of its secret; of a
    text that is not one of our keys, and may be a password, nothing.
    """
    if not _is_bearer(authorization) or authorization is None:
        return "no key"
    found = _OUR_KEY.fullmatch(authorization[7:].strip(" \t"))
    return "a key of another form" if found is None else f"key {found[1]}…"


def bearer_digest(authorization: str | None) -> bytes | None:
    """The SHA-256 of the key in an ``Authorization`` header, None without one."""
    if authorization is None or not _is_bearer(authorization):
        return None
    # Blanks are those of HTTP: another character at the end of a key makes it another key.
    return hashlib.sha256(authorization[7:].strip(" \t").encode("utf-8", "surrogateescape")).digest()


def _is_bearer(authorization: str | None) -> bool:
    return authorization is not None and authorization[:7].lower() == "bearer "
