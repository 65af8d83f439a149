"""The types that the author of a service uses: calls, how requests are matched, and what they answer.

`mocks/README.md` explains them with the business registry as the example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal
from urllib.parse import parse_qsl

import orjson
import yaml
from lxml import etree

from mocks.engine.decisions import Decision, Mode, Outcome

if TYPE_CHECKING:
    from mocks.engine.clock import VirtualClock
    from mocks.engine.pushing import MakePush
    from mocks.population import Population

JSON: Final = "application/json; charset=utf-8"
SOAP_11: Final = "text/xml; charset=utf-8"

#: One identifier to try, as a request of the gateway's API: `path`, `query` or `body`, and `exists: false` when the
#: record does not exist.
Sample = dict[str, object]

_UNREAD: Final = object()
_NO_JSON: Final = "body: not JSON"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer of a system: status, the bytes as sent, and their content type."""

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
    """Returns *value* as JSON; some systems send JSON with another *content_type*."""
    return Reply(status, orjson.dumps(value), content_type, tuple(headers))


class Request:
    """One request as a service sees it; the body is parsed at first use."""

    __slots__ = (
        "_fields", "_json", "_soap", "body", "breaches", "decisions", "headers", "method", "params", "path", "query",
        "repeat", "skew_s",
    )  # fmt: skip

    def __init__(
        self, method: str, path: str, query: Mapping[str, str], headers: Mapping[str, str], body: bytes
    ) -> None:
        self.method = method
        self.path = path
        """The decoded path, with the system's prefix."""
        self.query = query
        self.headers = headers
        self.body = body
        self.params: Mapping[str, str] = {}
        """Values of the `{placeholders}` in the call's path."""
        self.breaches: list[str] = []
        """The contract's rules that this request breaks; the journal shows them."""
        self.decisions: list[Decision] = []
        """The system's decisions about the message; without one the journal says asked or refused."""
        self.repeat: Mode = "refused"
        """The effect of a repeated message at this call, by its declaration or `PUT /__mock/repeat`."""
        self.skew_s = 0.0
        """Seconds by which the system's clock is wrong while it answers (`clock_skew`): tokens and `Created` feel it"""
        self._fields: object = _UNREAD
        self._json: object = _UNREAD
        self._soap: object = _UNREAD

    @property
    def url(self) -> str:
        """The address that the client asked, without the query: the road's, if the request came over the road."""
        host = self.headers.get("X-Forwarded-Host") or self.headers.get("Host", "127.0.0.1:9100")
        return f"http://{host}{self.headers.get('X-Forwarded-Uri', self.path)}"

    def breach(self, rule: str) -> None:
        """Records for the journal which rule of the contract the request breaks. Name the field, never its value."""
        self.breaches.append(rule)

    def decide(
        self,
        outcome: Outcome,
        *,
        dossier: str | None = None,
        message: str | None = None,
        content: str | None = None,
        code: str | None = None,
    ) -> None:
        """Records for the journal what the system decided, as `mocks.engine.decisions.Decision` explains."""
        self.decisions.append(Decision(outcome, dossier, message, content, code))

    @property
    def fields(self) -> dict[str, object]:
        """The body's JSON object or form; empty (and a breach) when it is neither."""
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
        """The body's JSON of any type, for calls that take a list; None (and a breach) when the body is not JSON."""
        if self._json is _UNREAD:
            try:
                self._json = orjson.loads(self.body)
            except orjson.JSONDecodeError:
                self.breach(_NO_JSON)
                self._json = None
        return self._json

    @property
    def soap(self) -> etree._Element | None:
        """The first element in the SOAP Body (1.1 or 1.2); None (and a breach) when the Body has no element."""
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
        """Local name of the element in the SOAP Body; empty when the Body has no element."""
        element = self.soap
        return "" if element is None else etree.QName(element).localname


def _safe_parser() -> etree.XMLParser:
    """Returns an XML parser that never loads DTDs, expands entities or uses the network."""
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request to a system as a gateway would send it, with credentials; the "Try" button of the page sends it."""

    path: str
    """Below the system's prefix."""
    method: Literal["GET", "POST", "PUT"] = "GET"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def json_ask(path: str, value: object, *, headers: Mapping[str, str], query: Mapping[str, str] | None = None) -> Ask:
    """Returns a POST of JSON."""
    return Ask(
        path=path,
        method="POST",
        query=query or {},
        headers={"Content-Type": JSON, **headers},
        body=orjson.dumps(value),
    )


Answer = Callable[[Request], Reply]
#: Turns a sample of an operation into a request to the system itself.
Try = Callable[[Mapping[str, Any]], Ask]
#: `rest` and `soap` answer with facts; `token` issues tokens, `document` serves contracts: faults for `*` skip both.
CallKind = Literal["rest", "soap", "token", "document"]


