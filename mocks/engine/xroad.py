"""X-Road's message protocol for REST: addresses, headers, hashes and errors, as in `contracts/xroad/README.md`.

All functions are pure; `road.py` carries the messages.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote_to_bytes
from uuid import uuid4
from xml.sax.saxutils import escape

import orjson

from mocks.engine.service import Reply, World

PREFIX: Final = "/r1/"
SYSTEM: Final = "xroad"
"""The system name in the journal for requests that the road refuses."""
_SERVICE_PARTS: Final = 5
_CLIENT_PARTS: Final = (3, 4)
_BAD_REQUEST: Final = (
    "Error parsing the client's REST request. Please check that the request format corresponds to the X-Road Message "
    "Protocol for REST (r1)."
)
#: Headers not passed on: hop by hop, those that name the caller's machine, and those set again for the next hop.
_KEPT_BACK: Final = frozenset(
    {
        "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding",
        "upgrade", "host", "user-agent", "server", "expect", "content-length", "x-road-request-id",
        "x-road-request-hash", "x-road-error", "x-road-service", "x-forwarded-host", "x-forwarded-uri",
    }
)  # fmt: skip
Headers = tuple[tuple[str, str], ...]


class RoadError(Exception):
    """The road itself fails; *rule* is the text for the journal when the caller made the mistake."""

    def __init__(self, kind: str, message: str, rule: str = "") -> None:
        super().__init__(message)
        self.kind = kind
        self.rule = rule

    def reply(self, accept: str) -> Reply:
        """Returns the security server's answer, in XML when *accept* asks for it."""
        status = 400 if self.kind == "Client.BadRequest" else 500
        told = {"type": self.kind, "message": str(self), "detail": str(uuid4())}
        headers = (("X-Road-Error", self.kind),)
        if accept.partition(",")[0].partition(";")[0].strip() in {"text/xml", "application/xml"}:
            inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in told.items())
            return Reply(status, f"<error>{inner}</error>".encode(), "application/xml;charset=utf-8", headers)
        return Reply(status, orjson.dumps(told), "application/json;charset=utf-8", headers)


@dataclass(frozen=True, slots=True)
class Provider:
    """The place of a service: the system, and the path below its prefix."""

    system: str
    below: str = ""

    @property
    def prefix(self) -> str:
        """The prefix of all its calls, without a final slash."""
        return f"/{self.system.replace('_', '-')}" + (f"/{self.below}" if self.below else "")


@dataclass(frozen=True, slots=True)
class Directory:
    """The registered clients, the services, and the services that each client may ask for."""

    clients: Mapping[str, frozenset[str]]
    """The services that each client may ask for; `*` means all."""
    services: Mapping[str, Provider]
    codes: Mapping[str, Provider] = field(default_factory=dict)
    """The services by the `dstcode` under which the adapter of a security server knows them."""

    @classmethod
    def read(cls, world: World) -> Directory:
        """Reads `contracts/xroad/services.yaml`; without this file no client or service is registered."""
        try:
            written = world.table("xroad/services.yaml")
        except FileNotFoundError:
            return cls({}, {})
        services = {service: Provider(**entry) for service, entry in written["services"].items()}
        return cls(
            {client: frozenset(entry["may_ask"]) for client, entry in written["clients"].items()},
            services,
            {code: services[service] for code, service in written.get("dstcodes", {}).items()},
        )

    def provider(self, client: str, service: str) -> Provider:
        """Returns the provider of *service*, if *client* may ask for it.

        Raises:
            RoadError: the client, provider or service is unknown, or the client may not ask for it.
        """
        may_ask = self.clients.get(client)
        if may_ask is None:
            kind, message = "Server.ClientProxy.UnknownMember", f"Client 'SUBSYSTEM:{client}' not found"
            raise RoadError(kind, message, "header X-Road-Client: not registered")
        found = self.services.get(service)
        if found is None:
            member = service.rpartition("/")[0]
            if not any(known.startswith(f"{member}/") for known in self.services):
                kind = "Server.ClientProxy.UnknownMember"
                message = f"Could not find addresses for service provider 'SUBSYSTEM:{member}'"
                raise RoadError(kind, message, "path: unknown provider")
            kind, message = "Server.ServerProxy.UnknownService", f"Unknown service: SERVICE:{service}"
            raise RoadError(kind, message, "path: unknown service")
        if not may_ask & {"*", service}:
            kind, message = "Server.ServerProxy.AccessDenied", f"Request is not allowed: SERVICE:{service}"
            raise RoadError(kind, message, "header X-Road-Client: may not ask for this service")
        return found


