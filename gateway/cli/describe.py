"""``lgsp connectors``, ``explain``, ``openapi`` and ``schema``: they describe the deployment without starting it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NoReturn

from pydantic import BaseModel, TypeAdapter

from gateway.api.openapi import describe
from gateway.cli.client import stdout_is_terminal
from gateway.cli.errors import USAGE, fail
from gateway.core.clock import SystemClock
from gateway.core.events import silence
from gateway.core.message import Exchange
from gateway.core.steps import steps_of
from gateway.offers import make_offers
from gateway.pipeline.build import UpstreamRing
from gateway.pipeline.cache.answer_cache import AnswerCache
from gateway.pipeline.operation.call_connector import CallConnector
from gateway.pipeline.operation.idempotency import IdempotencyKeys
from gateway.pipeline.policies import UpstreamPolicies
from gateway.pipeline.upstream.classify_reply import ClassifyReply
from gateway.pipeline.upstream.daily_quota import MemoryDays
from gateway.pipeline.upstream.token import Tokens
from gateway.registry import OperationPlan, Plan, UpstreamPlan, plan, scan
from gateway.routing import VERSION
from gateway.settings import Settings, load, nearest
from gateway.upstreams import make_ring


def connectors(config: Path, *, as_json: bool) -> None:
    """Prints the connectors and operations of the deployment."""
    planned = plan(load(config))
    offered = {f"{group[0].connector.name}.{group[0].operation.name}": group for group in planned.by_operation()}
    rows = []
    for connector in planned.connectors:
        for operation in connector.operations:
            group = offered.get(f"{connector.name}.{operation.name}", [])
            answering = ", ".join(f"{item.upstream.name} ({item.upstream.dialect.name})" for item in group)
            rows.append(
                {
                    "operation": f"{connector.name}.{operation.name}",
                    "route": f"{operation.method} /v1/{connector.slug}/{operation.path}",
                    "upstream": answering or None,
                    "summary": operation.summary,
                }
            )
    if as_json or not stdout_is_terminal():
        print(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    # Blocks and not a table: a route that is broken over two lines can't be copied.
    for row in rows:
        print(f"{row['operation']} ({row['upstream'] or 'not offered'})\n  {row['route']}\n  {row['summary']}")


def road_of(up: UpstreamPlan) -> str:
    """The road of *up* with the names that it is taken by."""
    settings = up.settings
    if settings.road == "xroad" and settings.xroad is not None:
        checked = "compared" if settings.xroad.verify_hash else "counted"
        return f"xroad to {settings.xroad.service} as {settings.xroad.client}, request hash {checked}"
    if settings.road == "xrdadapter" and settings.xrdadapter is not None:
        return f"xrdadapter to {settings.xrdadapter.dstcode}"
    return settings.road


def explain(config: Path, operation: str) -> None:
    """Prints the rings of *operation* with their effective settings, and the source of each setting."""
    settings = load(config)
    planned = plan(settings)
    found = {f"{group[0].connector.name}.{group[0].operation.name}": group for group in planned.by_operation()}
    if operation not in found:
        fail(f"the operation {operation!r} is not offered{nearest(operation, found)}", USAGE)
    for line in as_lines(settings, found[operation]):
        print(line)


def as_lines(settings: Settings, group: Sequence[OperationPlan]) -> list[str]:
    """The text of ``lgsp explain`` for the plans of one operation."""
    item = group[0]
    name = item.connector.name
    block = settings.connectors[name]
    said = block.operations.get(item.operation.name)
    changed = said.model_fields_set if said else set()
    operation = item.operation
    rows = [
        f"{name}.{operation.name}: {operation.method} /v1/{item.connector.slug}/{operation.path}",
        f"operation ring: {' → '.join(operation_steps(settings, item))}",
    ]
    rows.extend(
        f"  {key} = {getattr(operation, key):g}  ({'configuration' if key in changed else 'operation'})"
        for key in ("deadline_s", "fresh_s", "swr_s", "soft_timeout_s", "stale_s", "negative_s")
    )
    for one in group:
        rows += _upstream_lines(block.upstreams[one.upstream.name], one.upstream)
    return rows


def _upstream_lines(raw: Mapping[str, Any], up: UpstreamPlan) -> list[str]:
    rows = [f"upstream: {up.name}, dialect {up.dialect.name}, road {road_of(up)}"]
    rows.append(f"upstream ring: {' → '.join([*steps_of(ring_of(up).run), ClassifyReply.name])}")
    for key, value in flat(up.policies):
        origin = "configuration" if _said(raw, key) else "connector" if _said(up.dialect.defaults, key) else "default"
        rows.append(f"  {key} = {value}  ({origin})")
    return rows


class _Nobody:
    """The adapter of a ring that is only described: it is never called."""

    certificate_ends_at = 0.0

    async def open(self) -> None: ...

    async def close(self) -> None: ...

    async def send(self, exchange: Exchange) -> NoReturn:
        raise AssertionError(exchange)


def ring_of(up: UpstreamPlan) -> UpstreamRing:
    """The ring that a gateway would put around *up*."""
    return make_ring(up, _Nobody(), Tokens(), MemoryDays(), SystemClock(), silence)


def operation_steps(settings: Settings, item: OperationPlan) -> list[str]:
    """The steps that a gateway would put around the operation, outermost first, and its source."""
    rings = {(item.upstream.connector, item.upstream.name): ring_of(item.upstream)}
    only = Plan((item.connector,), (item.upstream,), (item,), ())
    cache = AnswerCache(settings.cache, clock=SystemClock(), observer=silence)
    clock = SystemClock()
    [offer] = make_offers(settings, only, rings, cache, IdempotencyKeys(), (clock, clock), silence)
    return [*steps_of(offer.run), CallConnector.name]


def _said(raw: Any, dotted: str) -> bool:
    for part in dotted.split("."):
        if not isinstance(raw, Mapping) or part not in raw:
            return False
        raw = raw[part]
    return True


def flat(model: BaseModel, prefix: str = "") -> list[tuple[str, object]]:
    """Dotted names and values of nested settings."""
    found: list[tuple[str, object]] = []
    for key in type(model).model_fields:
        value = getattr(model, key)
        found.extend(flat(value, f"{prefix}{key}.") if isinstance(value, BaseModel) else [(prefix + key, value)])
    return found


def openapi(output: Path | None) -> None:
    """Describes every declared operation, whatever a deployment offers."""
    declared = [(connector, operation) for connector in scan().values() for operation in connector.operations]
    document = describe(declared, VERSION)
    if output is None:
        print(json.dumps(document, ensure_ascii=False, indent=2))
    else:
        _write(output, to_yaml(document))


def _write(output: Path, text: str) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        fail(f"--output: {output} could not be written ({error.strerror})", USAGE)


def to_yaml(document: object) -> str:
    """*document* as YAML; a text of digits is quoted, because YAML 1.2 would read it as a number."""
    import yaml

    class Dumper(yaml.SafeDumper):
        """PyYAML's, which knows the numbers of YAML 1.1 alone: there 0912 is a text."""

    def text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="'" if value.isdigit() else None)

    Dumper.add_representer(str, text)
    plain = json.loads(json.dumps(document))
    found: str = yaml.dump(plain, Dumper=Dumper, allow_unicode=True, sort_keys=False, width=110)
    return "# Generated from the declared operations: make generate\n" + found


