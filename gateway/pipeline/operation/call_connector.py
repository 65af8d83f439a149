"""The innermost step of the operation ring: calls the connector, and renders its answer for the caller's view."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from string import Formatter
from typing import Any, ClassVar, TypeVar

import msgspec
from msgspec.structs import replace
from pydantic import BaseModel

from gateway.core.call import MOST_SHARED, Answer, Call, Rendered
from gateway.core.canonical import (
    NO_GAPS,
    Canonical,
    Content,
    Gaps,
    Page,
    Wire,
    inner_models,
    personal_exclusion,
    personal_fields,
    personal_positions,
)
from gateway.core.clock import Clock
from gateway.core.connector import Binding
from gateway.core.events import DriftSeen, Observer
from gateway.core.message import Exchange, Gate, Rest
from gateway.core.problems import Effect, GatewayError, OffContract
from gateway.core.settings import UpstreamSettings
from gateway.core.steps import Next
from gateway.core.transfer import FileStart, SourceFile, Transfer
from gateway.core.unread import gaps_of
from gateway.core.upstream import Officer, UpstreamRequest
from gateway.pipeline.operation.canonical_json import to_json

W = TypeVar("W", bound=Wire)


class BoundUpstream(msgspec.Struct, frozen=True):
    """:class:`gateway.core.upstream.Upstream` for one call."""

    settings: UpstreamSettings
    call: Call
    officer: Officer | None
    ring: Next[UpstreamRequest, Wire | None]
    clock: Clock
    met: list[GatewayError] = msgspec.field(default_factory=list)
    """The errors of its exchanges."""
    gate: Gate | None = None
    """Holds back the last bytes of what it writes."""
    transfers: list[Transfer] = msgspec.field(default_factory=list)

    async def ask(
        self,
        exchange: Exchange,
        into: type[W],
        *,
        same: Callable[[W], bool] | None = None,
        effect: Effect | None = None,
    ) -> W | None:
        effect = effect or self.call.operation.effect
        if self.gate is not None and effect == "write":
            exchange = replace(exchange, gate=self.gate)
        try:
            found = await self.ring(UpstreamRequest(exchange, self.call, effect, into, same))
        except GatewayError as error:
            self.met.append(error)
            raise
        assert found is None or isinstance(found, into)
        return found

    async def fetch(self, exchange: Rest) -> SourceFile | None:
        assert exchange.raw, "its answer is a file"
        transfer = Transfer()
        self.transfers.append(transfer)
        request = UpstreamRequest(exchange, self.call, "read", FileStart, None, transfer=transfer)
        try:
            start = await transfer.begin(self._start(request))
        except GatewayError as error:
            self.met.append(error)
            raise
        if start is None:
            return None
        if transfer.under_way:
            return SourceFile(start.content, start.media_type, start.length, transfer)
        return SourceFile(start.content, start.media_type, len(start.content))

    async def _start(self, request: UpstreamRequest) -> FileStart | None:
        found = await self.ring(request)
        assert found is None or isinstance(found, FileStart)
        return found

    def keep_only(self, value: object) -> None:
        """Ends the transfers of files, unless *value* is the file that comes by it."""
        kept = value.on_its_way if isinstance(value, Content) else None
        for transfer in self.transfers:
            if transfer is not kept:
                transfer.cancel()


@dataclass(frozen=True, slots=True)
class CallConnector:
    """Calls the dialect's function.

    Args:
        binding: The operation and its function.
        settings: The upstream's.
        ring: The upstream's.
        clock: The gateway's.
        officer_of: Gives the officer of a call.
        untranslatable: Called for each answer that came well and could not be used.
        days: Tells the dialect's function the day, where that is not *clock*'s; its time limits are the same.
    """

    name: ClassVar[str] = "call connector"

    binding: Binding
    settings: UpstreamSettings
    ring: Next[UpstreamRequest, Wire | None]
    clock: Clock
    officer_of: Callable[[Call], Officer | None]
    untranslatable: Callable[[], None]
    observer: Observer
    upstream: str
    days: Clock | None = None

    async def __call__(self, call: Call) -> Answer:
        run: Callable[[Any, Any], Awaitable[object]] = self.binding.run
        upstream = BoundUpstream(self.settings, call, self.officer_of(call), self.ring, self.days or self.clock)
        before = call.trace.upstream
        began = self.clock.monotonic()
        value: object = None
        try:
            value = await run(call.query, upstream)
        except OffContract as error:
            if error not in upstream.met:
                self.untranslatable()
            raise
        except ValueError as error:
            # pydantic's ValidationError is one too, and repeats its input: neither its text nor its cause may go on.
            call.trace.notes.append(f"untranslatable={type(error).__name__}")
            self.untranslatable()
            raise OffContract("The upstream's answer has a value that could not be read.", reason="malformed") from None
        finally:
            upstream.keep_only(value)
        gaps = gaps_of(value) if isinstance(value, Canonical) else NO_GAPS
        rendered = value if value is None or isinstance(value, Content) else render(value, call, gaps)
        if gaps is not NO_GAPS:
            self.observer(DriftSeen(call.connector, self.upstream, "unreadable"))
            call.trace.notes.append(f"unreadable={len(gaps.incomplete) + gaps.rows_left_out}")
        spent = self.clock.monotonic() - began
        call.trace.translate += max(0.0, spent - (call.trace.upstream - before))
        return Answer(value=rendered, fetched_at=self.clock.now())


def render(value: object, call: Call, gaps: Gaps = NO_GAPS) -> Rendered:
    """The JSON of *value* as the call's view may see it, with a weak entity tag over it (RFC 9110 section 8.8.3)."""
    assert isinstance(value, Canonical)
    if isinstance(value, Page):
        cuts = _cuts(call, type(value).model_fields["items"].annotation)
        data = b"[" + b",".join([to_json(entry, public=cuts) for entry in value.items]) + b"]"
        cut = (
            [f"/{at}{place}" for at, row in enumerate(value.items) for place in personal_positions(row)] if cuts else ()
        )
        found = Rendered(
            data,
            _etag(data),
            paged=True,
            next_page_token=value.next_page_token,
            total=value.total,
            withheld=_shared(tuple(cut)),
        )
    else:
        cuts = _cuts(call, type(value))
        data = to_json(value, public=cuts)
        location = call.operation.location
        found = Rendered(
            data,
            _etag(data),
            location=location and Formatter().vformat(location, (), _named(value, call)),
            withheld=_shared(personal_positions(value)) if cuts else (),
        )
    return found if gaps is NO_GAPS else _with_gaps(found, gaps, call, type(value))


