"""The models of answers, and of the larger parts of questions."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from gateway.core.canonical import Content, Page, inner_models, personal_fields
from gateway.core.connector import Connector
from gateway.core.operation import Operation
from generator.text import docstring, module

SHARED: Final = "gateway.core.canonical"
"""Its models are those that all connectors share."""
DOSSIERS: Final = "gateway.dossiers."
"""Begins the names of the modules whose models the portals share."""
BASES: Final = {"PartialDate": "DateParts"}
"""Models with more than fields, and the base in ``values.py`` that they have it from."""


def place_of(module: str) -> str:
    """The client's module for the models of a module of the gateway."""
    if module == SHARED:
        return "shared"
    return "dossiers" if module.startswith(DOSSIERS) else module.split(".")[2]


@dataclass(slots=True)
class TypeNames:
    """The Python of one module of models: what it calls its types, and what it needs of others."""

    place: str
    """The client's module that the models stand in."""
    words: Mapping[str, Mapping[str, Any]]
    """The named sets of words of each of the client's modules."""
    closed: bool = False
    """In a question a word that this client does not know is a mistake; in an answer it is news."""
    needed: dict[str, set[str]] = field(default_factory=dict)
    """Names of other modules of the client."""

    def text(self, annotation: Any, *, sequence: bool = False) -> str:
        """*annotation* as source. In answers words stay open: an added one must break nobody."""
        origin, arguments = get_origin(annotation), get_args(annotation)
        if origin is Annotated:
            return self.text(arguments[0], sequence=sequence)
        if origin in {Union, UnionType}:
            return " | ".join(dict.fromkeys(self.text(part, sequence=sequence) for part in arguments))
        if origin is Literal:
            kind = "" if self.closed else f" | {type(arguments[0]).__name__}"
            return f"{self._words(annotation)}{kind}"
        if origin is tuple:
            return f"Sequence[{self.text(arguments[0])}]" if sequence else f"tuple[{self.text(arguments[0])}, ...]"
        if origin is dict and arguments == (str, Any):
            return "dict[str, object]"
        if annotation is NoneType:
            return "None"
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return self._named(place_of(annotation.__module__), annotation.__name__)
        if annotation in {str, int, bool, date, datetime, Decimal}:
            return str(annotation.__name__)
        raise SystemExit(f"the client has no type for {annotation!r}; teach lgsp_client/generate.py")

    def _words(self, annotation: Any) -> str:
        """The name that a set of words has in the connector's module or among the shared ones, else the words."""
        for place in (self.place, "dossiers", "shared"):
            for name, value in self.words.get(place, {}).items():
                if value == annotation:
                    return self._named(place, name)
        return f"Literal[{', '.join(map(repr, get_args(annotation)))}]"

    def _named(self, place: str, name: str) -> str:
        if place != self.place:
            self.needed.setdefault(place, set()).add(name)
        return name

    def imports(self) -> list[str]:
        """The lines by which the module has names of others."""
        return [
            f"from lgsp_client.models.{place} import {', '.join(sorted(names))}"
            for place, names in sorted(self.needed.items())
        ]


def words_of(module: str) -> dict[str, Any]:
    """The named sets of words of a module."""
    return {
        name: value
        for name, value in vars(sys.modules[module]).items()
        if get_origin(value) is Literal and not name.startswith("_")
    }


def reachable(models: Iterable[type[BaseModel]]) -> set[type[BaseModel]]:
    """*models*, the models within them, and those that they extend."""
    found: set[type[BaseModel]] = set()
    pending = list(models)
    while pending:
        model = pending.pop()
        if model not in found and model.__name__ not in {"Canonical", "BaseModel"}:
            found.add(model)
            pending += [base for base in model.__bases__ if issubclass(base, BaseModel)]
            pending += [inner for info in model.model_fields.values() for inner in inner_models(info.annotation)]
    return found


def element(operation: Operation[Any, Any]) -> type[BaseModel]:
    """The model of ``data``, or of its elements."""
    answer: type[BaseModel] = operation.answer
    if issubclass(answer, Page):
        inner: type[BaseModel] = get_args(answer.model_fields["items"].annotation)[0]
        return inner
    return answer


