"""The kinds of fault: their parameters, the calls they fit, and how they change an answer. All functions are pure."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated, Final, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, model_validator

from mocks.engine import mangle, papers
from mocks.engine.delivery import Cut, Delivery, Flood, Later, Reset, Silence, Slow, Whole
from mocks.engine.service import JSON, SOAP_11, Call, Reply, Request

HTML: Final = "text/html; charset=utf-8"
_ABOUT_FACTS: Final = "it does not answer with facts"


@dataclass(frozen=True, slots=True)
class Scene:
    """A request that a fault strikes; `answer` makes the normal reply."""

    call: Call
    request: Request
    answer: Callable[[], Reply]

    @property
    def is_xml(self) -> bool:
        return self.call.kind == "soap"


class Kind(BaseModel):
    """One kind of fault with its parameters; wrong types and unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    def misfit(self, call: Call) -> str | None:
        """Returns the reason why this kind can't strike *call*, or None when it can."""
        del call
        return None

    def deliver(self, scene: Scene) -> Delivery:
        """Returns what is sent in place of the answer."""
        return Whole(scene.answer())


class Latency(Kind):
    """Delays the answer; the system does its work before the wait. Several latencies add up."""

    kind: Literal["latency"]
    distribution: Literal["fixed", "uniform", "lognormal"] = "fixed"
    seconds: float | None = Field(default=None, ge=0, le=3600)
    low: float | None = Field(default=None, ge=0, le=3600)
    high: float | None = Field(default=None, ge=0, le=3600)
    median: float | None = Field(default=None, gt=0, le=3600)
    sigma: float | None = Field(default=None, ge=0, le=5)

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Latency:
        needs = {"fixed": {"seconds"}, "uniform": {"low", "high"}, "lognormal": {"median", "sigma"}}[self.distribution]
        given = {name for name in ("seconds", "low", "high", "median", "sigma") if getattr(self, name) is not None}
        if given != needs:
            raise ValueError(f"{self.distribution} latency takes {' and '.join(sorted(needs))}, and no other parameter")
        return self

    def draw(self, dice: random.Random) -> float:
        """Draws the seconds to wait for one request."""
        match self.distribution:
            case "uniform":
                return dice.uniform(self.low or 0.0, self.high or 0.0)
            case "lognormal":
                return (self.median or 0.0) * dice.lognormvariate(0.0, self.sigma or 0.0)
            case _:
                return self.seconds or 0.0


class Status(Kind):
    """Sends a status in place of the answer; the system does nothing."""

    kind: Literal["status"]
    status: int = Field(ge=200, le=599)
    body: str | dict[str, object] | None = None
    headers: dict[Annotated[str, Field(pattern=r"^[A-Za-z0-9-]+$")], Annotated[str, Field(pattern=r"^[ -~]*$")]] = {}

    def deliver(self, scene: Scene) -> Delivery:
        headers = tuple(self.headers.items())
        if isinstance(self.body, dict):
            return Whole(Reply(self.status, mangle.dumped(self.body), JSON, headers))
        if self.body is not None:
            html = self.body.lstrip().startswith("<") and not scene.is_xml
            content_type = HTML if html else SOAP_11 if scene.is_xml else JSON
            return Whole(Reply(self.status, self.body.encode(), content_type, headers))
        return Whole(Reply(self.status, _phrase(self.status).encode(), "text/plain; charset=utf-8", headers))


class Hang(Kind):
    """Sends no answer and keeps the connection open; with *after*, once the system has done its work."""

    kind: Literal["hang"]
    after: bool = False

    def deliver(self, scene: Scene) -> Delivery:
        if self.after:
            scene.answer()
        return Silence()


class Late(Kind):
    """Closes the connection without an answer; the system does its work `seconds` (real time) after the arrival.

    Requests that arrive in between are worked first. Credentials are checked when the message is worked.
    """

    kind: Literal["late"]
    seconds: float = Field(ge=0, le=3600)

    def deliver(self, scene: Scene) -> Delivery:
        return Later(self.seconds, scene.answer)


class ResetBefore(Kind):
    """Resets the connection (RST) before the system does anything."""

    kind: Literal["reset_before"]

    def deliver(self, scene: Scene) -> Delivery:
        del scene
        return Reset()


class ResetMidBody(Kind):
    """Resets the connection (RST) after half of the answer; the system has done its work."""

    kind: Literal["reset_mid_body"]

    def deliver(self, scene: Scene) -> Delivery:
        return Cut(scene.answer(), reset=True)


