"""Values that a source gave and that could not be read: one voids itself, a row voids the row, never the whole answer.

A wire model holds :data:`UNREAD` in the place of such a value and None in the place of such a row. :func:`read` makes
the canonical answer of what translation gathered: there an unread value is null, an unread row is left out, and
:func:`gaps_of` tells which. What the canonical model cannot leave null refuses the record, as ever.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final, Generic, Literal, TypeVar, cast

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import CoreSchema, core_schema

from gateway.core.canonical import NO_GAPS, Canonical, Gaps, Page, Wire, inner_models, is_nullable

C = TypeVar("C", bound=Canonical)
V = TypeVar("V")
W = TypeVar("W", bound=Wire)
_ROUNDS: Final = 8
"""Each round voids all that it finds; more than one is needed only where voiding uncovers something else."""


class Unread:
    """The kind of :data:`UNREAD`; as false as None is."""

    __slots__ = ()

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNREAD"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: object, _handler: object) -> CoreSchema:
        return core_schema.is_instance_schema(cls)


UNREAD: Final = Unread()
"""In the place of a value that the source gave and that could not be read."""


def tolerant(reader: Callable[..., V], *more: object) -> Callable[[object], V | Unread]:
    """*reader*, with one *more* argument where it takes one, giving :data:`UNREAD` where it would raise
    :class:`ValueError`.
    """
    if more:
        # Not passed on as *more: to unpack it takes as long as most readers.
        (extra,) = more

        def read_more_or_void(value: object) -> V | Unread:
            try:
                return reader(value, extra)
            except ValueError:
                return UNREAD

        return read_more_or_void

    def read_or_void(value: object) -> V | Unread:
        try:
            return reader(value)
        except ValueError:
            return UNREAD

    return read_or_void


def known(value: V | Unread | None) -> V | None:
    """*value*, where it could be read."""
    return None if isinstance(value, Unread) else value


def part_of(model: type[W], found: W | Unread | None) -> W:
    """*found*, or an empty *model* where there is none; of one that could not be read, nothing is known."""
    if found is not None and not isinstance(found, Unread):
        return found
    unread: dict[str, Any] = {}
    if found is not None:
        unread = {name: UNREAD if info.default is None else (None,) for name, info in model.model_fields.items()}
    empty: Any = model.model_construct(**unread)
    return cast("W", empty)


# ---- canonical answers


def read(model: type[C], data: Mapping[str, object]) -> C:
    """*data* as a *model*, without what could not be read; :func:`gaps_of` tells where that was.

    Raises:
        ValidationError: A value that the model can't leave null could not be read.
    """
    try:
        # As model_validate() does, and more quickly.
        found: C = model.__pydantic_validator__.validate_python(data)
    except ValidationError as error:
        return _Mending(model, data).done(error)
    return found


def read_rows(model: type[C], rows: Iterable[Mapping[str, object] | None]) -> tuple[tuple[C, ...], int]:
    """The rows that could be read, in their order, and the number of the others."""
    kept: list[C] = []
    left_out = 0
    for row in rows:
        try:
            kept.append(read(model, row or {}))
        except ValidationError:
            left_out += 1
    return tuple(kept), left_out


def gaps_of(value: Canonical) -> Gaps:
    """Tells what could not be read of *value*; of a page, of its rows."""
    if not isinstance(value, Page):
        return value.gaps
    found = [item.gaps for item in value.items]
    if not value.rows_left_out and all(gaps is NO_GAPS for gaps in found):
        return NO_GAPS
    pointers = (f"/{at}{pointer}" for at, gaps in enumerate(found) for pointer in gaps.incomplete)
    return Gaps(tuple(pointers), value.rows_left_out + sum(gaps.rows_left_out for gaps in found))


class _Mending(Generic[C]):
    """Voids, round by round, what pydantic refuses in the *data* of a *model*."""

    def __init__(self, model: type[C], data: Mapping[str, object]) -> None:
        self._model = model
        self._data = _copy(data)
        self._voided: set[tuple[int, str]] = set()
        self._left_out = 0

    def done(self, error: ValidationError) -> C:
        """The model of the data without what could not be read; raises *error* where nothing may be voided."""
        for _ in range(_ROUNDS):
            if not self._void(error):
                break
            try:
                found = self._model.model_validate(self._data)
            except ValidationError as again:
                error = again
            else:
                return found.with_gaps(Gaps(tuple(self._pointers(self._data, "")), self._left_out))
        raise error

    def _void(self, error: ValidationError) -> bool:
        """Voids the places of *error*; False where one of them may not be."""
        rows: dict[int, tuple[list[Any], set[int]]] = {}
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        for place in [self._place(problem["loc"]) for problem in problems]:
            match place:
                case list(holder), int(index):
                    rows.setdefault(id(holder), (holder, set()))[1].add(index)
                case dict(holder), str(key):
                    self._voided.add((id(holder), key))
                    holder[key] = None
                case _:
                    return False
        for holder, indexes in rows.values():
            self._left_out += len(indexes)
            holder[:] = [row for at, row in enumerate(holder) if at not in indexes]
        return True

    def _place(self, loc: tuple[int | str, ...]) -> tuple[object, int | str] | None:
        """The innermost place on the way to *loc* that may be voided: a nullable field, or a row of a list."""
        model: type[BaseModel] | None = self._model
        value: Any = self._data
        found: tuple[object, int | str] | None = None
        for step in loc:
            if isinstance(value, dict) and model is not None and step in model.model_fields:
                field = model.model_fields[str(step)]
                if is_nullable(field.annotation) and value.get(step) is not None:
                    found = (value, step)
                value, model = value.get(step), _inner(field)
            elif isinstance(value, list) and isinstance(step, int) and step < len(value):
                found = (value, step)
                value = value[step]
            else:
                break
        return found

    def _pointers(self, value: object, at: str) -> Iterator[str]:
        """Pointers of what was voided, in the order of the answer."""
        if isinstance(value, dict):
            for key, inner in value.items():
                if (id(value), key) in self._voided:
                    yield f"{at}/{key}"
                else:
                    yield from self._pointers(inner, f"{at}/{key}")
        elif isinstance(value, list):
            for index, inner in enumerate(value):
                yield from self._pointers(inner, f"{at}/{index}")


def _inner(field: FieldInfo) -> type[BaseModel] | None:
    return next(inner_models(field.annotation), None)


def _copy(value: object) -> Any:
    if isinstance(value, Mapping):
        return {key: _copy(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_copy(inner) for inner in value]
    return value