def _named(value: Canonical, call: Call) -> dict[str, object]:
    """The fields that the place of an order is told by: those of the answer, and of the path of the question."""
    return {**{name: getattr(call.query, name) for name in call.operation.path_fields()}, **value.model_dump()}


def _shared(pointers: tuple[str, ...]) -> tuple[str, ...]:
    """One object for equal *pointers*, which are kept with each answer: many answers have the same few."""
    return _equal(pointers) if len(pointers) <= MOST_SHARED else pointers


@lru_cache(maxsize=256)
def _equal(pointers: tuple[str, ...]) -> tuple[str, ...]:
    return pointers


def _with_gaps(rendered: Rendered, gaps: Gaps, call: Call, model: type[Canonical]) -> Rendered:
    """*rendered* with *gaps*; nothing is told of fields that the call's view does not have."""
    told = gaps.incomplete
    if call.view == "public":
        item, row = (_item(model), "/*") if issubclass(model, Page) else (model, "")
        cut = [re.compile(f"{row}{pointer}(/|$)".replace("*", "[0-9]+")) for pointer in personal_fields(item)]
        told = tuple(pointer for pointer in told if not any(pattern.match(pointer) for pattern in cut))
    return replace(rendered, incomplete=told, rows_left_out=gaps.rows_left_out)


def _item(page: type[Page[Any]]) -> type[BaseModel]:
    return next(inner_models(page.model_fields["items"].annotation))


def _cuts(call: Call, annotation: object) -> bool:
    """Whether the call's view leaves something out of a model, or of the rows of a list."""
    return call.view != "full" and _is_marked(annotation)


@lru_cache(maxsize=512)
def _is_marked(annotation: object) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(personal_exclusion(annotation))
    arguments: tuple[object, ...] = getattr(annotation, "__args__", ())
    return bool(arguments) and _is_marked(arguments[0])


def _etag(data: bytes) -> str:
    return f'W/"{blake2b(data, digest_size=12).hexdigest()}"'
