"""Dialect `rest`: login, session in the body, `service` selects the call; some fields have the ministry's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, cast

from mocks.engine.decisions import Mode
from mocks.engine.matching import ByField
from mocks.engine.schema import Contract
from mocks.engine.service import Ask, Call, Reply, Request, World, json_ask
from mocks.one_stop_shop.answers import DONE, OFF_CONTRACT, WELL, Refusal, refused, told
from mocks.one_stop_shop.ledger import Ruling
from mocks.one_stop_shop.records import Dossier, Step
from mocks.one_stop_shop.sessions import Sessions, spent_session
from mocks.services.ministry_portals.ministry import Ministry

_SHOWN: Final = frozenset({"service", "madonvi", "isUpdating", "mahoso", "soLuong"})
_CODED: Final = "its answer is a code that does not name the record"
_MANY: Final = "it answers with the waiting messages, not about one record"
PAGE: Final = 50
"""Default number of messages in an answer."""


class RestMinistry:
    """The calls of a ministry; each message is first checked against `rest.yaml`."""

    def __init__(self, world: World, ministry: Ministry, fields: frozenset[str]) -> None:
        self._ministry = ministry
        self._contract = Contract(world.contract("ministry_portals/rest.yaml"))
        self.sessions = Sessions(world, "ministry_portals", account=f"{ministry.entry.slug}_")
        theirs = ministry.entry.fields
        self._to_theirs: Mapping[str, str] = theirs
        self._to_ours: Mapping[str, str] = {name: national for national, name in theirs.items()}
        self._fields = frozenset(theirs.get(name, name) for name in fields)

    def calls(self) -> tuple[Call, ...]:
        """Returns the calls, named `<ministry>.<service>`."""
        slug = self._ministry.entry.slug
        one = partial(self._call, as_text=False)
        coded = partial(self._call, as_text=True, why_no_another=_CODED)
        return (
            self.sessions.call(f"{slug}.login", f"{slug}/auth"),
            one("TraCuuHoSo", self._find, another=self._another),
            coded("DongBoHoSoMC", self._sync, repeat="refused"),
            coded("CapNhatTienDoHoSoMC", self._progress, repeat="same"),
            one("LayHoSoGuiTinh", self._waiting, why_no_another=_MANY),
            coded("XacNhanHoSoGuiTinh", self._acknowledge),
        )

    def ask(self, service: str, message: Mapping[str, object]) -> Ask:
        """Returns a request with a new session, as a province would send it."""
        rows = message.get("data")
        renamed = {"data": [self._theirs(row) for row in rows]} if isinstance(rows, list) else {}
        envelope = {"session": self.sessions.open(), "service": service}
        return json_ask(f"{self._ministry.entry.slug}/integration", {**envelope, **message, **renamed}, headers={})

    def _call(
        self,
        service: str,
        answer: Callable[[Request], Reply],
        *,
        as_text: bool,
        another: Callable[[Request], Reply] | None = None,
        why_no_another: str = "",
        repeat: Mode | None = None,
    ) -> Call:
        return Call(
            name=f"{self._ministry.entry.slug}.{service}",
            method="POST",
            path=f"{self._ministry.entry.slug}/integration",
            match=ByField("service", service),
            authenticate=self.sessions.guard(as_text=as_text),
            spent=spent_session(as_text=as_text),
            answer=partial(self._held, service, answer, as_text=as_text),
            another=another,
            why_no_another=why_no_another,
            repeat=repeat,
            shown=_SHOWN,
            fields=self._fields,
        )

    def _held(self, service: str, answer: Callable[[Request], Reply], request: Request, *, as_text: bool) -> Reply:
        schema = self._contract.named(service)
        if self._contract.fits(schema, request.fields):
            return answer(request)
        found = [str(breach) for breach in self._contract.breaches(schema, request.fields)]
        for breach in found[1:]:
            request.breach(breach)
        refusal = Refusal(OFF_CONTRACT, f"Dữ liệu không hợp lệ: {found[0]}", found[0])
        return refused(request, refusal, as_text=as_text)

    def _find(self, request: Request) -> Reply:
        return self._read(self._ministry.find(request.fields["mahoso"]))

    def _another(self, request: Request) -> Reply:
        return self._read(self._ministry.another(request.fields.get("mahoso")))

    def _sync(self, request: Request) -> Reply:
        dossiers = cast("list[Dossier]", [self._ours(row) for row in _rows(request)])
        updating = request.fields["isUpdating"] == "True"
        return _ruled(request, self._ministry.sync(dossiers, updating=updating, mode=request.repeat))

    def _progress(self, request: Request) -> Reply:
        steps = cast("list[Step]", [self._ours(row) for row in _rows(request)])
        return _ruled(request, self._ministry.progress(steps, mode=request.repeat))

    def _waiting(self, request: Request) -> Reply:
        found, more = self._ministry.waiting(int(str(request.fields.get("soLuong", PAGE))))
        rows = [{**notice.written(), "HoSo": self._theirs(notice.dossier)} for notice in found]
        return told(WELL, DONE, as_text=False, result=rows, ConLai=more)

    def _acknowledge(self, request: Request) -> Reply:
        return _coded(request, self._ministry.acknowledge(cast("list[object]", request.fields["MaThongDiep"])))

    def _read(self, found: list[dict[str, object]]) -> Reply:
        return told(WELL, DONE, as_text=False, result=[self._theirs(held) for held in found])

    def _theirs(self, held: Mapping[str, object]) -> dict[str, object]:
        written = {self._to_theirs.get(name, name): value for name, value in held.items()}
        if isinstance(steps := written.get("TienDo"), list):
            written["TienDo"] = [self._theirs(step) for step in steps]
        return written

    def _ours(self, row: Mapping[str, object]) -> dict[str, object]:
        return {self._to_ours.get(name, name): value for name, value in row.items()}


def _rows(request: Request) -> list[dict[str, object]]:
    return cast("list[dict[str, object]]", request.fields["data"])


def _ruled(request: Request, ruling: Ruling) -> Reply:
    request.decisions += ruling.decisions
    return _coded(request, ruling.refusal)


def _coded(request: Request, refusal: Refusal | None) -> Reply:
    return told(WELL, DONE, as_text=True) if refusal is None else refused(request, refusal, as_text=True)