@dataclass(frozen=True, slots=True)
class Address:
    """A request's target: the service's identifier, and the rest of the path, undecoded."""

    service: str
    rest: str

    @classmethod
    def read(cls, raw_path: str) -> Address:
        """Parses an undecoded path `/r1/<instance>/<class>/<member>/<subsystem>/<service>[/path]`.

        Raises:
            RoadError: parts are missing, empty or not UTF-8, or the path contains `..`.
        """
        parts = raw_path.removeprefix(PREFIX).split("/")
        if len(parts) < _SERVICE_PARTS:
            raise bad_request("path: not /r1/<instance>/<class>/<member>/<subsystem>/<service>")
        identifier = "/".join(_decoded(part, "path") for part in parts[:_SERVICE_PARTS])
        beyond = parts[_SERVICE_PARTS:]
        if any(unquote_to_bytes(part) in {b".", b".."} for part in beyond):
            raise bad_request("path: climbs")
        return cls(identifier, "".join(f"/{part}" for part in beyond))


def bad_request(rule: str) -> RoadError:
    """Returns the error for a message that does not follow the protocol."""
    return RoadError("Client.BadRequest", _BAD_REQUEST, rule)


def client_of(given: Sequence[str]) -> str:
    """Returns the value of `X-Road-Client`, decoded.

    Raises:
        RoadError: the header is missing, given twice or malformed.
    """
    if len(given) != 1:
        raise bad_request("header X-Road-Client: missing" if not given else "header X-Road-Client: given twice")
    parts = given[0].strip().split("/")
    if len(parts) not in _CLIENT_PARTS:
        raise bad_request("header X-Road-Client: not instance/class/member/subsystem")
    return "/".join(_decoded(part, "header X-Road-Client") for part in parts)


def passed_on(headers: Iterable[tuple[str, str]], request_id: str) -> Headers:
    """Returns the headers for the provider, including those that the road adds."""
    found = [(name, value) for name, value in headers if name.lower() not in _KEPT_BACK]
    names = {name.lower() for name, _ in found}
    if "accept" not in names:
        found.append(("Accept", "application/json"))
    if "x-road-id" not in names:
        found.append(("X-Road-Id", str(uuid4())))
    return (*found, ("X-Road-Request-Id", request_id))


def request_hash(verb: str, target: str, headers: Headers, body: bytes) -> str:
    """Returns `X-Road-Request-Hash`, which binds the answer to its request."""
    lines = (verb, target, *(f"{name}:{value}" for name, value in headers))
    head = hashlib.sha512("".join(f"{line}\r\n" for line in lines).encode("utf-8", "surrogateescape")).digest()
    if body:
        head = hashlib.sha512(head + hashlib.sha512(body).digest()).digest()
    return base64.b64encode(head).decode()


def given_back(headers: Iterable[tuple[str, str]]) -> Headers:
    """Returns the provider's headers for the caller; only the road sets X-Road's own headers."""
    return tuple(
        (name, value)
        for name, value in headers
        if name.lower() not in _KEPT_BACK and not name.lower().startswith("x-road-")
    )


def _decoded(part: str, where: str) -> str:
    try:
        text = unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise bad_request(f"{where}: not UTF-8") from None
    if not text.strip() or not text.isprintable():
        raise bad_request(f"{where}: a part is empty")
    return text
