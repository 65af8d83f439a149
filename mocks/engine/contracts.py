"""Serves each system's contract files: the OpenAPI description, the WSDL and its schemas."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

import yaml

from mocks.engine.service import SOAP_11, Answer, Call, Reply, Request, World, json_reply

_YAML: Final = "application/yaml; charset=utf-8"


def contract_calls(world: World, system: str) -> tuple[Call, ...]:
    """Returns calls named `openapi` and `wsdl` for the files in `contracts/<system>/`."""
    folder = world.contracts / system
    calls: list[Call] = []
    if (folder / "openapi.yaml").is_file():
        text = world.contract(f"{system}/openapi.yaml")
        as_json, as_yaml = _as_json(text), Reply(body=text.encode(), content_type=_YAML)
        calls.append(Call(name="openapi", path="openapi.json", kind="document", answer=_always(as_json)))
        calls.append(Call(name="openapi", path="openapi.yaml", kind="document", answer=_always(as_yaml)))
    if (folder / "service.wsdl").is_file():
        wsdl = Reply(body=(folder / "service.wsdl").read_bytes(), content_type=SOAP_11)
        schemas = {path.name: Reply(body=path.read_bytes(), content_type=SOAP_11) for path in folder.glob("*.xsd")}
        calls.append(
            Call(
                name="wsdl",
                path="ws",
                kind="document",
                match=_asks_wsdl,
                answer=_always(wsdl),
                shown=frozenset({"wsdl"}),
            )
        )
        for name, schema in sorted(schemas.items()):
            calls.append(Call(name="wsdl", path=name, kind="document", answer=_always(schema)))
    return tuple(calls)


@lru_cache(maxsize=16)
def _as_json(text: str) -> Reply:
    return json_reply(yaml.safe_load(text))


def _asks_wsdl(request: Request) -> bool:
    return any(name.lower() == "wsdl" for name in request.query)


def _always(reply: Reply) -> Answer:
    def answer(_: Request) -> Reply:
        return reply

    return answer
