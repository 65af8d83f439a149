"""One message to an upstream, its reply, and the meanings that a dialect's table can give the reply."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Generic, Literal, Protocol, TypeAlias

import msgspec

from gateway.core.problems import GatewayError
from gateway.core.settings import S
from gateway.core.transfer import RestOfFile


class Gate(Protocol):
    """Holds back the last bytes of a message until it is certain that they may leave."""

    @property
    def refused(self) -> str | None:
        """Why they may not leave, once that was said."""
        ...

    async def release(self) -> None:
        """Returns when the last bytes may leave now.

        Raises:
            HeldBack: They may not; the connection is ended, and the message was not sent.
        """
        ...

    def left(self) -> None:
        """Told that the last bytes were handed to the connection."""
        ...


class HeldBack(Exception):  # nothing went wrong
    """The last bytes of a message may not leave; its text is the reason."""


class Exchange(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one upstream; *name* is the national call's own (``chiTietDoanhNghiep``)."""

    name: str
    gate: Gate | None = None
    """Of a message that changes something at the source and is sent from the store."""
    before_order: bool = False
    """Its answer decides whether an order goes out: an empty 404 or 410, which may be a proxy's, is then never
    "no such record"; only what the source itself says is."""

    def with_headers(self, more: Mapping[str, str]) -> Exchange:  # noqa: ARG002  # for those that have headers
        """The same with *more* HTTP headers; itself where it has none.

        A method of each kind, because a general ``replace`` takes three times as long, for each exchange twice.
        """
        return self


class Rest(Exchange, frozen=True, kw_only=True):
    """An HTTP message; *path* is appended to the upstream's address."""

    path: str
    method: Literal["GET", "POST", "PUT"] = "POST"
    query: Mapping[str, str] = msgspec.field(default_factory=dict)
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    json: object | None = None
    form: Mapping[str, str] | None = None
    absolute: bool = False
    """*path* is a whole address (a token endpoint beside the service)."""
    raw: bool = False
    """The answer is a file: a body with status 200 is a :class:`gateway.core.transfer.FileStart`."""

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
            gate=self.gate,
            before_order=self.before_order,
        )

    def __repr__(self) -> str:
        # Query, headers and body may hold credentials and personal data, and a repr may reach a log.
        return f"Rest(name={self.name!r}, method={self.method!r}, path={self.path!r})"


class Soap(Exchange, frozen=True, kw_only=True):
    """A SOAP message; *name* is the WSDL operation, *arguments* the content of its body element."""

    arguments: Mapping[str, object] = msgspec.field(default_factory=dict)
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)
    """HTTP headers of the road."""

    def with_headers(self, more: Mapping[str, str]) -> Soap:
        return Soap(
            name=self.name,
            arguments=self.arguments,
            headers={**self.headers, **more},
            gate=self.gate,
            before_order=self.before_order,
        )

    def __repr__(self) -> str:
        # As Rest's.
        return f"Soap(name={self.name!r})"


@dataclass(frozen=True, slots=True)
class UsernameToken:
    """The account that a SOAP message names in its WS-Security header; the password goes as a digest."""

    username: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SoapFault:
    """A SOAP Fault as it came; *code* is the most specific one, without its namespace prefix."""

    code: str
    message: str
    detail: Mapping[str, str] = field(default_factory=dict)
    wider: tuple[str, ...] = ()
    """The codes that *code* refines, nearest first: ``Client`` for ``soap:Client.X``, ``Sender`` for its subcode X."""


class Reply(msgspec.Struct, frozen=True):
    """An answer as the adapter read it, within the limits.

    *body* is parsed JSON (REST), a mapping of the body element or a :class:`SoapFault` (SOAP);
    *headers* have lower-case names. *defect* is the error of a body that could not be read:
    it is raised unless the status or the table says more; *body* is then None, or the bare sentence that came.
    *empty*: no byte but blanks came. *large*: so many came that decoding them would hold up the event loop.
    *rest*: the part of a file that has not been read; who gets the reply closes it.
    """

    status: int
    headers: Mapping[str, str]
    body: object
    defect: GatewayError | None = None
    empty: bool = False
    large: bool = False
    rest: RestOfFile | None = None

    @property
    def bare_404(self) -> bool:
        """Whether it is a 404 or 410 without a body: the dialect's table says by its contract what that means."""
        return self.empty and self.status in {404, 410}

    def __repr__(self) -> str:
        # Headers and body may hold tokens and personal data.
        return f"Reply(status={self.status}, defect={self.defect!r})"


class ReplyKind(Enum):
    """The meanings that a table can give a reply, besides an error."""

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
    """A way to get and present a token, without I/O: the token step sends the request.

    *read* gets the present instant for endpoints that say a lifetime. It returns the error where there is no token, as
    a dialect's ``classify`` does; the token step raises it.
    """

    ask: Callable[[S], Rest]
    read: Callable[[Reply, datetime], Token | GatewayError]
    put: Callable[[Exchange, Token, S], Exchange]