def parts_of_questions(operations: Iterable[Operation[Any, Any]]) -> set[type[BaseModel]]:
    """The models that fields of questions have for their values."""
    return {
        model
        for operation in operations
        for info in operation.query.model_fields.values()
        for model in inner_models(info.annotation)
    }


@dataclass(frozen=True, slots=True)
class Models:
    """The models of the API, by where they are met."""

    answered: set[type[BaseModel]]
    asked: set[type[BaseModel]]
    """In questions alone."""
    cut: set[type[BaseModel]]
    """In answers that callers without a purpose get too, without what is marked personal."""

    @classmethod
    def of(cls, connectors: Iterable[Connector]) -> Models:
        """All that *connectors* declare."""
        operations = [operation for connector in connectors for operation in connector.operations]
        answering = [operation for operation in operations if operation.answer is not Content]
        answered = reachable(element(operation) for operation in answering)
        cut = reachable(element(operation) for operation in answering if not operation.needs_purpose())
        return cls(answered, reachable(parts_of_questions(operations)) - answered, cut)

    def words(self, connectors: Iterable[Connector]) -> dict[str, dict[str, Any]]:
        """The named sets of words of each of the client's modules; none is in two of them."""
        homes = {model.__module__ for model in self.answered | self.asked} | {SHARED}
        homes |= {f"gateway.connectors.{connector.name}.model" for connector in connectors}
        shared = words_of(SHARED)
        among = {
            name: value for home in sorted(homes) if home.startswith(DOSSIERS) for name, value in words_of(home).items()
        }
        found = {"shared": shared, "dossiers": {name: value for name, value in among.items() if name not in shared}}
        for home in sorted(homes):
            if (place := place_of(home)) not in found:
                own = words_of(home).items()
                found[place] = {n: v for n, v in own if n not in shared and among.get(n) != v}
        return found


def models_module(names: TypeNames, title: str, models: Models) -> str:
    """The models of one of the client's modules."""
    own = [model for model in models.answered | models.asked if place_of(model.__module__) == names.place]
    own.sort(key=lambda model: (model.__module__, inspect.getsourcelines(model)[1]))
    classes = "\n\n".join(_model(model, names, models) for model in own)
    words = [
        f"{name}: TypeAlias = Literal[{', '.join(map(repr, get_args(value)))}]"
        for name, value in names.words.get(names.place, {}).items()
    ]
    imports = ["from datetime import date, datetime", "from decimal import Decimal",
               "from typing import Literal, TypeAlias", "from pydantic import Field",
               "from lgsp_client.values import Answered, Asked, DateParts", *names.imports()]  # fmt: skip
    return module(f"Models: {title}.", imports, "\n".join(words), classes)


def _model(model: type[BaseModel], names: TypeNames, models: Models) -> str:
    names.closed = closed = model in models.asked
    left_out = personal_fields(model) if model in models.cut else ()
    base = next(base for base in model.__bases__ if issubclass(base, BaseModel))
    inherited = base.model_fields
    known = (
        base.__name__ if base.__name__ != "Canonical" else BASES.get(model.__name__, "Asked" if closed else "Answered")
    )
    lines = [f"class {model.__name__}({known}):", docstring(model.__doc__ or model.__name__, 4), ""]
    for name, info in model.model_fields.items():
        if name not in inherited:
            may_be_missing = f"/{info.alias or name}" in left_out
            lines.append(f"    {name}: {_declared(info, names, may_be_missing=may_be_missing)}")
            if info.description:
                lines.append(docstring(info.description, 4))
    return "\n".join(lines)


def _declared(info: FieldInfo, names: TypeNames, *, may_be_missing: bool) -> str:
    """Type and default of a field. The gateway's own defaults of a question stay with it: None is not sent."""
    kind = names.text(info.annotation)
    if info.is_required() and not may_be_missing:
        return kind + (
            f" = Field(validation_alias={info.alias!r}, serialization_alias={info.alias!r})" if info.alias else ""
        )
    if info.default_factory is dict and not names.closed:
        return f"{kind} = Field(default_factory=dict)"
    default = "None" if names.closed or info.is_required() else repr(info.default)
    if default == "None" and not kind.endswith("None"):
        kind += " | None"
    if info.alias:
        return f"{kind} = Field(default={default}, validation_alias={info.alias!r}, serialization_alias={info.alias!r})"
    return f"{kind} = {default}"
