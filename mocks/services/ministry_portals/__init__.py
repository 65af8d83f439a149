"""Cổng DVC các bộ, ngành: two portals by REST and SOAP 1.2 [S], and two systems in manners of their own [C]."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from mocks.engine.pushing import MakePush
from mocks.engine.schema import parsed
from mocks.engine.service import Call, Desk, Reply, Request, Service, World, json_reply
from mocks.engine.soap12 import Port
from mocks.one_stop_shop.answers import NO_SUCH_SERVICE, Refusal, refused
from mocks.one_stop_shop.desk import counting
from mocks.one_stop_shop.fields import OF_ANSWER
from mocks.one_stop_shop.pushes import Outbox
from mocks.services.ministry_portals.ministry import Ministry, entries
from mocks.services.ministry_portals.other import OtherMinistries, joined
from mocks.services.ministry_portals.rest import RestMinistry
from mocks.services.ministry_portals.samples import samples
from mocks.services.ministry_portals.strange import giving
from mocks.services.ministry_portals.tries import AskMinistry, by_soap, tries
from mocks.services.ministry_portals.ws import port

_SYSTEM: Final = "ministry_portals"
_PORTALS: Final = frozenset({"rest", "ws"})
"""Dialects that are shaped like the national portal."""
FIELDS: Final = OF_ANSWER | {"ConLai", "MaThongDiep", "LoaiThongDiep", "ThoiDiemGui", "HoSo"}
"""Names of all fields in answers, in the national portal's spelling."""


def open_service(world: World) -> Service:
    """Opens all ministries in their start state: no sessions, no nonces, no received messages."""
    ministries = tuple(entries(world))
    calls: list[Call] = []
    ports: dict[str, Port] = {}
    asks: dict[str, AskMinistry] = {}
    desks: dict[str, Desk] = {}
    pushes: dict[str, MakePush] = {}
    key = world.credential(_SYSTEM, "push_key")
    other = OtherMinistries(world, ministries)
    for entry in ministries:
        if entry.dialect not in _PORTALS:
            continue
        ministry = Ministry(world, entry)
        made = Outbox(world, agency=entry.agency, key=key).pushes()
        pushes |= {f"{entry.slug}/{kind}": made[kind] for kind in ("dossier", "supplement", "result")}
        desks[f"dossiers/{entry.slug}"] = {"GET": counting(ministry.counts)}
        desks[f"messages/{entry.slug}"] = giving(ministry)
        if entry.dialect == "ws":
            ports[entry.slug] = opened = port(world, ministry, FIELDS)
            calls += opened.calls()
            asks[entry.slug] = by_soap(opened)
        else:
            rest = RestMinistry(world, ministry, FIELDS)
            calls += (*rest.calls(), _document(world, entry.slug, "rest"))
            asks[entry.slug] = rest.ask
    portals = tuple(entry for entry in ministries if entry.dialect in _PORTALS)
    calls += other.calls()
    calls += (_document(world, entry.slug, entry.dialect) for entry in other.entries)
    desks |= other.desks()

    return Service(
        name=_SYSTEM,
        title="Cổng Dịch vụ công các bộ, ngành",
        samples=lambda: joined(samples(world, portals), other.samples()),
        tries={**tries(world, portals, asks), **other.tries(tries(world, portals, asks))},
        calls=tuple(calls),
        desks=desks,
        pushes=pushes,
        unmatched=partial(_unmatched, tuple(entry.slug for entry in ministries), ports, frozenset(asks)),
    )


def _unmatched(
    known: Sequence[str], ports: Mapping[str, Port], portals: frozenset[str], request: Request
) -> Reply | None:
    slug, _, below = request.path.removeprefix("/ministry-portals/").partition("/")
    if slug in ports and below == "ws":
        return ports[slug].unmatched(request)
    if slug not in known:
        return json_reply({"error": f"unknown ministry {slug[:80]!r}; use one of {', '.join(known)}"}, status=404)
    if below == "integration" and request.method == "POST" and slug in portals and slug not in ports:
        wrong = Refusal(NO_SUCH_SERVICE, "Dịch vụ không tồn tại", "/service: unknown at this address")
        return refused(request, wrong, as_text=False)
    return None


def _document(world: World, slug: str, dialect: str) -> Call:
    described = json_reply(parsed(world.contract(f"{_SYSTEM}/{dialect}.yaml")))
    return Call(name=f"{slug}.openapi", path=f"{slug}/openapi.json", kind="document", answer=lambda _: described)
