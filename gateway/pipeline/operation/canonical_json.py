"""The JSON of canonical values: what pydantic writes, byte for byte, in half of its time.

orjson asks for the fields of each model and for the digits of each decimal; all else of a plain model it writes itself.
A model that is not plain is left to pydantic.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import NoneType, UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

import orjson
from pydantic import BaseModel, PlainSerializer, WrapSerializer
from pydantic.fields import FieldInfo

from gateway.core.canonical import inner_models, personal_exclusion

_PLAIN: Final = frozenset({str, int, bool, date, Decimal, NoneType})
"""Types that both write alike; floats, instants and bytes they do not."""
_HOLDERS: Final = frozenset({Union, UnionType, tuple, list})


def to_json(value: BaseModel, *, public: bool) -> bytes:
    """*value* as JSON; *public* leaves out the fields marked personal, at every depth."""
    model = type(value)
    if is_plain(model):
        try:
            # Copied, for the answer is kept: orjson's own bytes hold on to the room in which they grew, 8 KiB.
            return bytes(memoryview(orjson.dumps(value, default=_public if public else _full)))
        except orjson.JSONEncodeError:
            pass  # a number beyond 64 bits: pydantic writes it, or says why it can't
    exclude: Any = personal_exclusion(model) if public else None
    return value.__pydantic_serializer__.to_json(value, by_alias=True, exclude=exclude)


def _full(value: Any) -> object:
    return str(value) if type(value) is Decimal else value.__dict__


def _public(value: Any) -> object:
    if type(value) is Decimal:
        return str(value)
    fields: dict[str, object] = value.__dict__
    if marked := _marked(value.__class__):
        fields = fields.copy()
        for name in marked:
            del fields[name]
    return fields


@lru_cache(maxsize=512)
def _marked(model: type[BaseModel]) -> tuple[str, ...]:
    """The fields of *model* that are marked personal themselves."""
    return tuple(name for name, inner in personal_exclusion(model).items() if inner is True)


@lru_cache(maxsize=512)
def is_plain(model: type[BaseModel]) -> bool:
    """Whether *model* is written as its fields are: no other names, no serializers, plain types at every depth."""
    reached = [model]
    for one in reached:
        own = one.__pydantic_decorators__
        if own.field_serializers or own.model_serializers or own.computed_fields:
            return False
        for info in one.model_fields.values():
            if not _is_plain_field(info):
                return False
            reached += [inner for inner in inner_models(info.annotation) if inner not in reached]
    return True


def _is_plain_field(info: FieldInfo) -> bool:
    renamed = info.serialization_alias or info.alias or info.exclude
    return not renamed and not any(map(_is_serializer, info.metadata)) and _is_plain_type(info.annotation)


def _is_plain_type(annotation: Any) -> bool:
    """Whether a type is plain; the models in it are looked at by themselves."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return not any(map(_is_serializer, arguments[1:])) and _is_plain_type(arguments[0])
    if origin is Literal:
        return all(type(choice) in _PLAIN for choice in arguments)
    if origin in _HOLDERS:
        return all(argument is Ellipsis or _is_plain_type(argument) for argument in arguments)
    return annotation in _PLAIN or (isinstance(annotation, type) and issubclass(annotation, BaseModel))


def _is_serializer(mark: object) -> bool:
    return isinstance(mark, PlainSerializer | WrapSerializer)
