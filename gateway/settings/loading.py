"""Reads a deployment: the YAML file, overridden key by key by variables and by the command line."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import Any, Final

import yaml
from pydantic import ValidationError, model_validator
from pydantic_settings import BaseSettings, EnvSettingsSource, PydanticBaseSettingsSource, SettingsError

from gateway.durable.settings import EMBEDDED
from gateway.settings.errors import (
    INVALID,
    ConfigurationError,
    Finding,
    RuleError,
    explain_validation,
    first_complaint,
    nearest,
    rule_of,
)
from gateway.settings.files import read_whole
from gateway.settings.model import COMMAND_VARIABLES, PREFIX, Settings
from gateway.settings.references import note_file

STATE: Final = ".lgsp"


class _FileSource(PydanticBaseSettingsSource):
    """The YAML file, already read."""

    def __init__(self, settings_cls: type[BaseSettings], values: Mapping[str, Any]) -> None:
        super().__init__(settings_cls)
        self._values = dict(values)

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002  # the base's signature
        return self._values.get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        return self._values


def load(path: Path, overrides: Mapping[str, Any] | None = None) -> Settings:
    """Reads the deployment at *path*; *overrides* (the command line's) win over everything.

    Raises:
        ConfigurationError: One sentence, for exit status 2.
    """
    note_file(str(path))
    values = parsed(read_text(path), path)
    for sentence in (*unknown_keys(values, path), *unknown_variables(os.environ)):
        raise ConfigurationError(sentence.says, rule=sentence.rule)
    return built(values, path, overrides)


def built(
    values: Mapping[str, Any],
    path: Path,
    overrides: Mapping[str, Any] | None = None,
    without: AbstractSet[str] = frozenset(),
) -> Settings:
    """The deployment of *values*, which were read from *path*, and of the variables that are not in *without* (in
    capital letters); else as :func:`load`.

    Raises:
        ConfigurationError: Its context is pydantic's own error where there is one.
    """
    folder = path.resolve().parent
    values = {**values, "state_dir": str(folder / (values.get("state_dir") or STATE))}
    if values.get("store") == EMBEDDED and _changes_store(os.environ):
        values["store"] = {EMBEDDED: True}  # else the variable would take the place of the word

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # the base's signature
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003  # as above
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            variables = EnvSettingsSource(settings_cls)
            variables.env_vars = {
                name: value for name, value in variables.env_vars.items() if name.upper() not in without
            }
            return (init_settings, variables, _FileSource(settings_cls, values))

        @model_validator(mode="before")
        @classmethod
        def _resolve(cls, data: Any) -> Any:
            scalars = {k: str(v) for k, v in data.items() if isinstance(v, str | int | float)}
            return _substitute(data, scalars, path.resolve().parent)

    given = overrides or {}
    try:
        return Loaded(**given)
    except ValidationError as error:
        where = origin_of([str(part) for part in first_complaint(error)["loc"]], given, path)
        raise ConfigurationError(f"{where}: {explain_validation(error, Settings)}", rule=rule_of(error)) from None
    except SettingsError as error:
        raise ConfigurationError(f"a variable {PREFIX}… could not be parsed: {error}") from None
    except ValueError as error:
        raise ConfigurationError(f"{path}: {error}", rule=getattr(error, "rule", INVALID)) from None


def _changes_store(environment: Mapping[str, str]) -> bool:
    """Whether variables change parts of the store, and not its place."""
    names = {name.upper() for name in environment}
    block = f"{PREFIX}STORE__"
    return any(name.startswith(block) for name in names) and f"{block}URL" not in names


def origin_of(loc: Sequence[str], overrides: Mapping[str, Any], path: Path) -> str:
    """The source of the value at *loc*: the command line, a variable or the file, in the order of precedence."""
    if loc and loc[0] in overrides and (len(loc) == 1 or loc[1] in overrides[loc[0]]):
        return "command line"
    variables = {name.upper(): name for name in os.environ}
    names = (f"{PREFIX}{'__'.join(loc[:depth])}".upper() for depth in range(len(loc), 0, -1))
    return next((variables[name] for name in names if name in variables), str(path))


_SAFE: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where it is built in: ten times as fast."""


class _OneKeyEach(_SAFE):  # type: ignore[misc, valid-type]  # one of two classes, both safe
    """A YAML loader that refuses a key given twice, instead of taking the last value (YAML 1.2.2 section 3.2.1.3)."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if key.tag.endswith(":str") and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key.value!r} is given twice", key.start_mark
                )
            seen.add(key.value if key.tag.endswith(":str") else "")
        found: dict[Any, Any] = super().construct_mapping(node, deep)
        return found

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except ValueError:
            why = "no number and no date that can be; put quotes around it if it is a text"
            raise yaml.MarkedYAMLError(problem=why, problem_mark=node.start_mark) from None


MOST_BYTES: Final = 1024 * 1024
"""Of a configuration; a device would not end."""
MOST_NODES: Final = 20_000
"""Values of a configuration, aliases written out; the largest of ours has some hundreds."""


def _check_aliases(root: yaml.Node | None) -> None:
    """Refuses a document that would be endless or huge with its aliases written out.

    Raises:
        yaml.YAMLError: With the place of the anchor.
    """
    sizes: dict[int, int | None] = {}

    def size(node: yaml.Node) -> int:
        """The number of values below *node*; an anchor is counted once and remembered."""
        known = sizes.get(id(node), 0)
        if known is None:
            raise yaml.MarkedYAMLError(problem="an alias refers to what it is part of", problem_mark=node.start_mark)
        if not known:
            sizes[id(node)] = None
            known = 1 + sum(size(inner) for inner in _inner(node))
            sizes[id(node)] = known
        if known > MOST_NODES:
            raise yaml.MarkedYAMLError(problem=f"more than {MOST_NODES} values", problem_mark=node.start_mark)
        return known

    if root is not None:
        size(root)


def _inner(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.SequenceNode):
        yield from node.value
    elif isinstance(node, yaml.MappingNode):
        for pair in node.value:
            yield from pair


def _parsed(text: str) -> Any:
    """The value of a YAML document; raises :class:`yaml.YAMLError`."""
    loader = _OneKeyEach(text)
    try:
        root = loader.get_single_node()
        _check_aliases(root)
        return None if root is None else loader.construct_document(root)
    finally:
        loader.dispose()


def read_text(path: Path) -> str:
    """The text of the file at *path*; raises :class:`ConfigurationError`."""
    try:
        found = read_whole(path, MOST_BYTES + 1)
        text = found.decode("utf-8")
    except OSError as error:
        raise ConfigurationError(
            f"the configuration {path} could not be read: {error.strerror}", rule="unreadable-file"
        ) from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"the configuration {path} is not UTF-8", rule="not-utf8") from None
    if len(found) > MOST_BYTES:
        raise ConfigurationError(f"the configuration {path} is larger than {MOST_BYTES // 1024} KB", rule="too-large")
    return text


def parsed(text: str, path: Path) -> dict[str, Any]:
    """The keys of *text*, which is that of *path*; raises :class:`ConfigurationError` with the line."""
    try:
        values = _parsed(text) or {}
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}{_place_of(error, text)}", rule="not-yaml") from None
    except RecursionError:
        raise ConfigurationError(f"{path}: not YAML that can be read (too deep)", rule="not-yaml") from None
    if not isinstance(values, dict):
        raise ConfigurationError(f"{path}: expected a mapping of keys at the top", rule="not-yaml")
    return values


def _place_of(error: yaml.YAMLError, text: str) -> str:
    """`` line N: not YAML (why)``, as far as *error* knows the line."""
    if isinstance(error, yaml.reader.ReaderError):
        line = text.count("\n", 0, error.position) + 1
        found = error.character if isinstance(error.character, int) else ord(error.character)
        return f" line {line}: not YAML (the character U+{found:04X} is not allowed)"
    mark = getattr(error, "problem_mark", None)
    where = f" line {mark.line + 1}" if mark else ""
    return f"{where}: not YAML ({getattr(error, 'problem', 'unreadable')})"


def unknown_keys(values: Mapping[str, Any], path: Path) -> Iterator[Finding]:
    """The keys at the top of *path* that do not exist."""
    for key in values:
        if key not in Settings.model_fields:
            yield Finding("unknown-key", f"{path}: unknown key {key!r}{nearest(str(key), Settings.model_fields)}")


def unknown_variables(environment: Mapping[str, str]) -> Iterator[Finding]:
    """The variables that would change a key that does not exist."""
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in environment:
        if (
            name.upper().startswith(PREFIX)
            and name not in COMMAND_VARIABLES
            and name.upper().split("__")[0] not in known
        ):
            near = nearest(name, known | COMMAND_VARIABLES)
            yield Finding("unknown-variable", f"unknown variable {name}{near}")


def _substitute(value: Any, scalars: Mapping[str, str], base: Path) -> Any:
    """*value* with ``${name}`` replaced by the top-level key, and ``file:`` made absolute from the file's folder."""
    if isinstance(value, str):
        value = re.sub(r"\$\{(\w+)\}", lambda m: _scalar(m[1], scalars), value)
        if value.startswith("file:") and not value.startswith("file:/"):
            return f"file:{(base / value[5:]).resolve()}"
        return value
    if isinstance(value, Mapping):
        found = {key: _substitute(inner, scalars, base) for key, inner in value.items()}
        if isinstance(authorities := found.get("ca_file"), str):
            found["ca_file"] = str(base / authorities)
            note_file(found["ca_file"])
        return found
    if isinstance(value, list | tuple):
        return [_substitute(inner, scalars, base) for inner in value]
    return value


def _scalar(name: str, scalars: Mapping[str, str]) -> str:
    if name not in scalars:
        raise RuleError(
            f"${{{name}}} refers to a top-level key that does not exist{nearest(name, scalars)}",
            rule="unknown-reference",
        )
    return scalars[name]
