"""Decodes an answer. The usual one fits its wire model at once; another is mended first, and what was odd is counted.

Mended are keys with blanks, in another case or in the right spelling of a misspelt name, the spellings of an absent
object, and values and rows that can't be read. Fields that the wire model does not know are ignored, at every depth.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar, get_args, get_origin

from pydantic import AliasChoices, BaseModel, ValidationError
from pydantic.fields import FieldInfo

from gateway.core.canonical import AlsoSpelt, Wire, holds_many, inner_models
from gateway.core.lenient import is_nothing, one_or_many, read_flag
from gateway.core.problems import OffContract
from gateway.core.unread import UNREAD, Unread

W = TypeVar("W", bound=Wire)
ENVELOPE: Final = frozenset({"data", "success", "Status", "status", "Message", "message", "DataCount"})
"""Keys around the facts, read by tables rather than by models."""
_ROUNDS: Final = 8
_MANY: Final = 200
_ASIDE: Final = ThreadPoolExecutor(1, thread_name_prefix="large answers")
_MOST_UNREADABLE: Final = 1_000
"""Values and rows that may be left out of one answer; with more, it is not the answer of the contract."""


class Decoded(NamedTuple):
    """A decoded answer, with the number of its odd parts: unknown or respelt keys, unreadable values and rows."""

    wire: Wire
    odd: int = 0
    respelt: object = None
    """The body with its keys as the contract spells them, where they were not; a table must look at it again."""


@dataclass(frozen=True, slots=True)
class _Inner:
    """A field that holds other models: one, a list of rows, or lists by kind."""

    model: type[BaseModel]
    rows: bool
    by_kind: bool


@dataclass(frozen=True, slots=True)
class _Shape:
    names: frozenset[str]
    by_fold: Mapping[str, str]
    inner: Mapping[str, _Inner]
    voidable: frozenset[str]


def _folded(key: str) -> str:
    return "".join(key.split()).casefold().lstrip("\ufeff")


@cache
def _shape(model: type[BaseModel]) -> _Shape:
    by_fold = {_folded(name): name for name in ENVELOPE}
    names: set[str] = set()
    inner: dict[str, _Inner] = {}
    voidable: set[str] = set()
    for name, info in model.model_fields.items():
        spelt = _names(name, info)
        names |= spelt
        by_fold.update({_folded(key): key for key in spelt})
        also = [key for mark in info.metadata if isinstance(mark, AlsoSpelt) for key in mark.names]
        by_fold.update({_folded(key): name for key in also})
        if _admits_unread(info.annotation):
            voidable |= spelt
        found = next(inner_models(info.annotation), None)
        if found is not None:
            by_kind = _is_mapping(info.annotation)
            many = holds_many(info.annotation) and not by_kind
            inner.update(dict.fromkeys(spelt, _Inner(found, many, by_kind)))
    return _Shape(frozenset(names), by_fold, inner, frozenset(voidable))


def _names(name: str, info: FieldInfo) -> set[str]:
    match info.validation_alias or info.alias:
        case str(alias):
            return {name, alias}
        case AliasChoices(choices=choices):
            return {name, *(choice for choice in choices if isinstance(choice, str))}
        case _:
            return {name}


def _admits_unread(annotation: Any) -> bool:
    return annotation is Unread or any(_admits_unread(argument) for argument in get_args(annotation))


def _is_mapping(annotation: Any) -> bool:
    origin = get_origin(annotation)
    return isinstance(origin, type) and issubclass(origin, Mapping)


def decode(model: type[Wire], body: object) -> Decoded:
    """*body* as a *model*.

    The usual answer has only known keys and readable values, so it is first validated with unknown keys forbidden.

    Raises:
        ValidationError: The answer breaks its contract in a way that can't be mended.
        OffContract: An envelope that the contract does not foresee may hide a code.
    """
    try:
        return Decoded(_as_declared(model, body))
    except ValidationError:
        return mend(model, body)


def _as_declared(model: type[W], body: object) -> W:
    """*body*, which has only the keys that *model* declares; ``model_validate`` does the same, and more slowly."""
    found: W = model.__pydantic_validator__.validate_python(body, extra="forbid")
    return found


async def decode_fairly(model: type[Wire], body: object, *, large: bool) -> Decoded:
    """As :func:`decode`; a *large* answer, and one with many odd parts, is decoded in a thread while others go on.

    It is one thread for all of them: pydantic holds the interpreter's lock, and several would take it in turns.
    """
    if not large:
        try:
            return Decoded(_as_declared(model, body))
        except ValidationError as error:
            many = error.error_count() > _MANY
        if not many:
            return mend(model, body)
    return await asyncio.get_running_loop().run_in_executor(_ASIDE, decode if large else mend, model, body)


def mend(model: type[Wire], body: object) -> Decoded:
    """*body* as a *model*, mended; raises as :func:`decode`."""
    mending = _Mending()
    mended = mending.whole(model, body)
    wire = mending.validated(model, mended)
    return Decoded(wire, mending.odd, mending.body_of(mended))


def respelt(model: type[Wire], body: object) -> object:
    """*body* with its keys as *model* spells them; None where they are already, or it can't be told."""
    mending = _Mending()
    try:
        mended = mending.whole(model, body)
    except OffContract:
        return None
    return mending.body_of(mended)


