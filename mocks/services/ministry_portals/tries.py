"""Turns a sample into a request for the page, in the ministry's own dialect."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from mocks.engine.service import Ask, Try, World
from mocks.engine.soap12 import Port
from mocks.services.ministry_portals.ministry import Entry
from mocks.services.ministry_portals.samples import known_steps, orders

AskMinistry = Callable[[str, Mapping[str, object]], Ask]
"""Makes the request from a service and its message."""
_AGENCY: Final = {"madonvi": "000.00.01.H58"}


def by_soap(port: Port) -> AskMinistry:
    """Returns a function that makes requests to the SOAP port."""

    def ask(service: str, message: Mapping[str, object]) -> Ask:
        return port.ask(service, dict(message))

    return ask


def tries(world: World, ministries: Sequence[Entry], asks: Mapping[str, AskMinistry]) -> Mapping[str, Try]:
    """Returns the functions by gateway operation."""
    dossiers = {entry.slug: orders(world, entry) for entry in ministries}
    steps = {entry.slug: known_steps(world, entry) for entry in ministries}

    def send(sample: Mapping[str, Any]) -> Ask:
        slug, code = _of(sample)
        return asks[slug]("DongBoHoSoMC", {**_AGENCY, "isUpdating": "False", "data": [dossiers[slug][code]]})

    def report(sample: Mapping[str, Any]) -> Ask:
        slug, code = _of(sample)
        return asks[slug]("CapNhatTienDoHoSoMC", {**_AGENCY, "data": [steps[slug][code]]})

    def look_up(sample: Mapping[str, Any]) -> Ask:
        slug, code = _of(sample)
        return asks[slug]("TraCuuHoSo", {**_AGENCY, "mahoso": code})

    def incoming(sample: Mapping[str, Any]) -> Ask:
        return asks[sample["path"]["ministry"]]("LayHoSoGuiTinh", _AGENCY)

    def acknowledge(sample: Mapping[str, Any]) -> Ask:
        message = {**_AGENCY, "MaThongDiep": sample["body"]["message_ids"]}
        return asks[sample["path"]["ministry"]]("XacNhanHoSoGuiTinh", message)

    return {
        "ministry_portals.acknowledge": acknowledge,
        "ministry_portals.incoming": incoming,
        "ministry_portals.send_dossier": send,
        "ministry_portals.report_progress": report,
        "ministry_portals.dossier": look_up,
    }


def _of(sample: Mapping[str, Any]) -> tuple[str, str]:
    return sample["path"]["ministry"], sample["path"]["dossier_code"]
