"""Questions as functions, and the methods that ask them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from gateway.core.canonical import Content, Page
from gateway.core.connector import Connector
from gateway.core.operation import Operation
from generator.models import TypeNames, element, parts_of_questions, place_of
from generator.text import camel, docstring, module

OWN: Final = {"self", "options", "idempotency_key", "dossier", "user", "timeout", "cache", "language", "request_id"}
"""Parameters that every method has; a test holds them to the client's ``Options``."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field of a question as a parameter of its function."""

    name: str
    wire: str
    kind: str
    default: str
    told: str
    positional: bool


def parameters(operation: Operation[Any, Any], names: TypeNames) -> list[Parameter]:
    """Fields of the path first, positional; the others by keyword, what is required first."""
    inside = operation.path_fields()
    found = []
    for name, info in operation.query.model_fields.items():
        wire = info.alias or name
        kind = names.text(info.annotation, sequence=True)
        if not info.is_required() and not kind.endswith("None"):
            kind += " | None"
        told = (info.description or name).rstrip(".")
        if not info.is_required() and info.default not in (None, (), ""):
            told += f" (unless said: {info.default!r})" if isinstance(info.default, str | int) else ""
        if name in OWN:
            raise SystemExit(f"{operation.name}: {name} is a parameter that every method has; name the field otherwise")
        found.append(Parameter(name, wire, kind, "" if info.is_required() else " = None", f"{told}.", wire in inside))
    return sorted(found, key=lambda one: (inside.index(one.wire) if one.positional else len(inside), bool(one.default)))


def signature(given: Sequence[Parameter], *more: str, first: str = "") -> str:
    """Between the parentheses of a definition."""
    positional = [f"{one.name}: {one.kind}" for one in given if one.positional]
    keyword = [f"{one.name}: {one.kind}{one.default}" for one in given if not one.positional]
    keyword += [part for part in more if not part.startswith("**")]
    last = [part for part in more if part.startswith("**")]
    return ", ".join([*filter(None, [first]), *positional, *(["*", *keyword] if keyword else []), *last])


def questions_module(connector: Connector, asked: TypeNames) -> str:
    """Functions that make the questions of *connector*."""
    constants, functions = [], []
    for operation in connector.operations:
        constant, given = operation.name.upper(), parameters(operation, asked)
        declared = [f"{connector.name}.{operation.name}", operation.method, f"/v1/{connector.slug}/{operation.path}"]
        declared += ["write"] if operation.effect == "write" else []
        named = ", names_dossier=True" if operation.purpose_from is not None else ""
        constants.append(f"{constant}: Final = Operation({', '.join(map(repr, declared))}{named})")
        fields = ", ".join(f"{one.wire!r}: {one.name}" for one in given)
        kind, read = _question_type(operation)
        made = f"{kind.partition('[')[0]}({constant}, {{{fields}}}{read})"
        head = f"def {operation.name}({signature(given)}) -> {kind}:"
        functions.append(f"{head}\n{docstring(operation.summary, 4)}\n    return {made}")
    imports = ["from collections.abc import Sequence", "from datetime import date, datetime",
               "from typing import Final, Literal",
               "from lgsp_client.question import FileQuestion, Operation, PageQuestion, Question, many, one",
               *_model_imports(connector, asked)]  # fmt: skip
    return module(f"Questions: {connector.title}.", imports, "\n".join(constants), "\n\n\n".join(functions))


def _question_type(operation: Operation[Any, Any]) -> tuple[str, str]:
    """The type of a question, and the argument that says how its answer is read."""
    if operation.answer is Content:
        return "FileQuestion", ""
    name = element(operation).__name__
    paged = issubclass(operation.answer, Page)
    return (f"PageQuestion[{name}]", f", many({name})") if paged else (f"Question[{name}]", f", one({name})")