class Truncate(Kind):
    """Closes the connection after half of the announced length; the system has done its work."""

    kind: Literal["truncate"]

    def deliver(self, scene: Scene) -> Delivery:
        return Cut(scene.answer(), reset=False)


class Dribble(Kind):
    """Sends the answer in small chunks."""

    kind: Literal["dribble"]
    bytes_per_second: float = Field(gt=0, le=10_000_000)

    def deliver(self, scene: Scene) -> Delivery:
        return Slow(scene.answer(), self.bytes_per_second)


class HtmlPage(Kind):
    """Sends a maintenance page in place of the answer, with HTTP 200 by default."""

    kind: Literal["html_page"]
    status: int = Field(default=200, ge=200, le=599)

    def deliver(self, scene: Scene) -> Delivery:
        del scene
        return Whole(Reply(self.status, mangle.MAINTENANCE_PAGE, HTML))


class SoapFault(Kind):
    """Sends a SOAP Fault with this code and HTTP 500."""

    kind: Literal["soap_fault"]
    code: str = Field(default="Server", pattern=r"^[A-Za-z_][\w.-]{0,63}$")

    def misfit(self, call: Call) -> str | None:
        return None if call.soap_fault is not None else "it does not use SOAP"

    def deliver(self, scene: Scene) -> Delivery:
        assert scene.call.soap_fault is not None, "misfit() refuses this kind for calls without SOAP"
        return Whole(scene.call.soap_fault(self.code))


class WrongRecord(Kind):
    """Sends a well-formed answer about another record."""

    kind: Literal["wrong_record"]

    def misfit(self, call: Call) -> str | None:
        return None if call.another is not None else call.why_no_another

    def deliver(self, scene: Scene) -> Delivery:
        assert scene.call.another is not None, "misfit() refuses this kind for calls without `another`"
        return Whole(scene.call.another(scene.request))


class WrongContentType(Kind):
    """Sends the answer with a wrong content type."""

    kind: Literal["wrong_content_type"]
    content_type: str = Field(default=HTML, pattern=r"^[\w.+-]+/[\w.+-]+(; ?[\w-]+=[\w.-]+)*$")

    def deliver(self, scene: Scene) -> Delivery:
        return Whole(mangle.changed(scene.answer(), content_type=self.content_type))


class Bom(Kind):
    """Sends a byte order mark before the answer."""

    kind: Literal["bom"]

    def deliver(self, scene: Scene) -> Delivery:
        reply = scene.answer()
        return Whole(mangle.changed(reply, body=b"\xef\xbb\xbf" + reply.body))


class Malformed(Kind):
    """Corrupts the end of the answer; length and content type are right."""

    kind: Literal["malformed"]

    def deliver(self, scene: Scene) -> Delivery:
        reply = scene.answer()
        return Whole(mangle.changed(reply, body=mangle.spoilt(reply)))


class GzipBomb(Kind):
    """Sends a small gzip body that decompresses to the given megabytes."""

    kind: Literal["gzip_bomb"]
    megabytes: int = Field(ge=1, le=10_240)

    def deliver(self, scene: Scene) -> Delivery:
        return _flood(scene, self.megabytes, gzip=True)


class HugeBody(Kind):
    """Sends an uncompressed body of the given megabytes, without Content-Length."""

    kind: Literal["huge_body"]
    megabytes: int = Field(ge=1, le=10_240)

    def deliver(self, scene: Scene) -> Delivery:
        return _flood(scene, self.megabytes, gzip=False)


class DeepJson(Kind):
    """Sends lists nested to the given depth; nested elements for calls in XML."""

    kind: Literal["deep_json"]
    depth: int = Field(ge=1, le=1_000_000)

    def deliver(self, scene: Scene) -> Delivery:
        if scene.is_xml:
            return Whole(Reply(200, b"<a>" * self.depth + b"</a>" * self.depth, SOAP_11))
        return Whole(Reply(200, b'{"data":' + b"[" * self.depth + b"]" * self.depth + b"}", JSON))


class ManyElements(Kind):
    """Adds the given number of small sibling elements to the answer."""

    kind: Literal["many_elements"]
    count: int = Field(ge=1, le=5_000_000)

    def deliver(self, scene: Scene) -> Delivery:
        reply = scene.answer()
        return Whole(mangle.changed(reply, body=mangle.crowded(reply, self.count)))


