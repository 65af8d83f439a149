"""What a service author writes: calls, how they are matched, and what they answer.

`mocks/README.md` walks through it with the business registry as the worked example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl

import orjson
from lxml import etree

if TYPE_CHECKING:
    from mocks.engine.clock import VirtualClock
    from mocks.population import Population

JSON: Final = "application/json; charset=utf-8"
SOAP_11: Final = "text/xml; charset=utf-8"

#: One identifier to try, as a request of the gateway's API: `path`, `query` or `body`, and `exists: false` where there
#: is no such record.
Sample = dict[str, object]

_UNREAD: Final = object()
_NO_JSON: Final = "body: not JSON"


@dataclass(frozen=True, slots=True)
class Reply:
    """What a system answers: bytes as they go out, with their own content type."""

    status: int = 200
    body: bytes = b""
    content_type: str = JSON
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def is_xml(self) -> bool:
        return "xml" in self.content_type


def json_reply(
    value: object, *, status: int = 200, content_type: str = JSON, headers: Sequence[tuple[str, str]] = ()
) -> Reply:
    """Renders *value* as JSON; some systems send it under another *content_type*."""
    return Reply(status, orjson.dumps(value), content_type, tuple(headers))


class Request:
    """One arrival as a service sees it; body forms are parsed when first asked for."""

    __slots__ = (
        "_fields", "_json", "_soap", "body", "breaches", "headers", "method", "params", "path", "query", "skew_s",
    )  # fmt: skip

    def __init__(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> None:
        self.method = method
        self.path = path
        """Decoded, with the system's prefix."""
        self.query = query
        self.headers = headers
        self.body = body
        self.params: Mapping[str, str] = {}
        """Values of the `{placeholders}` of the call's path."""
        self.breaches: list[str] = []
        """Rules of the contract that this request breaks; the journal shows them."""
        self.skew_s = 0.0
        """Seconds by which the system's clock is wrong while it answers (`clock_skew`): tokens and `Created` feel it"""
        self._fields: object = _UNREAD
        self._json: object = _UNREAD
        self._soap: object = _UNREAD

    def breach(self, rule: str) -> None:
        """Notes for the journal which rule of the contract the request breaks; name the field, never its value."""
        self.breaches.append(rule)

    @property
    def fields(self) -> dict[str, object]:
        """The body's JSON object, or its form; empty (and a breach) where it is neither."""
        if self._fields is _UNREAD:
            self._fields = self._read_fields()
        return self._fields  # type: ignore[return-value]  # set by _read_fields alone

    def _read_fields(self) -> dict[str, object]:
        if not self.body:
            return {}
        if "x-www-form-urlencoded" in self.headers.get("Content-Type", ""):
            return dict(parse_qsl(self.body.decode("utf-8", "replace"), keep_blank_values=True))
        value = self.json
        if not isinstance(value, dict):
            if _NO_JSON not in self.breaches:
                self.breach("body: not a JSON object")
            return {}
        return value

    @property
    def json(self) -> object:
        """The body's JSON of whatever type, for calls that are asked with a list; None (and a breach) if it is none."""
        if self._json is _UNREAD:
            try:
                self._json = orjson.loads(self.body)
            except orjson.JSONDecodeError:
                self.breach(_NO_JSON)
                self._json = None
        return self._json

    @property
    def soap(self) -> etree._Element | None:
        """The first element within the SOAP Body (1.1 or 1.2), or None (and a breach) where there is none."""
        if self._soap is _UNREAD:
            self._soap = self._read_soap()
        return self._soap  # type: ignore[return-value]  # set by _read_soap alone

    def _read_soap(self) -> etree._Element | None:
        if b"<!DOCTYPE" in self.body:
            self.breach("body: DOCTYPE is forbidden")
            return None
        try:
            root = etree.fromstring(self.body, _safe_parser())
        except (etree.XMLSyntaxError, ValueError):
            self.breach("body: not XML")
            return None
        body = root.find("{*}Body")
        first = next(iter(body.iterchildren("*")), None) if body is not None else None
        if first is None:
            self.breach("body: no element in the SOAP Body")
        return first

    @property
    def soap_name(self) -> str:
        """Local name of the element in the SOAP Body; empty where there is none."""
        element = self.soap
        return "" if element is None else etree.QName(element).localname