def schema(output: Path | None) -> None:
    """JSON Schema of the deployment's file, with the upstream keys of every dialect."""
    text = json.dumps(configuration_schema(), ensure_ascii=False, indent=2) + "\n"
    if output is None:
        print(text, end="")
    else:
        _write(output, text)


def configuration_schema() -> dict[str, Any]:
    """The schema; upstreams are closed by connector, so that editors complete and refuse their keys."""
    document = Settings.model_json_schema()
    definitions = document["$defs"]
    policies = TypeAdapter(UpstreamPolicies).json_schema(ref_template="#/$defs/{model}")
    definitions.update(policies.pop("$defs", {}))
    blocks = {}
    for connector in scan().values():
        options = []
        for dialect in connector.dialects:
            own = dialect.settings.model_json_schema(ref_template="#/$defs/{model}")
            definitions.update(own.pop("$defs", {}))
            properties = {"dialect": {"const": dialect.name}, **own["properties"], **policies["properties"]}
            options.append({"type": "object", "properties": properties, "additionalProperties": False})
        blocks[connector.name] = {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "upstreams": {"type": "object", "additionalProperties": {"anyOf": options}},
                "operations": {
                    "type": "object",
                    "additionalProperties": False,
                    "properties": {op.name: {"$ref": "#/$defs/OperationSettings"} for op in connector.operations},
                },
            },
        }
    document["properties"]["connectors"] = {"type": "object", "properties": blocks, "additionalProperties": False}
    return document
