"""One message to an upstream, its reply, and what a table may say of the reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Generic, Literal, TypeAlias

from gateway.core.problems import GatewayError
from gateway.core.settings import S
from gateway.core.slotted import slotted


@slotted(kw_only=True)
class Exchange:
    """One message to one upstream; *name* is the national call's own (``chiTietDoanhNghiep``)."""

    name: str

    def with_headers(self, more: Mapping[str, str]) -> Exchange:  # noqa: ARG002  # for those that have headers
        """The same with *more* HTTP headers; itself where it has none.

        ``dataclasses.replace`` takes four times as long, for each exchange twice.
        """
        return self


@slotted(kw_only=True)
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

    def with_headers(self, more: Mapping[str, str]) -> Rest:
        return Rest(
            name=self.name,
            path=self.path,
            method=self.method,
            query=self.query,
            headers={**self.headers, **more},
            json=self.json,
            form=self.form,
            absolute=self.absolute,
            raw=self.raw,
        )


@slotted(kw_only=True)
class Soap(Exchange):
    """A SOAP message; *name* is the WSDL operation, *arguments* the content of its body element."""

    arguments: Mapping[str, object] = field(default_factory=dict, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict)
    """HTTP headers of the road."""

    def with_headers(self, more: Mapping[str, str]) -> Soap:
        return Soap(name=self.name, arguments=self.arguments, headers={**self.headers, **more})


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A SOAP Fault as it came; *code* without its namespace prefix."""

    code: str
    message: str
    detail: Mapping[str, str] = field(default_factory=dict)


@slotted()
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


class ReplyKind(Enum):
    """What a table may say of a reply besides an error."""

    ANSWER = "answer"
    NO_RECORD = "no record"
    """A fact: neutral to retry and breaker, cached, rendered as a 404 problem."""
    LOGIN_EXPIRED = "login expired"
    """Our token is spent, whatever the status says."""


Outcome: TypeAlias = GatewayError | ReplyKind | None
"""None leaves the decision to the HTTP status."""


@dataclass(frozen=True, slots=True)
class Token:
    """A token as given; without *expires_at* it is used until refused."""

    value: str = field(repr=False)
    expires_at: datetime | None
    more: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Login(Generic[S]):
    """A way to get and show a token, pure: the token step does the asking.

    *read* gets the present instant for endpoints that say a lifetime. It returns the error where there is no token, as
    a dialect's ``classify`` does; the token step raises it.
    """

    ask: Callable[[S], Rest]
    read: Callable[[Reply, datetime], Token | GatewayError]
    put: Callable[[Exchange, Token, S], Exchange]
