"""The answers of a ministry's portal, in the national portal's names [S]; a ministry's own names are data."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, TypeVar, cast

from pydantic import PlainValidator, create_model, model_validator

from gateway.core.canonical import Wire
from gateway.core.days import read_instant
from gateway.core.lenient import one_or_many
from gateway.core.unread import Unread, tolerant
from gateway.core.wire_types import ROWS, Code, Count, Identifier, Raw, Required, Text
from gateway.dossiers.answers import WireAnswer, WireForm

W = TypeVar("W", bound=Wire)
Instant = Annotated[datetime | Unread | None, PlainValidator(tolerant(read_instant))]
"""In any of the forms in which ministries write one."""


class WireStep(Wire):
    """A step of ``TienDo``, as it was reported."""

    MaHoSo: Identifier = None
    NguoiXuLy: Text = None
    ChucDanh: Raw = None
    ThoiDiemXuLy: Instant = None
    PhongBanXuLy: Text = None
    NoiDungXuLy: Text = None
    TrangThai: Code = None
    NgayBatDau: Raw = None
    NgayKetThucTheoQuyDinh: Raw = None


class WireDossier(WireForm):
    """A dossier with its steps."""

    TienDo: Annotated[tuple[WireStep | None, ...], ROWS] = ()


class WireDossiers(WireAnswer):
    """The answer of ``TraCuuHoSo``."""

    result: Annotated[tuple[WireDossier | None, ...], ROWS] = ()


class WireMessage(Wire):
    """An entry of ``LayHoSoGuiTinh``."""

    MaThongDiep: Required
    LoaiThongDiep: Text = None
    ThoiDiemGui: Instant = None
    HoSo: WireDossier


class AsSent(tuple[object, ...]):
    """The rows of an answer before they were read."""

    __slots__ = ()


def _with_rows_as_sent(body: object) -> object:
    if not isinstance(body, dict) or isinstance(body.get("as_sent"), AsSent):
        return body
    return {**body, "as_sent": AsSent(one_or_many(body.get("result")))}


class WireMessages(WireAnswer):
    """The answer of ``LayHoSoGuiTinh``; *as_sent*: each row of ``result`` before it was read."""

    result: Annotated[tuple[WireMessage | None, ...], ROWS] = ()
    ConLai: Count = None
    as_sent: Raw = AsSent()

    _open = model_validator(mode="before")(_with_rows_as_sent)

    @classmethod
    def opened(cls, body: object) -> object:
        return _with_rows_as_sent(body)

    @property
    def rows(self) -> list[tuple[WireMessage | None, object]]:
        """Each row, None where it could not be read, beside what was sent."""
        assert isinstance(self.as_sent, AsSent), "it is set before the answer is read"
        return list(zip(self.result, self.as_sent, strict=True))


def dossiers_in(fields: Mapping[str, str]) -> type[WireDossiers]:
    """:class:`WireDossiers` in a ministry's own names."""
    return _named(WireDossiers, tuple(fields.items()))


def messages_in(fields: Mapping[str, str]) -> type[WireMessages]:
    """:class:`WireMessages` in a ministry's own names."""
    return _named(WireMessages, tuple(fields.items()))


@lru_cache(maxsize=256)
def _named(model: type[W], names: tuple[tuple[str, str], ...]) -> type[W]:
    """*model* with the own *names* of a ministry, in the models within it too."""
    if not names:
        return model
    theirs, changed = dict(names), {}
    for name, info in model.model_fields.items():
        annotation = _within(info.annotation, names)
        if annotation is info.annotation and name not in theirs:
            continue
        fresh = copy(info)
        fresh.annotation = annotation
        if name in theirs:
            fresh.alias = fresh.validation_alias = theirs[name]
        changed[name] = (annotation, fresh)
    named: Any = create_model(model.__name__, __base__=model, __module__=model.__module__, **changed)  # type: ignore[call-overload]
    return cast("type[W]", named)


def _within(annotation: Any, names: tuple[tuple[str, str], ...]) -> Any:
    """*annotation* with the models of this file in a ministry's own names."""
    if annotation is WireDossier:
        return _named(WireDossier, names)
    for part in (WireStep, WireDossier, WireMessage):
        if annotation == tuple[part | None, ...]:  # type: ignore[valid-type]
            own: Any = _named(part, names)
            return tuple[own | None, ...]
    return annotation
