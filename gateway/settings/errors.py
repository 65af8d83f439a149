"""Describes a configuration error in one sentence: its place and the nearest name, never a value."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

INVALID: Final = "invalid-value"


class ConfigurationError(Exception):
    """The configuration is wrong; the message is one sentence that says what to change, and *rule* the rule's id."""

    def __init__(self, message: str, *, rule: str = INVALID) -> None:
        super().__init__(message)
        self.rule = rule


class Finding(NamedTuple):
    """One thing that is wrong: the id of the rule that it breaks, and a sentence with its place."""

    rule: str
    says: str

    @property
    def text(self) -> str:
        """The sentence with its rule."""
        return self.says if f"{self.rule}:" in self.says else f"{self.says} [{self.rule}]"


class RuleError(ValueError):
    """A value breaks *rule*; pydantic turns it into a finding that keeps it."""

    def __init__(self, message: str, *, rule: str) -> None:
        super().__init__(message)
        self.rule = rule


_RULES: Final = {
    "extra_forbidden": "unknown-key",
    "missing": "missing-key",
}
"""The rule that a finding of pydantic's own breaks, by its type; all others: ``invalid-value``."""


def rule_of(error: ValidationError) -> str:
    """The id of the rule that the first finding of *error* breaks."""
    return rule_of_finding(first_complaint(error))


def rule_of_finding(item: ErrorDetails) -> str:
    """The id of the rule that one finding of pydantic's breaks."""
    cause = item.get("ctx", {}).get("error")
    return cause.rule if isinstance(cause, RuleError) else _RULES.get(item["type"], INVALID)


class NotThereError(ConfigurationError):
    """A server that the configuration names is not there now: starting again, later, may help."""


def nearest(name: str, known: Iterable[str]) -> str:
    """``; did you mean 'x'?`` with the nearest of *known*, or the list of them."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else f"; known: {', '.join(known)}" if known else ""


def explain_validation(error: ValidationError, model: type[BaseModel], prefix: str = "") -> str:
    """The first finding of *error* as one sentence, without the input value, which may be a secret."""
    return explain_finding(first_complaint(error), model, prefix)


def explain_finding(item: ErrorDetails, model: type[BaseModel], prefix: str = "") -> str:
    """One finding of pydantic's as a sentence; as :func:`explain_validation`."""
    loc = [str(part) for part in item["loc"]]
    where = ".".join([prefix, *loc] if prefix else loc)
    if item["type"] == "extra_forbidden":
        return f"unknown key {where!r}{nearest(loc[-1], _keys_at(model, loc[:-1]))}"
    if item["type"] == "missing":
        return f"{where} is missing"
    if item["type"] in {"model_type", "dict_type", "mapping_type"}:
        return f"{where}: expected a block of keys"
    message = item["msg"].removeprefix("Value error, ")
    return f"{where}: {message}" if where else message


def first_complaint(error: ValidationError) -> ErrorDetails:
    """The finding to show: a misspelt key comes before the key that is missing because of it."""
    items = error.errors(include_input=False, include_url=False)
    return next((item for item in items if item["type"] == "extra_forbidden"), items[0])


def all_findings(error: ValidationError) -> list[ErrorDetails]:
    """The findings to show, misspelt keys before those that are missing because of them."""
    items = error.errors(include_input=False, include_url=False)
    return sorted(items, key=lambda item: item["type"] != "extra_forbidden")


def _keys_at(model: type[BaseModel], loc: list[str]) -> list[str]:
    found: type[BaseModel] | None = model
    for part in loc:
        if found is None:
            return []
        info = found.model_fields.get(part)
        found = _model_in(info.annotation) if info else found
    return list(found.model_fields) if found else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    arguments = getattr(annotation, "__args__", ())
    return next((model for argument in reversed(arguments) if (model := _model_in(argument))), None)