def spent_quota(_: Request) -> Reply:
    """Returns the answer of most gateways when the daily quota is used up."""
    body = {
        "fault": {"code": 900800, "message": "Message throttled out", "description": "You have exceeded your quota"}
    }
    return json_reply(body, status=429, headers=(("Retry-After", "3600"),))


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One national call: its path, its answer, and its behaviour under faults.

    Handlers are plain functions; a state change is complete when they return, even if the answer is lost later.
    """

    name: str
    """The national name (`chiTietDoanhNghiep`), used by faults and the journal."""
    path: str
    """The path below the system's prefix: `apiCSDLDKDN/chiTietDoanhNghiep`, `doc/{id}`."""
    answer: Answer
    method: Literal["GET", "POST", "PUT"] = "GET"
    kind: CallKind = "rest"
    match: Callable[[Request], bool] | None = None
    """Separates calls that share method and path: by SOAP body element, a `service` field, `?wsdl`."""
    authenticate: Callable[[Request], Reply | None] | None = None
    """Returns the refusal, or None for an accepted caller. When the field itself is None, the call is open."""
    another: Answer | None = None
    """Makes a well-formed answer about another record, for `wrong_record`."""
    why_no_another: str = "its answer has no field that identifies the record"
    spent: Answer | None = None
    """The system's answer to an expired token, for `token_expired`; None: the call uses no token."""
    quota: Answer = spent_quota
    """The system's answer when the daily quota is used up, for `quota_spent`."""
    soap_fault: Callable[[str], Reply] | None = None
    """Makes a SOAP Fault with the given code, in the call's envelope version; required for `soap` calls."""
    repeat: Mode | None = None
    """The effect of a repeated message unless the switch says otherwise; None: the call takes no messages."""
    papers: frozenset[str] = frozenset()
    """Names of fields in answers that have a PDF in base64, for `bad_paper`."""
    shown: frozenset[str] = frozenset()
    """Names of request fields that are not personal: the journal shows them, and masks all others."""
    fields: frozenset[str] = frozenset()
    """Names of fields in answers, so that `drift` of an unknown field is refused; empty: not checked."""


class Unfit(Exception):
    """A request to a desk has a name that does not exist; the answer is 400 with what exists."""

    def __init__(self, message: str, **exists: object) -> None:
        super().__init__(message)
        self.exists = exists


#: One route of the administration that a service adds, by method: turns the query (GET, DELETE) or the JSON body into
#: an answer. It raises `Unfit`, or pydantic's ValidationError, for a 400.
Desk = Mapping[Literal["GET", "PUT", "DELETE"], Callable[[Mapping[str, Any]], object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """One national system with new state: created at start and at each reset."""

    name: str
    """The connector's name; paths begin with it, with hyphens in place of underscores."""
    title: str
    calls: tuple[Call, ...]
    samples: Callable[[], Mapping[str, Sequence[Sample]]]
    """Samples by gateway operation (full name, `business_registry.enterprise`), for the virtual today."""
    tries: Mapping[str, Try] = field(default_factory=dict)
    """Functions that turn a sample into a request, by gateway operation; the page shows a button for each."""
    desks: Mapping[str, Desk] = field(default_factory=dict)
    """Routes below `/__mock/` for the tester of this system, by path."""
    pushes: Mapping[str, MakePush] = field(default_factory=dict)
    """The messages that it can push to the province, by kind; of a ministry `<ministry>/<kind>`."""
    unmatched: Callable[[Request], Reply | None] | None = None
    """The system's answer to a request that fits no call; when the field or its answer is None: 404 in JSON."""

    @property
    def prefix(self) -> str:
        return "/" + self.name.replace("_", "-")


@lru_cache(maxsize=16)
def _table(text: str) -> Mapping[str, Any]:
    """Reads *text* as YAML, once: every country of a process has the same few files."""
    found: Mapping[str, Any] = yaml.safe_load(text)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The resources of a service: population, clocks, files. Files are read once; a reset does no I/O."""

    population: Population
    clock: VirtualClock
    contracts: Path
    monotonic: Callable[[], float]
    """Real seconds, for tokens and nonces, which do not follow virtual time."""
    _texts: dict[str, str] = field(default_factory=dict)

    def contract(self, name: str) -> str:
        """Returns the text of a file below `contracts/`, for example `business_registry/openapi.yaml`.

        Raises:
            FileNotFoundError: the file does not exist.
        """
        text = self._texts.get(name)
        if text is None:
            text = self._texts[name] = (self.contracts / name).read_text(encoding="utf-8")
        return text

    def table(self, name: str) -> Mapping[str, Any]:
        """Returns what the YAML file *name* below `contracts/` says; nobody may change it.

        Raises:
            FileNotFoundError: the file does not exist.
        """
        return _table(self.contract(name))

    def credential(self, system: str, name: str) -> str:
        """Returns a published credential: the line in `contracts/<system>/credentials/<name>`."""
        return self.contract(f"{system}/credentials/{name}").strip()
