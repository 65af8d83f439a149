"""The answers of the public system of 2026, field for field [C]; a field that is null in some documents is optional."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from gateway.core.canonical import Wire
from gateway.core.lenient import is_nothing, read_digits
from gateway.core.unread import Unread
from gateway.core.wire_types import OR_UNREAD, ROWS, Code, Count, Flag, Identifier, LawDay, Text


def _mapping(value: object) -> object:
    return {} if is_nothing(value) else value


def read_id(value: object) -> object:
    """A document's id: a number of it is its digits."""
    return value if isinstance(value, str) else read_digits(value)


Id = Annotated[str, BeforeValidator(read_id), Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]


class WireNamed(Wire):
    """``{code, name}``, as types, statuses, fields and agencies come."""

    id: Identifier = None
    code: Code = None
    name: Text = None


class WirePerson(Wire):
    personName: Text = None


class WireTarget(Wire):
    """``targetDocument``."""

    id: Identifier = None
    docNum: Text = None


class WireReference(Wire):
    referenceType: Code = None
    targetDocument: Annotated[WireTarget | Unread | None, OR_UNREAD] = None


class WireText(Wire):
    """``documentContent`` and a provision's ``content``."""

    content: Text = None


class WireSummary(Wire):
    """One of ``items`` of ``doc/all``."""

    id: Id
    docNum: Text = None
    title: Text = None
    docAbs: Text = None
    issueDate: LawDay = None
    effFrom: LawDay = None
    effTo: LawDay = None
    docType: Annotated[WireNamed | Unread | None, OR_UNREAD] = None
    effStatus: Annotated[WireNamed | Unread | None, OR_UNREAD] = None
    agencyName: Text = None
    issueOrg: Annotated[WireNamed | Unread | None, OR_UNREAD] = None
    organization: Annotated[WireNamed | Unread | None, OR_UNREAD] = None


class WireDocument(WireSummary):
    """``data`` of ``doc/{id}``."""

    publicDate: LawDay = None
    documentIssues: Annotated[tuple[WirePerson | None, ...], ROWS] = ()
    documentFields: Annotated[tuple[WireNamed | None, ...], ROWS] = ()
    isConsolidatedDocument: Flag = None
    hasContent: Flag = None
    documentContent: Annotated[WireText | Unread | None, OR_UNREAD] = None
    references: Annotated[tuple[WireReference | None, ...], ROWS] = ()


class WireDetail(Wire):
    success: Flag = None
    data: WireDocument


class WireItems(Wire):
    total: Count = None
    pageNumber: Count = None
    pageSize: Count = None
    items: Annotated[tuple[WireSummary | None, ...], ROWS] = ()


class WireSearch(Wire):
    success: Flag = None
    data: WireItems


class WireNeighbour(Wire):
    """A document of the diagram; its number is only in its name."""

    id: Identifier = None
    name: Text = None


Neighbours = Annotated[Mapping[str, Annotated[tuple[WireNeighbour | None, ...], ROWS]], BeforeValidator(_mapping)]


class WireRelations(Wire):
    """Relations by ``referenceType``: from this document to others, and from others to this one."""

    documentNamesByType: Neighbours = Field(default_factory=dict)
    documentNamesBySource: Neighbours = Field(default_factory=dict)


class WireDiagram(Wire):
    success: Flag = None
    data: Annotated[WireRelations | Unread | None, OR_UNREAD] = None


class WireProvision(Wire):
    """A node of ``doc/provision/tree/{id}``."""

    id: Identifier = None
    ptype: Text = None
    level: Count = None
    title: Text = None
    content: Annotated[WireText | Unread | None, OR_UNREAD] = None
    children: Annotated[tuple[WireProvision | None, ...], ROWS] = ()


class WireTree(Wire):
    success: Flag = None
    data: Annotated[tuple[WireProvision | None, ...], ROWS] = ()


class WireChoices(Wire):
    """A catalogue: ``doc/combobox``, ``doc/agency/combobox``."""

    success: Flag = None
    data: Annotated[tuple[WireNamed | None, ...], ROWS] = ()


class WireFileEntry(Wire):
    fileName: Text = None
    relatedType: Text = None


class WireFiles(Wire):
    success: Flag = None
    data: Annotated[tuple[WireFileEntry | None, ...], ROWS] = ()
