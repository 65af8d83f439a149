"""Reads blocks of the configuration whose model is known only when a dialect is: those of upstreams."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, SecretStr, ValidationError

from gateway.settings.errors import INVALID, ConfigurationError, explain_validation, rule_of
from gateway.settings.references import read_reference

M = TypeVar("M", bound=BaseModel)


def laid_over(defaults: Mapping[str, object], said: Mapping[str, object]) -> dict[str, object]:
    """*defaults* overridden by *said*, block by block: one given key does not reset the others of its block."""
    found = dict(defaults)
    for key, value in said.items():
        default = found.get(key)
        if isinstance(default, Mapping) and isinstance(value, Mapping):
            found[key] = laid_over(default, value)
        else:
            found[key] = value
    return found


def dereferenced(model: type[BaseModel], values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """*values* with every reference read; a secret field accepts only a reference."""
    found = dict(values)
    for name, info in model.model_fields.items():
        value = found.get(name)
        if value is None:
            continue
        referenced = isinstance(value, str) and value.startswith(("env:", "file:"))
        if referenced or _holds(info.annotation, SecretStr):
            try:
                found[name] = read_reference(value)
            except ValueError as error:
                rule = getattr(error, "rule", INVALID)
                raise ConfigurationError(f"{where}.{name}: {error}", rule=rule) from None
        elif isinstance(value, Mapping) and (inner := _model_of(info.annotation)):
            found[name] = dereferenced(inner, value, f"{where}.{name}")
    return found


def _holds(annotation: Any, wanted: type) -> bool:
    return annotation is wanted or any(_holds(part, wanted) for part in getattr(annotation, "__args__", ()))


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((m for part in getattr(annotation, "__args__", ()) if (m := _model_of(part))), None)


def validated(model: type[M], values: Mapping[str, Any], where: str) -> M:
    """*values* as a *model*; raises :class:`ConfigurationError` with the place below *where*."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ConfigurationError(explain_validation(error, model, where), rule=rule_of(error)) from None
