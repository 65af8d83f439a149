"""Reads scenario files; each error names the line and what was expected there."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

import yaml
from pydantic import BaseModel, ValidationError

from mocks.engine.faults import PlannedFault
from mocks.engine.kinds import KINDS
from mocks.engine.scenarios import NAME, SCENARIOS, Named, Scenario

#: Longer files are refused: the parser is slow, and a request must not block the event loop.
MAX_BYTES: Final = 65_536
_MAX_DEPTH: Final = 12


class BadScenario(ValueError):
    """The file is not a valid scenario; the text has one mistake a line: file, line and what was expected."""

    def __init__(self, source: str, problems: Sequence[tuple[int, str]]) -> None:
        super().__init__("\n".join(f"{source}, line {line}: {expected}" for line, expected in problems))
        self.problems = [{"file": source, "line": line, "expected": expected} for line, expected in problems]


def load_scenarios(folder: Path = SCENARIOS) -> dict[str, Named]:
    """Returns all scenarios of a folder, by name.

    Raises:
        BadScenario: a file is not a valid scenario.
    """
    return {path.stem: read_scenario_file(path) for path in sorted(folder.glob("*.yaml"))}


def read_scenario_file(path: Path) -> Named:
    """Returns the scenario in a file; its name is the file's name.

    Raises:
        BadScenario: the file is not a valid scenario, or its name is not a valid scenario name.
        OSError: the file can't be read.
    """
    if not NAME.match(path.stem):
        raise BadScenario(
            str(path), [(1, "use a file name of small letters, digits and hyphens, for example my-day.yaml")]
        )
    with path.open("rb") as file:
        return _read_once(file.read(MAX_BYTES + 1), path.stem, str(path))


@lru_cache(maxsize=128)
def _read_once(text: bytes, name: str, source: str) -> Named:
    return read_scenario(text, name=name, source=source)


def read_scenario(text: bytes, *, name: str, source: str) -> Named:
    """Parses *text* (YAML or JSON) as a scenario; mistakes are reported with *source* as the file.

    Raises:
        BadScenario: the text is not a valid scenario; it gives file, line and what was expected of each mistake.
    """
    if len(text) > MAX_BYTES:
        raise BadScenario(source, [(1, f"a scenario file has at most {MAX_BYTES} bytes")])
    node, value = _parsed(text, source)
    try:
        scenario = Scenario.model_validate(value)
    except ValidationError as error:
        problems = {
            (_line(node, part["loc"]), _expected(part["loc"], part["type"], part["msg"])) for part in error.errors()
        }
        raise BadScenario(source, sorted(problems)) from error
    lines = tuple(_line(node, ("faults", position)) for position in range(len(scenario.faults)))
    return Named(name, scenario, source, lines)


def _parsed(text: bytes, source: str) -> tuple[yaml.Node, object]:
    try:
        decoded = text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise BadScenario(source, [(line, "the file must be text in UTF-8")]) from error
    try:
        _refuse_traps(decoded, source)
        loader = yaml.SafeLoader(decoded)
        node = loader.get_single_node()
        if node is None:
            raise BadScenario(source, [(1, "the file is empty; write a mapping with description and faults")])
        _check(node, source)
        return node, loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise BadScenario(source, [(line, f"YAML: {error.problem or error.context}")]) from error
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, BadScenario):
            raise
        raise BadScenario(source, [(1, f"YAML: {error}")]) from error


def _refuse_traps(text: str, source: str) -> None:
    """Refuses aliases, which multiply, and deep nesting, because the next step recurses."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            depth += 1
            if depth > _MAX_DEPTH:
                raise BadScenario(source, [(_line_of(event), f"at most {_MAX_DEPTH} levels of nesting are accepted")])
        elif isinstance(event, (yaml.MappingEndEvent, yaml.SequenceEndEvent)):
            depth -= 1
        elif isinstance(event, yaml.AliasEvent):
            raise BadScenario(source, [(_line_of(event), "write the value out; aliases are not accepted")])


def _line_of(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _check(node: yaml.Node, source: str) -> None:
    """Refuses duplicate keys; YAML would silently use the last one."""
    waiting = [node]
    while waiting:
        inner = waiting.pop()
        if isinstance(inner, yaml.MappingNode):
            seen = set()
            for key, value in inner.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in seen:
                        raise BadScenario(source, [(key.start_mark.line + 1, f"the key {key.value} is duplicated")])
                    seen.add(key.value)
                waiting.append(value)
        elif isinstance(inner, yaml.SequenceNode):
            waiting.extend(inner.value)


def _line(node: yaml.Node, place: Sequence[str | int]) -> int:
    """Returns the line of the innermost existing node on the path to *place*."""
    line = node.start_mark.line
    for step in place:
        if isinstance(node, yaml.MappingNode):
            pair = next((pair for pair in node.value if pair[0].value == step), None)
            if pair is None:
                continue  # a missing key, or the name of a kind that pydantic inserts in the path
            line, node = pair[0].start_mark.line, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            line = node.start_mark.line
    return line + 1


def _expected(place: tuple[str | int, ...], kind: str, message: str) -> str:
    where = "/".join(map(str, place))
    if kind == "extra_forbidden":
        return f"{where}: unknown key; use one of {', '.join(sorted(_model_at(place).model_fields))}"
    if kind == "missing":
        return f"{where}: this key is required"
    if kind in {"model_type", "model_attributes_type"}:
        return f"{where or 'the file'}: use a mapping"
    if kind == "string_type":
        return f"{where}: use text; put it in quotes if YAML would read it as a number or a boolean"
    return f"{where}: {message}" if where else message


def _model_at(place: tuple[str | int, ...]) -> type[BaseModel]:
    """Returns the model that the last step of *place* is a key of."""
    match place:
        case ("faults", int(), "fault", str(kind), _) if kind in KINDS:
            return KINDS[kind]
        case ("faults", int(), _):
            return PlannedFault
        case _:
            return Scenario