def _safe_parser() -> etree.XMLParser:
    """DTDs, entities and the network stay out, whatever a caller sends."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A national request as a gateway would send it, its credentials with it: what a button on the page sends."""

    path: str
    """Below the system's prefix."""
    method: Literal["GET", "POST"] = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_ask(path: str, value: object, *, headers: Mapping[str, str], query: Mapping[str, str] | None = None) -> Ask:
    """A POST of JSON."""
    return Ask(
        path=path,
        method="POST",
        query=query or {},
        headers={"Content-Type": JSON, **headers},
        body=orjson.dumps(value),
    )


Answer = Callable[[Request], Reply]
#: From a sample of an operation to the request that asks the system itself.
Try = Callable[[Mapping[str, Any]], Ask]
#: `rest` and `soap` carry facts; `token` gives tokens, `document` serves contracts: faults for `*` pass over these two.
CallKind = Literal["rest", "soap", "token", "document"]


def spent_quota(_: Request) -> Reply:
    """What most gateways say when the day's quota is used up."""
    body = {
        "fault": {"code": 900800, "message": "Message throttled out", "description": "You have exceeded your quota"}
    }
    return json_reply(body, status=429, headers=(("Retry-After", "3600"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One national call: where it stands, what it answers, and how it behaves on bad days.

    Handlers are plain functions; a state change is complete when they return, whatever happens to the answer after.
    """

    name: str
    """The national name (`chiTietDoanhNghiep`), as faults and journal spell it."""
    path: str
    """Below the system's prefix: `apiCSDLDKDN/chiTietDoanhNghiep`, `doc/{id}`."""
    answer: Answer
    method: Literal["GET", "POST", "PUT"] = "GET"
    kind: CallKind = "rest"
    match: Callable[[Request], bool] | None = None
    """Tells calls apart that share method and path: SOAP body element, a `service` field, `?wsdl`."""
    authenticate: Callable[[Request], Reply | None] | None = None
    """The refusal, or None for a welcome caller; the whole field None: the call is open."""
    another: Answer | None = None
    """The well-formed answer about another record than asked, for `wrong_record`."""
    why_no_another: str = "its answer carries nothing by which another record would show"
    spent: Answer | None = None
    """How the system answers a spent token, for `token_expired`; None: the call takes no token."""
    quota: Answer = spent_quota
    """How the system answers when the day's quota is used up, for `quota_spent`."""
    soap_fault: Callable[[str], Reply] | None = None
    """A SOAP Fault with the given code, in the envelope version of the call; `soap` calls need it."""
    shown: frozenset[str] = frozenset()
    """Names of question fields that are not personal and stand in the journal in clear; all others are masked."""
    fields: frozenset[str] = frozenset()
    """Names that an answer can hold, so that `drift` of a misspelt one is refused; empty: not checked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One national system, with fresh state: opened at start and again at each reset."""

    name: str
    """The connector's name; paths begin with it, hyphens for underscores."""
    title: str
    calls: tuple[Call, ...]
    samples: Callable[[], Mapping[str, Sequence[Sample]]]
    """By gateway operation, full name (`business_registry.enterprise`), as of the virtual today."""
    tries: Mapping[str, Try] = field(default_factory=dict)
    """By gateway operation: how the page asks the system for a sample; an operation without one gets no button."""
    unmatched: Callable[[Request], Reply | None] | None = None
    """What the system says to a request that fits no call; None, or an answer None: 404 in JSON."""

    @property
    def prefix(self) -> str:
        return "/" + self.name.replace("_", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What a service may rest on; its files are read once, so that a reset does no I/O."""

    population: Population
    clock: VirtualClock
    contracts: Path
    monotonic: Callable[[], float]
    """Real seconds, for what does not follow virtual time: tokens, nonces."""
    _texts: dict[str, str] = field(default_factory=dict)

    def contract(self, name: str) -> str:
        """Text of a file below `contracts/`, for example `business_registry/openapi.yaml`.

        Raises:
            FileNotFoundError: there is no such file.
        """
        text = self._texts.get(name)
        if text is None:
            text = self._texts[name] = (self.contracts / name).read_text(encoding="utf-8")
        return text

    def credential(self, system: str, name: str) -> str:
        """A published credential: the one line of `contracts/<system>/credentials/<name>`."""
        return self.contract(f"{system}/credentials/{name}").strip()