@dataclass(slots=True)
class _Mending:
    """Mends one answer, and counts the odd parts of it."""

    odd: int = 0
    respelt: bool = False
    frame: dict[str, object] | None = None

    def body_of(self, mended: object) -> object:
        """The body with the keys of the contract, for tables; None where it has them already."""
        if not self.respelt:
            return None
        return mended if self.frame is None else {**self.frame, "data": mended}

    def whole(self, model: type[BaseModel], value: object) -> object:
        """*value* with known keys, absent objects as None, and None for rows that are nothing."""
        value = self._spelt(_shape(model), value)
        opened = model.opened(value) if issubclass(model, Wire) else value
        if opened is not value:
            if isinstance(value, dict) and "data" in value and self.frame is None:
                self.frame = value
            value = self._spelt(_shape(model), opened)
            _refuse_hidden(_shape(model), value)
        if not isinstance(value, dict):
            return value
        shape = _shape(model)
        for name, inner in shape.inner.items():
            if name in value:
                value[name] = self._inner(inner, name, value[name])
        self.odd += sum(1 for key in value if key not in shape.names and key not in ENVELOPE)
        return value

    def _spelt(self, shape: _Shape, value: object) -> object:
        """A copy of *value* with the names of *shape* in place of other spellings."""
        if not isinstance(value, dict):
            return value
        found: dict[str, object] = {}
        for key, inner in value.items():
            name = key if key in shape.names or key in ENVELOPE else shape.by_fold.get(_folded(key), key)
            if name == key:
                found[key] = inner if key not in found or not is_nothing(inner) else found[key]
                continue
            self.odd += 1
            if name not in value or is_nothing(value[name]):
                self.respelt = True
                found[name] = inner
        return found

    def _inner(self, inner: _Inner, name: str, value: object) -> object:
        if inner.by_kind:
            kinds = value.items() if isinstance(value, dict) and not is_nothing(value) else ()
            return {kind: self._rows(inner.model, rows) for kind, rows in kinds}
        if inner.rows:
            return self._rows(inner.model, value)
        if is_nothing(value):
            return None
        if name == "data":
            _refuse_hidden(_shape(inner.model), value)
        return self._known(inner.model, value)

    def _rows(self, model: type[BaseModel], value: object) -> list[object]:
        return [None if is_nothing(row) else self._known(model, row) for row in one_or_many(value)]

    def _known(self, model: type[BaseModel], value: object) -> object:
        """*value* mended; as text where not one of its keys is known: it is another object then."""
        mended = self.whole(model, value)
        if isinstance(mended, dict) and mended and not mended.keys() & _shape(model).names:
            return "another object"
        return mended

    def validated(self, model: type[Wire], value: object) -> Wire:
        """*value* as a *model*, without what can't be read; raises :class:`ValidationError` where that is too much."""
        for _ in range(_ROUNDS):
            try:
                return model.model_validate(value)
            except ValidationError as error:
                if error.error_count() > _MOST_UNREADABLE:
                    raise
                problems = error.errors(include_url=False, include_input=False)
                places = [_place(model, value, found["loc"]) for found in problems if not _is_unread_branch(found)]
                if not places or None in places:
                    raise
                for holder, key, instead in filter(None, places):
                    holder[key] = instead
                    self.odd += 1
        return model.model_validate(value)


def _is_unread_branch(problem: Any) -> bool:
    """Whether pydantic only says that an object is not :data:`UNREAD` either."""
    return bool(problem["type"] == "is_instance_of" and problem.get("ctx", {}).get("class") == Unread.__name__)


def _place(model: type[BaseModel], value: Any, loc: tuple[int | str, ...]) -> tuple[Any, int | str, object] | None:
    """The innermost place on the way to *loc* that may be voided, and what stands there then."""
    inside: type[BaseModel] | None = model
    found: tuple[Any, int | str, object] | None = None
    for step in loc:
        if isinstance(value, list) and isinstance(step, int) and step < len(value):
            if value[step] is not None:
                found = (value, step, None)
            value = value[step]
        elif isinstance(value, dict) and step in value:
            shape = _shape(inside) if inside is not None else None
            if shape is not None and step in shape.voidable and value[step] is not UNREAD:
                found = (value, step, UNREAD)
            if shape is not None and step in shape.inner:
                inner = shape.inner[str(step)]
                inside = inner.model
            value = value[step]
    return found


def _refuse_hidden(shape: _Shape, value: object) -> None:
    """Refuses an envelope inside an envelope, whose code no table would see."""
    if not isinstance(value, dict):
        return
    wrapped = "data" in value and "data" not in shape.names and isinstance(value["data"], dict | list)
    if wrapped or ("success" in value and "success" not in shape.names and not _says_success(value["success"])):
        raise OffContract("The answer has an envelope that its contract does not foresee.", reason="off_contract")


def _says_success(value: object) -> bool:
    try:
        return bool(read_flag(value))
    except ValueError:
        return False
