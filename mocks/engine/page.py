"""The page at `/`: services, samples to try, scenarios, clock, faults, live journal. One file, works offline."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from mocks.engine.country import Country
    from mocks.engine.service import Service

ASSETS: Final = Path(__file__).parents[1] / "assets"
_SCRIPT: Final = (ASSETS / "page.js").read_text(encoding="utf-8")
_STYLE: Final = (ASSETS / "page.css").read_text(encoding="utf-8")
_BEFORE, _AFTER = (
    (ASSETS / "page.html")
    .read_text(encoding="utf-8")
    .replace("{{style}}", _STYLE)
    .replace("{{script}}", _SCRIPT)
    .split("{{data}}")
)


def _hashed(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


#: The page runs only its own script and style, connects only to the country, and can't be framed.
PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; script-src {_hashed(_SCRIPT)}; style-src {_hashed(_STYLE)}; connect-src 'self'; "
        "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


def page(country: Country, kinds: Mapping[str, object], routes: Sequence[str]) -> str:
    """Returns the page as HTML; the script loads everything that changes."""
    data = {
        "seed": country.world.population.seed,
        "services": [_service(service) for service in country.services.values()],
        "kinds": kinds,
        "routes": routes,
        "scenarios": {
            name: {"en": named.scenario.description, "vi": named.scenario.description_vi or named.description}
            for name, named in country.scenarios.items()
        },
    }
    # Within a script element only `<` can end it, so it is escaped.
    return _BEFORE + orjson.dumps(data).decode().replace("<", "\\u003c") + _AFTER


def _service(service: Service) -> dict[str, object]:
    return {
        "name": service.name,
        "title": service.title,
        "prefix": service.prefix,
        "calls": [
            {"name": call.name, "method": call.method, "path": f"{service.prefix}/{call.path}", "kind": call.kind}
            for call in service.calls
        ],
        "tries": sorted(service.tries),
        "pushes": sorted(service.pushes),
    }
