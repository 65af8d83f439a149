"""The answers of the joint service; ``contracts/ministry_portals/README.md`` marks each field."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator

from gateway.core.canonical import Wire
from gateway.core.days import read_instant
from gateway.core.lenient import read_base64
from gateway.core.unread import Unread, tolerant
from gateway.core.wire_types import ROWS, Code, Identifier, Required, Text

Instant = Annotated[datetime | Unread | None, PlainValidator(tolerant(read_instant))]


class WireSaid(Wire):
    """An answer to what was sent: a free sentence [C]."""

    message: Text = None


class WireRow(Wire):
    """A row of the list [C]."""

    id: Identifier = None
    maHoSo: Required
    maTTHC: Text = None
    maDonVi: Text = None
    module: Code = None


class WireRows(WireSaid):
    """The answer of the list."""

    data: Annotated[tuple[WireRow | None, ...], ROWS] = ()


class WireWhole(WireSaid):
    """A whole dossier: JSON in a string [C]."""

    data: Annotated[str | None, Field(repr=False)] = None


class WireFile(Wire):
    """A file of the dossier."""

    tenTep: Text = None
    noiDung: Annotated[bytes, BeforeValidator(read_base64)] = b""


class WireDetail(Wire):
    """The JSON in the string; ``hoTich`` is XML in a string [C]."""

    id: Identifier = None
    maHoSo: Required
    maTTHC: Text = None
    maDonVi: Text = None
    module: Code = None
    ngayNop: Instant = None
    hoTich: Annotated[str, Field(repr=False)]
    tepDinhKem: Annotated[tuple[WireFile | None, ...], ROWS] = ()


Tree = dict[str, Any]
"""The elements of ``hoTich``: a text, or the elements within; a list where a name comes more than once."""
