"""Masks answers: only fields that the contract names and does not mark as personal are shown."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

#: A masked text keeps its form, up to this length.
_LONGEST: Final = 32
#: Identity papers have 9 or 12 digits, telephones 10, insurance numbers 10.
_LONG_NUMBER: Final = re.compile(r"\d{9,}")


@dataclass(frozen=True, slots=True)
class Mask:
    """Hides values by the name of their field.

    A field that the contract does not name is hidden too: it may be personal.
    Secrets are removed from every text.
    """

    personal: frozenset[str]
    known: frozenset[str]
    secrets: frozenset[str] = frozenset()

    def hides(self, name: str) -> bool:
        return name in self.personal or name not in self.known

    def shown(self, pointer: str, value: object) -> str:
        """Returns *value* at *pointer* (JSON pointer or XPath) in the form for a report."""
        steps = [step.split("[", maxsplit=1)[0] for step in pointer.split("/")]
        names = [step for step in steps if step and not step.isdigit() and step != "*"]
        hidden = any(name in self.personal for name in names) or bool(names and self.hides(names[-1]))
        text = repr(masked(value) if hidden else self.tree(value))
        return text if len(text) <= 200 else f"{text[:200]}…"

    def tree(self, value: object) -> object:
        """Returns *value* with all hidden fields masked."""
        if isinstance(value, Mapping):
            return {
                name: masked(inner) if name.strip() in self.personal or self._is_unknown_leaf(name, inner)
                else self.tree(inner)
                for name, inner in value.items()
            }  # fmt: skip
        if isinstance(value, list):
            return [self.tree(inner) for inner in value]
        return self.struck(value) if isinstance(value, str) else value

    def _is_unknown_leaf(self, name: str, value: object) -> bool:
        return name.strip() not in self.known and not isinstance(value, Mapping | list)

    def recorded(self, value: object) -> object:
        """Returns *value* for a recording: as `tree`, and long numbers are masked, since they may identify a person."""
        return _without_numbers(self.tree(value))

    def struck(self, text: str) -> str:
        """Returns *text* without secrets."""
        for secret in self.secrets:
            text = text.replace(secret, "***")
        return text

    def with_secrets(self, secrets: Collection[object]) -> Mask:
        """Returns a mask that also removes *secrets*; very short ones are ignored, as they occur in any text."""
        texts = {str(one) for one in secrets}
        return Mask(self.personal, self.known, self.secrets | {text for text in texts if len(text) >= 6})


def masked(value: object) -> object:
    """Returns an anonymous value of the same form: digits become 0, letters x."""
    if isinstance(value, Mapping):
        return {name: masked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [masked(inner) for inner in value]
    if isinstance(value, str):
        return "".join(
            "0" if one.isdigit() else "x" if one.isalnum() else one for one in value[:_LONGEST] if _plain(one)
        )
    if isinstance(value, bool) or value is None:
        return value
    return 0


def _without_numbers(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _without_numbers(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_numbers(inner) for inner in value]
    return _LONG_NUMBER.sub(lambda found: "0" * len(found[0]), value) if isinstance(value, str) else value


def _plain(one: str) -> bool:
    # Combining marks would reveal decomposed letters; they do not count as letters.
    return not 0x300 <= ord(one) <= 0x36F


def personal_names(schema: object) -> Iterator[str]:
    """Yields the fields that a contract marks `x-personal: true`."""
    for name, inner in _properties(schema):
        if isinstance(inner, Mapping) and inner.get("x-personal") is True:
            yield name


def known_names(schema: object) -> Iterator[str]:
    """Yields the fields that a contract names."""
    return (name for name, _ in _properties(schema))


def coded_names(schema: Any) -> Iterator[str]:
    """Yields the fields whose values the contract lists."""
    for name, inner in _properties(schema):
        if isinstance(inner, Mapping) and ("enum" in inner or "const" in inner):
            yield name


def _properties(schema: Any) -> Iterator[tuple[str, object]]:
    if isinstance(schema, Mapping):
        for name, inner in schema.items():
            if name == "properties" and isinstance(inner, Mapping):
                yield from inner.items()
            yield from _properties(inner)
    elif isinstance(schema, list):
        for inner in schema:
            yield from _properties(inner)
