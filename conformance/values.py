"""Fills templates: `{path.enterprise_code}`, `{body.sex|map:male=1,female=2}`, `{credential.password|md5}`."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from hashlib import md5
from pathlib import Path
from typing import Any, Final

from conformance.schema import ContractError
from conformance.suite import Message

_PLACE: Final = re.compile(r"\{([a-z_][\w.]*\??(?:\|[^{}]+)?)\}")


class MissingValue(KeyError):
    """A template needs a value that the sample does not have."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of one contract, read at start."""

    folder: Path
    by_name: Mapping[str, str] = field(repr=False)

    def __getitem__(self, name: str) -> str:
        if name not in self.by_name:
            raise ContractError(f"the credential {name} is missing: write it as one line to {self.folder / name}")
        return self.by_name[name]


def read_credentials(folder: Path) -> Credentials:
    """Reads the files of *folder*, one line each; empty when the folder does not exist."""
    files = [path for path in folder.iterdir() if path.is_file()] if folder.is_dir() else []
    return Credentials(folder, {path.name: path.read_text(encoding="utf-8").strip() for path in files})


class Values:
    """The values for templates: a sample, the credentials, and the values kept from the login."""

    __slots__ = ("_credentials", "_names")

    def __init__(self, names: Mapping[str, Any], credentials: Credentials) -> None:
        self._names = {"fresh": f"KIEM-THU-{secrets.token_hex(6)}", **names}
        self._credentials = credentials

    def with_names(self, names: Mapping[str, Any]) -> Values:
        return Values({**self._names, **names}, self._credentials)

    def filled(self, template: Any) -> Any:
        """Returns *template* with all placeholders replaced; a text that is one placeholder keeps its value's type.

        Raises:
            MissingValue: the sample has no such value (`{name?}` gives an empty text instead).
            ContractError: a filter is unknown, or a credential's file is missing.
        """
        if isinstance(template, Mapping):
            return {name: self.filled(inner) for name, inner in template.items()}
        if isinstance(template, list | tuple):
            return [self.filled(inner) for inner in template]
        if not isinstance(template, str):
            return template
        if (whole := _PLACE.fullmatch(template)) is not None:
            return self._value(whole[1])
        return _PLACE.sub(lambda found: str(self._value(found[1])), template)

    def message(self, template: Message) -> Message:
        return Message.model_validate(self.filled(template.model_dump()))

    def _value(self, place: str) -> Any:
        name, _, filters = place.partition("|")
        optional, name = name.endswith("?"), name.removesuffix("?")
        if name.startswith("credential."):
            value: Any = self._credentials[name.removeprefix("credential.")]
        else:
            value = _dig(self._names, name)
        if value is None:
            if not optional:
                raise MissingValue(name)
            value = ""
        try:
            for step in filter(None, filters.split("|")):
                value = _filtered(step, value)
        except (TypeError, KeyError, ValueError) as error:
            if isinstance(error, ContractError):
                raise
            raise ContractError(f"the value of {name} can't be converted by {filters}") from error
        return value


def value_of(sample: Mapping[str, Any], name: str) -> Any:
    """Returns the sample's value of this dotted name, or None."""
    return _dig(sample, name)


def has(sample: Mapping[str, Any], name: str) -> bool:
    """Returns True when the sample has a value of this dotted name."""
    return _dig(sample, name) is not None


def _dig(names: Any, dotted: str) -> Any:
    for step in dotted.split("."):
        names = names.get(step) if isinstance(names, Mapping) else None
    return names


def _filtered(step: str, value: Any) -> Any:
    name, _, argument = step.partition(":")
    if name == "map":
        pairs = dict(pair.split("=", 1) for pair in argument.split(","))
        return pairs.get(str(value), "")
    if name == "date":
        return date.fromisoformat(value).strftime(argument)
    if name not in _FILTERS:
        raise ContractError(f"unknown filter {name}; use date, map, {', '.join(sorted(_FILTERS))}")
    return _FILTERS[name](value)


def _md5(value: Any) -> str:
    # The health card gateway's login requires MD5 [G].
    return md5(str(value).encode(), usedforsecurity=False).hexdigest().upper()


def _compact(value: Any) -> str:
    return str(value["value"]).replace("-", "") if value else ""


def _slashed(value: Any) -> str:
    return "/".join(reversed(str(value["value"]).split("-"))) if value else ""


def _precision(value: Any) -> str:
    return {"day": "0", "year": "1", "month": "2"}[value["precision"]] if value else ""


_FILTERS: Final[Mapping[str, Callable[[Any], str]]] = {
    "md5": _md5,
    "birth_compact": _compact,
    "birth_slashed": _slashed,
    "birth_precision": _precision,
    "lower": lambda value: str(value).lower(),
}


def is_day(text: str, formats: list[str]) -> bool:
    """Returns True when *text* is an existing date in one of *formats*."""
    for one in formats:
        try:
            datetime.strptime(text, one)  # noqa: DTZ007 - a date, not a time
        except ValueError:
            continue
        return True
    return False
