"""Deployments in which every upstream of the laptop's configuration is asked over the road of a security server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal

from tests.support.laptop import OTHER_DIALECTS, PLAIN

Road = Literal["xroad", "xrdadapter"]
LGSP: Final = "VN/GOV/000.00.00.H58/lgsp"
SERVICES: Final[Mapping[str, str]] = {
    "business_registry": "VN/GOV/000.00.00.G08/dkdn/csdldkdn",
    "social_insurance": "VN/GOV/000.00.00.G24/bhxh/csdlbh",
    "legal_documents": "VN/GOV/000.00.00.G15/vbpl/csdlvbqppl",
    "criminal_records": "VN/GOV/000.00.00.G15/lltp/phieulltp",
}
CODES: Final[Mapping[str, str]] = {
    "business_registry": "VN:GOV:000.00.00.G08:csdldkdnprovider",
    "social_insurance": "VN:GOV:000.00.00.G24:csdlbhprovider",
    "legal_documents": "VN:GOV:000.00.00.G15:csdlvbqpplprovider",
    "criminal_records": "VN:GOV:000.00.00.G15:phieulltpprovider",
}
"""The services and their codes, as ``contracts/xroad/services.yaml`` has them."""
BELOW: Final[Mapping[tuple[str, str], str]] = {
    ("legal_documents", "ws"): "ws",
    ("criminal_records", "lltp2024"): "lltp2024",
    ("criminal_records", "ws"): "ws",
}
"""Paths of dialects below their system's service."""
UPSTREAMS: Final[Mapping[str, tuple[str, ...]]] = {
    "business_registry": ("ngsp",),
    "social_insurance": ("ngsp", "vss"),
    "legal_documents": ("ws", "gateway"),
    "criminal_records": ("lltp2024",),
}
TOKENS: Final = {("business_registry", "ngsp"), ("social_insurance", "ngsp"), ("criminal_records", "ngsp")}
"""Dialects whose source gives a bearer token."""


def on_road(road: Road, *, other: bool = False, **settings: object) -> dict[str, Any]:
    """The connectors' blocks for :func:`tests.support.laptop.laptop_settings`; *other*: their other dialects.

    *settings* are laid over the block of the road.
    """
    blocks: dict[str, Any] = {}
    for system, names in UPSTREAMS.items():
        more = OTHER_DIALECTS.get(system, {}) if other else {}
        known = more.get("upstreams", {})
        blocks[system] = {
            "upstreams": {name: _upstream(road, system, name, known, settings) for name in (*names, *known)},
            "operations": more.get("operations", {}),
        }
    return blocks


def _upstream(
    road: Road, system: str, name: str, known: Mapping[str, Any], settings: Mapping[str, object]
) -> dict[str, Any]:
    path = BELOW.get((system, name), "")
    block: dict[str, object] = {"path": path, **settings}
    if road == "xroad":
        block = {"client": LGSP, "service": SERVICES[system], **block}
        below = f"r1/{SERVICES[system]}"
    else:
        block = {"dstcode": CODES[system], **block}
        below = "XrdAdapter/RestService/forward"
    found = {**known.get(name, {}), **PLAIN, "url": "${mocks_url}", "road": road, road: block}
    if (system, name) in TOKENS:
        found["token"] = {**found.get("token", {}), "url": f"${{mocks_url}}/{below}/token"}
    return found
