"""Texts of the described questions: without control characters, as the door takes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

from gateway.api.openapi_defaults import Schema, reached

TEXT: Final = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f]*$"
"""As :func:`gateway.core.canonical.clean_text` takes it: without control characters, line ends and tabs apart."""
_SHAPED: Final = frozenset({"pattern", "enum", "const", "format"})


def questions_without_controls(names: Iterable[str], schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """The schemas *names* of questions, and those that they refer to: each text has a pattern."""
    return {name: _without_controls(schemas[name]) for name in reached(names, schemas)}


def _without_controls(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_without_controls(inner) for inner in schema]
    if not isinstance(schema, dict):
        return schema
    found = {key: value if key == "examples" else _without_controls(value) for key, value in schema.items()}
    if found.get("type") == "string" and found.keys().isdisjoint(_SHAPED):
        found["pattern"] = TEXT
    return found