def calls_module(connector: Connector, asked: TypeNames) -> str:
    """The methods of *connector*, for both clients."""
    classes = "\n\n\n".join(_namespace(connector, asked, waits=waits) for waits in (False, True))
    imports = ["from collections.abc import Sequence", "from contextlib import AbstractAsyncContextManager",
               "from contextlib import AbstractContextManager", "from datetime import date, datetime",
               "from typing import Literal, Unpack",
               "from lgsp_client.answer import Answer, AsyncPage, Page",
               "from lgsp_client.content import AsyncContent, Content",
               f"from lgsp_client.questions import {connector.name} as questions",
               "from lgsp_client.request import Options", "from lgsp_client.sender import AsyncSender, Sender",
               *_model_imports(connector, asked)]  # fmt: skip
    return module(f"Methods: {connector.title}.", imports, classes)


def _namespace(connector: Connector, asked: TypeNames, *, waits: bool) -> str:
    start = "Async" if waits else ""
    lines = [
        f"class {start}{camel(connector.name)}:",
        docstring(f"{connector.title}.", 4),
        "",
        f"    def __init__(self, sender: {start}Sender) -> None:",
        "        self._sender = sender",
    ]
    lines += [f"\n{_method(operation, asked, waits=waits)}" for operation in connector.operations]
    return "\n".join(lines)


def _method(operation: Operation[Any, Any], asked: TypeNames, *, waits: bool) -> str:
    given = parameters(operation, asked)
    told = [(one.name, one.told) for one in given]
    key = ["idempotency_key: str"] if operation.idempotency_key else []
    if operation.effect == "write" and not key:
        key = ["idempotency_key: str | None = None"]
    if key:
        told.append(("idempotency_key", "The same for each repetition of one order."))
    told.append(("**options", "See :class:`~lgsp_client.Options`."))
    arguments = [one.name if one.positional else f"{one.name}={one.name}" for one in given]
    question = f"questions.{operation.name}({', '.join(arguments)})"
    definition, call = _asking(operation, waits=waits)
    passed = "options, idempotency_key" if key else "options"
    text = (
        f"    {definition[0]}({signature(given, *key, '**options: Unpack[Options]', first='self')}) -> {definition[1]}:"
    )
    needs = "Needs dossier and user." if operation.needs_purpose() else ""
    if operation.purpose_from is not None:
        needs = "Needs user."
    return f"{text}\n{docstring(operation.summary, 8, told, needs)}\n        return {call}({question}, {passed})"


def _asking(operation: Operation[Any, Any], *, waits: bool) -> tuple[tuple[str, str], str]:
    """How the method begins, what it gives, and which of the sender's methods it calls."""
    name, start = operation.name, "Async" if waits else ""
    if operation.answer is Content:
        return (f"def {name}", f"Abstract{start}ContextManager[{start}Content]"), "self._sender.ask_file"
    begins, calls = (f"async def {name}", "await self._sender.") if waits else (f"def {name}", "self._sender.")
    if issubclass(operation.answer, Page):
        return (begins, f"{start}Page[{element(operation).__name__}]"), f"{calls}ask_page"
    return (begins, f"Answer[{element(operation).__name__}]"), f"{calls}ask"


def _model_imports(connector: Connector, asked: TypeNames) -> list[str]:
    """All that the module has; ruff takes away what is not used."""
    answered = {element(operation) for operation in connector.operations if operation.answer is not Content}
    needed = {place: set(names) for place, names in asked.needed.items()}
    for model in answered | parts_of_questions(connector.operations):
        needed.setdefault(place_of(model.__module__), set()).add(model.__name__)
    needed.setdefault(asked.place, set()).update(asked.words.get(asked.place, {}))
    return [
        f"from lgsp_client.models.{place} import {', '.join(sorted(names))}"
        for place, names in sorted(needed.items())
        if names
    ]


def connectors_module(connectors: Sequence[Connector]) -> str:
    """The systems that are attributes of both clients."""
    imports = [f"from lgsp_client.calls.{c.name} import Async{camel(c.name)}, {camel(c.name)}" for c in connectors]
    imports.append("from lgsp_client.sender import AsyncSender, Sender")
    classes = []
    for start in ("", "Async"):
        made = [f"        self.{c.name} = {start}{camel(c.name)}(sender)" for c in connectors]
        classes.append(
            "\n".join(
                [f"class {start}Connectors:", docstring("The national systems, one attribute each.", 4), "",
                 f"    def __init__(self, sender: {start}Sender) -> None:", *made]
            )
        )  # fmt: skip
    return module("The national systems that the clients ask.", imports, "\n\n\n".join(classes))