class Doctype(Kind):
    """Adds a DOCTYPE that declares entities to the answer."""

    kind: Literal["doctype"]

    def misfit(self, call: Call) -> str | None:
        return None if call.kind == "soap" else "it answers in JSON, which has no DOCTYPE"

    def deliver(self, scene: Scene) -> Delivery:
        reply = scene.answer()
        return Whole(mangle.changed(reply, body=mangle.with_doctype(reply.body)))


class TokenExpired(Kind):
    """Sends the system's answer to an expired token."""

    kind: Literal["token_expired"]

    def misfit(self, call: Call) -> str | None:
        return None if call.spent is not None else "it uses no token that expires"

    def deliver(self, scene: Scene) -> Delivery:
        assert scene.call.spent is not None, "misfit() refuses this kind for calls without a token"
        return Whole(scene.call.spent(scene.request))


class QuotaSpent(Kind):
    """Sends the system's answer for a used up daily quota."""

    kind: Literal["quota_spent"]

    def deliver(self, scene: Scene) -> Delivery:
        return Whole(scene.call.quota(scene.request))


class Drift(Kind):
    """Changes the contract without notice: renames a field (adds `_v2`) or removes it, at every depth."""

    kind: Literal["drift"]
    field: str = Field(pattern=r"^[\w.-]{1,80}$")
    how: Literal["rename", "remove"] = "rename"

    def misfit(self, call: Call) -> str | None:
        if call.fields and self.field not in call.fields:
            return f"its answer has no field {self.field}; the fields are {', '.join(sorted(call.fields))}"
        return None

    def deliver(self, scene: Scene) -> Delivery:
        reply = scene.answer()
        to = f"{self.field}_v2" if self.how == "rename" else None
        return Whole(mangle.changed(reply, body=mangle.drifted(reply, self.field, to)))


class BadPaper(Kind):
    """Changes the paper (PDF in base64) inside the answer: cut, no PDF, empty, padded to many megabytes, another's."""

    kind: Literal["bad_paper"]
    how: papers.How = "truncated"
    megabytes: int = Field(default=20, ge=1, le=200)

    def misfit(self, call: Call) -> str | None:
        if not call.papers:
            return "its answer has no paper"
        return call.why_no_another if self.how == "another" and call.another is None else None

    def deliver(self, scene: Scene) -> Delivery:
        reply, call = scene.answer(), scene.call
        another = None if call.another is None else partial(call.another, scene.request)
        body = papers.with_bad_papers(reply, call.papers, self.how, self.megabytes, another)
        return Whole(mangle.changed(reply, body=body) if papers.has_paper(reply, call.papers) else reply)


class ClockSkew(Kind):
    """Makes the system's clock wrong by the given seconds: its `Date` header and its checks of token ages."""

    kind: Literal["clock_skew"]
    seconds: float = Field(ge=-86_400 * 366, le=86_400 * 366)

    def deliver(self, scene: Scene) -> Delivery:
        scene.request.skew_s = self.seconds
        return Whole(scene.answer(), skew_s=self.seconds)


AnyKind = (
    Latency | Status | Hang | Late | ResetBefore | ResetMidBody | Truncate | Dribble | HtmlPage | SoapFault
    | WrongRecord | WrongContentType | Bom | Malformed | GzipBomb | HugeBody | DeepJson | ManyElements | Doctype
    | TokenExpired | QuotaSpent | Drift | BadPaper | ClockSkew
)  # fmt: skip
OneKind = Annotated[AnyKind, Field(discriminator="kind")]
#: The model of each kind, by its name in plans.
KINDS: Final[dict[str, type[Kind]]] = {
    get_args(model.model_fields["kind"].annotation)[0]: model for model in get_args(AnyKind)
}


def misfit(kind: AnyKind, call: Call, *, named: bool) -> str | None:
    """Returns why *kind* skips *call*, or None. With `*` (not *named*) token and document calls are skipped too."""
    if not named and call.kind in {"token", "document"}:
        return _ABOUT_FACTS
    if isinstance(kind, WrongRecord) and call.kind in {"token", "document"}:
        return _ABOUT_FACTS
    return kind.misfit(call)


def _flood(scene: Scene, megabytes: int, *, gzip: bool) -> Flood:
    if scene.is_xml:
        return Flood(SOAP_11, b"<data>", b"</data>", megabytes, gzip)
    return Flood(JSON, b'{"data":"', b'"}', megabytes, gzip)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"
