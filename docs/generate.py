#!/usr/bin/env python3
"""Writes the tables of these pages that follow from the code: `make generate`, or with `--check` only says whether.

A table stands between ``<!-- begin NAME -->`` and ``<!-- end NAME -->``; all else on a page is written by hand.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel

from gateway.core.settings import UpstreamSettings
from gateway.observe.catalogue import whole_catalogue
from gateway.pipeline.policies import UpstreamPolicies
from gateway.registry import scan
from gateway.settings import OperationSettings, Settings

PAGES: Final = Path(__file__).parent / "operate"
_REGION: Final = re.compile(r"(?P<begin><!-- begin (?P<name>\w+) -->\n).*?(?P<end><!-- end (?P=name) -->)", re.DOTALL)


def written(text: str) -> str:
    """*text* with each of its tables as it should be now."""
    return _REGION.sub(lambda match: f"{match['begin']}{TABLES[match['name']]()}{match['end']}", text)


# ---- settings


def settings_table() -> str:
    """Everything of the deployment's file but the connectors' own blocks."""
    return _table(rows(Settings, leave_out={"connectors"}))


def policies_table() -> str:
    """The policies around one upstream."""
    return _table(rows(UpstreamPolicies))


def upstream_table() -> str:
    """What every upstream has, whatever it speaks."""
    return _table(rows(UpstreamSettings))


def operations_table() -> str:
    """What a deployment may change of an operation, with what each operation declares."""
    names = [name for name in OperationSettings.model_fields if name != "upstream"]
    lines = [f"| operation | {' | '.join(f'`{name}`' for name in names)} |", f"| --- |{' --- |' * len(names)}"]
    for connector in scan().values():
        for operation in connector.operations:
            values = " | ".join(f"{getattr(operation, name):g}" for name in names)
            lines.append(f"| `{connector.name}.{operation.name}` | {values} |")
    return "\n".join(lines) + "\n"


def dialects_table() -> str:
    """The keys that one dialect has besides."""
    lines = ["| upstream | key | value | default | what |", "| --- | --- | --- | --- | --- |"]
    for connector in scan().values():
        for dialect in connector.dialects:
            own = rows(dialect.settings, leave_out=UpstreamSettings.model_fields.keys())
            lines += [f"| `{connector.name}`, `{dialect.name}` {row}" for row in own]
    return "\n".join(lines) + "\n"


def rows(
    model: type[BaseModel],
    prefix: str = "",
    *,
    leave_out: AbstractSet[str] = frozenset(),
    given: BaseModel | None = None,
) -> Iterator[str]:
    """Table rows of the keys of *model*, nested ones by their dotted names; *given* is what stands unless said."""
    properties = model.model_json_schema(mode="validation")["properties"]
    for name, info in model.model_fields.items():
        if name in leave_out:
            continue
        default = getattr(given, name) if given else info.get_default(call_default_factory=True)
        inner = _model_in(info.annotation)
        if inner is not None:
            star = f"<{name.removesuffix('s')}>." if _is_mapping(info.annotation) else ""
            nested = default if isinstance(default, BaseModel) else None
            yield from rows(inner, f"{prefix}{name}.{star}", given=nested)
            continue
        shown = "required" if info.is_required() and given is None else _shown(default)
        yield f"| `{prefix}{name}` | {_shape(properties[name])} | {shown} | {info.description or ''} |"


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


def _is_mapping(annotation: Any) -> bool:
    return getattr(annotation, "__origin__", None) in {Mapping, dict}


def _shown(value: object) -> str:
    if value is None or value in ("", ()):
        return ""
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value:g}`" if isinstance(value, float) else f"`{value}`"


def _shape(schema: Mapping[str, Any]) -> str:
    """A JSON schema in a few words."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if options:
        return " or ".join(dict.fromkeys(_shape(option) for option in options))
    if "enum" in schema:
        return ", ".join(f"`{value}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{schema['const']}`"
    if schema.get("format") == "password" or schema.get("writeOnly"):
        return "a secret, by reference"
    if schema.get("type") == "array":
        return f"list: {_shape(schema.get('items', {}))}"
    bounds = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}
    kind = {"integer": "whole number", "string": "text"}.get(schema.get("type", ""), schema.get("type", "text"))
    return " ".join([kind, *(f"{sign} {schema[key]}" for key, sign in bounds.items() if key in schema)])


def _table(lines: Iterator[str]) -> str:
    head = ["| key | value | default | what |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *lines]) + "\n"


# ---- metrics


def metrics_table() -> str:
    """The metric catalogue, in the catalogue's order."""
    described, _ = whole_catalogue().exposition("")
    found = re.findall(r"^# HELP (lgsp_\S+) (.*)\n# TYPE \S+ (\w+)$", described.decode(), re.MULTILINE)
    lines = [f"| `{name}` | {kind} | {text} |" for name, text, kind in found]
    return "\n".join(["| metric | kind | what |", "| --- | --- | --- |", *lines]) + "\n"


# ---- policies


def sources_table() -> str:
    """What each source has besides the usual policies."""
    lines = ["| upstream | differs in |", "| --- | --- |"]
    for connector in scan().values():
        for dialect in connector.dialects:
            said = ", ".join(f"`{key}: {value}`" for key, value in _dotted(dialect.defaults)) or "nothing"
            lines.append(f"| `{connector.name}`, `{dialect.name}` | {said} |")
    return "\n".join(lines) + "\n"


def _dotted(block: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in block.items():
        if isinstance(value, Mapping):
            yield from _dotted(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


TABLES: Final[Mapping[str, Callable[[], str]]] = {
    "settings": settings_table,
    "policies": policies_table,
    "upstream": upstream_table,
    "operations": operations_table,
    "dialects": dialects_table,
    "sources": sources_table,
    "metrics": metrics_table,
}


def main() -> int:
    """0 where every table is (or was made) as it should be."""
    check = "--check" in sys.argv[1:]
    old = [page for page in sorted(PAGES.glob("*.md")) if written(text := page.read_text("utf-8")) != text]
    for page in old:
        if check:
            sys.stderr.write(f"{page.name} is not what the code says; make generate\n")
        else:
            page.write_text(written(page.read_text("utf-8")), "utf-8")
    return int(check and bool(old))


if __name__ == "__main__":
    sys.exit(main())
