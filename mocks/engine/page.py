"""The page at `/`: services, identifiers to try, administration. One file, no assets, works offline."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Final

import orjson

if TYPE_CHECKING:
    from mocks.engine.country import Country
    from mocks.engine.service import Service

_STYLE: Final = """
body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:60rem;padding:0 1rem;color:#1b1f24;background:#fff}
code{font:13px/1.4 ui-monospace,monospace;background:#f3f4f6;padding:.1em .3em;border-radius:3px;word-break:break-all}
table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}
td,th{border-bottom:1px solid #d0d7de;padding:.3rem .5rem;vertical-align:top;text-align:left}
h2{margin-top:2rem}.none{color:#6a737d}
@media(prefers-color-scheme:dark){body{background:#0d1117;color:#e6edf3}code{background:#21262d}}
"""
_ADMIN: Final = (
    ("GET", "/__mock/samples", "identifiers to try, by gateway operation"),
    ("GET", "/__mock/journal?system=&operation=&limit=", "what was asked, newest last, personal values masked"),
    ("GET", "/__mock/manifest", "seed, counts and hash of the population, test ranges"),
    ("GET, PUT, DELETE", "/__mock/faults", "what goes wrong, and when"),
    ("GET, POST", "/__mock/scenario", 'a named state: {"name": "calm"}'),
    ("GET, POST", "/__mock/clock", 'virtual time: {"advance": "P3D"}'),
    ("POST", "/__mock/reset", "everything back to the start"),
)


def page(country: Country) -> str:
    """The page as HTML, as of now."""
    services = "".join(_service(service) for service in country.services.values())
    admin = "".join(
        f"<tr><td>{method}</td><td><code>{escape(path)}</code></td><td>{escape(what)}</td></tr>"
        for method, path, what in _ADMIN
    )
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>The mock country</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>The mock country</h1><p>National systems over one made-up population: nobody here exists. "
        f"Seed {country.world.population.seed}, scenario {escape(country.scenario)}, "
        f"today {country.clock.today():%d/%m/%Y}, {country.journal.total()} requests so far.</p>"
        f"{services}<h2>Administration</h2><table>{admin}</table></body></html>"
    )


def _service(service: Service) -> str:
    calls = "".join(
        f"<tr><td>{call.method}</td><td><code>{escape(service.prefix)}/{escape(call.path)}</code></td>"
        f"<td>{escape(call.name)}</td></tr>"
        for call in service.calls
    )
    samples = "".join(
        f"<tr><td>{escape(operation)}</td><td>{''.join(_sample(sample) for sample in tried)}</td></tr>"
        for operation, tried in service.samples().items()
    )
    return (
        f'<h2 id="{service.name}">{escape(service.title)}</h2>'
        f"<table><tr><th>method</th><th>path</th><th>operation</th></tr>{calls}</table>"
        f"<table><tr><th>gateway operation</th><th>to try</th></tr>{samples}</table>"
    )


def _sample(sample: dict[str, object]) -> str:
    missing = sample.get("exists") is False
    shown = {name: value for name, value in sample.items() if name != "exists"}
    text = escape(orjson.dumps(shown).decode()[:400])
    return f"<div{' class=none' if missing else ''}><code>{text}</code>{' does not exist' if missing else ''}</div>"
