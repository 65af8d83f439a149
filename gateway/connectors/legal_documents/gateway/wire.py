"""The answers of the public system of 2026, field for field [C]; a field that is null in some documents is optional."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from gateway.core.canonical import Wire
from gateway.core.lenient import VIETNAM, one_or_many, read_date, read_instant, read_int, text


def _day(value: object) -> date | None:
    """The day of an instant; without a zone it is Vietnam's already."""
    read = text(value)
    if read is not None and "T" in read and (read.endswith("Z") or "+" in read):
        instant = read_instant(read)
        return None if instant is None else instant.astimezone(VIETNAM).date()
    return read_date(read)


def _mapping(value: object) -> object:
    return {} if value is None or value == [] else value


Id = Annotated[str, Field(pattern=r"^[A-Za-z0-9-]{1,64}$")]
Text = Annotated[str | None, BeforeValidator(text)]
Day = Annotated[date | None, BeforeValidator(_day)]
Count = Annotated[int | None, BeforeValidator(read_int)]


class WireNamed(Wire):
    """``{code, name}``, as types, statuses, fields and agencies come."""

    id: Text = None
    code: Text = None
    name: Text = None


class WirePerson(Wire):
    personName: Text = None


class WireTarget(Wire):
    """``targetDocument``."""

    id: Text = None
    docNum: Text = None


class WireReference(Wire):
    referenceType: Text = None
    targetDocument: WireTarget | None = None


class WireText(Wire):
    """``documentContent`` and a provision's ``content``."""

    content: Text = None


class WireSummary(Wire):
    """One of ``items`` of ``doc/all``."""

    id: Id
    docNum: Text = None
    title: Text = None
    docAbs: Text = None
    issueDate: Day = None
    effFrom: Day = None
    effTo: Day = None
    docType: WireNamed | None = None
    effStatus: WireNamed | None = None
    agencyName: Text = None
    issueOrg: WireNamed | None = None
    organization: WireNamed | None = None


class WireDocument(WireSummary):
    """``data`` of ``doc/{id}``."""

    publicDate: Day = None
    documentIssues: Annotated[tuple[WirePerson, ...], BeforeValidator(one_or_many)] = ()
    documentFields: Annotated[tuple[WireNamed, ...], BeforeValidator(one_or_many)] = ()
    isConsolidatedDocument: bool | None = None
    hasContent: bool | None = None
    documentContent: WireText | None = None
    references: Annotated[tuple[WireReference, ...], BeforeValidator(one_or_many)] = ()


class WireDetail(Wire):
    success: bool | None = None
    data: WireDocument


class WireItems(Wire):
    total: Count = None
    pageNumber: Count = None
    pageSize: Count = None
    items: Annotated[tuple[WireSummary, ...], BeforeValidator(one_or_many)] = ()


class WireSearch(Wire):
    success: bool | None = None
    data: WireItems


class WireNeighbour(Wire):
    """A document of the diagram; its number is only in its name."""

    id: Text = None
    name: Text = None


Neighbours = Annotated[
    Mapping[str, Annotated[tuple[WireNeighbour, ...], BeforeValidator(one_or_many)]], BeforeValidator(_mapping)
]


class WireRelations(Wire):
    """Relations by ``referenceType``: from this document to others, and from others to this one."""

    documentNamesByType: Neighbours = Field(default_factory=dict)
    documentNamesBySource: Neighbours = Field(default_factory=dict)


class WireDiagram(Wire):
    success: bool | None = None
    data: WireRelations | None = None


class WireProvision(Wire):
    """A node of ``doc/provision/tree/{id}``."""

    id: Text = None
    ptype: Text = None
    level: Count = None
    title: Text = None
    content: WireText | None = None
    children: Annotated[tuple[WireProvision, ...], BeforeValidator(one_or_many)] = ()


class WireTree(Wire):
    success: bool | None = None
    data: Annotated[tuple[WireProvision, ...], BeforeValidator(one_or_many)] = ()


class WireChoices(Wire):
    """A catalogue: ``doc/combobox``, ``doc/agency/combobox``."""

    success: bool | None = None
    data: Annotated[tuple[WireNamed, ...], BeforeValidator(one_or_many)] = ()


class WireFileEntry(Wire):
    fileName: Text = None
    relatedType: Text = None


class WireFiles(Wire):
    success: bool | None = None
    data: Annotated[tuple[WireFileEntry, ...], BeforeValidator(one_or_many)] = ()


class WireFile(Wire):
    """A downloaded file, as the adapter hands it on."""

    content: bytes
    media_type: str = ""
